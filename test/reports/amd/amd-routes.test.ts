import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { campaignAreas, createAmdSwitch, createCampaignStore } from '../../../campaigns/index.ts';
import { amdArea } from '../../../reports/index.ts';
import { makeCampaign } from '../../campaigns/fixtures.ts';
import { hides, shows } from '../../campaigns/pages.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

describe('the card of machine detection', () => {
  let app: TestApp;
  let t: TestWeb;
  let manager: Visitor;
  let campaignId: number;
  let callNumber = 0;
  const campaign = async () => (await createCampaignStore(app).get(campaignId))!;
  const card = (visitor: Visitor = manager) => visitor.get(`/campaigns/${campaignId}/amd`);

  before(async () => {
    app = await testApp();
    const areas = [...campaignAreas(app), amdArea(app)];
    t = await testWeb({ areas }, { db: app.db, bus: app.bus, clock: app.clock });
    manager = await t.signedIn('manager');
    campaignId = await makeCampaign(app, { name: 'Renewal', amd: true });
  });
  after(() => app.close());

  const heard = (count: number, given: object) =>
    app.db.insertMany(
      'amd_verdicts',
      Array.from({ length: count }, () => ({
        ...{
          call_id: `v${++callNumber}`,
          campaign_id: campaignId,
          at: app.clock.now(),
        },
        ...{ verdict: 'human', cause: '', listened_ms: 1_400, is_check: 0, message: null, answered_by: null },
        ...{ agent_ms: null, ...given },
      })),
    );

  it('says what is not known yet, and is there only where detection is or was in use', async () => {
    const { text } = await card();
    shows(text, /not known yet/);
    shows(text, /Agents have checked 0 calls/);
    const never = await makeCampaign(app, { name: 'Without' });
    assert.equal((await manager.get(`/campaigns/${never}/amd`)).text.trim(), '');
  });

  it('shows both rates with their ranges, and what they cost', async () => {
    await heard(540, { answered_by: 'person', agent_ms: 60_000 });
    await heard(60, { answered_by: 'machine', agent_ms: 15_000 });
    await heard(360, { verdict: 'machine' });
    await heard(2, { verdict: 'machine', is_check: 1, answered_by: 'person', agent_ms: 50_000 });
    await heard(38, { verdict: 'machine', is_check: 1, answered_by: 'machine', agent_ms: 12_000 });
    const { text } = await card();
    // 400 × 2/40 of 20 + 540 people, 60 of 60 + 380 machines.
    shows(text, /3\.6%/);
    shows(text, /13\.6%/);
    shows(text, /between 1\.0% and 11\.\d% \(95 % certain\)/);
    shows(text, /Of 1,000 people who pick up, about 32\.1 are hung up on/);
    shows(text, /Agents spent 23 min on 98 machines: 14 s each/);
    shows(text, /people hear 1\.4 s of silence/);
    shows(text, /Of these to an agent<\/th><td[^>]*>0<\/td><td[^>]*>0</);
    for (const id of ['v1', 'v2', 'v961'])
      await app.db.knex('calls').insert({
        ...{ id, direction: 'out', path: 'power', state: 'ended', created_at: 1, connected_at: 2 },
      });
    const met = (await card()).text;
    shows(met, /Of these to an agent<\/th><td[^>]*>2<\/td><td[^>]*>1</);
    const chinese = (await manager.get(`/campaigns/${campaignId}/amd`, { 'accept-language': 'zh-CN' })).text;
    shows(chinese, /每 1,000 位接听的真人中，约 32\.1 位被挂断/);
  });

  it('offers the switch to managers when detection has switched itself off, and begins anew', async () => {
    await createAmdSwitch(app).set(campaignId, false, app.clock.now(), { byItself: true });
    shows((await card()).text, /has switched itself off/);
    const list = await manager.get('/campaigns');
    shows(list.text, /Detection of machines switched itself off/);
    shows(list.text, /switched itself off on 1 campaign/);
    const supervisor = await t.signedIn('supervisor');
    shows((await card(supervisor)).text, /has switched itself off/);
    hides((await card(supervisor)).text, /amd\/on/);
    assert.equal((await supervisor.post(`/campaigns/${campaignId}/amd/on`)).status, 403);
    const agent = await t.signedIn('agent');
    assert.equal((await card(agent)).status, 403);

    app.clock.advance(1_000);
    assert.equal((await manager.post(`/campaigns/${campaignId}/amd/on`)).status, 303);
    assert.deepEqual([(await campaign()).amd, (await campaign()).amdSince], [true, app.clock.now()]);
    shows((await card()).text, /not known yet/);

    await createAmdSwitch(app).set(campaignId, false, app.clock.now(), { byItself: true });
    await manager.post(`/campaigns/${campaignId}/amd/leave-off`);
    assert.deepEqual([(await campaign()).amd, (await campaign()).amdOffAt], [false, null]);
    hides((await manager.get('/campaigns')).text, /switched itself off/);
    const actions = await app.db
      .knex('audit_log')
      .where({ entity: 'campaigns', entity_id: String(campaignId) })
      .pluck('action');
    assert.deepEqual(actions, ['campaign.amd-on', 'campaign.amd-left-off']);
    assert.equal((await manager.post('/campaigns/999/amd/on')).status, 404);
  });
});
