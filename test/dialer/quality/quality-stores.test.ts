import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createAveragesStore } from '../../../dialer/quality/averages-store.ts';
import { createCalibrationStore } from '../../../dialer/quality/calibration-store.ts';
import { createPlanStore, type PlanForm } from '../../../dialer/quality/plan-store.ts';
import { createReviewStore } from '../../../dialer/quality/review-store.ts';
import { createSampling } from '../../../dialer/quality/sampling.ts';
import { sheetForm } from '../../../dialer/quality/sheet-form.ts';
import { createSheetStore } from '../../../dialer/quality/sheet-store.ts';
import { weekBefore } from '../../../dialer/quality/week.ts';
import { up } from '../../../migrations/0247-one-review-a-call.ts';
import { onBothEngines } from '../../campaigns/engines.ts';

onBothEngines('quality review', (app) => {
  let reviews: ReturnType<typeof createReviewStore>;
  let sheets: ReturnType<typeof createSheetStore>;
  let plans: ReturnType<typeof createPlanStore>;
  const by = { userId: 1, at: 5 };
  const form = (version: number, ...ids: string[]) =>
    sheetForm.parse({
      name: 'Sales',
      version,
      questions: ids.map((id) => ({ id, section: 'S', text: `Q ${id}`, kind: 'points', max: 4, weight: 10 })),
    });
  const [q1, q2] = ['11111111', '22222222'] as const;
  const plan: PlanForm = {
    ...{ name: 'P', sheetId: 0, reviewerId: 9, calls: 2, campaignId: null, dispositionId: null },
    ...{ minSeconds: null, maxSeconds: null, isOn: true, revision: 0 },
  };

  before(() => {
    reviews = createReviewStore(app());
    sheets = createSheetStore(app());
    plans = createPlanStore(app());
  });
  /** Draws are for people who are reviewers now. */
  async function reviewer(id: number): Promise<void> {
    await app().db.knex('users').where({ id }).delete();
    const words = { username: `reviewer-${id}`, name: `Reviewer ${id}`, password_hash: 'x', locale: 'en', theme: 'auto' }; // prettier-ignore
    const rest = { role: 'supervisor', must_change_password: 0, created_at: 1, updated_at: 1 };
    await app()
      .db.knex('users')
      .insert({ id, ...words, ...rest });
  }
  beforeEach(async () => {
    await reviewer(9);
    for (const table of [
      'quality_reviews',
      'quality_answers',
      'quality_comments',
      'quality_plans',
      'recordings',
    ])
      await app().db.knex(table).delete();
  });

  const lastWeek = () => weekBefore(app().clock.now(), 'UTC');
  let made = 0;
  const recording = (userId: number | null, of: object = {}) => {
    const name = `r${++made}`;
    return app().db.insertId('recordings', {
      ...{ call_id: name, name, state: 'stored', path: `recordings/${name}.wav`, duration_ms: 60_000 },
      ...{ user_id: userId, started_at: lastWeek().from + 3_600_000, ...of },
    });
  };
  async function sheet(): Promise<{ sheetId: number; versionId: number }> {
    const sheetId = (await sheets.save(null, form(0, q1, q2), by))!;
    return { sheetId, versionId: (await sheets.newest(sheetId))!.id };
  }
  async function scored(
    agentId: number,
    answers: Record<string, number | 'na'>,
    of: object = {},
  ): Promise<number> {
    const { versionId } = await sheet();
    const id = (await reviews.create(
      {
        recordingId: await recording(agentId),
        agentId,
        reviewerId: 9,
        versionId,
        week: lastWeek().week,
        ...of,
      },
      1,
    ))!;
    const { questions } = (await sheets.version(versionId))!;
    assert.ok(await reviews.score((await reviews.get(id))!, questions, { answers, feedback: null }, by));
    return id;
  }

  it('keeps each version of a sheet, and of two who change it the first', async () => {
    const { sheetId, versionId } = await sheet();
    assert.equal(await sheets.save(sheetId, form(1, q1), by), sheetId);
    assert.equal(await sheets.save(sheetId, form(1, q2), by), null, 'opened before that');
    assert.deepEqual((await sheets.newest(sheetId))!.questions.map(({ id }) => id), [q1]); // prettier-ignore
    assert.equal((await sheets.version(versionId))!.questions.length, 2, 'as it was');
    assert.equal(await sheets.archive(sheetId, true, by), true);
    assert.equal(await sheets.archive(sheetId, true, by), false);
  });

  it('draws from last week, for each agent as many as the plan says, of calls that fit it, once', async () => {
    const { sheetId, versionId } = await sheet();
    for (let n = 0; n < 4; n++) await recording(1, { campaign_id: 5 });
    await recording(2, { campaign_id: 5 });
    await recording(3, { campaign_id: 6 });
    await recording(4, { campaign_id: 5, duration_ms: 5_000 });
    await recording(5, { campaign_id: 5, started_at: lastWeek().to });
    await recording(6, { campaign_id: 5, state: 'deleted' });
    await recording(9, { campaign_id: 5 });
    await recording(null, { campaign_id: 5 });
    const taken = await recording(7, { campaign_id: 5 });
    await reviews.create({ recordingId: taken, agentId: 7, reviewerId: 8, versionId, week: 'w' }, 1);
    const fitting = { ...plan, sheetId, campaignId: 5, minSeconds: 30 };
    const planId = (await plans.save(null, fitting, 'UTC', by))!;
    await plans.save(null, { ...fitting, isOn: false }, 'UTC', by);
    await createSampling(app()).run();
    await createSampling(app()).run();
    const drawn = await reviews.list({ reviewerId: 9 }, { limit: 50, offset: 0 });
    assert.deepEqual(drawn.rows.map(({ agentId }) => agentId).sort(), [1, 1, 2]);
    assert.equal(new Set(drawn.rows.map(({ recordingId }) => recordingId)).size, 3);
    assert.ok(drawn.rows.every((one) => one.planId === planId && one.week === lastWeek().week));
    assert.equal((await plans.get(planId))!.drawnWeek, lastWeek().week);
  });

  it('gives a call to one reviewer, whoever asks first, and to another after a withdrawal', async () => {
    const { versionId } = await sheet();
    const call = { recordingId: await recording(1), agentId: 1, versionId, week: 'w' };
    const all = [{ reviewerId: 8 }, { reviewerId: 9 }, { reviewerId: 9, planId: 3 }, { reviewerId: 8, planId: 4 }]; // prettier-ignore
    const given = await Promise.all(all.map((of) => reviews.create({ ...call, ...of }, 1)));
    const [first, ...others] = given.filter((id) => id !== null);
    assert.deepEqual(others, []);
    assert.ok(await reviews.withdraw((await reviews.get(first!))!, by));
    const again = await reviews.create({ ...call, reviewerId: 9 }, 2);
    assert.ok(again !== null && (await reviews.withdraw((await reviews.get(again))!, by)));
    assert.ok((await reviews.create({ ...call, reviewerId: 9 }, 3)) !== null);
  });

  it('frees the keys of withdrawn reviews of before, and gives that of a call to its first', async () => {
    const old = { agent_id: 1, version_id: 1, answers: '{}', created_at: 1, week: 'w', state: 'scored' };
    const keys = ['1 0 8', '1 0 9', '1 plan 3', '2 0 8', '2 0 9', '1 5 8'];
    for (const once of keys) {
      const [recording_id, middle, reviewer_id] = once.split(' ').map((part) => Number(part) || 0);
      const calibration_id = middle || null;
      const state = once === '2 0 8' ? 'withdrawn' : 'scored';
      const row = { ...old, recording_id, reviewer_id, calibration_id, state, once };
      await app().db.knex('quality_reviews').insert(row);
    }
    await up(app().db.knex);
    await up(app().db.knex);
    const rows = await app().db.knex('quality_reviews').orderBy('id');
    const withdrawn = `withdrawn ${rows[3].id}`;
    const now = ['call 1', '1 0 9', '1 plan 3', withdrawn, 'call 2', '1 5 8'];
    assert.deepEqual(rows.map(({ once }) => once), now); // prettier-ignore
  });

  it('draws nothing for a reviewer who is none any more or by a sheet that is put away, and makes up for it', async () => {
    const { sheetId } = await sheet();
    await recording(1);
    const planId = (await plans.save(null, { ...plan, sheetId }, 'UTC', by))!;
    const drawn = async () => {
      await createSampling(app()).run();
      return (await reviews.list({ reviewerId: 9 }, { limit: 9, offset: 0 })).rows.length;
    };
    const users = () => app().db.knex('users').where({ id: 9 });
    await users().update({ disabled_at: 5 });
    assert.equal(await drawn(), 0);
    await users().update({ disabled_at: null, role: 'agent' });
    assert.equal(await drawn(), 0);
    await users().update({ role: 'manager' });
    await sheets.archive(sheetId, true, by);
    assert.equal(await drawn(), 0);
    assert.equal((await plans.get(planId))!.drawnWeek, null);
    await sheets.archive(sheetId, false, by);
    assert.equal(await drawn(), 1);
  });

  it('draws another for one that was withdrawn, and not that one again', async () => {
    const { sheetId } = await sheet();
    for (let n = 0; n < 3; n++) await recording(1);
    await plans.save(null, { ...plan, sheetId }, 'UTC', by);
    await createSampling(app()).run();
    const all = () => reviews.list({ reviewerId: 9 }, { limit: 9, offset: 0 });
    assert.ok(await reviews.withdraw((await all()).rows[0]!, by));
    await createSampling(app()).run();
    const { rows } = await all();
    assert.equal(rows.filter(({ state }) => state === 'assigned').length, 2);
    assert.equal(new Set(rows.map(({ recordingId }) => recordingId)).size, 3);
    const other = (await plans.save(null, { ...plan, sheetId, name: 'O' }, 'UTC', by))!;
    await createSampling(app()).run();
    const theirs = (await all()).rows.filter(({ planId: of }) => of === other);
    assert.equal(theirs.length, 1, 'what one plan withdrew another may draw');
  });

  it('draws only what is missing, where a run was cut off', async () => {
    const { sheetId } = await sheet();
    for (let n = 0; n < 6; n++) await recording(1);
    const planId = (await plans.save(null, { ...plan, sheetId }, 'UTC', by))!;
    await createSampling(app()).run();
    await app().db.knex('quality_plans').where({ id: planId }).update({ drawn_week: null });
    await Promise.all([createSampling(app()).run(), createSampling(app()).run()]);
    assert.equal((await reviews.list({ reviewerId: 9 }, { limit: 50, offset: 0 })).rows.length, 2);
  });

  it('goes from its score to the agent’s word and what came of it, and refuses who comes late', async () => {
    const id = await scored(1, { [q1]: 4, [q2]: 0 });
    const first = (await reviews.get(id))!;
    assert.deepEqual([first.state, first.score, first.isFatal], ['scored', 5_000, false]);
    assert.ok(await reviews.isShown(first.recordingId, 1));
    assert.equal(await reviews.isShown(first.recordingId, 2), false);
    assert.ok(await reviews.answer(first, 'dispute', 'I did say it', { userId: 1, at: 6 }));
    assert.equal(await reviews.answer(first, 'acknowledge', null, { userId: 1, at: 7 }), false, 'overtaken');
    const { questions } = (await sheets.version(first.versionId))!;
    const disputed = (await reviews.get(id))!;
    const given = { answers: { [q1]: 4, [q2]: 4 }, feedback: null };
    assert.equal(
      await reviews.score(disputed, questions, given, by),
      false,
      'not without an answer to the agent',
    );
    assert.ok(await reviews.score(disputed, questions, { ...given, settlement: 'You are right' }, by));
    const settled = (await reviews.get(id))!;
    assert.deepEqual([settled.state, settled.score, settled.reply], ['settled', 10_000, 'I did say it']);
    assert.ok(await reviews.answer(settled, 'acknowledge', null, { userId: 1, at: 8 }));
    const actions = await app().db.knex('audit_log').where({ entity: 'quality_reviews', entity_id: String(id) }).orderBy('id'); // prettier-ignore
    assert.deepEqual(
      actions.map(({ action }) => action),
      ['review.scored', 'review.disputed', 'review.settled', 'review.acknowledged'],
    );
  });

  it('is averaged by agent, week and question; what does not apply and what compares reviewers does not count', async () => {
    await scored(1, { [q1]: 4, [q2]: 2 });
    await scored(1, { [q1]: 2, [q2]: 'na' }).catch(() => assert.fail('scored'));
    await scored(2, { [q1]: 0, [q2]: 0 });
    await scored(1, { [q1]: 0, [q2]: 0 }, { calibrationId: 77 });
    const averages = createAveragesStore(app());
    const all = { from: lastWeek().week, to: lastWeek().week };
    const byAgent = await averages.byAgent(all);
    const figures = byAgent.map(({ key, calls, score }) => [key, calls, score]);
    assert.deepEqual(figures.sort(), [[1, 2, 6_250], [2, 1, 0]]); // prettier-ignore
    assert.deepEqual((await averages.byWeek(all)).map(({ calls }) => calls), [3]); // prettier-ignore
    const byQuestion = await averages.byQuestion({ ...all, agentId: 1 });
    const reached = Object.fromEntries(byQuestion.map((row) => [row.id, [row.answers, row.reached]]));
    assert.deepEqual(reached, { [q1]: [2, 0.75], [q2]: [1, 0.5] });
    assert.deepEqual(await averages.byAgent({ from: '2000-01-03', to: '2000-01-03' }), []);
  });

  it('gives one call to several to compare them, and shows none of it to its agent', async () => {
    const { versionId } = await sheet();
    const recordingId = await recording(1);
    const call = { recordingId, agentId: 1, versionId, week: lastWeek().week };
    const id = await createCalibrationStore(app(), reviews).begin(call, [8, 9, 9], by);
    const [one, other] = await reviews.ofCalibration(id);
    assert.deepEqual([one!.reviewerId, other!.reviewerId], [8, 9]);
    const { questions } = (await sheets.version(versionId))!;
    assert.ok(await reviews.score(one!, questions, { answers: { [q1]: 4, [q2]: 4 }, feedback: null }, by));
    assert.equal(await reviews.isShown(recordingId, 1), false);
    assert.equal((await reviews.list({ agentId: 1 }, { limit: 9, offset: 0 })).rows.length, 0);
    assert.equal((await reviews.list({ reviewerId: 9 }, { limit: 9, offset: 0 })).rows.length, 1);
  });
});
