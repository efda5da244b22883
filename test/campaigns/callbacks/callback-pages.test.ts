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
});
