import { after, before, describe, it } from 'mocha';
import assert from 'node:assert/strict';
import { createListStore } from '../../campaigns/lists/index.ts';
import { campaignAreas, createCustomersFilter } from '../../campaigns/index.ts';
import { complianceAreas } from '../../campaigns/compliance/compliance-areas.ts';
import { createScriptSurroundings } from '../../campaigns/campaigns/index.ts';
import { crmAreas } from '../../crm/index.ts';
import { testApp } from '../support/app.ts';
import { testWeb, type TestWeb } from '../web/support.ts';
import { makeCampaign } from './fixtures.ts';

describe('every file of people that is taken out of the house', () => {
  let web: TestWeb;
  before(async () => {
    const app = await testApp();
    const areas = [
      ...crmAreas(app, createCustomersFilter(app), createScriptSurroundings(app)),
      ...campaignAreas(app),
      ...complianceAreas(app),
    ];
    web = await testWeb({ areas }, app);
  });
  after(() => web.close());

  it('stands in the audit: who, what, filtered by what', async () => {
    const { app } = web;
    const campaign = await makeCampaign(app);
    const now = app.clock.now();
    const list = await createListStore(app).create(
      { name: 'Sixty', defaultCountry: 'US' },
      { userId: null, now },
    );
    const reader = await web.signedIn('manager', 'exporter');
    const files: [string, string, string | null, string][] = [
      [`/lists/${list}`, 'list.exported', `${list}`, ''],
      [`/campaigns/${campaign}/leads?state=new`, 'campaign.leads-exported', `${campaign}`, 'state=new'],
      ['/dnc?number=1212', 'dnc.exported', null, 'number=1212'],
      ['/compliance/verdicts?decision=block', 'verdicts.exported', null, 'decision=block'],
      ['/customers?q=ann', 'customers.exported', null, 'q=ann'],
    ];
    for (const [path, action, entityId, filter] of files) {
      const count = () => app.db.knex('audit_log').where({ action });
      await reader.get(path);
      assert.equal((await count()).length, 0, `${path}: a look is no export`);
      const { status } = await reader.get(`${path}${path.includes('?') ? '&' : '?'}format=csv`);
      assert.equal(status, 200, path);
      const [entry, ...more] = await count();
      assert.equal(more.length, 0);
      assert.ok(entry.user_id, path);
      assert.equal(entry.entity_id, entityId, path);
      assert.equal(JSON.parse(entry.after).filter, filter, path);
    }
  });
});
