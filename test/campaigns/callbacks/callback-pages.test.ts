import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { campaignOffice, type CampaignOffice } from '../campaigns/campaign-office.ts';
import { addLeads } from '../fixtures.ts';
import { hides, shows } from '../pages.ts';

describe('the callbacks of a campaign', () => {
  let office: CampaignOffice;
  before(async () => (office = await campaignOffice()));
  after(() => office.web.close());

  /** A promise of the agent to somebody, due in a while. */
  async function promised(campaignId: number, note = 'after lunch') {
    const { web, agentId } = office;
    const dueAt = web.app.clock.now() + 3_600_000;
    const [leadId] = await addLeads(web.app, campaignId, [
      { state: 'callback', agent_id: agentId, next_at: dueAt },
    ]);
    const lead = (await createLeadStore(web.app).get(leadId!))!;
    const id = await createCallbackStore(web.app).create(
      {
        ...{ leadId: lead.id, campaignId, customerId: lead.customerId, userId: agentId, dueAt },
        ...{ timeAgreed: true, e164: null, note, callId: null, createdBy: agentId },
      },
      web.app.clock.now(),
    );
    return { id, leadId: lead.id };
  }

  it('are shown with whose they are, and given to somebody else together with the lead', async () => {
    const { web, supervisor, marketing, agent, create, agentId } = office;
    const campaignId = await create();
    const { id, leadId } = await promised(campaignId);
    const path = `/campaigns/${campaignId}/callbacks`;
    const page = (await supervisor.get(path)).text;
    shows(page, /after lunch/);
    shows(page, new RegExp(`<option value="${agentId}" selected>`));
    shows((await supervisor.get(`${path}?agent=anyone`)).text, /after lunch|No open callbacks|filter/);
    hides((await supervisor.get(`${path}?agent=anyone`)).text, /after lunch/);
    hides((await marketing.get(path)).text, /hx-post="[^"]*callbacks/);
    assert.equal((await agent.get(path)).status, 403);

    const given = await supervisor.post(`${path}/${id}/agent`, { agent: 'anyone' });
    shows(given.text, /<option value="anyone" selected>/);
    const both = async () => [
      (await createCallbackStore(web.app).get(id))!.userId,
      (await createLeadStore(web.app).get(leadId))!.agentId,
    ];
    assert.deepEqual(await both(), [null, null]);
    await supervisor.post(`${path}/${id}/agent`, { agent: agentId });
    assert.deepEqual(await both(), [agentId, agentId]);
    const record = await web.app.db.knex('audit_log').where({ action: 'callback.handed-over' }).first();
    assert.equal(Number(record.entity_id), id);
  });

  it('fault: somebody who is not of the campaign, a callback of another one, one that is being dialled or closed – refused, and nothing changes', async () => {
    const { web, supervisor, marketing, create, agentId } = office;
    const [campaignId, other] = [await create(), await create()];
    const { id, leadId } = await promised(campaignId);
    const post = async (campaign: number, agent: number | string, by = supervisor) =>
      (await by.post(`/campaigns/${campaign}/callbacks/${id}/agent`, { agent })).status;
    await supervisor.get(`/campaigns/${campaignId}/callbacks`);
    assert.equal(await post(campaignId, 9_999), 422);
    assert.equal(await post(campaignId, 'somebody'), 422);
    assert.equal(await post(other, 'anyone'), 404);
    await marketing.get(`/campaigns/${campaignId}`);
    assert.equal(await post(campaignId, 'anyone', marketing), 403);
    await web.app.db.knex('leads').where({ id: leadId }).update({ state: 'dialing' });
    assert.equal(await post(campaignId, 'anyone'), 409);
    await createCallbackStore(web.app).close(id, 'done', 1);
    assert.equal(await post(campaignId, 'anyone'), 409);
    assert.equal((await createCallbackStore(web.app).get(id))!.userId, agentId);
  });

  it('are cancelled with a reason, which stands in the timeline; the customer is not called then', async () => {
    const { web, supervisor, marketing, create } = office;
    const [campaignId, other] = [await create(), await create()];
    const { id, leadId } = await promised(campaignId);
    const post = async (body: object, by = supervisor, campaign = campaignId) =>
      (await by.post(`/campaigns/${campaign}/callbacks/${id}/cancel`, body)).status;
    shows((await supervisor.get(`/campaigns/${campaignId}/callbacks`)).text, new RegExp(`callbacks/${id}/cancel`)); // prettier-ignore
    shows((await supervisor.get(`/campaigns/${campaignId}`)).text, /1 callback/);
    assert.equal(await post({ reason: ' ' }), 422);
    assert.equal(await post({ reason: 'bought' }, supervisor, other), 404);
    await marketing.get(`/campaigns/${campaignId}`);
    assert.equal(await post({ reason: 'bought' }, marketing), 403);
    const lead = web.app.db.knex('leads').where({ id: leadId });
    await lead.clone().update({ state: 'dialing' });
    assert.equal(await post({ reason: 'bought' }), 409);
    await lead.clone().update({ state: 'callback' });
    assert.equal(await post({ reason: 'Bought in the shop' }), 303);
    const { state, state_reason, customer_id } = await lead.clone().first();
    assert.deepEqual([state, state_reason], ['done', 'callback-cancelled']);
    assert.equal((await createCallbackStore(web.app).get(id))!.state, 'cancelled');
    shows((await supervisor.get(`/customers/${customer_id}`)).text, /Callback for .* cancelled[\s\S]*Bought in the shop/); // prettier-ignore
    hides((await supervisor.get(`/campaigns/${campaignId}/callbacks`)).text, /after lunch/);
    assert.ok(await web.app.db.knex('audit_log').where({ action: 'callback.cancelled', entity_id: String(id) }).first()); // prettier-ignore
    assert.equal(await post({ reason: 'again' }), 409);
  });

  it('of a customer who may not be called any more are cancelled, and the lead stays blocked', async () => {
    const { web, supervisor, create } = office;
    const campaignId = await create();
    const { id, leadId } = await promised(campaignId);
    const lead = web.app.db.knex('leads').where({ id: leadId });
    await lead.clone().update({ state: 'blocked', state_reason: 'no-phone' });
    const path = `/campaigns/${campaignId}/callbacks/${id}`;
    await supervisor.get(`/campaigns/${campaignId}/callbacks`);
    const refused = await supervisor.post(`${path}/agent`, { agent: 'anyone' });
    assert.equal(refused.status, 409);
    shows(refused.text, /may not be called now/);
    assert.equal((await supervisor.post(`${path}/cancel`, { reason: 'no number' })).status, 303);
    assert.equal((await lead.clone().first()).state, 'blocked');
  });
});
