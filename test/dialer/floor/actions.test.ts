import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'mocha';
import { CommandRefused } from '../../../core/bus/bus.ts';
import { createMessageStore } from '../../../dialer/messages/index.ts';
import { makeCampaign } from '../../campaigns/fixtures.ts';
import type { Visitor } from '../../web/support.ts';
import { sendJson } from '../workspace/support.ts';
import { testFloor, type TestFloor } from './support.ts';

describe('what is done from the floor', () => {
  let f: TestFloor;
  let supervisor: Visitor;
  let supervisorId: number;
  let ann: number;
  let ben: number;
  let forced: Record<string, unknown>[];
  let refusal: CommandRefused | null;

  before(async () => {
    f = await testFloor();
    supervisor = await f.signedIn('supervisor', 'sue');
    supervisorId = (await f.users.store.byUsername('sue'))!.user.id;
    [ann, ben] = (await f.agents(['Ann', 'Ben'])) as [number, number];
    f.app.bus.respond('agent.force', (payload) => {
      if (refusal) throw refusal;
      forced.push(payload as Record<string, unknown>);
      return { state: 'paused' };
    });
    await supervisor.get('/floor');
  });
  after(() => f.close());
  beforeEach(() => {
    forced = [];
    refusal = null;
  });

  const post = (path: string, body: object, who = supervisor) => sendJson(who, 'post', path, body);
  const lastAudit = async () =>
    (await f.app.db.knex('audit_log').orderBy('id', 'desc').first()) as {
      user_id: number;
      action: string;
      entity_id: string;
      before: string | null;
      after: string;
    };
  const unread = (userId: number) => createMessageStore(f.app).unread(userId, f.app.clock.now());

  it('is asked of the dialer with who asks and why, kept in the audit, and told to the agent', async () => {
    const answer = await post(`/floor/agents/${ann}/force`, { to: 'paused', reason: 'Fire drill' });
    assert.equal(answer.status, 200);
    assert.deepEqual(forced, [{ userId: ann, by: supervisorId, to: 'paused', reason: 'Fire drill' }]);
    const { user_id, action, entity_id, after: kept } = await lastAudit();
    assert.deepEqual([user_id, action, entity_id], [supervisorId, 'agent.paused', String(ann)]);
    assert.deepEqual(JSON.parse(kept), { reason: 'Fire drill' });
    const [told] = await unread(ann);
    assert.deepEqual([told?.kind, told?.text, told?.byName], ['paused', 'Fire drill', 'The supervisor']);
  });

  it('is refused in a supervisor’s words, and neither kept nor told', async () => {
    refusal = new CommandRefused('phone-not-up', { state: 'paused' });
    const before = await lastAudit();
    const answer = await post(`/floor/agents/${ben}/force`, { to: 'ready', reason: 'We need you' });
    assert.equal(answer.status, 409);
    assert.match((answer.body as { detail: string }).detail, /This agent’s phone is not connected/);
    assert.deepEqual(await lastAudit(), before);
    assert.deepEqual(await unread(ben), []);
  });

  it('needs a reason, a state that there is, and somebody who works here', async () => {
    for (const [path, body, status] of [
      [`/floor/agents/${ann}/force`, { to: 'paused', reason: ' ' }, 422],
      [`/floor/agents/${ann}/force`, { to: 'on-call', reason: 'because' }, 422],
      ['/floor/agents/4711/force', { to: 'paused', reason: 'because' }, 404],
      ['/floor/agents/x/force', { to: 'paused', reason: 'because' }, 404],
    ] as const)
      assert.equal((await post(path, body)).status, status, path);
    assert.deepEqual(forced, []);
  });

  it('is not for agents and marketing', async () => {
    for (const role of ['agent', 'marketing'] as const) {
      const visitor = await f.signedIn(role);
      await visitor.get('/profile');
      for (const [path, body] of [
        [`/floor/agents/${ann}/force`, { to: 'paused', reason: 'because' }],
        [`/floor/agents/${ann}/campaigns`, { add: [1] }],
        ['/floor/messages', { to: 'all', text: 'hello' }],
      ] as const)
        assert.equal((await post(path, body, visitor)).status, 403, `${role} ${path}`);
    }
    assert.deepEqual(forced, []);
  });

  it('moves an agent between campaigns, tells the dialers, and stops editors who had them open', async () => {
    const [spring, tea] = [await makeCampaign(f.app, {}), await makeCampaign(f.app, {})];
    const revision = async (id: number) =>
      ((await f.app.db.knex('campaigns').where({ id }).first('revision')) as { revision: number }).revision;
    const before = await revision(tea);
    const changed: number[] = [];
    const stop = f.app.bus.subscribe('campaign.changed', (event) =>
      changed.push((event as { campaignId: number }).campaignId),
    );
    await post(`/floor/agents/${ann}/campaigns`, { add: [spring] });
    const answer = await post(`/floor/agents/${ann}/campaigns`, { add: [tea], remove: [spring] });
    stop();
    assert.deepEqual(answer.body, { moved: 2 });
    assert.deepEqual(await f.app.db.knex('campaign_agents').where({ user_id: ann }).pluck('campaign_id'), [
      tea,
    ]);
    assert.deepEqual(changed, [spring, tea, spring]);
    assert.equal(await revision(tea), before + 1);
    assert.equal((await lastAudit()).action, 'agent.moved');
    assert.ok((await unread(ann)).some(({ kind }) => kind === 'moved'));
    const again = await post(`/floor/agents/${ann}/campaigns`, { add: [tea], remove: [spring] });
    assert.deepEqual(again.body, { moved: 0 });
    assert.equal((await post(`/floor/agents/${ann}/campaigns`, { add: [4711] })).status, 422);
  });

  it('writes to one agent, a campaign’s agents or all, and shows who has read it and when', async () => {
    const campaign = await makeCampaign(f.app, { agentIds: [ben] });
    const store = createMessageStore(f.app);
    const told: string[] = [];
    const stop = f.app.bus.subscribe('agent.messages.*', (_payload, topic) => told.push(topic));
    const announcement = { to: 'campaign', id: campaign, text: 'New price: 9.90', mustRead: true };
    assert.deepEqual((await post('/floor/messages', announcement)).body, { readers: 1 });
    assert.deepEqual((await post('/floor/messages', { to: 'agent', id: ann, text: 'Well done' })).body, {
      readers: 1,
    });
    const agents = (await f.users.store.active('agent')).length;
    assert.deepEqual((await post('/floor/messages', { to: 'all', text: 'Lunch' })).body, { readers: agents });
    await new Promise((resolve) => setImmediate(resolve));
    stop();
    assert.equal(told.length, 2 + agents);
    assert.equal((await lastAudit()).action, 'message.sent');
    const mine = await unread(ben);
    assert.deepEqual(
      mine.map(({ text, mustRead }) => [text, mustRead]),
      [
        ['New price: 9.90', true],
        ['Lunch', false],
      ],
    );
    assert.equal(await store.read(mine[0]!.id, ann, f.app.clock.now()), false);
    const at = f.app.clock.now();
    assert.ok(await store.read(mine[0]!.id, ben, at));
    f.app.clock.advance(60_000);
    assert.ok(await store.read(mine[0]!.id, ben, f.app.clock.now()));
    const sent = (await store.sent(10)).find(({ text }) => text === 'New price: 9.90');
    assert.deepEqual(sent?.readers, [{ name: 'Ben', readAt: at }]);
    const { text } = await supervisor.get('/floor/messages');
    assert.match(text, /New price: 9\.90[\s\S]*Read by 1 of 1/);
    assert.equal((await post('/floor/messages', { to: 'agent', text: 'x' })).status, 422);
    assert.equal((await post('/floor/messages', { to: 'agent', id: 4711, text: 'x' })).status, 422);
    assert.equal((await post('/floor/messages', { to: 'all', text: ' ' })).status, 422);
  });
});
