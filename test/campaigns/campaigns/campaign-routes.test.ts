import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCampaignStore, defaultCampaign } from '../../../campaigns/campaigns/index.ts';
import { formOf } from '../../../campaigns/campaigns/campaign-form.ts';
import { createDispositionStore } from '../../../campaigns/dispositions/index.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import type { Visitor } from '../../web/support.ts';
import { campaignsWeb, type CampaignsWeb } from '../web.ts';
import { hides, shows } from '../pages.ts';

describe('campaign pages', () => {
  let web: CampaignsWeb;
  let marketing: Visitor;
  let supervisor: Visitor;
  let agent: Visitor;
  let form: Record<string, unknown>;
  let agentId: number;
  let trunkId: number;
  const store = () => createCampaignStore(web.app);

  before(async () => {
    web = await campaignsWeb();
    marketing = await web.signedIn('marketing');
    supervisor = await web.signedIn('supervisor');
    agent = await web.signedIn('agent');
    ({ id: agentId } = (await web.app.db.knex('users').where({ username: 'agent' }).first('id')) as {
      id: number;
    });
    trunkId = await web.app.db.insertId('trunks', {
      name: 'Main trunk',
      host: 'sip.example.com',
      codecs: 'alaw',
      channels: 30,
      calls_per_second: 5,
      prefix_rules: '[]',
      created_at: 1,
      updated_at: 1,
    });
    const dispositions = await createDispositionStore(web.app).all();
    form = formOf(
      {
        ...defaultCampaign,
        name: 'Spring offer',
        callerId: '+12125550100',
        script: { en: 'Hello {{name}}' },
        identification: { words: { en: 'This was Fathom.' }, optOutDigit: '9' },
        trunkIds: [trunkId],
        agentIds: [agentId],
        dispositionIds: dispositions.map(({ id }) => id),
      },
      0,
    );
  });
  after(() => web.close());

  async function create(changes: object = {}): Promise<number> {
    await marketing.get('/campaigns/new');
    const answer = await marketing.post('/campaigns', { ...form, ...changes });
    assert.equal(answer.status, 303, answer.text);
    return Number(/\/campaigns\/(\d+)/.exec(answer.headers.location as string)![1]);
  }

  async function listOf(count: number): Promise<number> {
    const { app } = web;
    const lists = createListStore(app);
    const listId = await lists.create(
      { name: `List of ${count}`, defaultCountry: 'US' },
      { userId: 1, now: 1 },
    );
    await app.db.transaction(async (trx) => {
      const people = Array.from({ length: count }, (_, i) =>
        customerFields({
          name: `Listed ${listId} ${i}`,
          phones: [{ e164: `+1212555${1000 + i}`, type: 'mobile' }],
        }),
      );
      await lists.addMembers(listId, await createCustomerStore(app).insertMany(people, 1, trx), null, trx);
    });
    return listId;
  }

  async function withList(count = 5): Promise<number> {
    const id = await create();
    const listId = await listOf(count);
    await marketing.get(`/campaigns/${id}`);
    assert.equal((await marketing.post(`/campaigns/${id}/lists`, { listId, priority: 3 })).status, 303);
    await web.until(async () => (await createLeadStore(web.app).countsByState(id)).new === count);
    await web.until(async () =>
      Boolean(
        (await web.app.db.knex('campaign_lists').where({ campaign_id: id }).first('built_at'))?.built_at,
      ),
    );
    return id;
  }

  it('what is posted is what is stored, and comes back the same', async () => {
    const id = await create();
    const campaign = (await store().get(id))!;
    assert.deepEqual(campaign.hours, defaultCampaign.hours);
    assert.deepEqual(campaign.retryRules, defaultCampaign.retryRules);
    assert.equal(campaign.abandonCap, 0.03);
    assert.deepEqual(await store().trunksOf(id), [trunkId]);
    const page = await marketing.get(`/campaigns/${id}/edit`);
    assert.equal(page.status, 200);
    shows(page.text, /value="\+12125550100"/);
  });

  it('keeps what it says of numbers and parts of the day, and refuses a part that ends before it begins', async () => {
    const id = await create({
      ...{ attemptsPerNumber: '3', dayPart_0_from: '17:00', dayPart_0_to: '20:00' },
      ...{ dayPart_1_from: '09:00', dayPart_1_to: '12:00', 'retry_no-answer_phone': 'next-now' },
      ...{ retry_busy_part: 'on' },
    });
    const { attemptsPerNumber, dayParts, retryRules } = (await store().get(id))!;
    assert.deepEqual([attemptsPerNumber, retryRules['no-answer'].phone, retryRules.busy.otherPart], [3, 'next-now', true]); // prettier-ignore
    assert.deepEqual(dayParts, [['09:00', '12:00'], ['17:00', '20:00']]); // prettier-ignore
    const page = (await marketing.get(`/campaigns/${id}/edit`)).text;
    shows(page, /name="attemptsPerNumber" type="number" value="3"/);
    shows(page, /name="dayPart_1_from" value="17:00"/);
    shows(page, /<option value="next-now" selected>/);
    const answer = await marketing.post('/campaigns', {
      ...form,
      dayPart_0_from: '12:00',
      dayPart_0_to: '09:00',
    });
    assert.equal(answer.status, 422);
    shows(answer.text, /The end must be after the beginning/);
  });

  it('calls only those who meet the conditions of its filter, and counts them before it is saved', async () => {
    const id = await withList(5);
    const own = await web.app.db.knex('leads').where({ campaign_id: id }).select('customer_id');
    await web.app.db.knex('customer_tags').insert({ customer_id: own[0].customer_id, tag: 'vip' });
    const filter = {
      filter_match: 'all',
      filter_0_field: 'tag',
      filter_0_op: 'is',
      filter_0_value: 'VIP，gold',
    };
    await marketing.get(`/campaigns/${id}/edit`);
    const count = await marketing.post(`/campaigns/${id}/preview-filter`, filter);
    shows(count.text, /1 of 5 customers/);
    assert.equal((await store().get(id))!.leadFilter, null, 'a look changes nothing');
    const before = (await store().get(id))!;
    const saved = await marketing.post(`/campaigns/${id}`, { ...form, ...filter, revision: before.revision });
    assert.equal(saved.status, 303, saved.text);
    assert.deepEqual((await store().get(id))!.leadFilter, {
      meet: 'all',
      conditions: [{ field: 'tag', operator: 'is', values: ['VIP', 'gold'] }],
    });
    await web.until(async () => (await createLeadStore(web.app).countsByState(id)).blocked === 4);
    const page = (await marketing.get(`/campaigns/${id}/edit`)).text;
    shows(page, /<option value="tag" selected>/);
    shows(page, /name="filter_0_value" value="VIP, gold"/);
    shows(
      (await marketing.get(`/campaigns/${id}/leads?state=blocked`)).text,
      /Not among those the campaign calls/,
    );
    const wrong = { ...filter, filter_0_op: 'at-least', revision: before.revision + 1 };
    const refused = await marketing.post(`/campaigns/${id}`, { ...form, ...wrong });
    assert.equal(refused.status, 422);
    shows(refused.text, /Enter one number/);
    await agent.get('/workspace');
    assert.equal((await agent.post(`/campaigns/${id}/preview-filter`, filter)).status, 403);
  });

  it('a refused form says why beside each field and loses nothing', async () => {
    await marketing.get('/campaigns/new');
    const answer = await marketing.post('/campaigns', {
      ...form,
      name: 'Kept name',
      abandonCap: '55',
      hours_mon_0_from: '20:00',
      hours_mon_0_to: '09:00',
      script_en: 'Hello {{nmae}}',
    });
    assert.equal(answer.status, 422);
    shows(answer.text, /value="Kept name"/);
    shows(answer.text, /At most 20/);
    shows(answer.text, /The end must be after the beginning/);
    shows(answer.text, /there is no field “nmae”/);
    shows(answer.text, /Perhaps \{\{custom\.nmae\}\} is meant/);
    shows(answer.text, /Hello \{\{nmae\}\}/);
  });

  it('a day has as many windows as are written, in the order of time', async () => {
    const id = await create({
      hours_mon_0_from: '18:00',
      hours_mon_0_to: '00:00',
      hours_mon_1_from: '09:00',
      hours_mon_1_to: '12:00',
      hours_mon_7_from: '13:00',
      hours_mon_7_to: '17:00',
      hours_mon_9_from: '',
      hours_mon_9_to: '',
    });
    const windows = [
      ['09:00', '12:00'],
      ['13:00', '17:00'],
      ['18:00', '24:00'],
    ];
    assert.deepEqual((await store().get(id))!.hours.mon, windows);
    const page = await marketing.get(`/campaigns/${id}/edit`);
    for (const field of ['hours_mon_0_from', 'hours_mon_2_to', 'hours_sun_0_from'])
      shows(page.text, new RegExp(`name="${field}"`));
    const fields = Object.fromEntries(
      [...page.text.matchAll(/name="(hours_\w+)" value="([\d:]*)"/g)].map(([, name, value]) => [name, value]),
    );
    const again = await marketing.post(`/campaigns/${id}`, {
      ...Object.fromEntries(Object.entries(form).filter(([name]) => !name.startsWith('hours_'))),
      ...fields,
    });
    assert.equal(again.status, 303);
    assert.deepEqual((await store().get(id))!.hours.mon, windows);
  });

  it('fault: windows that overlap, lack an end or are no times are told beside their fields, and stay', async () => {
    await marketing.get('/campaigns/new');
    const answer = await marketing.post('/campaigns', {
      ...form,
      hours_mon_0_from: '09:00',
      hours_mon_0_to: '12:00',
      hours_mon_5_from: '11:00',
      hours_mon_5_to: '14:00',
      hours_tue_3_from: '10:00',
      hours_tue_3_to: '',
      hours_wed_3_from: '25:00',
      hours_wed_3_to: '26:00',
    });
    assert.equal(answer.status, 422);
    shows(answer.text, /begins before the one before it ends/);
    shows(answer.text, /Both a beginning and an end/);
    shows(answer.text, /written like 09:00/);
    shows(answer.text, /name="hours_mon_5_from" value="11:00"/);
  });

  it('rule sets are chosen by their words; one that is not there is refused', async () => {
    const id = await create({ ruleSets: ['us.fl', 'us.fed_tm'] });
    assert.equal((await store().get(id))!.ruleSet, 'us.fl+us.fed_tm');
    const page = await marketing.get(`/campaigns/${id}/edit`);
    shows(page.text, /value="us\.fl" checked/);
    shows(page.text, /United States · Florida/);
    hides(page.text, /b2b\.overnight/);
    const answer = await marketing.post(`/campaigns/${id}`, { ...form, revision: 0, ruleSets: 'us.gone' });
    assert.equal(answer.status, 422);
    shows(answer.text, /us\.gone \(no longer installed\)/);
    await create({ ruleSets: undefined });
  });

  it('offers the own fields of its customers to scripts, and says which a customer lacks', async () => {
    const id = await create();
    const { app } = web;
    const listId = await createListStore(app).create(
      { name: 'With plans', defaultCountry: 'US' },
      { userId: 1, now: 1 },
    );
    await app.db.transaction(async (trx) => {
      const people = [
        customerFields({ name: 'Planned Person', custom: { plan: 'Gold', 'renews on': 'May' } }),
      ];
      await createListStore(app).addMembers(
        listId,
        await createCustomerStore(app).insertMany(people, 1, trx),
        null,
        trx,
      );
    });
    const page = await marketing.get(`/campaigns/${id}/edit`);
    shows(page.text, /data-insert="\{\{custom\.plan\}\}"/);
    shows(page.text, /data-insert="\{\{custom\.\[renews on\]\}\}"/);
    const preview = await marketing.post('/campaigns/preview-script', {
      text: '{{custom.plan}} {{custom.level}}',
      language: 'en',
      customer: 'Planned',
    });
    shows(preview.text, /Gold/);
    shows(preview.text, /has nothing under: level/);
  });

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
    assert.equal((await supervisor.get(`/campaigns/${id}/edit`)).status, 403);
    assert.equal((await agent.get('/campaigns')).status, 403);
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

  it('copies, puts away and brings back', async () => {
    const id = await create({ name: 'Original' });
    await marketing.get(`/campaigns/${id}`);
    const copy = await marketing.post(`/campaigns/${id}/copy`);
    assert.match(copy.headers.location as string, /\/edit$/);
    assert.equal((await marketing.post(`/campaigns/${id}/archive`, { archived: 'yes' })).status, 303);
    const list = await marketing.get('/campaigns');
    hides(list.text, new RegExp(`href="/campaigns/${id}"`));
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
        const page = await marketing.get(`/campaigns${path}`);
        assert.equal(page.status, 200, `${path} ${page.text.slice(0, 300)}`);
        hides(page.text, /["> ](crm|common|campaigns):[a-z]/i, path);
        hides(page.text, />(fields|lists|help|missing)\.[a-z]/, path);
      }
    });
});
