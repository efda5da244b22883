import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { after, before, describe, it } from 'mocha';
import { createRuleProposals } from '../../../campaigns/campaigns/rule-proposal-store.ts';
import { complianceAreas, defineComplianceJobs } from '../../../campaigns/compliance/compliance-areas.ts';
import { createConsentStore, createGate, createScrubStore } from '../../../campaigns/compliance/index.ts';
import { testApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';
import { hides, shows } from '../pages.ts';

const upload = (visitor: Visitor, path: string, fields: Record<string, string>, content: string | Buffer) =>
  visitor.agent
    .post(path)
    .set({ accept: 'application/json', 'x-csrf-token': visitor.token })
    .field(fields)
    .attach('file', Buffer.from(content), 'numbers.csv');

describe('pages of law and rules', () => {
  let t: TestWeb;
  const e164 = '+12125550143';
  let customerId: number;

  before(async () => {
    const app = await testApp();
    defineComplianceJobs(app);
    await app.jobs.start();
    t = await testWeb({ areas: complianceAreas(app) }, app);
    const campaignId = await makeCampaign(app, { name: 'Winter offer', mode: 'predictive' });
    const [leadId = 0] = await addLeads(app, campaignId, [{ phones: [e164] }]);
    ({ customer_id: customerId } = await app.db.knex('leads').where({ id: leadId }).first('customer_id'));
    await createGate(app).mayCall({ e164, stage: 'reserve', path: 'predictive', campaignId, leadId });
  });
  after(() => t.close());

  const audited = async (action: string) => t.app.db.knex('audit_log').where({ action }).first();

  it('are not for agents', async () => {
    const agent = await t.signedIn('agent', 'no-rules');
    for (const path of ['', '/suspensions', '/lists', '/consents/import', `/customers/${customerId}/why`])
      assert.equal((await agent.get(`/compliance${path}`)).status, 403, path);
  });

  it('suspend calls with a reason, and let only a manager lift that', async () => {
    const supervisor = await t.signedIn('supervisor', 'stopper');
    const form = { scope: 'place', whom: 'everyone', reason: 'storm warning' };
    const wrong = await supervisor.post('/compliance/suspensions', { ...form, place: 'New York' });
    assert.equal(wrong.status, 422);
    shows(wrong.text, /Write a country/);
    assert.equal((await supervisor.post('/compliance/suspensions', { ...form, place: 'us-ny' })).status, 303);
    const gate = createGate(t.app);
    const asked = { e164, stage: 'dial', path: 'manual', campaignId: null } as const;
    assert.equal((await gate.mayCall(asked)).reasonCode, 'EMERGENCY_SUPPRESSION');
    const { text } = await supervisor.get('/compliance/suspensions');
    shows(text, /US-NY/);
    hides(text, /action="\/compliance\/suspensions\/1\/lift"/);
    shows((await supervisor.get('/compliance')).text, /Calls are suspended in one place/);
    assert.equal((await supervisor.post('/compliance/suspensions/1/lift', { reason: 'over' })).status, 403);
    const manager = await t.signedIn('manager', 'lifter');
    assert.equal((await manager.post('/compliance/suspensions/1/lift', { reason: 'x' })).status, 422);
    assert.equal(
      (await manager.post('/compliance/suspensions/1/lift', { reason: 'it is over' })).status,
      303,
    );
    assert.equal((await gate.mayCall(asked)).decision, 'allow');
    assert.ok(await audited('calls.suspended'));
    assert.ok(await audited('calls.resumed'));
  });

  it('record a consent with its proof, and take it back with a reason', async () => {
    const visitor = await t.signedIn('marketing', 'consent-writer');
    const url = `/compliance/customers/${customerId}/consents`;
    const form = { kind: 'opt_in', source: 'web', proof: 'form 12', given: '2026-11-20', expires: '' };
    const wrong = await visitor.post(url, { ...form, given: '2026-12-24' });
    assert.equal(wrong.status, 422);
    shows(wrong.text, /has not come yet/);
    assert.equal((await visitor.post(url, form)).status, 303);
    const { text } = await visitor.get(url);
    shows(text, /Opt-in<\/td><td>All numbers[\s\S]*form 12/);
    // A bare + in a query is a space.
    shows(text, /href="\/compliance\/verdicts\?number=%2B1\d+"/);
    const [line] = await createConsentStore(t.app).ofCustomer(customerId, []);
    assert.equal((await visitor.post(`/compliance/consents/${line!.id}/revoke`, { reason: 'STOP by text' })).status, 303); // prettier-ignore
    shows((await visitor.get(url)).text, /Taken back[\s\S]*STOP by text/);
    assert.ok(await audited('consent.revoked'));
    assert.equal((await visitor.post(url, { ...form, proof: 'form 11', given: '2026-11-19' })).status, 303);
    shows((await visitor.get(url)).text, /Does not undo what was taken back[\s\S]*form 11/);
  });

  it('ask for the time of a consent given again on the day of a refusal, which would not count by the day alone', async () => {
    const visitor = await t.signedIn('supervisor', 'same-day-writer');
    const number = '+12125550147';
    const [leadId = 0] = await addLeads(t.app, await makeCampaign(t.app), [{ phones: [number] }]);
    const lead = await t.app.db.knex('leads').where({ id: leadId }).first('customer_id');
    const url = `/compliance/customers/${lead.customer_id}/consents`;
    await visitor.get(url);
    assert.equal((await visitor.post(`${url}/revoke`, { reason: 'said so at noon' })).status, 303);
    t.app.clock.advance(2 * 3_600_000);
    const given = new Date(t.app.clock.now()).toISOString();
    const [day, time] = [given.slice(0, 10), given.slice(11, 16)];
    const form = { kind: 'opt_in', source: 'paper', proof: 'form 14', given: day, expires: '' };
    const asked = await visitor.post(url, form);
    assert.equal(asked.status, 422, 'nothing that counts for nothing is written unasked');
    shows(asked.text, /There is a refusal of that day, at [\d:]+/);
    shows(asked.text, /name="givenTime"/);
    assert.equal((await visitor.post(url, { ...form, givenTime: '25:00' })).status, 422);
    assert.equal((await visitor.post(url, { ...form, givenTime: '23:59' })).status, 422, 'not yet');
    const call = { e164: number, stage: 'dial', path: 'manual', campaignId: null } as const;
    assert.equal((await createGate(t.app).mayCall(call)).reasonCode, 'CONSENT_REVOKED');
    assert.equal((await visitor.post(url, { ...form, proof: 'form 13', givenTime: '00:00' })).status, 303);
    shows((await visitor.get(url)).text, /does not count: it is dated before the refusal of/);
    assert.equal((await visitor.post(url, { ...form, givenTime: time })).status, 303);
    shows((await visitor.get(url)).text, /The consent is on record\./);
    assert.notEqual((await createGate(t.app).mayCall(call)).reasonCode, 'CONSENT_REVOKED');
  });

  it('record the refusal of a customer of whom nothing is on record', async () => {
    const visitor = await t.signedIn('supervisor', 'refusal-writer');
    const [leadId = 0] = await addLeads(t.app, await makeCampaign(t.app), [{ phones: ['+12125550145'] }]);
    const lead = await t.app.db.knex('leads').where({ id: leadId }).first('customer_id');
    const url = `/compliance/customers/${lead.customer_id}/consents`;
    shows((await visitor.get(url)).text, /No consent is on record[\s\S]*Record a refusal/);
    assert.equal((await visitor.post(`${url}/revoke`, { reason: 'told us at the fair' })).status, 303);
    shows((await visitor.get(url)).text, /Wants no calls[\s\S]*told us at the fair/);
    const asked = { e164: '+12125550145', stage: 'dial', path: 'manual', campaignId: null } as const;
    assert.equal((await createGate(t.app).mayCall(asked)).reasonCode, 'CONSENT_REVOKED');
  });

  it('load a file of consents once, and name the lines they refuse', async () => {
    const visitor = await t.signedIn('manager', 'consent-loader');
    const file = [
      'Number,Kind,Proof,Given,Source',
      '212-555-0143,pewc,A-1,2026-11-01,paper',
      '212-555-0143,maybe,A-2,2026-11-01,paper',
      '212-555-0144,opt_in,A-3,2027-11-01,web',
    ].join('\n');
    const load = (text: string) => upload(visitor, '/compliance/consents/import', { country: 'US' }, text);
    const first = JSON.parse((await load(file)).text);
    assert.deepEqual([first.lines, first.added, first.known, first.refused], [3, 1, 0, 2]);
    assert.deepEqual(first.refusals.map(({ text }: { text: string }) => text), ['Kind: maybe', 'Given: 2027-11-01']); // prettier-ignore
    assert.equal(JSON.parse((await load(file)).text).known, 1);
    assert.equal((await load('name\nAda\n')).status, 422);
  });

  it('read days in a file of consents as the page does: of the reader’s zone, the last one included', async () => {
    const visitor = await t.signedIn('manager', 'consent-days');
    visitor.agent.jar.setCookie('ringwise.zone=Asia/Taipei; path=/', '127.0.0.1', '/');
    const load = async (...lines: string[]) =>
      JSON.parse((await upload(visitor, '/compliance/consents/import', { country: 'US' }, ['Number,Kind,Proof,Given,Expires', ...lines].join('\n'))).text); // prettier-ignore
    const told = await load(
      '212-555-0181,opt_in,D-1,2026-11-01,2026/11/30',
      '212-555-0181,opt_in,D-2,2026-11-01T06:00:00-05:00,2026-12-01T00:00:00Z',
      '212-555-0181,opt_in,D-3,2026-02-30,',
      '212-555-0181,opt_in,D-4,2026-11-20,2026-11-31',
    );
    assert.deepEqual([told.added, told.refusals.map(({ text }: { text: string }) => text)], [2, ['Given: 2026-02-30', 'Expires: 2026-11-31']]); // prettier-ignore
    const lines = await createConsentStore(t.app).linesOf([], ['+12125550181']);
    const iso = (at: number | null) => at && new Date(at).toISOString();
    assert.deepEqual(
      lines.sort((a, b) => a.id - b.id).map(({ givenAt, expiresAt }) => [iso(givenAt), iso(expiresAt)]),
      [
        ['2026-10-31T16:00:00.000Z', '2026-11-30T16:00:00.000Z'],
        ['2026-11-01T11:00:00.000Z', '2026-12-01T00:00:00.000Z'],
      ],
    );
    // The same day, written down on the customer's page.
    const [leadId = 0] = await addLeads(t.app, await makeCampaign(t.app), [{ phones: ['+12125550182'] }]);
    const lead = await t.app.db.knex('leads').where({ id: leadId }).first('customer_id');
    const url = `/compliance/customers/${lead.customer_id}/consents`;
    await visitor.get(url);
    const form = {
      kind: 'opt_in',
      source: 'web',
      proof: 'form 12',
      given: '2026-11-01',
      expires: '2026-11-30',
    };
    assert.equal((await visitor.post(url, form)).status, 303);
    const [byHand] = await createConsentStore(t.app).ofCustomer(lead.customer_id as number, []);
    assert.deepEqual([byHand!.givenAt, byHand!.expiresAt], [lines[0]!.givenAt, lines[0]!.expiresAt]);
  });

  it('know a line of a file again, whoever loads it and wherever they are, also one from when days began in Greenwich', async () => {
    const file = ['Number,Kind,Proof,Given,Expires', '212-555-0184,opt_in,D-1,2026-11-01,', '212-555-0184,opt_in,D-1,2026-11-02,', '212-555-0184,pewc,D-2,2026/11/3,2026-11-30'].join('\n'); // prettier-ignore
    const visitor = await t.signedIn('manager', 'consent-again');
    const loadIn = async (zone: string) => {
      visitor.agent.jar.setCookie(`ringwise.zone=${zone}; path=/`, '127.0.0.1', '/');
      const told = JSON.parse((await upload(visitor, '/compliance/consents/import', { country: 'US' }, file)).text); // prettier-ignore
      return [told.added, told.known, told.refused];
    };
    const days = { customerId: null, e164: '+12125550184', source: 'import', expiresAt: null } as const;
    const by = { userId: null, at: t.app.clock.now() };
    const before = { ...days, kind: 'opt_in', proof: 'D-1', givenAt: Date.parse('2026-11-01T00:00:00Z') } as const; // prettier-ignore
    await createConsentStore(t.app).addMany([before], by);
    assert.deepEqual(await loadIn('Pacific/Auckland'), [2, 1, 0]);
    for (const zone of ['Pacific/Auckland', 'Pacific/Honolulu', 'UTC', 'Asia/Taipei'])
      assert.deepEqual(await loadIn(zone), [0, 3, 0], zone);
    assert.equal((await createConsentStore(t.app).linesOf([], ['+12125550184'])).length, 3);
  });

  it('load consents as Excel writes them in China, and say of a file that breaks off where, with what came in', async () => {
    const visitor = await t.signedIn('manager', 'consent-excel');
    const load = (text: string | Buffer) =>
      upload(visitor, '/compliance/consents/import', { country: 'CN' }, text);
    const gbk = iconv.encode('手机;种类;凭证;日期\n13800138000;opt_in;纸质表单;2026-11-01\n', 'gb18030');
    const excel = JSON.parse((await load(gbk)).text);
    assert.deepEqual([excel.added, excel.refused], [1, 0], JSON.stringify(excel));
    const lines = Array.from({ length: 400 }, (_, n) => `1380013${1000 + n},opt_in,A-${n},2026-11-01`);
    const open = await load(
      `Number,Kind,Proof,Given\n${lines.join('\n')}\n13900139000,opt_in,"A-1,2026-11-01\n1,2\n`,
    );
    assert.equal(open.status, 200);
    const told = JSON.parse(open.text);
    assert.deepEqual([told.lines, told.added, told.refused], [401, 400, 1]);
    assert.deepEqual([told.refusals[0].line, /quotation mark/.test(told.refusals[0].text)], [402, true]);
    const row = await t.app.db
      .knex('audit_log')
      .where({ action: 'consent.imported' })
      .orderBy('id', 'desc')
      .first();
    assert.equal(JSON.parse(row.after).added, 400);
    const nothing = await load('Number,Kind,"Proof,Given\n');
    assert.equal(nothing.status, 422);
    assert.match(nothing.text, /quotation mark/);
  });

  it('load an official list, show its age, and retire it', async () => {
    const visitor = await t.signedIn('manager', 'list-loader');
    const fields = { kind: 'national', country: 'US', name: 'Registry', areas: '212', scrubbedOn: '2026-11-20', changesOf: '' }; // prettier-ignore
    const load = (given: Record<string, string>) =>
      upload(visitor, '/compliance/lists', given, '212,5550143\n');
    assert.equal((await load({ ...fields, areas: 'two' })).status, 422);
    const tomorrow = await load({ ...fields, scrubbedOn: '2026-11-24' });
    assert.deepEqual([tomorrow.status, JSON.parse(tomorrow.text).fields], [422, { scrubbedOn: 'This day has not come yet.' }]); // prettier-ignore
    assert.deepEqual(await createScrubStore(t.app).list(), [], 'nothing of it is kept');
    const queued = Reflect.set(t.app.jobs, 'add', () => Promise.reject(new Error('queue away')));
    assert.equal((await load({ ...fields, country: 'ES', areas: '', name: 'Away' })).status, 200);
    Reflect.deleteProperty(t.app.jobs, 'add');
    const [waits] = await createScrubStore(t.app).loading();
    assert.ok(queued && waits && existsSync(join(t.app.config.dataDir, waits.filePath!)));
    shows((await visitor.get('/compliance/lists')).text, /Away[\s\S]*Loading/);
    assert.equal((await visitor.post(`/compliance/lists/${waits.id}/stop`)).status, 303);
    assert.deepEqual(await createScrubStore(t.app).loading(), []);
    assert.ok(!existsSync(join(t.app.config.dataDir, waits.filePath!)));
    assert.equal((await load(fields)).status, 200);
    const store = createScrubStore(t.app);
    for (let round = 0; round < 500 && (await store.active()).length === 0; round++) {
      t.app.clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { text } = await visitor.get('/compliance/lists');
    shows(text, /Registry[\s\S]*In force/);
    shows(text, /3 days old/);
    const [list] = await store.active();
    const mark = (misread: number) =>
      t.app.db.knex('scrub_lists').where({ id: list!.id }).update({ misread });
    await mark(1);
    shows((await visitor.get('/compliance/lists')).text, /Load its newest whole list again/);
    shows((await visitor.get('/compliance')).text, /have to be loaded again \(US\)/);
    await mark(0);
    hides((await visitor.get('/compliance')).text, /have to be loaded again/);
    const retire = (reason: string) => visitor.post(`/compliance/lists/${list!.id}/retire`, { reason });
    assert.equal((await retire('')).status, 422, 'without a reason');
    assert.equal((await retire('register closed')).status, 303);
    assert.equal((await store.active()).length, 1, 'until another manager agrees');
    assert.equal((await retire('once more')).status, 409);
    const own = (await visitor.get('/compliance/lists')).text;
    shows(own, /To be retired: register closed[\s\S]*another manager has to agree/);
    hides(own, /retire\/approve/);
    const decide = (by: Visitor, verb: string) =>
      by.post(`/compliance/lists/${list!.id}/retire/${verb}`, { reason: 'seen the letter' });
    assert.equal((await decide(visitor, 'approve')).status, 409, 'their own');
    const other = await t.signedIn('manager', 'list-agreer');
    shows((await other.get('/compliance')).text, /A list waits for a second person/);
    shows((await other.get('/compliance/lists')).text, /retire\/approve/);
    assert.equal((await decide(other, 'refuse')).status, 303);
    assert.equal((await store.active()).length, 1);
    assert.equal((await retire('register closed')).status, 303);
    assert.equal((await decide(other, 'approve')).status, 303);
    assert.deepEqual(await store.active(), []);
    for (const action of ['scrub.retire-proposed', 'scrub.retire-refused', 'scrub.retired'])
      assert.ok(await audited(action), action);
  });

  it('have a second manager look at a list that takes numbers away, and put the one before back', async () => {
    const store = createScrubStore(t.app);
    const marketing = await t.signedIn('marketing', 'list-marketing');
    const [manager, other] = [
      await t.signedIn('manager', 'list-manager'),
      await t.signedIn('manager', 'list-other'),
    ];
    const fields = { kind: 'national', country: 'US', name: 'Second', areas: '', scrubbedOn: '2026-11-20', changesOf: '' }; // prettier-ignore
    const ended = async () => {
      for (let round = 0; (await store.list())[0]!.state === 'loading'; round++) {
        assert.ok(round < 500, 'the load ends');
        t.app.clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return (await store.list())[0]!;
    };
    const load = async (visitor: Visitor, text: string) => {
      assert.equal((await upload(visitor, '/compliance/lists', fields, text)).status, 200);
      return ended();
    };
    const whole = await load(marketing, '2125550151\n2125550152\n2125550153\n');
    const cut = await load(manager, '2125550151\n');
    assert.deepEqual(
      [whole.state, cut.state, (await store.get(whole.id))!.state],
      ['active', 'proposed', 'active'],
    );
    const changes = await upload(marketing, '/compliance/lists', { ...fields, changesOf: String(whole.id) }, '2125550154,A\n'); // prettier-ignore
    assert.deepEqual([changes.status, changes.body.code], [409, 'list-waits']);
    shows((await marketing.get('/compliance')).text, /A list waits for a second person/);
    const said = (await marketing.get('/compliance/lists')).text;
    shows(said, /Of 3 numbers of the list before it 1 would stay/);
    hides(said, /\/approve/);
    const reason = { reason: 'checked with the register' };
    const at = `/compliance/lists/${cut.id}`;
    await manager.get('/compliance/lists');
    assert.equal((await marketing.post(`${at}/approve`, reason)).status, 403);
    assert.equal((await manager.post(`${at}/approve`, reason)).status, 409, 'their own');
    shows((await other.get('/compliance/lists')).text, /\/approve/);
    assert.equal((await other.post(`${at}/approve`, reason)).status, 303);
    assert.deepEqual((await store.active()).map(({ id }) => id), [cut.id]); // prettier-ignore
    assert.equal((await other.post(`/compliance/lists/${whole.id}/put-back`, {})).status, 422);
    assert.equal((await other.post(`/compliance/lists/${whole.id}/put-back`, reason)).status, 303);
    const back = await ended();
    const typo = (given: Record<string, string>) =>
      upload(manager, '/compliance/lists', { ...fields, name: 'Secnod', ...given }, '2125550159\n');
    const asked = await typo({});
    assert.equal(asked.status, 422);
    assert.match((asked.body as { fields: Record<string, string> }).fields.name!, /“Second” is in force under almost this name/); // prettier-ignore
    assert.equal((await typo({ country: 'CA', beside: '' })).status, 200, 'of another law');
    await ended();
    assert.equal((await typo({ beside: 'yes' })).status, 200);
    const another = await ended();
    assert.deepEqual([another.name, another.state], ['Secnod', 'active']);
    await store.retire(another.id, t.app.clock.now());
    assert.deepEqual([back.state, back.numbers, (await store.get(cut.id))!.state], ['active', 3, 'retired']);
    assert.equal(back.changesOf, whole.id, 'named while it is made from that');
    assert.ok((await audited('scrub.approved')) && (await audited('scrub.put-back')));
    await store.retire(back.id, t.app.clock.now());
  });

  it('say of a customer why they are (not) called, on every campaign', async () => {
    const visitor = await t.signedIn('supervisor', 'why-asker');
    const { text } = await visitor.get(`/compliance/customers/${customerId}/why`);
    shows(text, /Winter offer/);
    shows(text, /The campaign does not run/);
    shows(text, /us\.fed_tm/);
    shows(text, /Answers that were given[\s\S]*When chosen/);
    assert.equal((await visitor.get('/compliance/customers/999999/why')).status, 404);
    const chinese = await visitor.get(`/compliance/customers/${customerId}/why`, { 'accept-language': 'zh-CN' }); // prettier-ignore
    shows(chinese.text, /为什么/);
  });

  it('sort, search and take away the rule sets as every other table', async () => {
    const visitor = await t.signedIn('marketing', 'rule-reader');
    const namesIn = (text: string) =>
      [...text.matchAll(/<code>([a-z]\w+\.\w+)<\/code><\/a>/g)].map(([, name]) => name!);
    const byName = namesIn((await visitor.get('/compliance/rules?sort=name&size=200')).text);
    assert.ok(byName.length > 40, `${byName.length} rule sets`);
    assert.deepEqual(byName, [...byName].sort());
    const backwards = namesIn((await visitor.get('/compliance/rules?sort=-name&size=200')).text);
    assert.deepEqual(backwards, [...byName].reverse());
    const found = namesIn((await visitor.get('/compliance/rules?q=47%20cfr')).text);
    assert.ok(found.includes('us.fed_tm') && found.length < byName.length, found.join());
    const csv = (await visitor.get('/compliance/rules?sort=-name&format=csv')).text.trim().split('\n');
    assert.equal(csv.length, byName.length + 1);
    assert.match(csv[1]!, new RegExp(backwards[0]!.replace('.', '\\.')));
  });

  it('write a new version of a rule set, which somebody else approves where it loosens', async () => {
    const writer = await t.signedIn('manager', 'rule-writer');
    shows((await writer.get('/compliance/rules')).text, /us\.fed_tm[\s\S]*47 CFR/);
    const { text } = await writer.get('/compliance/rules/sets/us.fed_tm/edit');
    const form: Record<string, string> = {
      note: 'hours of the new law',
      source: '47 CFR',
      confidence: 'statute',
    };
    for (const [, name, value] of text.matchAll(/name="(windows_\w+)" type="text" value="([^"]*)"/g))
      form[name!] = value!;
    assert.equal(form.windows_mon, '08:00-21:00');
    const url = '/compliance/rules/sets/us.fed_tm';
    const wrong = await writer.post(url, { ...form, windows_mon: '21:00-08:00' });
    assert.equal(wrong.status, 422);
    shows(wrong.text, /id="f-windows_mon"[^>]*aria-invalid="true"/);
    const loosened = await writer.post(url, { ...form, windows_mon: '07:00-21:00' });
    const version = loosened.headers.location!;
    shows((await writer.get(version)).text, /somebody else has to approve/);
    assert.equal((await writer.post(`${version}/approve`, { reason: 'I think so' })).status, 409);
    shows((await writer.get('/compliance')).text, /waits for a second person/);
    const other = await t.signedIn('manager', 'rule-approver');
    await other.get(version);
    assert.equal((await other.post(`${version}/approve`, { reason: 'as in the gazette' })).status, 303);
    shows((await other.get(url)).text, /07:00–21:00/);
    assert.ok((await audited('rules.proposed')) && (await audited('rules.approved')));

    // Of a later day, and then one of today that it would take back: it is carried into that one, which stays approved.
    const planned = await writer.post(url, { ...form, windows_mon: '07:00-20:00', effective: '2026-12-01' });
    shows((await writer.get(planned.headers.location!)).text, /in force from its day on/);
    shows((await writer.get(`${url}/edit`)).text, /Versions to come[\s\S]*hours of the new law/);
    const today = await writer.post(url, { ...form, windows_mon: '07:00-19:00' });
    const told = (await writer.get(today.headers.location!)).text;
    shows(told, /were written anew with this change in them/);
    assert.doesNotMatch(told, /loosens this again|has to approve/);
    assert.ok(await audited('rules.carried'));
  });

  it('allow one call by hand with a reason, and never past a list', async () => {
    const manager = await t.signedIn('manager', 'override-giver');
    await manager.get('/compliance/overrides');
    t.app.clock.advance(13 * 3_600_000);
    const form = { number: '+442079460142', country: 'GB', campaign: '', reason: 'asked for it by letter' };
    assert.equal((await manager.post('/compliance/overrides', form)).status, 303);
    shows((await manager.get('/compliance/overrides')).text, /Too early there[\s\S]*asked for it by letter/);
    await t.app.db.knex('dnc_numbers').insert({
      ...{ e164: '+442079460143', campaign_id: 0, reason: 'asked', source: 'page', added_at: 0 },
    });
    const never = await manager.post('/compliance/overrides', { ...form, number: '+442079460143' });
    assert.equal(never.status, 422);
    shows(never.text, /can never be overridden/);
  });

  it('allow a preview that is held up by the attempts on its lead alone, and say truly where nothing is', async () => {
    const { knex } = t.app.db;
    // 11:00 in New York on a Tuesday.
    const later = Date.UTC(2026, 11, 1, 16) - t.app.clock.now();
    assert.ok(later > 0);
    t.app.clock.advance(later);
    const manager = await t.signedIn('manager', 'preview-giver');
    await manager.get('/compliance/overrides');
    const number = '+12125550171';
    const campaignId = await makeCampaign(t.app, { mode: 'preview', maxAttempts: 3 });
    await knex('scrub_lists').delete();
    const [leadId = 0] = await addLeads(t.app, campaignId, [{ phones: [number], attempts: 3, state: 'reserved' }]); // prettier-ignore
    const { customer_id } = await knex('leads').where({ id: leadId }).first('customer_id');
    const stamps = {
      e164: null,
      kind: 'opt_in',
      source: 'web',
      proof: 'f',
      importId: null,
      expiresAt: null,
    } as const;
    const given = { ...stamps, customerId: customer_id as number, givenAt: t.app.clock.now() } as const;
    await t.app.db.transaction((trx) => createConsentStore(t.app).addMany([given], { userId: 1, at: t.app.clock.now() }, trx)); // prettier-ignore
    const gate = createGate(t.app, { dry: true });
    const asked = { e164: number, stage: 'dial', path: 'preview', campaignId, leadId } as const;
    assert.deepEqual([(await gate.mayCall(asked)).reasonCode, (await gate.mayCall({ ...asked, path: 'manual' })).allowed], ['ATTEMPTS_EXHAUSTED', true]); // prettier-ignore
    const form = { number, country: 'US', reason: 'asked to be tried once more' };
    const outside = await manager.post('/compliance/overrides', { ...form, campaign: '' });
    shows(outside.text, /If a preview is held up in a campaign, choose that campaign/);
    assert.equal((await manager.post('/compliance/overrides', { ...form, campaign: String(campaignId) })).status, 303); // prettier-ignore
    shows((await manager.get('/compliance/overrides')).text, /asked to be tried once more/);
    assert.equal((await gate.mayCall(asked)).allowed, true, 'it reaches the preview');
    const [free = 0] = await addLeads(t.app, campaignId, [{ phones: ['+12125550172'], state: 'reserved' }]);
    assert.equal((await gate.mayCall({ ...asked, e164: '+12125550172', leadId: free })).allowed, true);
    const needless = await manager.post('/compliance/overrides', { ...form, number: '+12125550172', campaign: String(campaignId) }); // prettier-ignore
    assert.equal(needless.status, 422);
    shows(needless.text, /neither dialled by hand nor as a preview of this campaign/);
  });

  it('show a campaign’s funnel, its week, tomorrow, and give its proof', async () => {
    const manager = await t.signedIn('manager', 'funnel-reader');
    const { text } = await manager.get('/compliance/campaigns/1');
    shows(text, /1<\/strong> loaded/);
    shows(text, /week-table/);
    // A number of one country, an address in another: whoever it is may be in either.
    await t.app.db.knex('customers').update({ address_region: 'AU-NSW' });
    shows((await manager.get('/compliance/campaigns/1')).text, / \+ [^"]*Sydney/);
    shows((await manager.get('/compliance/campaigns/1/tomorrow')).text, /The first/);
    shows((await manager.get('/compliance/proof')).text, /Proof pack/);
    const wanted = { campaignId: 1, before: null, ruleSet: 'us.regf', reason: 'they owe us' };
    await createRuleProposals(t.app).propose(wanted, { by: 1, at: t.app.clock.now() });
    shows((await manager.get('/compliance')).text, /The rules of Winter offer wait for a second person/);
    const pack = await manager.get('/compliance/proof/download?campaign=1&from=2026-11-01&to=2026-11-30');
    assert.equal(pack.headers['content-type'], 'application/zip');
    assert.ok(await audited('proof.downloaded'));
    const chinese = await manager.get('/compliance/campaigns/1', { 'accept-language': 'zh-TW' });
    shows(chinese.text, /已匯入/);
  });

  it('give the proof of a campaign that was put away, and name it wherever its calls are asked about', async () => {
    const { knex } = t.app.db;
    await knex('campaigns').where({ id: 1 }).update({ archived_at: 1 });
    const given = { e164, campaign_id: 1, reason: 'their letter', reason_code: 'TIME_AFTER_CLOSE' };
    await knex('gate_overrides').insert({ ...given, granted_by: 1, granted_at: 1, expires_at: 2 });
    const manager = await t.signedIn('manager', 'proof-of-old');
    const offered = /<option value="1"[^>]*>Winter offer \(put away\)/;
    for (const path of ['/proof', `/verdicts?number=${encodeURIComponent(e164)}`])
      shows((await manager.get(`/compliance${path}`)).text, offered, path);
    for (const path of [`/customers/${customerId}/why`, '/verdicts/1', '/overrides'])
      shows((await manager.get(`/compliance${path}`)).text, /Winter offer \(put away\)/, path);
    hides((await manager.get('/compliance/overrides')).text, /<option value="1"/);
    await knex('campaigns').where({ id: 1 }).update({ archived_at: null });
  });
});
