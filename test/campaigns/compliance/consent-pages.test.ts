import assert from 'node:assert/strict';
import iconv from 'iconv-lite';
import { it } from 'mocha';
import { createConsentStore, createGate } from '../../../campaigns/compliance/index.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';
import { shows } from '../pages.ts';
import { onCompliancePages, upload } from './pages.ts';

onCompliancePages('pages of consents', (house) => {
  it('record a consent with its proof, and take it back with a reason', async () => {
    const visitor = await house.t.signedIn('marketing', 'consent-writer');
    const url = `/compliance/customers/${house.customerId}/consents`;
    const form = { kind: 'opt_in', source: 'web', proof: 'form 12', given: '2026-11-20', expires: '' };
    const wrong = await visitor.post(url, { ...form, given: '2026-12-24' });
    assert.equal(wrong.status, 422);
    shows(wrong.text, /has not come yet/);
    assert.equal((await visitor.post(url, form)).status, 303);
    const { text } = await visitor.get(url);
    shows(text, /Opt-in<\/td><td>All numbers[\s\S]*form 12/);
    // A bare + in a query is a space.
    shows(text, /href="\/compliance\/verdicts\?number=%2B1\d+"/);
    const [line] = await createConsentStore(house.t.app).ofCustomer(house.customerId, []);
    assert.equal((await visitor.post(`/compliance/consents/${line!.id}/revoke`, { reason: 'STOP by text' })).status, 303); // prettier-ignore
    shows((await visitor.get(url)).text, /Taken back[\s\S]*STOP by text/);
    assert.ok(await house.audited('consent.revoked'));
    assert.equal((await visitor.post(url, { ...form, proof: 'form 11', given: '2026-11-19' })).status, 303);
    shows((await visitor.get(url)).text, /Does not undo what was taken back[\s\S]*form 11/);
  });

  it('ask for the time of a consent given again on the day of a refusal, which would not count by the day alone', async () => {
    const visitor = await house.t.signedIn('supervisor', 'same-day-writer');
    const number = '+12125550147';
    const [leadId = 0] = await addLeads(house.t.app, await makeCampaign(house.t.app), [{ phones: [number] }]);
    const lead = await house.t.app.db.knex('leads').where({ id: leadId }).first('customer_id');
    const url = `/compliance/customers/${lead.customer_id}/consents`;
    await visitor.get(url);
    assert.equal((await visitor.post(`${url}/revoke`, { reason: 'said so at noon' })).status, 303);
    house.t.app.clock.advance(2 * 3_600_000);
    const given = new Date(house.t.app.clock.now()).toISOString();
    const [day, time] = [given.slice(0, 10), given.slice(11, 16)];
    const form = { kind: 'opt_in', source: 'paper', proof: 'form 14', given: day, expires: '' };
    const asked = await visitor.post(url, form);
    assert.equal(asked.status, 422, 'nothing that counts for nothing is written unasked');
    shows(asked.text, /There is a refusal of that day, at [\d:]+/);
    shows(asked.text, /name="givenTime"/);
    assert.equal((await visitor.post(url, { ...form, givenTime: '25:00' })).status, 422);
    assert.equal((await visitor.post(url, { ...form, givenTime: '23:59' })).status, 422, 'not yet');
    const call = { e164: number, stage: 'dial', path: 'manual', campaignId: null } as const;
    assert.equal((await createGate(house.t.app).mayCall(call)).reasonCode, 'CONSENT_REVOKED');
    assert.equal((await visitor.post(url, { ...form, proof: 'form 13', givenTime: '00:00' })).status, 303);
    shows((await visitor.get(url)).text, /does not count: it is dated before the refusal of/);
    assert.equal((await visitor.post(url, { ...form, givenTime: time })).status, 303);
    shows((await visitor.get(url)).text, /The consent is on record\./);
    assert.notEqual((await createGate(house.t.app).mayCall(call)).reasonCode, 'CONSENT_REVOKED');
  });

  it('record the refusal of a customer of whom nothing is on record', async () => {
    const visitor = await house.t.signedIn('supervisor', 'refusal-writer');
    const [leadId = 0] = await addLeads(house.t.app, await makeCampaign(house.t.app), [
      { phones: ['+12125550145'] },
    ]);
    const lead = await house.t.app.db.knex('leads').where({ id: leadId }).first('customer_id');
    const url = `/compliance/customers/${lead.customer_id}/consents`;
    shows((await visitor.get(url)).text, /No consent is on record[\s\S]*Record a refusal/);
    assert.equal((await visitor.post(`${url}/revoke`, { reason: 'told us at the fair' })).status, 303);
    shows((await visitor.get(url)).text, /Wants no calls[\s\S]*told us at the fair/);
    const asked = { e164: '+12125550145', stage: 'dial', path: 'manual', campaignId: null } as const;
    assert.equal((await createGate(house.t.app).mayCall(asked)).reasonCode, 'CONSENT_REVOKED');
  });

  it('load a file of consents once, and name the lines they refuse', async () => {
    const visitor = await house.t.signedIn('manager', 'consent-loader');
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

  it('say of a file which lines count for nothing, as it was taken back since, for whom they are and however often it is loaded', async () => {
    const visitor = await house.t.signedIn('manager', 'consent-overruled');
    const store = createConsentStore(house.t.app);
    const campaign = await makeCampaign(house.t.app);
    const [leadId = 0] = await addLeads(house.t.app, campaign, [
      { phones: ['+12125550163', '+12125550164'] },
    ]);
    const { customer_id: customerId } = await house.t.app.db.knex('leads').where({ id: leadId }).first();
    const by = { reason: 'asked', userId: null, at: Date.parse('2026-11-10T12:00:00Z') };
    await store.refuse({ customerIds: [], numbers: ['+12125550161'], source: 'page' }, by);
    await store.refuse({ customerIds: [customerId], numbers: [], source: 'page' }, by);
    const file = [
      'Number,Kind,Proof,Given',
      '212-555-0161,opt_in,O-1,2026-11-01',
      '212-555-0161,opt_in,O-2,2026-11-12',
      '212-555-0162,opt_in,O-3,2026-11-01',
      '212-555-0163,pewc,O-4,2026-11-09',
      '212-555-0161,purchase,O-5,2026-11-01',
    ].join('\n');
    for (const [added, known] of [
      [5, 0],
      [0, 5],
    ]) {
      const told = JSON.parse(
        (await upload(visitor, '/compliance/consents/import', { country: 'US' }, file)).text,
      );
      assert.deepEqual([told.added, told.known, told.refused, told.overruled], [added, known, 0, 2]);
      assert.deepEqual(
        told.overruledLines.map(({ line }: { line: number }) => line),
        [2, 5],
      );
      assert.match(
        told.overruledLines[0].text,
        /does not count: .*Nov 10, 2026|does not count: .*10 Nov|does not count: .*11\/10/,
      );
    }
  });

  it('read days in a file of consents as the page does: of the reader’s zone, the last one included', async () => {
    const visitor = await house.t.signedIn('manager', 'consent-days');
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
    const lines = await createConsentStore(house.t.app).linesOf([], ['+12125550181']);
    const iso = (at: number | null) => at && new Date(at).toISOString();
    assert.deepEqual(
      lines.sort((a, b) => a.id - b.id).map(({ givenAt, expiresAt }) => [iso(givenAt), iso(expiresAt)]),
      [
        ['2026-10-31T16:00:00.000Z', '2026-11-30T16:00:00.000Z'],
        ['2026-11-01T11:00:00.000Z', '2026-12-01T00:00:00.000Z'],
      ],
    );
    // The same day, written down on the customer's page.
    const [leadId = 0] = await addLeads(house.t.app, await makeCampaign(house.t.app), [
      { phones: ['+12125550182'] },
    ]);
    const lead = await house.t.app.db.knex('leads').where({ id: leadId }).first('customer_id');
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
    const [byHand] = await createConsentStore(house.t.app).ofCustomer(lead.customer_id as number, []);
    assert.deepEqual([byHand!.givenAt, byHand!.expiresAt], [lines[0]!.givenAt, lines[0]!.expiresAt]);
  });

  it('know a line of a file again, whoever loads it and wherever they are, also one from when days began in Greenwich', async () => {
    const file = ['Number,Kind,Proof,Given,Expires', '212-555-0184,opt_in,D-1,2026-11-01,', '212-555-0184,opt_in,D-1,2026-11-02,', '212-555-0184,pewc,D-2,2026/11/3,2026-11-30'].join('\n'); // prettier-ignore
    const visitor = await house.t.signedIn('manager', 'consent-again');
    const loadIn = async (zone: string) => {
      visitor.agent.jar.setCookie(`ringwise.zone=${zone}; path=/`, '127.0.0.1', '/');
      const told = JSON.parse((await upload(visitor, '/compliance/consents/import', { country: 'US' }, file)).text); // prettier-ignore
      return [told.added, told.known, told.refused];
    };
    const days = { customerId: null, e164: '+12125550184', source: 'import', expiresAt: null } as const;
    const by = { userId: null, at: house.t.app.clock.now() };
    const before = { ...days, kind: 'opt_in', proof: 'D-1', givenAt: Date.parse('2026-11-01T00:00:00Z') } as const; // prettier-ignore
    await createConsentStore(house.t.app).addMany([before], by);
    assert.deepEqual(await loadIn('Pacific/Auckland'), [2, 1, 0]);
    for (const zone of ['Pacific/Auckland', 'Pacific/Honolulu', 'UTC', 'Asia/Taipei'])
      assert.deepEqual(await loadIn(zone), [0, 3, 0], zone);
    assert.equal((await createConsentStore(house.t.app).linesOf([], ['+12125550184'])).length, 3);
  });

  it('load consents as Excel writes them in China, and say of a file that breaks off where, with what came in', async () => {
    const visitor = await house.t.signedIn('manager', 'consent-excel');
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
    const row = await house.t.app.db
      .knex('audit_log')
      .where({ action: 'consent.imported' })
      .orderBy('id', 'desc')
      .first();
    assert.equal(JSON.parse(row.after).added, 400);
    const nothing = await load('Number,Kind,"Proof,Given\n');
    assert.equal(nothing.status, 422);
    assert.match(nothing.text, /quotation mark/);
  });
});
