import assert from 'node:assert/strict';
import { it } from 'mocha';
import { createNumberFlagStore } from '../../../campaigns/index.ts';
import { createLineResultStore } from '../../../dialer/line-health/line-result-store.ts';
import { noCalls } from '../../../dialer/line-health/line-result.ts';
import { unblemished } from '../../../dialer/line-health/trunk-health.ts';
import { createTrunkHealthStore } from '../../../dialer/line-health/trunk-health-store.ts';
import { onBothEngines } from '../../campaigns/engines.ts';
import type { TestApp } from '../../support/app.ts';

onBothEngines('what is known of lines', (app: () => TestApp) => {
  const result = (given: object) => ({
    ...{ ...noCalls, kind: 'trunk' as const, subject: '3', campaignId: 7, at: 300_000 },
    ...given,
  });

  it('is summed over dialers, and what a dialer writes again takes the place of what it wrote', async () => {
    const store = createLineResultStore(app());
    await store.write('one', [
      result({ calls: 4, answered: 1, causes: { busy: 3 }, delays: { 2: 4 }, rung: 4 }),
    ]);
    await store.write('one', [
      result({ calls: 6, answered: 2, causes: { busy: 4 }, delays: { 2: 6 }, rung: 6 }),
    ]);
    await store.write('two', [result({ calls: 2, answered: 2, short: 1, delays: { 9: 2 }, rung: 2 })]);
    await store.write('two', [result({ campaignId: 8, calls: 1 }), result({ at: 0, calls: 9 })]);
    const rows = await store.since('trunk', 300_000);
    const { calls, answered, short, causes, delays, rung } = rows.find(({ campaignId }) => campaignId === 7)!;
    assert.deepEqual([calls, answered, short, rung], [8, 4, 1, 8]);
    assert.deepEqual([causes, delays], [{ busy: 4 }, { 2: 6, 9: 2 }]);
    assert.equal(rows.length, 2);
    const sums = await store.sums('trunk', 0, 300_001);
    assert.deepEqual(sums.map((sum) => [sum.campaignId, sum.calls, sum.answered]).sort(), [
      [7, 17, 4],
      [8, 1, 0],
    ]);
    assert.deepEqual(await store.sums('trunk', 0, 300_000, '4'), []);
    await store.forget(300_000 + 9 * 86_400_000);
    assert.deepEqual(await store.since('trunk', 0), []);
  });

  it('of the health of a trunk one of two changes stands', async () => {
    const store = createTrunkHealthStore(app());
    const fresh = unblemished(5);
    assert.ok(await store.apply(fresh, { type: 'condemn', reason: [] }, 1_000));
    assert.equal(await store.apply(fresh, { type: 'hold', userId: 1 }, 1_001), null);
    const quarantined = await store.get(5);
    assert.deepEqual([quarantined.state, quarantined.until], ['quarantined', 901_000]);
    assert.ok(await store.apply(quarantined, { type: 'try' }, 901_000));
    assert.equal(await store.apply(quarantined, { type: 'release', userId: 1 }, 901_001), null);
    assert.equal((await store.all()).get(5)?.state, 'probing');
    assert.equal(await store.isNeeded(5, channels({ 5: 10, 6: 10 })), false);
  });

  const channels = (given: Record<number, number>): Map<number, number> =>
    new Map(Object.entries(given).map(([id, count]) => [Number(id), count]));

  it('a trunk is needed where a campaign that runs would be left with less than half of its channels', async () => {
    const store = createTrunkHealthStore(app());
    const { knex } = app().db;
    await knex('campaign_trunks').insert(
      [5, 6].map((trunk_id) => ({ campaign_id: 91, trunk_id, position: trunk_id })),
    );
    assert.equal(await store.isNeeded(5, channels({ 5: 10 })), false, 'it does not run');
    await knex('campaigns').insert({ ...(await aCampaign()), id: 91, state: 'running' });
    assert.equal(await store.isNeeded(5, channels({ 5: 10 })), true);
    assert.equal(await store.isNeeded(5, channels({ 5: 10, 6: 10 })), false);
    assert.equal(await store.isNeeded(6, channels({ 4: 10, 6: 10 })), true);
    assert.equal(await store.isNeeded(5, channels({ 5: 10, 6: 9 })), true, 'less than half is left');
    assert.equal(await store.isNeeded(6, channels({ 5: 10, 6: 9 })), false);
    assert.equal(await store.isNeeded(5, channels({ 4: 90, 5: 10, 6: 9 })), true, 'it is not on that one');
  });

  const aCampaign = async (): Promise<object> => {
    const { createCampaignStore, defaultCampaign } = await import('../../../campaigns/index.ts');
    const draft = { ...defaultCampaign, name: 'Any', trunkIds: [], agentIds: [], dispositionIds: [] };
    const id = await createCampaignStore(app()).create(draft, { userId: null, now: 1 });
    const row = (await app().db.knex('campaigns').where({ id }).first()) as object;
    await app().db.knex('campaigns').where({ id }).delete();
    return row;
  };

  it('a number is flagged once, and cleared once', async () => {
    const flags = createNumberFlagStore(app());
    const number = { e164: '+14155550100', poolId: 1 };
    const reason = { answered: 1, calls: 200, expected: 0.3 };
    assert.deepEqual(
      await Promise.all([flags.flag(number, reason, 5, 9)]).then(async ([first]) => [
        first,
        await flags.flag(number, reason, 6, null),
      ]),
      [true, false],
    );
    assert.deepEqual((await flags.all()).get(number.e164)?.reason, reason);
    assert.equal((await flags.all()).get(number.e164)?.restsUntil, 9);
    assert.equal(await flags.clear(number, 7), true);
    assert.equal(await flags.clear(number, 8), false);
    assert.deepEqual((await flags.all()).get(number.e164)?.countedFrom, 7);
    assert.equal(await flags.flag(number, reason, 10, null), true);
  });
});
