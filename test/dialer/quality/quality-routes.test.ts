import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { dialerAreas } from '../../../dialer/areas.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

describe('quality review pages', () => {
  let app: TestApp;
  let t: TestWeb;
  let supervisor: Visitor;
  let colleague: Visitor;
  let manager: Visitor;
  let agent: Visitor;
  let stranger: Visitor;
  const ids: Record<string, number> = {};
  const sound = Buffer.from('sound');

  before(async () => {
    app = await testApp();
    t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
    supervisor = await t.signedIn('supervisor');
    colleague = await t.signedIn('supervisor', 'colleague');
    manager = await t.signedIn('manager');
    agent = await t.signedIn('agent');
    stranger = await t.signedIn('agent', 'stranger');
    for (const { id, username } of await app.db.knex('users').select('id', 'username')) ids[username] = id;
    mkdirSync(join(app.config.dataDir, 'recordings'), { recursive: true });
  });
  after(() => app.close());

  let made = 0;
  async function recording(userId = ids.agent): Promise<number> {
    const name = `call-${++made}`;
    writeFileSync(join(app.config.dataDir, `recordings/${name}.wav`), sound);
    const call = { direction: 'out', path: 'power', state: 'ended', created_at: 1 };
    await app.db.knex('calls').insert({ ...call, id: name, user_id: userId });
    return app.db.insertId('recordings', {
      ...{ call_id: name, name, state: 'stored', path: `recordings/${name}.wav`, duration_ms: 60_000 },
      // Of days ago: an agent hears it only because it was scored.
      ...{ user_id: userId, started_at: app.clock.now() - 3 * 86_400_000 },
    });
  }
  const questions = [
    { section: 'Opening', text: 'Greets', kind: 'yes-no', max: '', weight: 10 },
    { section: 'Law', text: 'Names the firm', kind: 'yes-no', max: '', weight: 10, isFatal: 'yes' },
    { section: 'Talk', text: 'Tone', kind: 'points', max: 5, weight: 20, mayNotApply: 'yes' },
  ];
  /** As a form sends its rows. */
  const asRows = (rows: readonly object[]) =>
    Object.fromEntries(
      rows.flatMap((row, n) => Object.entries(row).map(([key, value]) => [`questions[${n}][${key}]`, value])),
    ) as Record<string, unknown>;
  const lastReview = () => app.db.knex('quality_reviews').orderBy('id', 'desc').first();
  async function sheetOf(): Promise<{ sheetId: number; asked: string[] }> {
    const row = await app.db.knex('score_sheet_versions').orderBy('id', 'desc').first();
    return {
      sheetId: row.sheet_id,
      asked: (JSON.parse(row.questions) as { id: string }[]).map(({ id }) => id),
    };
  }
  /** A scored call of the agent. */
  async function scored(by = supervisor): Promise<number> {
    const { sheetId, asked } = await sheetOf();
    const id = await recording();
    await by.get('/quality');
    assert.equal((await by.post(`/recordings/${id}/reviews`, { sheetId })).status, 303);
    const review = await lastReview();
    const answers = Object.fromEntries(asked.map((question) => [question, 1]));
    const score = { revision: 0, answers, feedback: 'Well done' };
    assert.equal((await by.post(`/quality/reviews/${review.id}/score`, score)).status, 303);
    return review.id as number;
  }

  it('let supervisors and managers make score sheets in versions, and nobody else', async () => {
    for (const path of [
      '/quality/sheets',
      '/quality/sheets/new',
      '/quality/plans',
      '/quality/plans/new',
      '/quality',
      '/quality/averages',
      '/quality/calibrations',
    ]) {
      assert.equal((await agent.get(path)).status, 403, path);
      assert.equal((await manager.get(path)).status, 200, path);
    }
    await supervisor.get('/quality/sheets/new');
    const form = { name: 'Sales', version: 0, ...asRows(questions) };
    assert.equal((await agent.post('/quality/sheets', form)).status, 403);
    const wrong = await supervisor.post('/quality/sheets', {
      ...form,
      'questions[0][weight]': 500,
    });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /is-invalid/);
    assert.match(wrong.text, /value="Greets"/, 'what was typed is kept');
    assert.equal((await supervisor.post('/quality/sheets', form)).status, 303);
    const { sheetId } = await sheetOf();
    await manager.get(`/quality/sheets/${sheetId}`);
    assert.equal((await manager.post(`/quality/sheets/${sheetId}`, { ...form, version: 1 })).status, 303);
    assert.equal((await supervisor.post(`/quality/sheets/${sheetId}`, { ...form, version: 1 })).status, 409);
    assert.equal((await supervisor.post('/quality/sheets/999', { ...form, version: 1 })).status, 404);
  });

  it('score a call beside its wave form: whole, by its reviewer, once', async () => {
    const { sheetId, asked } = await sheetOf();
    const id = await recording();
    assert.match((await supervisor.get(`/recordings/${id}`)).text, /Score this call/);
    assert.equal((await agent.post(`/recordings/${id}/reviews`, { sheetId })).status, 403);
    assert.equal((await supervisor.post(`/recordings/${id}/reviews`, { sheetId: 999 })).status, 404);
    assert.equal((await supervisor.post(`/recordings/${id}/reviews`, { sheetId })).status, 303);
    assert.equal((await supervisor.post(`/recordings/${id}/reviews`, { sheetId })).status, 409, 'twice');
    const { id: review } = await lastReview();
    const url = `/quality/reviews/${review}`;
    assert.match((await supervisor.get(`/recordings/${id}`)).text, /id="review-form"/);
    assert.doesNotMatch((await colleague.get(`/recordings/${id}`)).text, /id="review-form"/);
    assert.match((await supervisor.get('/quality')).text, new RegExp(`/recordings/${id}#review`));
    assert.doesNotMatch((await colleague.get('/quality')).text, new RegExp(`/recordings/${id}#review`));
    const score = {
      revision: 0,
      answers: { [asked[0]!]: 1, [asked[1]!]: 1, [asked[2]!]: 'na' },
      feedback: '',
    };
    const part = await supervisor.post(`${url}/score`, { ...score, answers: { [asked[0]!]: 1 } });
    assert.equal(part.status, 422);
    assert.equal((await colleague.post(`${url}/score`, score)).status, 403);
    assert.equal((await colleague.post(`${url}/comments`, { atMs: 1, text: 'x' })).status, 403);
    assert.equal(
      (await supervisor.post(`${url}/comments`, { atMs: 1_500, text: 'Listen here' })).status,
      200,
    );
    assert.match((await supervisor.get(`/recordings/${id}`)).text, /Listen here/);
    assert.equal((await supervisor.post(`${url}/score`, score)).status, 303);
    assert.equal((await supervisor.post(`${url}/score`, score)).status, 409, 'as it was before');
    const second = await colleague.agent.get(`/recordings/${id}`);
    assert.doesNotMatch(second.text, /Score this call/);
    const taken = await colleague.post(`/recordings/${id}/reviews`, { sheetId });
    assert.equal(taken.status, 409, 'one review counts');
    assert.match(taken.text, /The supervisor has this call/);
    assert.equal((await lastReview()).score, 10_000);
    assert.equal((await agent.post(`${url}/withdraw`, {})).status, 403);
  });

  it('let nobody score their own call, nor one without sound', async () => {
    const { sheetId } = await sheetOf();
    const own = await recording(ids.supervisor);
    await supervisor.get(`/recordings/${own}`);
    assert.equal((await supervisor.post(`/recordings/${own}/reviews`, { sheetId })).status, 409);
    const gone = await recording();
    await app.db.knex('recordings').where({ id: gone }).update({ state: 'deleted' });
    assert.equal((await supervisor.post(`/recordings/${gone}/reviews`, { sheetId })).status, 409);
  });

  it('tell an agent of their own scored calls, which they hear, acknowledge or dispute; and of nobody else’s', async () => {
    const id = await scored();
    const { recording_id: sounds } = await app.db.knex('quality_reviews').where({ id }).first();
    assert.match((await agent.get('/quality/mine')).text, new RegExp(`/quality/mine/${id}"`));
    assert.match((await agent.get(`/quality/mine/${id}`)).text, /Well done/);
    assert.equal((await agent.agent.get(`/recordings/${sounds}/audio`)).status, 200);
    assert.equal((await agent.get(`/recordings/${sounds}/download.wav`)).status, 403, 'heard, and not kept');
    assert.equal((await stranger.agent.get(`/recordings/${sounds}/audio`)).status, 403);
    assert.equal((await stranger.get(`/quality/mine/${id}`)).status, 404);
    assert.equal(
      (await stranger.post(`/quality/mine/${id}`, { kind: 'acknowledge', revision: 1 })).status,
      404,
    );
    assert.doesNotMatch((await stranger.get('/quality/mine')).text, new RegExp(`/quality/mine/${id}"`));
    assert.equal((await agent.post(`/quality/mine/${id}`, { kind: 'dispute', revision: 1 })).status, 422);
    const dispute = { kind: 'dispute', revision: 1, reply: 'I named it at 0:12' };
    assert.equal((await agent.post(`/quality/mine/${id}`, dispute)).status, 303);
    assert.equal((await agent.post(`/quality/mine/${id}`, dispute)).status, 409);
    const played = await app.db.knex('audit_log').where({ action: 'recording.played', entity_id: String(sounds), user_id: ids.agent }); // prettier-ignore
    assert.equal(played.length, 1);
    const page = await supervisor.get(`/recordings/${sounds}`);
    assert.match(page.text, /I named it at 0:12/);
    assert.match(page.text, /Settle dispute/);
    const { asked } = await sheetOf();
    const early = { revision: 1, answers: {} };
    const stale = await supervisor.post(`/quality/reviews/${id}/score`, early);
    assert.equal(stale.status, 409, 'a form from before the dispute');
    const settle = { revision: 2, answers: Object.fromEntries(asked.map((question) => [question, 1])) };
    assert.equal(
      (await supervisor.post(`/quality/reviews/${id}/score`, settle)).status,
      422,
      'without a word',
    );
    const word = { ...settle, settlement: 'So you did' };
    assert.equal((await colleague.post(`/quality/reviews/${id}/score`, word)).status, 403);
    assert.equal((await manager.get(`/recordings/${sounds}`)).status, 200);
    assert.equal((await manager.post(`/quality/reviews/${id}/score`, word)).status, 303);
    assert.match((await agent.get(`/quality/mine/${id}`)).text, /So you did/);
    assert.equal((await agent.post(`/quality/mine/${id}`, { kind: 'acknowledge', revision: 3 })).status, 303);
  });

  it('count beside the navigation what waits for an agent’s answer and for a reviewer', async () => {
    const counted = async (who: Visitor, path: string) =>
      Number(/class="nav-count">(\d+)</.exec((await who.get(path)).text)?.[1] ?? 0);
    const [mine, theirs, others] = await Promise.all([
      counted(agent, '/quality/mine'),
      counted(supervisor, '/quality'),
      counted(stranger, '/quality/mine'),
    ]);
    const id = await scored();
    assert.equal(await counted(agent, '/quality/mine'), mine + 1, 'a new score');
    assert.equal(await counted(supervisor, '/quality'), theirs);
    assert.equal(await counted(stranger, '/quality/mine'), others);
    const dispute = { kind: 'dispute', revision: 1, reply: 'No' };
    assert.equal((await agent.post(`/quality/mine/${id}`, dispute)).status, 303);
    assert.equal(await counted(agent, '/quality/mine'), mine);
    assert.equal(await counted(supervisor, '/quality'), theirs + 1, 'a dispute');
    assert.match((await supervisor.get('/quality')).text, /title="Quality: \d+ calls? to score or settle"/);
  });

  it('hide a call from its agent until it is scored', async () => {
    const { sheetId } = await sheetOf();
    const id = await recording();
    await supervisor.get(`/recordings/${id}`);
    await supervisor.post(`/recordings/${id}/reviews`, { sheetId });
    const review = await lastReview();
    assert.equal((await agent.get(`/quality/mine/${review.id}`)).status, 404);
    assert.equal((await agent.agent.get(`/recordings/${id}/audio`)).status, 403);
    assert.equal((await supervisor.post(`/quality/reviews/${review.id}/withdraw`, {})).status, 303);
    assert.equal((await supervisor.post(`/quality/reviews/${review.id}/withdraw`, {})).status, 409);
    assert.match((await supervisor.get(`/recordings/${id}`)).text, /Score this call/);
    assert.equal((await supervisor.post(`/recordings/${id}/reviews`, { sheetId })).status, 303, 'after all');
  });

  it('take no more remarks than a page shows, and write down who set and removed one', async () => {
    const { sheetId } = await sheetOf();
    const id = await recording();
    await supervisor.get(`/recordings/${id}`);
    await supervisor.post(`/recordings/${id}/reviews`, { sheetId });
    const review = await lastReview();
    const rows = Array.from({ length: 199 }, (_, n) => ({ review_id: review.id, at_ms: n, text: 'x' }));
    await app.db.insertMany('quality_comments', rows);
    const url = `/quality/reviews/${review.id}/comments`;
    const set = () => supervisor.post(url, { atMs: 2_000, text: 'Here' });
    assert.equal((await set()).status, 200);
    const full = await set();
    assert.equal(full.status, 409);
    assert.match(full.text, /There are 200 remarks already/);
    const { id: last } = await app.db.knex('quality_comments').orderBy('id', 'desc').first();
    assert.equal((await supervisor.post(`${url}/${last}/delete`, {})).status, 200);
    const written = await app.db.knex('audit_log').where({ entity: 'quality_reviews', entity_id: String(review.id) }).orderBy('id'); // prettier-ignore
    assert.deepEqual(written.map(({ action }) => action), ['review.remark-set', 'review.remark-removed']); // prettier-ignore
  });

  it('keep a plan with a reviewer who is one', async () => {
    const { sheetId } = await sheetOf();
    await manager.get('/quality/plans/new');
    const plan = { name: 'Weekly', calls: 3, sheetId, reviewerId: ids.supervisor, campaignId: '', dispositionId: '', minSeconds: 60, maxSeconds: '', isOn: 'yes', revision: 0 }; // prettier-ignore
    assert.equal((await agent.post('/quality/plans', plan)).status, 403);
    assert.equal((await manager.post('/quality/plans', { ...plan, calls: 0 })).status, 422);
    assert.equal((await manager.post('/quality/plans', { ...plan, maxSeconds: 5 })).status, 422);
    assert.equal((await manager.post('/quality/plans', { ...plan, reviewerId: ids.agent })).status, 404);
    assert.equal((await manager.post('/quality/plans', plan)).status, 303);
    const { id } = await app.db.knex('quality_plans').first();
    assert.match((await supervisor.get('/quality/plans')).text, /Weekly/);
    assert.match((await supervisor.get(`/quality/plans/${id}`)).text, /value="60"/);
    assert.equal((await supervisor.post(`/quality/plans/${id}`, { ...plan, isOn: '' })).status, 303);
    assert.equal((await supervisor.post(`/quality/plans/${id}`, plan)).status, 409);
  });

  it('say which plans draw nothing, and let managers give a call to another reviewer', async () => {
    const { sheetId } = await sheetOf();
    const gone = await t.signedIn('supervisor', 'leaver');
    const { id: leaver } = await app.db.knex('users').where({ username: 'leaver' }).first();
    await manager.get('/quality/plans/new');
    const plan = { name: 'Left', calls: 3, sheetId, reviewerId: leaver, campaignId: '', dispositionId: '', minSeconds: '', maxSeconds: '', isOn: 'yes', revision: 0 }; // prettier-ignore
    assert.equal((await manager.post('/quality/plans', plan)).status, 303);
    assert.doesNotMatch((await manager.get('/quality/plans')).text, /Draws nothing/);
    const id = await recording();
    await gone.get(`/recordings/${id}`);
    assert.equal((await gone.post(`/recordings/${id}/reviews`, { sheetId })).status, 303);
    await app.db.knex('users').where({ id: leaver }).update({ disabled_at: 1 });
    assert.match((await manager.get('/quality/plans')).text, /Draws nothing: its reviewer/);
    const { id: planId } = await app.db.knex('quality_plans').orderBy('id', 'desc').first();
    assert.match((await manager.get(`/quality/plans/${planId}`)).text, /Draws nothing: its reviewer/);
    assert.equal((await manager.post(`/quality/plans/${planId}`, plan)).status, 404, 'named again');
    const review = await lastReview();
    const url = `/quality/reviews/${review.id}/hand-over`;
    assert.match((await manager.get(`/recordings/${id}`)).text, new RegExp(url));
    assert.doesNotMatch((await supervisor.get(`/recordings/${id}`)).text, new RegExp(url));
    const withdraw = new RegExp(`/quality/reviews/${review.id}/withdraw`);
    assert.match((await manager.get(`/recordings/${id}`)).text, withdraw);
    assert.doesNotMatch((await supervisor.get(`/recordings/${id}`)).text, withdraw);
    const give = (by: Visitor, to: number | undefined, revision = 0) => by.post(url, { reviewerId: to, revision }); // prettier-ignore
    assert.equal((await give(supervisor, ids.supervisor)).status, 403);
    assert.equal((await give(manager, ids.agent)).status, 409, 'it is their call');
    assert.equal((await give(manager, leaver)).status, 404);
    assert.equal((await give(manager, ids.colleague)).status, 303);
    assert.equal((await give(manager, ids.supervisor)).status, 409, 'overtaken');
    assert.match((await colleague.get('/quality')).text, new RegExp(`/recordings/${id}#review`));
    assert.match((await colleague.get(`/recordings/${id}`)).text, /id="review-form"/);
  });

  it('compare reviewers on one call: each blind until their own score, the spread for all, nothing for averages', async () => {
    const { sheetId, asked } = await sheetOf();
    const id = await recording();
    await supervisor.get(`/recordings/${id}`);
    const begin = (reviewers: unknown) =>
      supervisor.post(`/recordings/${id}/calibrations`, { sheetId, reviewers });
    assert.equal((await begin([ids.supervisor])).status, 422);
    assert.equal((await begin([ids.supervisor, ids.agent])).status, 422, 'an agent is no reviewer');
    const before = (await manager.get('/quality/averages')).text;
    assert.equal((await begin([ids.supervisor, ids.colleague])).status, 303);
    const { id: calibration } = await app.db.knex('calibrations').first();
    const reviews = await app.db.knex('quality_reviews').where({ calibration_id: calibration }).orderBy('id');
    const mine = reviews.find(({ reviewer_id }) => reviewer_id === ids.supervisor);
    const theirs = reviews.find(({ reviewer_id }) => reviewer_id === ids.colleague);
    const give = async (who: Visitor, review: { id: number }, points: number) => {
      const answers = { [asked[0]!]: 1, [asked[1]!]: 1, [asked[2]!]: points };
      await who.get(`/recordings/${id}`);
      assert.equal((await who.post(`/quality/reviews/${review.id}/score`, { revision: 0, answers, feedback: '' })).status, 303); // prettier-ignore
    };
    await give(supervisor, mine, 5);
    const page = `/quality/calibrations/${calibration}`;
    assert.match((await colleague.get(page)).text, /after your own score/);
    assert.doesNotMatch((await colleague.get(page)).text, /100(\.0)?\s?%/);
    for (const path of ['/quality?whose=all&state=scored', '/quality?whose=all&state=scored&format=csv']) {
      const shown = async (who: Visitor) =>
        (await who.get(path)).text.match(/100\.0\s?%|,1(?=,)/g)?.length ?? 0;
      assert.equal(await shown(colleague), (await shown(manager)) - 1, path);
    }
    const again = { revision: 1, answers: { [asked[0]!]: 1, [asked[1]!]: 1, [asked[2]!]: 0 }, feedback: '' };
    const late = await supervisor.post(`/quality/reviews/${mine.id}/score`, again);
    assert.equal(late.status, 409, 'handed in once');
    await give(colleague, theirs, 0);
    const spread = (await colleague.get(page)).text;
    assert.match(spread, /100%/, 'the tone is as far apart as can be');
    assert.match(spread, /50\.0%/, 'and the whole by half');
    assert.equal((await agent.get(page)).status, 403);
    assert.equal((await agent.agent.get(`/recordings/${id}/audio`)).status, 403);
    const calls = (text: string) => /<th scope="row">The agent<\/th><td class="end">(\d+)/.exec(text)?.[1];
    assert.equal(calls((await manager.get('/quality/averages')).text), calls(before));
    assert.equal((await manager.get('/quality/averages?agent=x')).status, 400);
    assert.equal(
      (await manager.get(`/quality/averages?sheet=${sheetId}&agent=${ids.agent}&weeks=52`)).status,
      200,
    );
  });

  it('show a supervisor nothing of how their own call is compared or being scored', async () => {
    const { sheetId } = await sheetOf();
    const id = await recording(ids.supervisor);
    await manager.get(`/recordings/${id}`);
    await colleague.get(`/recordings/${id}`);
    await supervisor.get(`/recordings/${id}`);
    const reviewers = [ids.colleague, ids.manager];
    const begin = (by: Visitor) => by.post(`/recordings/${id}/calibrations`, { sheetId, reviewers });
    assert.equal((await begin(supervisor)).status, 409, 'their own call');
    assert.equal((await begin(manager)).status, 303);
    assert.equal((await colleague.post(`/recordings/${id}/reviews`, { sheetId })).status, 303);
    const { id: calibration } = await app.db.knex('calibrations').orderBy('id', 'desc').first();
    const url = `/quality/calibrations/${calibration}`;
    assert.equal((await manager.get(url)).status, 200);
    assert.equal((await supervisor.get(url)).status, 404);
    assert.match((await manager.get('/quality/calibrations')).text, new RegExp(`"${url}"`));
    assert.doesNotMatch((await supervisor.get('/quality/calibrations')).text, new RegExp(`"${url}"`));
    const all = '/quality?whose=all&state=assigned';
    assert.match((await manager.get(all)).text, new RegExp(`/recordings/${id}#review`));
    assert.doesNotMatch((await supervisor.get(all)).text, new RegExp(`/recordings/${id}#review`));
    assert.match((await manager.get(`/recordings/${id}`)).text, /id="review-form"/);
    const own = (await supervisor.get(`/recordings/${id}`)).text;
    assert.doesNotMatch(own, /review-done|review-form|See the calibration|Calibrate with/);
  });

  it('write down in the audit who did what', async () => {
    const rows = await app.db.knex('audit_log').distinct('action');
    const actions = new Set(rows.map(({ action }) => action));
    for (const action of [
      'score-sheet.saved',
      'review.scored',
      'review.disputed',
      'review.settled',
      'review.acknowledged',
      'review.withdrawn',
      'review.handed-over',
      'quality-plan.saved',
      'calibration.begun',
    ])
      // prettier-ignore
      assert.ok(actions.has(action), action);
  });
});
