import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { draftTopic } from '../../../dialer/drafts/draft.ts';
import type { Visitor } from '../../web/support.ts';
import { callOf, sendJson, testWorkspace, type TestWorkspace } from './support.ts';

describe('drafts of the workspace', () => {
  let it_: TestWorkspace;
  let agent: { id: number; visitor: Visitor };
  let other: { id: number; visitor: Visitor };
  before(async () => {
    it_ = await testWorkspace();
    agent = await it_.browser('agent', 'ada');
    other = await it_.browser('agent', 'ben');
    it_.dialer.set(agent.id, {
      state: 'on-call',
      phone: 'up',
      call: callOf({ id: 'c-1', campaignId: it_.campaignId, customerId: it_.customerId }),
    });
  });
  after(() => it_.close());

  const put = (who: { visitor: Visitor }, callId: string, form: object, revision = 0) =>
    sendJson(who.visitor, 'put', `/workspace/draft/${callId}`, { revision, form });
  const rows = () => it_.app.db.knex('workspace_drafts').select('call_id', 'user_id', 'form', 'revision');

  it('bring everything typed back into the form', async () => {
    const form = {
      dispositionId: '3',
      note: 'wants <b>blue</b> & "two"',
      callbackDate: '2026-1',
      callbackMine: 'false',
    };
    assert.deepEqual((await put(agent, 'c-1', form)).body, { kept: true, revision: 1, form });
    assert.equal((await put(agent, 'c-1', { ...form, note: '想要兩個 ☎' }, 1)).body.revision, 2);
    const page = await agent.visitor.get('/workspace');
    assert.match(page.text, />想要兩個 ☎<\/textarea>/);
    assert.match(page.text, /value="3" data-hotkey="3" data-category="callback" checked/);
    assert.match(page.text, /name="callbackDate" value="2026-1"/);
    assert.match(page.text, /name="callbackMine" value="false" checked/);
    assert.match(page.text, /data-revision="2"/);
    assert.equal((await rows()).length, 1);
  });

  it('are not written over what another page has saved since, which is told instead', async () => {
    const [before] = await rows();
    const there = JSON.parse(before.form);
    for (const stale of [0, 1, 3]) {
      const { status, body } = await put(agent, 'c-1', { note: 'typed over an old one' }, stale);
      assert.deepEqual([status, body], [200, { kept: false, revision: 2, form: there }], `revision ${stale}`);
    }
    assert.deepEqual(await rows(), [before]);
  });

  it('let one of two saves over the same revision through (fault: both in the same moment)', async () => {
    const answers = await Promise.all(['one', 'two'].map((note) => put(agent, 'c-1', { note }, 2)));
    assert.deepEqual(answers.map(({ body }) => body.kept).sort(), [false, true]);
    const kept = answers.find(({ body }) => body.kept)!.body;
    assert.deepEqual(answers.find(({ body }) => !body.kept)!.body, { ...kept, kept: false });
  });

  it('are told to every page of the agent', async () => {
    const told: unknown[] = [];
    const stop = it_.app.bus.subscribe(draftTopic(agent.id), (news) => told.push(news));
    await put(agent, 'c-1', { note: 'told' }, 3);
    await put(agent, 'c-1', { note: 'refused' }, 3);
    stop();
    assert.deepEqual(told, [{ callId: 'c-1', revision: 4, form: { note: 'told' } }]);
  });

  it('are kept for calls of one’s own only', async () => {
    assert.equal((await put(other, 'c-1', { note: 'mine now' })).status, 403);
    assert.equal((await put(agent, 'c-2', { note: 'no such call' })).status, 403);
    assert.doesNotMatch(JSON.stringify(await rows()), /mine now|no such call/);
  });

  it('take half-typed text and refuse only what no field could hold', async () => {
    assert.equal((await put(agent, 'c-1', { note: 'x'.repeat(10_001) })).status, 422);
    assert.equal((await put(agent, 'c-1', { note: '', unknown: 'field' }, 4)).body.kept, true);
    assert.deepEqual(JSON.parse((await rows())[0].form), { note: '' });
  });

  it('are kept while the dialer is away, on the database’s word whose call it is (fault: no dialer)', async () => {
    const silent = await testWorkspace();
    const { id, visitor } = await silent.browser('agent', 'eve');
    const call = { path: 'manual', direction: 'out', attempt: 1, state: 'connected', created_at: 1 };
    await silent.app.db.knex('calls').insert([
      { ...call, id: 'own', user_id: id },
      { ...call, id: 'done', user_id: id, disposition_id: 1 },
      { ...call, id: 'foreign', user_id: id + 1 },
    ]);
    await silent.app.bus.close();
    const put_ = (callId: string) =>
      sendJson(visitor, 'put', `/workspace/draft/${callId}`, {
        revision: 0,
        form: { note: 'kept' },
      });
    assert.equal((await put_('own')).status, 200);
    assert.equal((await put_('done')).status, 200);
    assert.equal((await put_('foreign')).status, 403);
    const kept = await silent.app.db.knex('workspace_drafts').select('call_id');
    assert.deepEqual(kept, [{ call_id: 'own' }]);
    await silent.close();
  });

  it('go when the call is disposed of', async () => {
    const given = { callId: 'c-1', dispositionId: 1, note: 'done', next: 'ready' };
    assert.equal((await sendJson(agent.visitor, 'post', '/workspace/dispose', given)).status, 200);
    assert.deepEqual(await rows(), []);
  });
});
