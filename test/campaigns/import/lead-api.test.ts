import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { finishCampaigns } from '../../../campaigns/areas.ts';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import type { Visitor } from '../../web/support.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';
import { campaignOffice, type CampaignOffice } from '../campaigns/campaign-office.ts';

interface Answer {
  leadId: number;
  customerId: number;
  new: { lead: boolean; customer: boolean };
  verdict: { allowed: boolean; reason: string };
  warnings: { field: string; words: string }[];
  fields?: Record<string, string>;
}

describe('leads one by one', () => {
  let office: CampaignOffice;
  let web: CampaignOffice['web'];
  let marketing: Visitor;
  let campaignId: number;
  before(async () => {
    office = await campaignOffice();
    ({ web, marketing } = office);
    campaignId = await makeCampaign(web.app, { defaultCountry: 'US' });
    await marketing.get('/imports/new');
  });
  after(() => web.close());

  const add = async (body: object, who = marketing) => {
    const answer = await who.agent
      .post(`/api/campaigns/${campaignId}/leads`)
      .set({ accept: 'application/json', 'x-csrf-token': who.token })
      .send(body);
    return { status: answer.status, body: answer.body as Answer };
  };

  it('come as customers on a list of the campaign, and the gate says what it would', async () => {
    const first = await add({
      name: 'Ada',
      phones: ['(212) 555-0123'],
      custom: { plan: 'gold' },
      note: 'asked for us',
    });
    assert.equal(first.status, 201, JSON.stringify(first.body));
    assert.deepEqual(first.body.new, { lead: true, customer: true });
    const again = await add({ name: 'Ada', phones: ['+1 212 555 0123'] });
    assert.deepEqual([again.status, again.body.leadId], [200, first.body.leadId]);
    assert.deepEqual(again.body.new, { lead: false, customer: false });
    const { knex } = web.app.db;
    const leads = await knex('leads').where({ campaign_id: campaignId });
    assert.equal(leads.length, 1);
    const stored = await knex('gate_verdicts').where({ path: 'api' });
    assert.ok(stored.length > 0, 'the answer is kept as evidence');
    const facts = JSON.parse(stored[0].facts as string) as { kind: string };
    assert.equal(facts.kind, 'predictive_telemarketing', 'as its campaign dials');
    const second = await add({ phones: ['2125550124'] });
    const lists = await knex('campaign_lists').where({ campaign_id: campaignId });
    assert.deepEqual([second.status, lists.length], [201, 1]);
  });

  it('takes as many numbers as a file may have in a row, and no lead for a campaign that was stopped or archived', async () => {
    const phones = (count: number) => Array.from({ length: count }, (_, n) => `212556${1000 + n}`);
    assert.equal((await add({ phones: phones(11) })).status, 201);
    assert.equal((await add({ phones: phones(51) })).status, 422);
    const campaign = web.app.db.knex('campaigns').where({ id: campaignId });
    for (const over of [{ state: 'stopped' }, { archived_at: 1 }]) {
      await campaign.clone().update(over);
      const refused = await add({ phones: ['2125550177'] });
      assert.deepEqual([refused.status, (refused.body as unknown as { code: string }).code], [409, 'campaign-over']); // prettier-ignore
      await campaign.clone().update({ state: 'draft', archived_at: null });
    }
    assert.equal((await add({ phones: ['2125550177'] })).status, 201);
  });

  it('a campaign that has run dry goes on with the next lead by itself, if it has what a start needs', async () => {
    const id = await office.withList(1);
    const { knex } = web.app.db;
    await marketing.get(`/campaigns/${id}`);
    await marketing.post(`/campaigns/${id}/start`);
    await knex('leads').where({ campaign_id: id }).update({ state: 'done' });
    await finishCampaigns(web.app);
    assert.equal((await createCampaignStore(web.app).get(id))!.state, 'finished');
    const send = async (phone: string) => {
      const answer = await marketing.agent
        .post(`/api/campaigns/${id}/leads`)
        .set({ accept: 'application/json', 'x-csrf-token': marketing.token })
        .send({ phones: [phone] });
      return [answer.status, (await createCampaignStore(web.app).get(id))!.state];
    };
    const agents = (await knex('campaign_agents').where({ campaign_id: id })) as object[];
    await knex('campaign_agents').where({ campaign_id: id }).delete();
    assert.deepEqual(await send('+12125550180'), [201, 'finished']);
    await knex('campaign_agents').insert(agents);
    assert.deepEqual(await send('+12125550181'), [201, 'running']);
    const last = await knex('audit_log').where({ action: 'campaign.started' }).orderBy('id', 'desc').first();
    assert.deepEqual(
      [last.entity_id, last.user_id !== null, JSON.parse(last.before).state],
      [String(id), true, 'finished'],
    );
    // Once more the same: as that lead has been called, nothing starts, though others have come since.
    await knex('leads').where({ campaign_id: id }).update({ state: 'done' });
    await finishCampaigns(web.app);
    await addLeads(web.app, id, [{ phones: ['+12125550184'] }]);
    assert.deepEqual(await send('+12125550181'), [200, 'finished']);
    assert.deepEqual(await send('+12125550183'), [201, 'running']);
    await marketing.post(`/campaigns/${id}/stop`);
    assert.deepEqual(await send('+12125550182'), [409, 'stopped']);
  });

  it('fault: a lead comes in the moment in which a campaign finishes – it goes on', async () => {
    const id = await office.withList(1);
    await marketing.get(`/campaigns/${id}`);
    await marketing.post(`/campaigns/${id}/start`);
    const lead = web.app.db.knex('leads').where({ campaign_id: id });
    await lead.clone().update({ state: 'done' });
    // The look has been; as the campaign is finished, the lead is there.
    const come = (query: { sql: string }) => {
      if (query.sql.includes('`campaign_lists`')) void lead.clone().update({ state: 'new' }).then();
    };
    web.app.db.knex.on('query', come);
    await finishCampaigns(web.app);
    web.app.db.knex.removeListener('query', come);
    assert.equal((await createCampaignStore(web.app).get(id))!.state, 'running');
  });

  it('who may not be called is told so at once', async () => {
    const entry = { campaignId: null, reason: 'asked', by: null, at: 1, source: 'customer' as const };
    await createDncStore(web.app).add({ ...entry, e164: '+12125550150' });
    const { body } = await add({ phones: ['2125550150'] });
    assert.deepEqual([body.verdict.allowed, body.verdict.reason], [false, 'DNC_INTERNAL']);
  });

  it('fault: a region that does not say its country, or may be two', async () => {
    for (const addressRegion of ['10001', 'CA']) {
      const bad = await add({ phones: ['2125550160'], addressRegion });
      assert.equal(bad.status, 422, addressRegion);
      assert.match(bad.body.fields!.addressRegion!, /US-NY-10001|US-CA|NY-10001/);
    }
    const good = await add({ phones: ['2125550160'], addressRegion: 'us-California' });
    const { address_region } = (await web.app.db
      .knex('customers')
      .where({ id: good.body.customerId })
      .first())!;
    assert.deepEqual([good.status, address_region], [201, 'US-CA']);
  });

  it('a region by its name; one that nobody knows is kept as it is, and told of', async () => {
    const customerOf = async (id: number) => (await createCustomerStore(web.app).get(id))!;
    const shanghai = await add({ phones: ['+8613800138010'], addressRegion: '上海' });
    assert.deepEqual([shanghai.status, shanghai.body.warnings], [201, []]);
    assert.equal((await customerOf(shanghai.body.customerId)).addressRegion, 'CN-SH');
    for (const [addressRegion, country, phone] of [
      ['US-Nowhere', 'US', '2125550161'],
      ['火星', null, '2125550162'],
      ['广东省深圳市', 'CN-GD', '+8613800138012'],
      ['CN-火星', 'CN', '+8613800138011'],
    ] as const) {
      const { status, body } = await add({ phones: [phone], addressRegion });
      assert.deepEqual([status, body.warnings.map(({ field }) => field)], [201, ['addressRegion']]);
      const { custom, addressRegion: kept } = await customerOf(body.customerId);
      assert.deepEqual([kept, custom.addressRegion], [country, addressRegion]);
    }
  });

  it('fault: a number that is none, a field nobody knows, nobody signed in, a supervisor', async () => {
    const bad = await add({ phones: ['2125550123', '12'] });
    assert.equal(bad.status, 422);
    assert.ok(bad.body.fields?.['phones.1']);
    assert.equal((await add({ phones: [] })).status, 422);
    assert.equal((await add({ phones: ['2125550125'], nonsense: 1 })).status, 422);
    const { supervisor } = office;
    await supervisor.get('/lists');
    assert.equal((await add({ phones: ['2125550126'] }, supervisor)).status, 403);
    const without = await marketing.agent
      .post(`/api/campaigns/${campaignId}/leads`)
      .send({ phones: ['2125550127'] });
    assert.equal(without.status, 403, 'without the token of the session');
  });
});
