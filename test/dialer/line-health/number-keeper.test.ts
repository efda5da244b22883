import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createNumberFlagStore, createNumberPoolStore } from '../../../campaigns/index.ts';
import { CallerNumbers } from '../../../dialer/caller-numbers/caller-numbers.ts';
import { createLineResultStore } from '../../../dialer/line-health/line-result-store.ts';
import { noCalls } from '../../../dialer/line-health/line-result.ts';
import { NumberKeeper, restMs } from '../../../dialer/line-health/number-keeper.ts';
import { testApp, type TestApp } from '../../support/app.ts';

const day = 24 * 3_600_000;
const [labelled, other, quiet] = ['+14155550190', '+14155550191', '+14155550192'];
const customer = '+14155551234';

describe('caller numbers that are probably labelled as spam', () => {
  let app: TestApp;
  let keeper: NumberKeeper;
  let runs = 0;
  let poolId: number;

  beforeEach(async () => {
    app = await testApp();
    keeper = new NumberKeeper(app, () => true);
  });
  afterEach(() => app.close());

  const pool = async (restFlagged: boolean, numbers = [labelled, other, quiet]) => {
    const saved = await createNumberPoolStore(app).save(
      null,
      {
        ...{ name: 'Pool', zone: 'UTC', restFlagged },
        numbers: numbers.map((e164) => ({ e164, dailyLimit: null, enabled: true })),
      },
      app.clock.now(),
    );
    assert.ok(saved.saved);
    poolId = saved.id;
  };
  const came = (number: string, daysAgo: number, calls: number, answered: number, campaignId = 7) =>
    createLineResultStore(app).write(`run ${runs++}`, [
      {
        ...{ ...noCalls, kind: 'number', subject: number, campaignId, calls, answered },
        at: app.clock.now() - daysAgo * day,
      },
    ]);
  const flags = () => createNumberFlagStore(app);
  const isFlagged = async (e164: string) => (await flags().all()).get(e164)?.state === 'flagged';
  const shown = async () => {
    const numbers = new CallerNumbers(app, createNumberPoolStore(app), flags());
    await numbers.read();
    return Promise.all([1, 2, 3].map(() => numbers.take(poolId, customer)));
  };
  /** As well as the other before, and far below it now; the quiet one was never answered much. */
  const fall = async () => {
    await came(labelled, 10, 400, 100);
    await came(other, 10, 400, 100);
    await came(quiet, 10, 400, 20);
    await came(labelled, 1, 300, 15);
    await came(other, 1, 300, 75);
    await came(quiet, 1, 300, 15);
  };

  it('are those that fell below the others, and not those that were always answered little; nothing else changes', async () => {
    await pool(false);
    await fall();
    // At each look at most one is found.
    for (const _look of [1, 2, 3]) await keeper.look();
    assert.deepEqual(await Promise.all([labelled, other, quiet].map(isFlagged)), [true, false, false]);
    const flag = (await flags().all()).get(labelled)!;
    assert.equal(flag.restsUntil, null);
    assert.deepEqual([flag.reason!.answered, flag.reason!.calls], [15, 300]);
    assert.ok((await shown()).includes(labelled), 'it is shown as before');
    const [line] = await app.db.knex('audit_log').where({ entity: 'number_pools' });
    assert.deepEqual([line.action, line.entity_id], ['number-pool.number-flagged', String(poolId)]);
  });

  it('are none where a list is bad: all numbers of its campaign fall alike', async () => {
    await pool(false);
    for (const number of [labelled, other]) {
      await came(number, 10, 400, 100);
      await came(number, 1, 300, 15);
    }
    // Another campaign, with its own number, does as it did.
    await came(quiet, 1, 300, 90, 8);
    await keeper.look();
    assert.deepEqual([...(await flags().all()).keys()], []);
  });

  it('rest for a week where their pool says so, are shown again then, and are counted anew', async () => {
    await pool(true);
    await fall();
    await keeper.look();
    assert.equal((await flags().all()).get(labelled)!.restsUntil, app.clock.now() + restMs);
    assert.deepEqual(new Set(await shown()), new Set([other, quiet]));
    app.clock.advance(restMs);
    assert.ok((await shown()).includes(labelled));
    await keeper.look();
    assert.equal(await isFlagged(labelled), false);
    await came(other, 1, 300, 75);
    await came(labelled, 1, 300, 10);
    await keeper.look();
    assert.equal(await isFlagged(labelled), false, 'what came before its rest was over says nothing');
  });

  it('the last of a pool does not rest', async () => {
    await pool(true, [labelled]);
    await came(labelled, 10, 400, 100);
    await came(other, 10, 400, 100);
    await came(labelled, 1, 300, 15);
    await came(other, 1, 300, 75);
    await keeper.look();
    assert.equal(await isFlagged(labelled), true);
    assert.equal((await flags().all()).get(labelled)!.restsUntil, null);
  });

  it('fault: the others of a pool are taken out while one rests – it is shown', async () => {
    await pool(true);
    await fall();
    await keeper.look();
    await app.db.knex('pool_numbers').whereNot({ e164: labelled }).update({ enabled: 0 });
    assert.deepEqual(await shown(), [labelled, labelled, labelled]);
  });

  it('are so no more once they are answered as the others are, or somebody says that they are fine', async () => {
    await pool(false);
    await fall();
    await keeper.look();
    app.clock.advance(day);
    await came(labelled, 0.1, 150, 36);
    await came(other, 0.1, 150, 38);
    await keeper.look();
    assert.equal(await isFlagged(labelled), false);
    await flags().flag(
      { e164: other, poolId },
      { answered: 1, calls: 200, expected: 0.3 },
      app.clock.now(),
      null,
    );
    assert.equal(await flags().clear({ e164: other, poolId }, app.clock.now(), { userId: 1 }), true);
    assert.equal(await flags().clear({ e164: other, poolId }, app.clock.now(), { userId: 1 }), false);
  });
});
