import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { CommandRefused } from '../../../core/bus/bus.ts';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createAnswerStore } from '../../../crm/index.ts';
import { guide, ids, publishedScript } from '../../crm/script-fixtures.ts';
import type { Visitor } from '../../web/support.ts';
import { callOf, sendJson, testWorkspace, type TestWorkspace } from './support.ts';

describe('a script in the workspace', () => {
  let ws: TestWorkspace;
  let ada: { id: number; visitor: Visitor };
  let ben: { id: number; visitor: Visitor };
  let serial = 0;
  before(async () => {
    ws = await testWorkspace();
    const scriptId = await publishedScript(ws.app);
    const campaigns = createCampaignStore(ws.app);
    const campaign = (await campaigns.get(ws.campaignId))!;
    const dispositionIds = await campaigns.dispositionsOf(campaign.id);
    const draft = { ...campaign, scriptId, trunkIds: [], agentIds: [], dispositionIds };
    await campaigns.update(campaign.id, campaign.revision, draft, ws.app.clock.now());
    ada = await ws.browser('agent', 'ada');
    ben = await ws.browser('agent', 'ben');
  });
  after(() => ws.close());

  async function onCall(user = ada, more: object = {}): Promise<string> {
    const id = `script-call-${(serial += 1)}`;
    const row = { direction: 'out', path: 'power', state: 'connected', created_at: ws.app.clock.now() };
    const of = {
      campaign_id: ws.campaignId,
      customer_id: ws.customerId,
      user_id: user.id,
      e164: '+14155550123',
    };
    await ws.app.db.knex('calls').insert({ id, ...row, ...of });
    const about = { campaignId: ws.campaignId, customerId: ws.customerId };
    ws.dialer.set(user.id, { state: 'on-call', phone: 'up', call: callOf({ id, ...about, ...more }) });
    return id;
  }
  const shown = async (id: string, user = ada) => (await user.visitor.get(`/workspace/call/${id}`)).text;
  const typed = (value: string) => ({
    ...{ scriptPath: ids.greet, scriptAt: '0', [`answer.${ids.greet}`]: value },
  });
  const keep = (id: string, form: object, user = ada) =>
    sendJson(user.visitor, 'put', `/workspace/draft/${id}`, { revision: 0, form });
  const answers = (id: string) => createAnswerStore(ws.app).of(id);
  const dispose = async (id: string, script: object, user = ada) => {
    const { id: dispositionId } = await ws.app.db.knex('dispositions').where({ code: 'refused' }).first();
    return sendJson(user.visitor, 'post', '/workspace/dispose', { callId: id, dispositionId, script });
  };

  it('stands in the customer’s language with its fields filled in, and what is not known as a gap', async () => {
    const html = await shown(await onCall());
    assert.match(html, /您好陈女士。/);
    assert.match(html, /您有<span class="ws-gap-field"[^>]*>Plan</);
    assert.match(html, /data-walk="[^"]*aaaaaaa1/);
    assert.doesNotMatch(html, /data-do="step-next"/);
  });

  it('keeps the draft of answers, and leaves out fields that there are not', async () => {
    const id = await onCall();
    const saved = await keep(id, { ...typed('yes'), 'answer.<b>': 'x', other: 'y' });
    assert.deepEqual(saved.body.form, typed('yes'));
    assert.match(await shown(id), /name="answer.aaaaaaa1" value="yes" checked/);
    const long = { [`words.${ids.greet}`]: 'x'.repeat(10_001) };
    assert.equal((await keep(id, long)).status, 422);
  });

  it('hands answers in with the disposition, whatever became of the draft, and clears it', async () => {
    const id = await onCall();
    await shown(id);
    await keep(id, typed('no'));
    assert.equal((await dispose(id, typed('yes'))).status, 200);
    assert.deepEqual(
      (await answers(id)).map(({ value }) => value),
      ['yes'],
    );
    assert.equal(await ws.app.db.knex('workspace_drafts').where({ call_id: id }).first(), undefined);
    assert.equal(ws.dialer.asked.at(-1)?.payload.script, undefined, 'the dialer has no use for it');
  });

  it('writes nothing for a call of somebody else, or for one that is done', async () => {
    const id = await onCall(ben);
    await shown(id, ben);
    ws.dialer.refusals.set('agent.dispose', new CommandRefused('no-such-call'));
    await dispose(id, typed('yes'));
    ws.dialer.refusals.set('agent.note', new CommandRefused('no-such-call'));
    await sendJson(ada.visitor, 'post', '/workspace/note', { callId: id, note: '', script: typed('yes') });
    assert.deepEqual(await answers(id), []);
    ws.dialer.refusals.clear();
    await ws.app.db.knex('calls').where({ id }).update({ disposition_id: 1 });
    await dispose(id, typed('yes'), ben);
    assert.deepEqual(await answers(id), []);
  });

  it('goes on, for who takes the call over, with what the first agent had typed', async () => {
    const id = await onCall();
    await shown(id);
    await keep(id, typed('yes'));
    await ws.app.db.knex('calls').where({ id }).update({ user_id: ben.id });
    const handedOnBy = { userId: ada.id, name: 'Ada Park' };
    const about = { campaignId: ws.campaignId, customerId: ws.customerId };
    ws.dialer.set(ben.id, { state: 'on-call', call: callOf({ id, ...about, handedOnBy } as never) });
    assert.match(await shown(id, ben), /name="answer.aaaaaaa1" value="yes" checked/);
    await dispose(id, typed('no'), ben);
    await sendJson(ada.visitor, 'post', '/workspace/note', { callId: id, note: 'n', script: typed('yes') });
    assert.deepEqual(
      (await answers(id)).map(({ value }) => value),
      ['no'],
      'whoever went on says what counts',
    );
  });

  it('is gone through before the call, and cannot be filled in there', async () => {
    const preview = { leadId: 5, campaignId: ws.campaignId, customerId: ws.customerId, e164: '+14155550123' };
    ws.dialer.set(ada.id, { state: 'ready', call: null, preview: preview as never });
    const { text } = await ada.visitor.get('/workspace/preview/5');
    assert.match(text, /data-kind="yes-no" disabled/);
    assert.equal(guide.steps.length, (text.match(/data-reading-step/g) ?? []).length);
  });
});
