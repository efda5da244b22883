import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCampaignStore, createDispositionStore, defaultCampaign } from '../../../campaigns/index.ts';
import { targetsArea } from '../../../dialer/targets/index.ts';
import { workspaceArea } from '../../../dialer/workspace/index.ts';
import { onBothEngines } from '../../campaigns/engines.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

onBothEngines('targets for the day', (app) => {
  let t: TestWeb;
  let supervisor: Visitor;
  let agent: Visitor;
  let annId: number;
  let campaignId: number;
  let made = 0;

  before(async () => {
    t = await testWeb({ areas: [workspaceArea(app()), targetsArea(app())] }, { db: app().db, bus: app().bus, clock: app().clock }); // prettier-ignore
    supervisor = await t.signedIn('supervisor');
    agent = await t.signedIn('agent', 'ann');
    annId = (await t.users.store.byUsername('ann'))!.user.id;
    await createDispositionStore(app()).seed();
  });

  beforeEach(async () => {
    const draft = {
      ...defaultCampaign,
      name: `Spring ${(made += 1)}`,
      trunkIds: [],
      dispositionIds: [],
      agentIds: [annId],
    };
    await app().db.knex('day_targets').delete();
    await app().db.knex('campaign_agents').delete();
    campaignId = await createCampaignStore(app()).create(draft, { userId: null, now: app().clock.now() });
  });

  const save = (form: object, path = '/targets') => supervisor.post(path, { campaignId, day: '', ...form });
  const sets = () => app().db.knex('day_targets').orderBy('id');
  const today = () => new Date(app().clock.now()).toISOString().slice(0, 10);
  const idle = async () => (await agent.get('/workspace')).text;
  /** Ann's last ten minutes: four of talk, one of wrap-up, the rest ready; a sale and a talk with the right party. */
  const work = async () => {
    const now = app().clock.now();
    const minute = 60_000;
    const event = (at: number, from_state: string, to_state: string, campaign_id: number | null) => ({
      ...{ user_id: annId, at: now - at * minute, from_state, to_state, event: 'x', campaign_id },
      call_id: 'call',
    });
    await app().db.insertMany('agent_events', [
      event(10, 'paused', 'ready', null),
      event(8, 'ready', 'on-call', campaignId),
      event(4, 'on-call', 'wrapup', campaignId),
      event(3, 'wrapup', 'ready', null),
    ]);
    const all = await createDispositionStore(app()).all();
    const sale = all.find(({ category }) => category === 'sale')!;
    const data = JSON.stringify({ dispositionId: sale.id });
    const given = { user_id: annId, campaign_id: campaignId, at: now - 3 * minute, call_id: 'call' };
    await app().db.insertMany('call_events', [{ ...given, to_state: 'ended', event: 'disposed', data }]);
  };

  it('are set for a campaign, changed and removed, and each is in the audit', async () => {
    assert.match((await supervisor.get('/targets')).text, /No targets are set/);
    await supervisor.get('/targets/new');
    assert.equal((await save({ calls: '40', talkShare: '50' })).status, 303);
    const [set] = await sets();
    assert.deepEqual(
      [set.campaign_id, set.day, set.calls, set.contacts, set.talk_share],
      [campaignId, '', 40, null, 50],
    );
    const list = (await supervisor.get('/targets')).text;
    assert.match(list, new RegExp(`Spring ${made}`));
    assert.match(list, /Every day/);
    assert.match(list, /50\s?%/);
    assert.equal((await save({ calls: '30' })).status, 422, 'there are some for every day');
    assert.equal((await save({ calls: '60', day: '2026-12-24' })).status, 303, 'a day of its own');
    const form = (await supervisor.get(`/targets/${set.id}`)).text;
    assert.match(form, /name="calls"[^>]*value="40"/);
    assert.match(form, /name="contacts"[^>]*value=""/);
    assert.equal((await save({ calls: '45', sales: '3' }, `/targets/${set.id}`)).status, 303);
    assert.deepEqual(
      (await sets()).map(({ calls, sales, talk_share }) => [calls, sales, talk_share]),
      [
        [45, 3, null],
        [60, null, null],
      ],
    );
    assert.equal((await save({ calls: '45', day: '2026-12-24' }, `/targets/${set.id}`)).status, 422);
    assert.equal((await supervisor.post(`/targets/${set.id}/remove`)).status, 303);
    assert.equal((await sets()).length, 1);
    const audit = await app()
      .db.knex('audit_log')
      .where({ entity: 'day_targets', entity_id: String(set.id) })
      .orderBy('id');
    assert.deepEqual(
      audit.map(({ action }: { action: string }) => action),
      ['targets.created', 'targets.changed', 'targets.removed'],
    );
  });

  it('are refused in words where nothing is set, and to who may not', async () => {
    await supervisor.get('/targets/new');
    const refused = await save({});
    assert.equal(refused.status, 422);
    assert.match(refused.text, /Set at least one target/);
    assert.equal((await save({ calls: '5', campaignId: 999_999 })).status, 404);
    for (const path of ['/targets', '/targets/new', `/targets/agents/${campaignId}`])
      assert.equal((await agent.get(path)).status, 403, path);
    await agent.get('/workspace');
    assert.equal((await agent.post('/targets', { campaignId, calls: '5' })).status, 403);
    assert.deepEqual(await sets(), []);
  });

  it('stand beside what the agent has done today, those of the day before those of every day', async () => {
    assert.doesNotMatch(await idle(), /class="attained"/);
    await supervisor.get('/targets/new');
    await save({ calls: '4', contacts: '1', sales: '2', talkShare: '50', wrapupSeconds: '30' });
    await work();
    const html = await idle();
    const bars = [...html.matchAll(/<progress max="100" value="(\d+)" aria-label="[^"]+">/g)];
    assert.deepEqual(
      bars.map(([, filled]) => filled),
      ['25', '100', '50', '80', '100'],
    );
    const told = textsOf(html);
    assert.deepEqual(told, [
      'Calls 1 / 4 3 to go',
      'Contacts 1 / 1 Reached',
      'Sales 1 / 2 1 to go',
      'Talk share 40% / 50% 10% to go',
      'Average wrap-up 1:00 / at most 0:30 0:30 over',
    ]);
    await save({ calls: '1', day: today() });
    assert.deepEqual(textsOf(await idle()), ['Calls 1 / 1 Reached']);
    const seen = await supervisor.get(`/targets/agents/${campaignId}`);
    assert.match(seen.text, /The agent/);
    assert.deepEqual(textsOf(seen.text), ['1 / 1 Reached']);
  });

  it('say of a campaign without targets, and of one without agents, what to do', async () => {
    assert.match((await supervisor.get(`/targets/agents/${campaignId}`)).text, /No targets are set/);
    await save({ calls: '4' });
    await app().db.knex('campaign_agents').delete();
    assert.match(
      (await supervisor.get(`/targets/agents/${campaignId}`)).text,
      /Nobody works on this campaign/,
    );
    assert.equal((await supervisor.get('/targets/agents/999999')).status, 404);
  });
});

function textsOf(html: string): string[] {
  return [...html.matchAll(/<div class="attained"[^>]*>([\s\S]*?)<\/div>/g)].map(([, inner]) =>
    inner!
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}
