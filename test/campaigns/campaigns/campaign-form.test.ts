import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCampaignStore, defaultCampaign } from '../../../campaigns/campaigns/index.ts';
import { loadCatalogue } from '../../../campaigns/compliance/index.ts';
import { createNamedRules } from '../../../campaigns/campaigns/named-rules.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import { dueAgainJob } from '../../../campaigns/leads/due-again.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import { addLeads } from '../fixtures.ts';
import type { Visitor } from '../../web/support.ts';
import { hides, shows } from '../pages.ts';
import { campaignOffice, type CampaignOffice } from './campaign-office.ts';

describe('the form of a campaign', () => {
  let office: CampaignOffice;
  let web: CampaignOffice['web'];
  let marketing: Visitor;
  let manager: Visitor;
  let agent: Visitor;
  let form: CampaignOffice['form'];
  let trunkId: number;
  before(async () => {
    office = await campaignOffice();
    ({ web, marketing, agent, form, trunkId } = office);
    manager = await web.signedIn('manager');
  });
  after(() => web.close());
  const store = () => createCampaignStore(web.app);
  const create = (changes: object = {}) => office.create(changes);
  const withList = (count = 5) => office.withList(count);

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

  it('keeps which trunks share calls with the one above them, and not of one that has none above or is not chosen', async () => {
    const [second, third] = await Promise.all(
      ['Second', 'Third'].map((name) =>
        web.app.db.insertId('trunks', {
          ...{
            name,
            host: '127.0.0.1',
            codecs: 'alaw',
            channels: 10,
            calls_per_second: 1,
            prefix_rules: '[]',
          },
          ...{ position: 9, created_at: 0, updated_at: 0 },
        }),
      ),
    );
    const sharedTrunkIds = [trunkId, second, third].map(String);
    const id = await create({ trunkIds: [trunkId, second].map(String), sharedTrunkIds });
    assert.deepEqual((await store().get(id))!.sharedTrunkIds, [second]);
    const page = (await marketing.get(`/campaigns/${id}/edit`)).text;
    shows(page, new RegExp(`name="sharedTrunkIds" value="${second}" checked`));
    hides(page, new RegExp(`name="sharedTrunkIds" value="${third}" checked`));
  });

  it('keeps how machines are detected, and refuses what is no share and no time', async () => {
    const amd = { amd: 'on', amdSilence: '2', amdGreeting: '1.8', amdWords: '5', amdListen: '6' };
    const id = await create({ ...amd, amdCheckShare: '7.5', amdLimit: '2', machine_en: ' Call us back ' });
    const { amdSettings, amdSince, machineMessage } = (await store().get(id))!;
    assert.deepEqual(amdSettings, {
      ...{ silenceMs: 2_000, greetingMs: 1_800, maxWords: 5, listenMs: 6_000 },
      ...{ checkShare: 0.075, limit: 0.02 },
    });
    assert.ok(amdSince !== null);
    assert.deepEqual(machineMessage, { words: { en: 'Call us back' } });
    const page = (await marketing.get(`/campaigns/${id}/edit`)).text;
    shows(page, /name="amdCheckShare" type="number" value="7.5"/);
    shows(page, /name="amdGreeting" type="number" value="1.8"/);
    shows(page, /name="machine_en"[^>]*>Call us back</);
    const usual = await create({ amd: 'on', name: 'Usual share', amdCheckShare: '' });
    assert.equal((await store().get(usual))!.amdSettings.checkShare, 0.05);
    for (const wrong of [
      { amdCheckShare: '101' },
      { amdLimit: '0' },
      { amdSilence: '60' },
      { amdWords: '1' },
    ])
      assert.equal((await marketing.post('/campaigns', { ...form, ...wrong })).status, 422);
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
    const regions = { ...form, ...filter, filter_0_field: 'addressRegion', revision: before.revision + 1 };
    const unknown = await marketing.post(`/campaigns/${id}`, { ...regions, filter_0_value: 'Georgia, NT' });
    assert.equal(unknown.status, 422);
    shows(unknown.text, /A region here is not known/);
    assert.equal((await marketing.post(`/campaigns/${id}`, { ...regions, filter_0_value: 'Georgia, WA, US-10001' })).status, 303); // prettier-ignore
    assert.deepEqual((await store().get(id))!.leadFilter!.conditions[0]!.values, ['US-GA', 'US-WA', 'US-10001']); // prettier-ignore
    shows((await marketing.get(`/campaigns/${id}/edit`)).text, /value="US-GA, Washington, US-10001"/);
    // The letters of a state are a country's as well: each field says which.
    const places = {
      ...{ ...form, filter_match: 'any', revision: before.revision + 2 },
      ...{ filter_0_field: 'addressRegion', filter_0_op: 'is', filter_0_value: 'CA, DE' },
      ...{ filter_1_field: 'addressCountry', filter_1_op: 'is', filter_1_value: 'CA, Germany' },
    };
    const look = (await marketing.post(`/campaigns/${id}/preview-filter`, places)).text;
    shows(look, /Region: California \(United States\), Delaware \(United States\)/);
    shows(look, /Country: Canada, Germany/);
    assert.equal((await marketing.post(`/campaigns/${id}`, places)).status, 303);
    assert.deepEqual(
      (await store().get(id))!.leadFilter!.conditions.map(({ field, values }) => [field, values]),
      [
        ['addressRegion', ['US-CA', 'US-DE']],
        ['addressCountry', ['CA', 'DE']],
      ],
    );
    const edited = (await marketing.get(`/campaigns/${id}/edit`)).text;
    shows(edited, /name="filter_0_value" value="California, Delaware"/);
    shows(edited, /name="filter_1_value" value="Canada, Germany"/);
    for (const [field, op, value, words] of [
      ['addressRegion', 'is', 'California, FR', /A country stands here/],
      ['addressCountry', 'is', 'Ruritania', /Enter a country’s name or letters/],
      ['addressCountry', 'begins', 'Canada', /Choose “is” or “is not” for a country/],
    ] as const) {
      const one = { filter_0_field: field, filter_0_op: op, filter_0_value: value };
      const answer = await marketing.post(`/campaigns/${id}`, {
        ...places,
        ...one,
        revision: before.revision + 3,
      });
      assert.equal(answer.status, 422, value);
      shows(answer.text, words);
    }
    // As it was written before there were two fields.
    const older = { meet: 'all', conditions: [{ field: 'addressRegion', operator: 'is', values: ['CA'] }] };
    await web.app.db
      .knex('campaigns')
      .where({ id })
      .update({ lead_filter: JSON.stringify(older) });
    const shown = (await marketing.get(`/campaigns/${id}/edit`)).text;
    shows(shown, /<option value="addressCountry" selected>/);
    shows(shown, /name="filter_0_value" value="Canada"/);
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
      hours_mon_1_from: '9',
      hours_mon_1_to: '12.00',
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
    shows(page.text, /name="hours_mon_2_to" value="24:00"/);
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

  it('hours that open earlier count at once for whom the old ones put off', async () => {
    const id = await create();
    const later = web.app.clock.now() + 18 * 3_600_000;
    const [late] = await addLeads(web.app, id, [
      { phones: ['+12125550171'], state: 'waiting', state_reason: 'DAY_PROHIBITED', next_at: later },
    ]);
    const due = async () => (await web.app.db.knex('leads').where({ id: late! }).first()).next_at as number;
    const { revision } = (await store().get(id))!;
    assert.equal((await marketing.post(`/campaigns/${id}`, { ...form, name: 'By another name', revision: `${revision}` })).status, 303); // prettier-ignore
    assert.equal(
      (await web.app.db.knex('jobs').where({ name: dueAgainJob })).length,
      0,
      'a name opens nothing',
    );
    const sunday = { hours_sun_0_from: '09:00', hours_sun_0_to: '20:00', revision: `${revision + 1}` };
    assert.equal((await marketing.post(`/campaigns/${id}`, { ...form, ...sunday })).status, 303);
    await web.until(async () => (await due()) <= web.app.clock.now());
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

  it('rule sets stand in for the law’s on the word of two managers, with a reason that page, proof pack and audit keep', async () => {
    const wanted = { ...form, ruleSets: ['us.fl', 'us.fed_tm'] };
    await marketing.get('/campaigns/new');
    const refused = await marketing.post('/campaigns', wanted);
    assert.equal(refused.status, 422);
    shows(refused.text, /Only a manager may put these rules in the place of the law’s/);
    await manager.get('/campaigns/new');
    const silent = await manager.post('/campaigns', wanted);
    assert.equal(silent.status, 422);
    shows(silent.text, /Say why these rules stand in for the law’s/);
    const made = await manager.post('/campaigns', { ...wanted, ruleSetReason: 'Florida alone is called' });
    assert.equal(made.status, 303, made.text);
    const id = Number(/\/campaigns\/(\d+)/.exec(made.headers.location as string)![1]);
    assert.equal((await store().get(id))!.ruleSet, null, 'they ask for less in every other place');
    const waits = (await manager.get(`/campaigns/${id}`)).text;
    shows(waits, /rule sets so far in force ask for more[\s\S]*de\.uwg[\s\S]*consent/);
    hides(waits, /Rules instead of the law/);
    const second = await web.signedIn('manager', 'rules-second');
    await web.app.db.knex('users').where({ username: 'rules-second' }).update({ name: 'Second Look' });
    await second.get(`/campaigns/${id}`);
    const [, proposal] = /(\/campaigns\/\d+\/rules\/\d+)\/approve/.exec((await second.get(`/campaigns/${id}`)).text)!; // prettier-ignore
    assert.equal((await second.post(`${proposal}/approve`, { reason: 'seen the list' })).status, 303);
    assert.equal((await store().get(id))!.ruleSet, 'us.fl+us.fed_tm');
    const named = await marketing.get(`/campaigns/${id}`);
    shows(
      named.text,
      /Rules instead of the law[\s\S]*Florida[\s\S]*Chosen by[\s\S]*Approved by[\s\S]*Florida alone is called/,
    );
    const rules = createNamedRules(web.app);
    const { since, chosenBy, approvedBy } = (await rules.of((await store().get(id))!))!;
    assert.equal(since, web.app.clock.now());
    assert.deepEqual([chosenBy, approvedBy], ['The manager', 'Second Look']);
    assert.deepEqual((await rules.choices(id)).map(({ action, after }) => [action, after]), [
      ['campaign.rules-proposed', 'us.fl+us.fed_tm'],
      ['campaign.rules-approved', 'us.fl+us.fed_tm'],
    ]); // prettier-ignore
    // One more on top of them is stricter, but not one for calls of another kind; back to the law’s anybody may go.
    const change = (names: string[]) => marketing.post(`/campaigns/${id}`, { ...form, revision: 1, ruleSets: names }); // prettier-ignore
    await marketing.get(`/campaigns/${id}/edit`);
    assert.equal((await change(['us.fl'])).status, 422);
    await manager.get(`/campaigns/${id}/edit`);
    // Florida asks for more than the federal rules: without it calls pass that were blocked.
    const dropped = { ...form, revision: 1, ruleSets: ['us.fed_tm'], ruleSetReason: 'one is enough' };
    assert.equal((await manager.post(`/campaigns/${id}`, dropped)).status, 303);
    assert.equal(
      (await store().get(id))!.ruleSet,
      'us.fl+us.fed_tm',
      'dropping the stricter one waits for the second',
    );
    assert.equal((await change(['us.fl', 'us.fed_tm', 'us.regf'])).status, 422);
    const copy = await marketing.post(`/campaigns/${id}/copy`, {});
    const copied = Number(/\/campaigns\/(\d+)/.exec(copy.headers.location as string)![1]);
    assert.equal((await store().get(copied))!.ruleSet, null, 'a copy is by the law');
    const page = await marketing.get(`/campaigns/${id}/edit`);
    shows(page.text, /value="us\.fl" checked/);
    shows(page.text, /United States · Florida/);
    hides(page.text, /b2b\.overnight/);
    const answer = await marketing.post(`/campaigns/${id}`, { ...form, revision: 0, ruleSets: 'us.gone' });
    assert.equal(answer.status, 422);
    shows(answer.text, /us\.gone \(no longer installed\)/);
    await create({ ruleSets: undefined });
  });

  it('rules for calls other than sales take effect when a second manager has agreed, and not before', async () => {
    const id = await create({});
    const other = await web.signedIn('manager', 'second-manager');
    const rulesOf = async (campaignId: number) => (await store().get(campaignId))!.ruleSet;
    const choose = async (names: string[]) => {
      await manager.get(`/campaigns/${id}/edit`);
      const { revision } = (await store().get(id))!;
      const given = { ...form, revision, ruleSets: names, ruleSetReason: 'they owe us' };
      assert.equal((await manager.post(`/campaigns/${id}`, given)).status, 303);
      const page = await manager.get(`/campaigns/${id}`);
      return `/campaigns/${id}/rules/${/rules\/(\d+)\/refuse/.exec(page.text)![1]}`;
    };
    const first = await choose(['us.fed_tm', 'us.regf']);
    const proposal = await choose(['us.regf']);
    assert.equal(await rulesOf(id), null);
    hides((await manager.get(`/campaigns/${id}`)).text, /\/approve/);
    const reason = { reason: 'the contracts are there' };
    assert.equal((await marketing.post(`${proposal}/approve`, reason)).status, 403);
    assert.equal((await manager.post(`${proposal}/approve`, reason)).status, 409);
    await other.get(`/campaigns/${id}`);
    assert.equal((await other.post(`${first}/approve`, reason)).status, 404, 'a later one took its place');
    const [late] = await addLeads(web.app, id, [
      { phones: ['+12125550172'], state: 'waiting', state_reason: 'TIME_AFTER_CLOSE', next_at: web.app.clock.now() + 18 * 3_600_000 },
    ]); // prettier-ignore
    assert.equal((await other.post(`${proposal}/approve`, reason)).status, 303);
    assert.equal(await rulesOf(id), 'us.regf');
    const due = async () => (await web.app.db.knex('leads').where({ id: late! }).first()).next_at as number;
    await web.until(async () => (await due()) <= web.app.clock.now());
    const copy = await manager.post(`/campaigns/${id}/copy`, {});
    const copied = Number(/\/campaigns\/(\d+)/.exec(copy.headers.location as string)![1]);
    assert.equal(await rulesOf(copied), null);
    shows((await manager.get(`/campaigns/${copied}`)).text, /rules\/\d+\/refuse/);
    const kept = await web.app.db.knex('audit_log').where({ entity_id: String(id) }).whereLike('action', 'campaign.rules-%'); // prettier-ignore
    assert.deepEqual(kept.map(({ action }) => action), ['campaign.rules-proposed', 'campaign.rules-proposed', 'campaign.rules-approved']); // prettier-ignore
  });

  it('offers rule sets of the firm’s own that are in force, and takes them', async () => {
    const { app } = web;
    const shipped = loadCatalogue().get('us.fed_tm')!.form;
    const now = app.clock.now();
    await createRuleVersionStore(app).add({
      ...{ name: 'us.house', form: { ...shipped, places: undefined }, loosens: false },
      ...{ effectiveAt: now, note: 'house rules', by: 1, at: now },
    });
    shows((await manager.get('/campaigns/new')).text, /value="us\.house"/);
    const made = await manager.post('/campaigns', {
      ...form,
      ruleSets: 'us.house',
      ruleSetReason: 'stricter',
    });
    assert.equal(made.status, 303, made.text);
  });

  it('a campaign’s cap and window may be stricter than the law’s alone', async () => {
    await marketing.get('/campaigns/new');
    const laxer = await marketing.post('/campaigns', { ...form, abandonCap: '5', abandonWindowDays: '45' });
    assert.equal(laxer.status, 422);
    shows(laxer.text, /At most 30/);
    const share = await marketing.post('/campaigns', { ...form, abandonCap: '5' });
    assert.equal(share.status, 422);
    shows(share.text, /The law allows 3 %/);
    await create({ abandonCap: '2', abandonWindowDays: '7' });

    // Rules for calls other than sales that allow more do not hold until somebody else has agreed.
    const { app } = web;
    const now = app.clock.now();
    const lax = { ...loadCatalogue().get('us.regf')!.form, abandon_cap: 0.05 };
    await createRuleVersionStore(app).add({
      ...{ name: 'us.regf', form: lax, loosens: false, effectiveAt: now, note: 'more', by: 1, at: now },
    });
    await manager.get('/campaigns/new');
    const sales = { ...form, ruleSets: ['us.fed_tm'], ruleSetReason: 'sales' };
    const made = await manager.post('/campaigns', sales);
    assert.equal(made.status, 303, made.text);
    const at = made.headers.location as string;
    await app.db
      .knex('campaigns')
      .where({ id: Number(at.split('/').at(-1)) })
      .update({ rule_set: 'us.fed_tm' });
    const { revision } = (await store().get(Number(at.split('/').at(-1))))!;
    const wanted = { ...sales, revision, ruleSets: ['us.regf'], abandonCap: '5' };
    const ahead = await manager.post(at, wanted);
    assert.equal(ahead.status, 422);
    shows(ahead.text, /The law allows 3 %/);
    assert.equal((await manager.post(at, { ...wanted, abandonCap: '3' })).status, 303);
  });

  it('fault: trunks, agents and dispositions that do not exist are named and refused', async () => {
    await marketing.get('/campaigns/new');
    const gone = { trunkIds: ['987'], agentIds: ['988'], dispositionIds: ['989'] };
    const answer = await marketing.post('/campaigns', { ...form, ...gone });
    assert.equal(answer.status, 422);
    shows(answer.text, /There is no such trunk: 987/);
    shows(answer.text, /cannot take calls or are gone: 988/);
    shows(answer.text, /There is no such disposition: 989/);
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
});
