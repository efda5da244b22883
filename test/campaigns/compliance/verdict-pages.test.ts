import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { complianceAreas } from '../../../campaigns/compliance/compliance-areas.ts';
import { createGate } from '../../../campaigns/compliance/index.ts';
import { defaultCountry } from '../../../crm/index.ts';
import { testApp } from '../../support/app.ts';
import { testWeb, type TestWeb } from '../../web/support.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

describe('verdict pages', () => {
  let t: TestWeb;
  let campaignId: number;
  let leadId: number;
  const e164 = '+12125550143';

  before(async () => {
    const app = await testApp();
    t = await testWeb({ areas: complianceAreas(app) }, app);
    await app.settings.set(defaultCountry, 'US', { userId: null });
    campaignId = await makeCampaign(t.app, { name: 'Winter offer', mode: 'predictive' });
    [leadId = 0] = await addLeads(t.app, campaignId, [{ phones: [e164] }]);
    const gate = createGate(t.app);
    await gate.mayCall({ e164, stage: 'reserve', path: 'predictive', campaignId, leadId });
    t.app.clock.advance(12 * 3_600_000);
    await gate.mayCall({ e164, stage: 'dial', path: 'predictive', campaignId, leadId, callId: 'c-1' });
  });
  after(() => t.close());

  it('are for those who run campaigns', async () => {
    const agent = await t.signedIn('agent', 'no-verdicts');
    assert.equal((await agent.get('/compliance/verdicts')).status, 403);
    assert.equal((await agent.get('/compliance/verdicts/1')).status, 403);
  });

  it('ask whom it is about before anything is looked through', async () => {
    const visitor = await t.signedIn('supervisor', 'verdict-first');
    const { text, status } = await visitor.get('/compliance/verdicts');
    assert.equal(status, 200);
    assert.match(text, /Whom is it about\?/);
  });

  it('find what was answered by number, lead and campaign, newest first', async () => {
    const visitor = await t.signedIn('manager', 'verdict-finder');
    for (const query of ['number=212-555-0143', `lead=${leadId}`, `campaign=${campaignId}`]) {
      const { text } = await visitor.get(`/compliance/verdicts?${query}`);
      const late = text.indexOf('Too late there', text.indexOf('<tbody>'));
      const early = text.indexOf('May be called', text.indexOf('<tbody>'));
      assert.ok(late > 0 && early > late, query);
    }
    const { text } = await visitor.get(`/compliance/verdicts?lead=${leadId}&decision=allow`);
    assert.ok(!text.slice(text.indexOf('<tbody>')).includes('Too late there'));
    assert.equal((await visitor.get('/compliance/verdicts?from=yesterday')).status, 400);
  });

  it('say what the answer would be now, and keep nothing of it', async () => {
    const visitor = await t.signedIn('marketing', 'verdict-now');
    const count = async () => Number((await t.app.db.knex('gate_verdicts').count({ n: '*' }))[0]!.n);
    const before = await count();
    const { text } = await visitor.get(`/compliance/verdicts?lead=${leadId}`);
    assert.match(text, /If it were called now/);
    assert.match(text, /us\.fed_tm/);
    assert.match(text, /Eastern Time · New York/);
    assert.match(text, /Nov 23, 2026 22:00:00/);
    assert.equal(await count(), before);
  });

  it('show one verdict with rules, versions, facts and local time', async () => {
    const visitor = await t.signedIn('manager', 'verdict-reader');
    const row = await t.app.db.knex('gate_verdicts').where({ call_id: 'c-1' }).first();
    const { text } = await visitor.get(`/compliance/verdicts/${row.id}`);
    for (const words of [
      /Too late there/,
      /47 CFR 64\.1200/,
      /unchanged since/,
      /Hours of the campaign/,
      /Winter offer/,
      /0 \/ 5/,
      /2026f/,
    ])
      assert.match(text, words);
    assert.equal((await visitor.get('/compliance/verdicts/999999')).status, 404);
  });

  it('name how far back attempts were looked for, and no days where that was not kept', async () => {
    const visitor = await t.signedIn('manager', 'verdict-days');
    const { id, facts } = await t.app.db.knex('gate_verdicts').where({ call_id: 'c-1' }).first();
    const shown = async (lookBackMs: number | undefined) => {
      await t.app.db
        .knex('gate_verdicts')
        .where({ id })
        .update({ facts: JSON.stringify({ ...JSON.parse(facts), lookBackMs }) });
      return (await visitor.get(`/compliance/verdicts/${id}`)).text;
    };
    assert.match(await shown(302 * 86_400_000), /Attempts on the number, 302 days</);
    assert.match(await shown(undefined), /Attempts on the number</);
    await t.app.db.knex('gate_verdicts').where({ id }).update({ facts });
  });

  it('speak Chinese', async () => {
    const visitor = await t.signedIn('manager', 'verdict-zh');
    const { text } = await visitor.get(`/compliance/verdicts?lead=${leadId}`, { 'accept-language': 'zh-TW' });
    assert.match(text, /當地時間太晚|為什麼/);
  });
});
