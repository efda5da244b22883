import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import type { Visitor } from '../../web/support.ts';
import { hides, shows } from '../pages.ts';
import { campaignOffice, type CampaignOffice } from './campaign-office.ts';

describe('campaign pages', () => {
  let office: CampaignOffice;
  let web: CampaignOffice['web'];
  let marketing: Visitor;
  let supervisor: Visitor;
  let agent: Visitor;
  let form: CampaignOffice['form'];
  before(async () => {
    office = await campaignOffice();
    ({ web, marketing, supervisor, agent, form } = office);
  });
  after(() => web.close());
  const store = () => createCampaignStore(web.app);
  const create = (changes: object = {}) => office.create(changes);
  const listOf = (count: number) => office.listOf(count);
  const withList = (count = 5) => office.withList(count);

  it('refuses to start in words until nothing is missing; a supervisor starts, pauses and stops', async () => {
    const empty = await create({ callerId: '', agentIds: '' });
    await supervisor.get(`/campaigns/${empty}`);
    const refused = await supervisor.post(`/campaigns/${empty}/start`);
    assert.equal(refused.status, 303);
    const page = await supervisor.get(`/campaigns/${empty}`);
    shows(page.text, /It cannot start yet: No list has been joined\./);
    shows(page.text, /No agent works on it\./);
    shows(page.text, /no caller ID/);
    const json = await supervisor.post(`/campaigns/${empty}/start`, {}, { accept: 'application/json' });
    assert.deepEqual([json.status, (json.body as { code: string }).code], [409, 'campaign-not-ready']);

    const id = await withList();
    const told: unknown[] = [];
    web.app.bus.subscribe('campaign.changed', (payload) => told.push(payload));
    await supervisor.get(`/campaigns/${id}`);
    for (const [event, state] of [
      ['start', 'running'],
      ['pause', 'paused'],
      ['start', 'running'],
      ['stop', 'stopped'],
    ] as const) {
      await supervisor.post(`/campaigns/${id}/${event}`);
      assert.equal((await store().get(id))!.state, state);
    }
    assert.deepEqual(told.at(-1), { campaignId: id });
    const audit = await web.app.db
      .knex('audit_log')
      .where({ entity: 'campaigns', entity_id: String(id) })
      .pluck('action');
    assert.deepEqual(audit.slice(-4), [
      'campaign.started',
      'campaign.paused',
      'campaign.started',
      'campaign.stopped',
    ]);
    assert.equal((await agent.get('/campaigns')).status, 403);
  });

  it('let a supervisor change one that runs, with effect at once and in the audit, and make or put away none', async () => {
    const id = await withList();
    await supervisor.get(`/campaigns/${id}`);
    await supervisor.post(`/campaigns/${id}/start`);
    const page = await supervisor.get(`/campaigns/${id}`);
    shows(page.text, new RegExp(`/campaigns/${id}/edit`));
    hides(page.text, /\/campaigns\/\d+\/(copy|archive|answers)|\/imports\/new/);
    const { revision } = (await store().get(id))!;
    const told: unknown[] = [];
    web.app.bus.subscribe('campaign.changed', (payload) => told.push(payload));
    const changed = await supervisor.post(`/campaigns/${id}`, {
      ...form,
      revision,
      mode: 'progressive',
      priority: 9,
    });
    assert.equal(changed.status, 303);
    const now = (await store().get(id))!;
    assert.deepEqual(
      [now.state, now.mode, now.priority, told],
      ['running', 'progressive', 9, [{ campaignId: id }]],
    );
    const audit = web.app.db.knex('audit_log').where({ action: 'campaign.changed', entity_id: String(id) });
    const { user_id } = (await audit.first('user_id')) as { user_id: number };
    assert.equal(
      (await web.app.db.knex('users').where({ id: user_id }).first('username')).username,
      'supervisor',
    );
    for (const path of ['/campaigns/new', '/scripts'])
      assert.equal((await supervisor.get(path)).status, 403, path);
    for (const path of ['/campaigns', `/campaigns/${id}/copy`, `/campaigns/${id}/archive`])
      assert.equal((await supervisor.post(path, { ...form, archived: 'yes' })).status, 403, path);
  });

  it('fault: the audit cannot be written when it is changed – it stays as it was', async () => {
    const id = await create();
    await marketing.get(`/campaigns/${id}/edit`);
    const before = (await store().get(id))!;
    const fail = ({ sql }: { sql: string }) => {
      if (/^insert into .audit_log./.test(sql)) throw new Error('the process ended');
    };
    web.app.db.knex.on('query', fail);
    try {
      const sent = { ...form, revision: before.revision, priority: 9 };
      assert.equal((await marketing.post(`/campaigns/${id}`, sent)).status, 500);
    } finally {
      web.app.db.knex.removeListener('query', fail);
    }
    assert.deepEqual(await store().get(id), before);
  });

  it('fault: the audit cannot be written when it is started – it does not run with nobody known to have started it', async () => {
    const id = await withList();
    await supervisor.get(`/campaigns/${id}`);
    const fail = ({ sql }: { sql: string }) => {
      if (/^insert into .audit_log./.test(sql)) throw new Error('the process ended');
    };
    web.app.db.knex.on('query', fail);
    try {
      assert.equal((await supervisor.post(`/campaigns/${id}/start`)).status, 500);
    } finally {
      web.app.db.knex.removeListener('query', fail);
    }
    assert.equal((await store().get(id))!.state, 'draft');
    await supervisor.post(`/campaigns/${id}/start`);
    assert.equal((await store().get(id))!.state, 'running');
  });

  it('fault: the queue is away when it is started – it runs, and the audit says who did it', async () => {
    const id = await withList();
    await web.app.db.knex('campaigns').where({ id }).update({ asked_stamp: null });
    await supervisor.get(`/campaigns/${id}`);
    const { add } = web.app.jobs;
    web.app.jobs.add = () => Promise.reject(new Error('the queue is away'));
    try {
      assert.equal((await supervisor.post(`/campaigns/${id}/start`)).status, 303);
    } finally {
      web.app.jobs.add = add;
    }
    assert.equal((await store().get(id))!.state, 'running');
    const { user_id } = (await web.app.db
      .knex('audit_log')
      .where({ action: 'campaign.started', entity_id: String(id) })
      .first('user_id')) as { user_id: number };
    const { username } = await web.app.db.knex('users').where({ id: user_id }).first('username');
    assert.equal(username, 'supervisor');
  });

  it('says of each state what is missing and what comes next, in words that fit it', async () => {
    const id = await withList(2);
    await marketing.get(`/campaigns/${id}`);
    const page = async () => (await marketing.get(`/campaigns/${id}`)).text;
    shows(await page(), /What is missing/);
    shows(await page(), /If it started now/);
    await marketing.post(`/campaigns/${id}/start`);
    shows(await page(), /The next calls/);
    for (const wrong of [/can start/, /If it started/, /What is missing/, /leads were made/])
      hides(await page(), wrong);
    await marketing.post(`/campaigns/${id}/pause`);
    shows(await page(), /If it went on now/);
    shows(await page(), /Resume/);
    hides(await page(), /can start/);
    await marketing.post(`/campaigns/${id}/stop`);
    shows(await page(), /If it started now/);
  });

  it('leaves minor columns out on a tablet unless they were chosen', async () => {
    shows((await marketing.get('/campaigns')).text, /<th scope="col"[^>]* class="minor"/);
    hides((await marketing.get('/campaigns?columns=name,created')).text, /class="minor"/);
  });

  it('a page that shows another state than the campaign has is read anew', async () => {
    const id = await withList(1);
    const live = async (state: string) =>
      (await marketing.get(`/campaigns/${id}/live?state=${state}`)).headers;
    assert.equal((await live('draft'))['hx-refresh'], undefined);
    assert.equal((await live('running'))['hx-refresh'], 'true');
  });

  it('a second list joins while the campaign runs; customers on both are one lead', async () => {
    const id = await withList(4);
    await marketing.post(`/campaigns/${id}/start`);
    const second = await listOf(3);
    await marketing.post(`/campaigns/${id}/lists`, { listId: second, priority: 5 });
    await web.until(async () => (await createLeadStore(web.app).countsByState(id)).new === 7);
    assert.equal((await marketing.post(`/campaigns/${id}/lists`, { listId: second })).status, 409);
    await marketing.post(`/campaigns/${id}/lists/${second}/remove`);
    await web.until(async () => (await createLeadStore(web.app).countsByState(id)).new === 4);
  });

  it('fault: the queue is away when a list is taken off – it says so, and its customers leave once the queue is back', async () => {
    const id = await withList(2);
    const second = await listOf(3);
    await marketing.post(`/campaigns/${id}/lists`, { listId: second, priority: 5 });
    const fresh = async () => (await createLeadStore(web.app).countsByState(id)).new;
    await web.until(async () => (await fresh()) === 5);
    web.app.jobs.add = () => Promise.reject(new Error('queue away'));
    await marketing.get(`/campaigns/${id}`);
    const remove = () => marketing.post(`/campaigns/${id}/lists/${second}/remove`);
    assert.equal((await remove()).status, 303);
    const told = (await marketing.get(`/campaigns/${id}`)).text;
    shows(told, /“List of 3” was removed/);
    shows(told, /The job queue does not answer just now/);
    assert.equal((await remove()).status, 303);
    shows((await marketing.get(`/campaigns/${id}`)).text, /“List of 3” is not on this campaign any more/);
    assert.equal(await fresh(), 5);
    delete (web.app.jobs as Partial<typeof web.app.jobs>).add;
    await web.until(async () => (await fresh()) === 2);
    hides((await marketing.get(`/campaigns/${id}`)).text, /The job queue does not answer/);
  });

  it('puts lists and single leads in another order, for who may edit, and says who did', async () => {
    const id = await withList(4);
    const second = await listOf(3);
    await marketing.post(`/campaigns/${id}/lists`, { listId: second, priority: 3 });
    await web.until(async () => (await createLeadStore(web.app).countsByState(id)).new === 7);
    const lists = async () => (await store().listsOf(id)).map(({ priority, weight }) => [priority, weight]);
    shows((await marketing.get(`/campaigns/${id}`)).text, /50(\.0)?\u00a0?% of its priority/);
    const listId = (await store().listsOf(id)).map((list) => list.listId);
    const order = { listId, priority: [3, 3], weight: [1, 4] };
    assert.equal((await marketing.post(`/campaigns/${id}/lists/order`, order)).status, 303);
    assert.deepEqual(await lists(), [
      [3, 1],
      [3, 4],
    ]);
    shows((await marketing.get(`/campaigns/${id}`)).text, /80(\.0)?\u00a0?% of its priority/);
    for (const wrong of [{ weight: [1, 0] }, { weight: [1] }, { priority: [3, 10] }])
      assert.equal(
        (await marketing.post(`/campaigns/${id}/lists/order`, { ...order, ...wrong })).status,
        422,
      );
    const again = (await marketing.post(`/campaigns/${id}/lists/order`, { ...order, weight: [7, 101] })).text;
    shows(again, /Nothing was saved: a priority is from 1 to 9/);
    shows(again, /name="weight" value="101"/);
    await web.until(
      async () => !(await web.app.db.knex('leads').where({ campaign_id: id, next_at: 0 }).first()),
    );

    const lead = (await web.app.db.knex('leads').where({ campaign_id: id }).orderBy('id').first('id')).id;
    const page = await marketing.get(`/campaigns/${id}/leads?state=new`);
    shows(page.text, new RegExp(`hx-post="/campaigns/${id}/leads/${lead}/priority"`));
    const saved = await marketing.post(`/campaigns/${id}/leads/${lead}/priority`, { priority: 1 });
    shows(saved.text, /<option value="1" selected>/);
    assert.equal((await createLeadStore(web.app).get(lead))!.priority, 1);
    const other = await create();
    assert.equal((await marketing.post(`/campaigns/${other}/leads/${lead}/priority`, { priority: 9 })).status, 404); // prettier-ignore
    await agent.get('/profile');
    for (const path of [`leads/${lead}/priority`, 'lists/order'])
      assert.equal((await agent.post(`/campaigns/${id}/${path}`, order)).status, 403);
    const actions = (await web.app.db.knex('audit_log').pluck('action')) as string[];
    for (const action of ['campaign.lists-reordered', 'lead.priority-changed']) assert.ok(actions.includes(action)); // prettier-ignore
  });

  it('keeps quotas for who may edit, says what they ask for, and refuses one that asks for nobody', async () => {
    const id = await withList(2);
    await marketing.get(`/campaigns/${id}`);
    const path = `/campaigns/${id}/quotas`;
    const quota = { name: 'North', goal: 2, filter_0_field: 'addressRegion', filter_0_op: 'begins', filter_0_value: 'US-NY, US-NJ' }; // prettier-ignore
    assert.equal((await marketing.post(path, quota)).status, 303);
    shows(
      (await marketing.get(`/campaigns/${id}`)).text,
      /State, province or region \(such as California\) begins with New York, New Jersey/,
    );
    for (const wrong of [{ goal: 0 }, { name: ' ' }, { filter_0_value: '' }, { filter_0_field: 'nothing' }])
      assert.equal((await marketing.post(path, { ...quota, ...wrong })).status, 422, JSON.stringify(wrong));
    const nowhere = await marketing.post(path, { ...quota, filter_0_op: 'is', filter_0_value: 'NT' });
    assert.equal(nowhere.status, 422);
    shows(nowhere.text, /A region here is not known/);
    const refused = (await marketing.post(path, { ...quota, name: 'Kept name', filter_0_value: '' })).text;
    shows(refused, /value="Kept name"/);
    shows(refused, /id="f-filter_0_value-note"><span class="field-error">/);
    const [{ id: quotaId }] = (await web.app.db.knex('campaign_quotas').where({ campaign_id: id })) as [{ id: number }]; // prettier-ignore
    assert.equal((await marketing.post(`${path}/${quotaId}`, { goal: 7 })).status, 303);
    const wrongGoal = await marketing.post(`${path}/${quotaId}`, { goal: '0' });
    assert.equal(wrongGoal.status, 422);
    shows(wrongGoal.text, new RegExp(`name="goal" value="0"[^>]*aria-describedby="goal-${quotaId}-note"`));
    const full = Array.from({ length: 29 }, (_, n) => ({ campaign_id: id, name: `Q${n}`, who: '{"meet":"all","conditions":[]}', goal: 9, created_at: 1 })); // prettier-ignore
    await web.app.db.knex('campaign_quotas').insert(full);
    const tooMany = await marketing.post(path, { ...quota, name: 'One more' });
    assert.equal(tooMany.status, 422);
    shows(tooMany.text, /may have 30 quotas/);
    shows(tooMany.text, /value="One more"/);
    const other = await create();
    assert.equal((await marketing.post(`/campaigns/${other}/quotas/${quotaId}`, { goal: 1 })).status, 404);
    await agent.get('/profile');
    assert.equal((await agent.post(`${path}/${quotaId}`, { goal: 1 })).status, 403);
    assert.equal((await web.app.db.knex('campaign_quotas').where({ id: quotaId }).first('goal')).goal, 7);
    assert.equal((await marketing.post(`${path}/${quotaId}/remove`)).status, 303);
    hides((await marketing.get(`/campaigns/${id}`)).text, /US-NJ/);
  });

  it('fault: two editors save at once; the second is told and keeps what was typed', async () => {
    const id = await create();
    await marketing.get(`/campaigns/${id}/edit`);
    assert.equal((await marketing.post(`/campaigns/${id}`, { ...form, name: 'First' })).status, 303);
    const second = await marketing.post(`/campaigns/${id}`, { ...form, name: 'Second' });
    assert.equal(second.status, 409);
    shows(second.text, /value="Second"/);
    assert.equal((await store().get(id))!.name, 'First');
  });

  it('says of each lead why, and what would happen now; a script is tried with a customer', async () => {
    const id = await withList();
    const page = await marketing.get(`/campaigns/${id}/leads?state=new`);
    shows(page.text, /\/compliance\/verdicts\?lead=/);
    const whatIf = await marketing.get(`/campaigns/${id}/what-if`);
    shows(whatIf.text, /Of the next 5 customers/);
    await marketing.get(`/campaigns/${id}`);
    const preview = await marketing.post('/campaigns/preview-script', {
      text: 'Dear {{name}} of {{campaign}}',
      language: 'en',
      customer: 'Listed',
      name: 'Spring',
    });
    shows(preview.text, /Dear Listed \d+ \d+ of Spring/);
    assert.equal(Number((await web.app.db.knex('gate_verdicts').count({ n: '*' }).first())!.n), 0);
  });

  it('keeps in the audit what was changed, and not agents that the form only sends in another order', async () => {
    await web.signedIn('agent', 'zoe');
    const agents: { id: number }[] = await web.app.db.knex('users').where({ role: 'agent' }).select('id');
    const ids = agents.map(({ id }) => id).sort((a, b) => b - a);
    assert.ok(ids.length >= 2);
    const id = await create({ agentIds: ids.map(String) });
    await marketing.get(`/campaigns/${id}/edit`);
    const changed = { ...form, agentIds: ids.map(String), notes: '', name: 'Autumn offer' };
    assert.equal((await marketing.post(`/campaigns/${id}`, { ...changed, revision: 0 })).status, 303);
    const row = (await web.app.db
      .knex('audit_log')
      .where({ action: 'campaign.changed', entity_id: String(id) })
      .first('after')) as { after: string };
    assert.deepEqual(JSON.parse(row.after), { name: 'Autumn offer' });
  });

  it('copies, puts away and brings back', async () => {
    const id = await create({ name: 'Original' });
    await marketing.get(`/campaigns/${id}`);
    const copy = await marketing.post(`/campaigns/${id}/copy`);
    assert.match(copy.headers.location as string, /\/edit$/);
    assert.equal((await marketing.post(`/campaigns/${id}/archive`, { archived: 'yes' })).status, 303);
    const list = await marketing.get('/campaigns');
    hides(list.text, new RegExp(`href="/campaigns/${id}"`));
    const [heading] = (await marketing.get('/campaigns?format=csv')).text.split('\r\n');
    assert.equal(
      heading,
      '\ufeffName,State,Dialling mode,Created',
      'what is drawn on the page alone is not in the file',
    );
    assert.match(
      (await marketing.get('/campaigns?archived=yes')).text,
      new RegExp(`href="/campaigns/${id}"`),
    );
  });

  for (const locale of ['en', 'zh-CN', 'zh-TW'])
    it(`speaks ${locale} on every page`, async () => {
      const id = await withList(2);
      const paths = [
        '',
        '/new',
        `/${id}`,
        `/${id}/edit`,
        `/${id}/leads`,
        `/${id}/live`,
        `/${id}/progress`,
        `/${id}/recycle`,
      ];
      for (const path of paths) {
        await marketing.agent
          .post('/preferences')
          .type('form')
          .send({ _csrf: marketing.token, locale, next: '/campaigns' });
        const asked: Record<string, string> = path.endsWith('/recycle') ? { 'hx-request': 'true' } : {};
        const page = await marketing.get(`/campaigns${path}`, asked);
        assert.equal(page.status, 200, `${path} ${page.text.slice(0, 300)}`);
        hides(page.text, /["> ](crm|common|campaigns):[a-z]/i, path);
        hides(page.text, />(fields|lists|help|missing)\.[a-z]/, path);
      }
      assert.equal(
        (await marketing.get(`/campaigns/${id}/recycle`)).headers.location,
        `/campaigns/${id}/leads`,
      );
    });
});
