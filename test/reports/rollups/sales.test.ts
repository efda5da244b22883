import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createDispositionStore } from '../../../campaigns/index.ts';
import { createCallStore } from '../../../dialer/index.ts';
import { RollupStore } from '../../../reports/rollups/rollup-store.ts';
import { figuresOf } from '../../../reports/rollups/rollup.ts';
import { testApp, type TestApp } from '../../support/app.ts';

describe('sales in the rollups', () => {
  let app: TestApp;
  before(async () => (app = await testApp()));
  after(() => app.close());

  it('come from the event that the dialer writes when an agent gives a disposition', async () => {
    await createDispositionStore(app).seed();
    const sale = (await createDispositionStore(app).all()).find((one) => one.category === 'sale')!;
    const calls = createCallStore(app);
    const at = app.clock.now();
    const row = {
      direction: 'out',
      path: 'power',
      campaign_id: 4,
      user_id: 9,
      state: 'ended',
      outcome: 'answered',
    };
    await app.db.knex('calls').insert({ ...row, id: 'sold', created_at: at, ended_at: at });
    await app.db.transaction(async (trx) => {
      await calls.dispose(
        'sold',
        { dispositionId: sale.id, note: null, wrappedUpAt: at, missedAt: null },
        trx,
      );
      await calls.noteDisposed({ id: 'sold', campaignId: 4, userId: 9 }, sale.id, at, trx);
    });
    const rollups = new RollupStore(app.db);
    await rollups.advance(at);
    const figures = figuresOf(await rollups.totals(4, 0, at + 1));
    assert.deepEqual([figures.disposed, figures.sales, figures.rightParty], [1, 1, 1]);
  });
});
