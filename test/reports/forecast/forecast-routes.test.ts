import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { campaignAreas, createCampaignStore } from '../../../campaigns/index.ts';
import { defineForecastJobs, forecastArea } from '../../../reports/forecast/index.ts';
import { createForecastStore } from '../../../reports/forecast/forecast-store.ts';
import { Users, type Role } from '../../../core/users/index.ts';
import { createWeb } from '../../../web/create-web.ts';
import { makeCampaign } from '../../campaigns/fixtures.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { Visitor, testPassword } from '../../web/support.ts';

const form = {
  mode: 'predictive',
  powerRatio: '1.5',
  abandonCap: '3',
  maxLinesPerAgent: '5',
  agents: '2',
  goalDays: '',
  from: '09:00',
  until: '09:30',
  lines: '',
  callsPerSecond: '',
  answer: '30',
  machine: '10',
  failed: '5',
  ringSeconds: '11',
  talkSeconds: '60',
  wrapupSeconds: '10',
};

describe('the forecast page', function () {
  this.timeout(180_000);
  let app: TestApp;
  let id: number;
  let manager: Visitor;
  let visit: (role: Role) => Promise<Visitor>;
  const store = () => createForecastStore(app);
  const state = async () => (await store().newest(id))!.state;

  before(async () => {
    app = await testApp();
    defineForecastJobs(app);
    await app.jobs.start();
    const web = createWeb(app, { areas: [...campaignAreas(app), forecastArea(app)] });
    visit = async (role) => {
      const account = { username: role, name: role, role, password: testPassword, mustChangePassword: false };
      await new Users(app).create(account, { userId: null });
      const visitor = new Visitor(web);
      await visitor.signIn(role, testPassword);
      return visitor;
    };
    id = await makeCampaign(app, { name: 'Spring offer' });
    manager = await visit('manager');
  });
  after(() => app.close());

  /** Days are played in a real thread: the clock is moved while it works. */
  async function ended(): Promise<string> {
    for (let round = 0; round < 2_000; round++) {
      const now = await state();
      if (now !== 'waiting' && now !== 'running') return now;
      app.clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('the forecast did not end');
  }

  it('is reached from the campaign, and says that there is no forecast yet', async () => {
    const campaign = await manager.get(`/campaigns/${id}`);
    assert.match(campaign.text, new RegExp(`/campaigns/${id}/forecast`));
    const page = await manager.get(`/campaigns/${id}/forecast`);
    assert.equal(page.status, 200);
    assert.match(page.text, /No forecast yet/);
    assert.match(page.text, /typical figures/);
    assert.equal((await manager.get('/campaigns/999/forecast')).status, 404);
  });

  it('is not for agents', async () => {
    const agent = await visit('agent');
    assert.equal((await agent.get(`/campaigns/${id}/forecast`)).status, 403);
    assert.equal((await agent.post(`/campaigns/${id}/forecast`, form)).status, 403);
  });

  it('keeps what was typed when it is wrong, with the reason beside the field', async () => {
    const wrong = { ...form, agents: '0', from: '9', answer: '80', machine: '30', talkSeconds: '77' };
    const page = await manager.post(`/campaigns/${id}/forecast`, wrong);
    assert.equal(page.status, 422);
    assert.match(page.text, /name="talkSeconds"[^>]*value="77"/);
    assert.match(page.text, /A time of day is written like/);
    assert.equal(await store().newest(id), null, 'nothing is played');
    const together = await manager.post(`/campaigns/${id}/forecast`, {
      ...form,
      answer: '80',
      machine: '30',
    });
    assert.match(together.text, /more than 100/);
  });

  it('plays the day, compares with the campaign as it is, and changes nothing', async () => {
    const before = await createCampaignStore(app).get(id);
    const posted = await manager.post(`/campaigns/${id}/forecast`, { ...form, mode: 'progressive' });
    assert.equal(posted.status, 303);
    assert.match((await manager.get(`/campaigns/${id}/forecast`)).text, /Playing days/);
    assert.equal(await ended(), 'done');
    const page = await manager.get(`/campaigns/${id}/forecast`);
    for (const words of [
      'What to expect',
      'As it is',
      'With your figures',
      'How many agents',
      'data-forecast=',
    ])
      assert.ok(page.text.includes(words), words);
    assert.match(page.text, /no leads yet/, 'said, as the campaign has no list');
    assert.match(page.text, /name="agents"[^>]*value="2"/, 'what was typed is still there');
    assert.deepEqual(await createCampaignStore(app).get(id), before);
  });

  it('puts in force what was asked, when somebody says so, once', async () => {
    const { id: forecast } = (await store().newest(id))!;
    const supervisor = await visit('supervisor');
    const path = `/campaigns/${id}/forecast/${forecast}/apply`;
    assert.equal((await supervisor.post(path)).status, 403);
    assert.equal((await manager.post(path)).status, 303);
    assert.equal((await createCampaignStore(app).get(id))!.mode, 'progressive');
    const rows = await app.db.knex('audit_log').where({ action: 'campaign.changed', entity_id: String(id) });
    assert.equal(rows.length, 1);
    assert.equal((await manager.post(path)).status, 409, 'nothing is left to change');
    assert.equal((await manager.post(`/campaigns/${id + 1}/forecast/${forecast}/apply`)).status, 404);
  });

  it('asks about a cap above the law’s, and does not put it in force', async () => {
    const { question } = (await store().newest(id))!;
    const typed = { ...question.typed, abandonCap: 0.2 };
    const asked = { campaignId: id, createdBy: null, question: { ...question, typed } };
    const forecast = await store().create(asked, app.clock.now());
    const refused = await manager.post(`/campaigns/${id}/forecast/${forecast}/apply`);
    assert.equal(refused.status, 409);
    assert.match(refused.text, /The law allows 3 %/);
    assert.equal((await createCampaignStore(app).get(id))!.abandonCap, 0.03);
  });

  it('is stopped while it plays', async () => {
    await manager.post(`/campaigns/${id}/forecast`, { ...form, agents: '60', until: '09:00' });
    const { id: forecast } = (await store().newest(id))!;
    assert.equal((await manager.post(`/campaigns/${id}/forecast/${forecast}/stop`)).status, 303);
    assert.equal(await ended(), 'stopped');
    const page = await manager.get(`/campaigns/${id}/forecast`);
    assert.match(page.text, /stopped before its end/);
    assert.doesNotMatch(page.text, /Playing days/);
  });

  it('speaks the reader’s language', async () => {
    await manager.post('/preferences', { locale: 'zh-TW', next: '/campaigns' });
    const { text } = await manager.get(`/campaigns/${id}/forecast`);
    assert.ok(text.includes('預測條件'), 'the question in Chinese');
  });
});
