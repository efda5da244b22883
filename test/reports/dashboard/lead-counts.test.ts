import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { DashboardStore } from '../../../reports/dashboard/dashboard-store.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../../campaigns/engines.ts';
import { addLeads, makeCampaign } from '../../campaigns/fixtures.ts';

onBothEngines('leads on the dashboard', (theApp) => {
  let app: TestApp;
  before(() => {
    app = theApp();
  });

  it('are counted once for all who look, and a slow count is shown for longer than a quick one', async () => {
    const campaignId = await makeCampaign(app);
    await addLeads(app, campaignId, [{}, { attempts: 1 }]);
    let counts = 0;
    const look = ({ sql }: { sql: string }) => (counts += sql.includes('as attempted') ? 1 : 0);
    app.db.knex.on('query', look);
    try {
      // For the first of them every count is a slow one, shown for as good as ever.
      const [slow, quick] = [{ slowMs: 0, shownFor: 1e9 }, { slowMs: Infinity }].map((given) => new DashboardStore(app.db, given)); // prettier-ignore
      const leads = async (store: DashboardStore) => (await store.read(campaignId, app.clock.now()))!.leads;
      const both = await Promise.all([leads(slow!), leads(slow!)]);
      assert.deepEqual([both[0], both[1].loaded, both[1].attempted], [both[1], 2, 1]);
      assert.equal(counts, 1, 'looks at the same time share a count');
      assert.equal((await leads(quick!)).loaded, 2);
      await addLeads(app, campaignId, [{}]);
      app.clock.advance(5_000);
      assert.deepEqual([(await leads(slow!)).loaded, (await leads(quick!)).loaded], [2, 3]);
      assert.equal(counts, 3);
    } finally {
      app.db.knex.removeListener('query', look);
    }
  });
});
