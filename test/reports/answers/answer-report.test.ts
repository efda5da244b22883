import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createAnswerStore, createScriptStore } from '../../../crm/index.ts';
import { createAnswerReport } from '../../../reports/answers/answer-report-store.ts';
import { createAnswerKeeper } from '../../../dialer/answers/index.ts';
import { onBothEngines } from '../../campaigns/engines.ts';
import { chosen, guide, ids, publishedScript } from '../../crm/script-fixtures.ts';

onBothEngines('counted answers', (app) => {
  const campaignId = 4;
  let calls = 0;
  let scriptId = 0;
  let half = 0;

  async function call(of: number, form: Record<string, string>): Promise<void> {
    app().clock.advance(60_000);
    const id = `counted-${(calls += 1)}`;
    const version = (await createScriptStore(app()).newest(scriptId))!;
    const now = app().clock.now();
    await createAnswerStore(app()).open(id, version.id, of, now);
    const answered = { scriptPath: [ids.greet, ids.offer, ids.home].join(','), ...form };
    await createAnswerKeeper(app()).keep(
      { id, campaignId: of, customerId: null, userId: null },
      answered,
      now,
    );
  }
  const form = (yes: string, matters: string, people: string) => ({
    ...{ [`answer.${ids.greet}`]: yes, [`answer.${ids.offer}`]: matters, [`answer.${ids.home}`]: people },
  });

  before(async () => {
    scriptId = await publishedScript(app());
    await call(campaignId, form('yes', `${chosen.speed},${chosen.price}`, '2'));
    await call(campaignId, form('yes', chosen.speed, '5'));
    half = app().clock.now() + 1;
    // A newer version asks in other words; the step is the same.
    const scripts = createScriptStore(app());
    const by = { userId: null, at: app().clock.now() };
    const steps = guide.steps.map((step) => ({ ...step, question: step.question && { ...step.question, words: { en: `New: ${step.title}` } } })); // prettier-ignore
    await scripts.keep(scriptId, 1, { ...guide, steps }, by);
    await scripts.publish((await scripts.get(scriptId))!, by);
    await call(campaignId, form('no', '', 'a few'));
    await call(99, form('no', chosen.price, '9'));
  });

  it('count each value of a question over all versions, in the words of the newest, for one campaign', async () => {
    const counts = await createAnswerReport(app()).counted({ campaignId });
    assert.deepEqual(
      counts.map(({ step, calls: answered, values }) => [step.question!.words.en, answered, values]),
      [
        ['New: Greeting', 3, [{ value: 'yes', calls: 2 }, { value: 'no', calls: 1 }]], // prettier-ignore
        ['New: Offer', 2, [{ value: chosen.speed, calls: 2 }, { value: chosen.price, calls: 1 }]], // prettier-ignore
        ['New: Household', 3, [{ value: '2', calls: 1 }, { value: '5', calls: 1 }]], // prettier-ignore
      ],
    );
    assert.deepEqual(counts[2]!.numbers, { least: 2, most: 5, mean: 3.5 });
    assert.equal(counts[0]!.numbers, null);
  });

  it('are of the time that is asked for', async () => {
    const report = createAnswerReport(app());
    const early = await report.counted({ campaignId, until: half });
    assert.deepEqual(
      early.map(({ calls: answered }) => answered),
      [2, 2, 2],
    );
    const late = await report.counted({ campaignId, from: half });
    assert.deepEqual(
      late.map(({ calls: answered }) => answered),
      [1, 1],
    );
    assert.deepEqual(await report.counted({ campaignId: 5 }), []);
  });

  it('are listed one by one, newest first, and part by part without losing one', async () => {
    const report = createAnswerReport(app());
    const all = await report.page({ campaignId }, { limit: 50, offset: 0, after: null });
    assert.equal(all.total.count, 9);
    assert.deepEqual([all.rows[0]!.text, all.rows[1]!.value], ['a few', 'no']);
    const first = await report.page({ campaignId }, { limit: 5, offset: 0, after: null });
    const rest = await report.page({ campaignId }, { limit: 5, offset: 0, after: first.next });
    assert.deepEqual(
      [...first.rows, ...rest.rows].map(({ id }) => id),
      all.rows.map(({ id }) => id),
    );
    const one = await report.page({ campaignId, stepId: ids.home }, { limit: 50, offset: 0, after: null });
    assert.equal(one.rows.length, 3);
  });
});
