import assert from 'node:assert/strict';
import { it } from 'mocha';
import { createRuleProposals } from '../../../campaigns/campaigns/rule-proposal-store.ts';
import { createConsentStore, createGate } from '../../../campaigns/compliance/index.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';
import { hides, shows } from '../pages.ts';
import { onCompliancePages } from './pages.ts';

onCompliancePages('pages of law and rules', (house) => {
  it('are not for agents', async () => {
    const agent = await house.t.signedIn('agent', 'no-rules');
    for (const path of [
      '',
      '/suspensions',
      '/lists',
      '/consents/import',
      `/customers/${house.customerId}/why`,
    ])
      assert.equal((await agent.get(`/compliance${path}`)).status, 403, path);
  });

  it('suspend calls with a reason, and let only a manager lift that', async () => {
    const supervisor = await house.t.signedIn('supervisor', 'stopper');
    const form = { scope: 'place', whom: 'everyone', reason: 'storm warning' };
    const wrong = await supervisor.post('/compliance/suspensions', { ...form, place: 'New York' });
    assert.equal(wrong.status, 422);
    shows(wrong.text, /Write a country/);
    assert.equal((await supervisor.post('/compliance/suspensions', { ...form, place: 'us-ny' })).status, 303);
    const gate = createGate(house.t.app);
    const asked = { e164: house.e164, stage: 'dial', path: 'manual', campaignId: null } as const;
    assert.equal((await gate.mayCall(asked)).reasonCode, 'EMERGENCY_SUPPRESSION');
    const { text } = await supervisor.get('/compliance/suspensions');
    shows(text, /US-NY/);
    hides(text, /action="\/compliance\/suspensions\/1\/lift"/);
    shows((await supervisor.get('/compliance')).text, /Calls are suspended in one place/);
    assert.equal((await supervisor.post('/compliance/suspensions/1/lift', { reason: 'over' })).status, 403);
    const manager = await house.t.signedIn('manager', 'lifter');
    assert.equal((await manager.post('/compliance/suspensions/1/lift', { reason: 'x' })).status, 422);
    assert.equal(
      (await manager.post('/compliance/suspensions/1/lift', { reason: 'it is over' })).status,
      303,
    );
    assert.equal((await gate.mayCall(asked)).decision, 'allow');
    assert.ok(await house.audited('calls.suspended'));
    assert.ok(await house.audited('calls.resumed'));
  });

  it('say of a customer why they are (not) called, on every campaign', async () => {
    const visitor = await house.t.signedIn('supervisor', 'why-asker');
    const { text } = await visitor.get(`/compliance/customers/${house.customerId}/why`);
    shows(text, /Winter offer/);
    shows(text, /The campaign does not run/);
    shows(text, /us\.fed_tm/);
    shows(text, /Answers that were given[\s\S]*When chosen/);
    assert.equal((await visitor.get('/compliance/customers/999999/why')).status, 404);
    const chinese = await visitor.get(`/compliance/customers/${house.customerId}/why`, { 'accept-language': 'zh-CN' }); // prettier-ignore
    shows(chinese.text, /为什么/);
  });

  it('sort, search and take away the rule sets as every other table', async () => {
    const visitor = await house.t.signedIn('marketing', 'rule-reader');
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
    const writer = await house.t.signedIn('manager', 'rule-writer');
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
    const other = await house.t.signedIn('manager', 'rule-approver');
    await other.get(version);
    assert.equal((await other.post(`${version}/approve`, { reason: 'as in the gazette' })).status, 303);
    const inForce = (await other.get(version)).text;
    shows(inForce, /In force/);
    hides(inForce, /Replaced/);
    shows((await other.get(url)).text, /07:00–21:00/);
    assert.ok((await house.audited('rules.proposed')) && (await house.audited('rules.approved')));

    // Of a later day, and then one of today that it would take back: it is carried into that one, which stays approved.
    const planned = await writer.post(url, { ...form, windows_mon: '07:00-20:00', effective: '2026-12-01' });
    shows((await writer.get(planned.headers.location!)).text, /in force from its day on/);
    shows((await writer.get(`${url}/edit`)).text, /Versions to come[\s\S]*hours of the new law/);
    const today = await writer.post(url, { ...form, windows_mon: '07:00-19:00' });
    const told = (await writer.get(today.headers.location!)).text;
    shows(told, /were written anew with this change in them/);
    assert.doesNotMatch(told, /loosens this again|has to approve/);
    assert.ok(await house.audited('rules.carried'));
  });

  it('allow one call by hand with a reason, and never past a list', async () => {
    const manager = await house.t.signedIn('manager', 'override-giver');
    await manager.get('/compliance/overrides');
    house.t.app.clock.advance(13 * 3_600_000);
    const form = { number: '+442079460142', country: 'GB', campaign: '', reason: 'asked for it by letter' };
    assert.equal((await manager.post('/compliance/overrides', form)).status, 303);
    shows((await manager.get('/compliance/overrides')).text, /Too early there[\s\S]*asked for it by letter/);
    await house.t.app.db.knex('dnc_numbers').insert({
      ...{ e164: '+442079460143', campaign_id: 0, reason: 'asked', source: 'page', added_at: 0 },
    });
    const never = await manager.post('/compliance/overrides', { ...form, number: '+442079460143' });
    assert.equal(never.status, 422);
    shows(never.text, /can never be overridden/);
  });

  it('allow a preview that is held up by the attempts on its lead alone, and say truly where nothing is', async () => {
    const { knex } = house.t.app.db;
    // 11:00 in New York on a Tuesday.
    const later = Date.UTC(2026, 11, 1, 16) - house.t.app.clock.now();
    assert.ok(later > 0);
    house.t.app.clock.advance(later);
    const manager = await house.t.signedIn('manager', 'preview-giver');
    await manager.get('/compliance/overrides');
    const number = '+12125550171';
    const campaignId = await makeCampaign(house.t.app, { mode: 'preview', maxAttempts: 3 });
    await knex('scrub_lists').delete();
    const [leadId = 0] = await addLeads(house.t.app, campaignId, [{ phones: [number], attempts: 3, state: 'reserved' }]); // prettier-ignore
    const { customer_id } = await knex('leads').where({ id: leadId }).first('customer_id');
    const stamps = {
      e164: null,
      kind: 'opt_in',
      source: 'web',
      proof: 'f',
      importId: null,
      expiresAt: null,
    } as const;
    const given = { ...stamps, customerId: customer_id as number, givenAt: house.t.app.clock.now() } as const;
    await house.t.app.db.transaction((trx) => createConsentStore(house.t.app).addMany([given], { userId: 1, at: house.t.app.clock.now() }, trx)); // prettier-ignore
    const gate = createGate(house.t.app, { dry: true });
    const asked = { e164: number, stage: 'dial', path: 'preview', campaignId, leadId } as const;
    assert.deepEqual([(await gate.mayCall(asked)).reasonCode, (await gate.mayCall({ ...asked, path: 'manual' })).allowed], ['ATTEMPTS_EXHAUSTED', true]); // prettier-ignore
    const form = { number, country: 'US', reason: 'asked to be tried once more' };
    const outside = await manager.post('/compliance/overrides', { ...form, campaign: '' });
    shows(outside.text, /If a preview is held up in a campaign, choose that campaign/);
    assert.equal((await manager.post('/compliance/overrides', { ...form, campaign: String(campaignId) })).status, 303); // prettier-ignore
    shows((await manager.get('/compliance/overrides')).text, /asked to be tried once more/);
    assert.equal((await gate.mayCall(asked)).allowed, true, 'it reaches the preview');
    const [free = 0] = await addLeads(house.t.app, campaignId, [
      { phones: ['+12125550172'], state: 'reserved' },
    ]);
    assert.equal((await gate.mayCall({ ...asked, e164: '+12125550172', leadId: free })).allowed, true);
    const needless = await manager.post('/compliance/overrides', { ...form, number: '+12125550172', campaign: String(campaignId) }); // prettier-ignore
    assert.equal(needless.status, 422);
    shows(needless.text, /neither dialled by hand nor as a preview of this campaign/);
  });

  it('show a campaign’s funnel, its week, tomorrow, and give its proof', async () => {
    const manager = await house.t.signedIn('manager', 'funnel-reader');
    const { text } = await manager.get('/compliance/campaigns/1');
    shows(text, /1<\/strong> loaded/);
    shows(text, /week-table/);
    // A number of one country, an address in another: whoever it is may be in either.
    await house.t.app.db.knex('customers').update({ address_region: 'AU-NSW' });
    shows((await manager.get('/compliance/campaigns/1')).text, / \+ [^"]*Sydney/);
    shows((await manager.get('/compliance/campaigns/1/tomorrow')).text, /The first/);
    shows((await manager.get('/compliance/proof')).text, /Proof pack/);
    const wanted = { campaignId: 1, before: null, ruleSet: 'us.regf', reason: 'they owe us' };
    await createRuleProposals(house.t.app).propose(wanted, { by: 1, at: house.t.app.clock.now() });
    shows((await manager.get('/compliance')).text, /The rules of Winter offer wait for a second person/);
    const pack = await manager.get('/compliance/proof/download?campaign=1&from=2026-11-01&to=2026-11-30');
    assert.equal(pack.headers['content-type'], 'application/zip');
    assert.ok(await house.audited('proof.downloaded'));
    const chinese = await manager.get('/compliance/campaigns/1', { 'accept-language': 'zh-TW' });
    shows(chinese.text, /已匯入/);
  });

  it('give the proof of a campaign that was put away, and name it wherever its calls are asked about', async () => {
    const { knex } = house.t.app.db;
    await knex('campaigns').where({ id: 1 }).update({ archived_at: 1 });
    const given = {
      e164: house.e164,
      campaign_id: 1,
      reason: 'their letter',
      reason_code: 'TIME_AFTER_CLOSE',
    };
    await knex('gate_overrides').insert({ ...given, granted_by: 1, granted_at: 1, expires_at: 2 });
    const manager = await house.t.signedIn('manager', 'proof-of-old');
    const offered = /<option value="1"[^>]*>Winter offer \(put away\)/;
    for (const path of ['/proof', `/verdicts?number=${encodeURIComponent(house.e164)}`])
      shows((await manager.get(`/compliance${path}`)).text, offered, path);
    for (const path of [`/customers/${house.customerId}/why`, '/verdicts/1', '/overrides'])
      shows((await manager.get(`/compliance${path}`)).text, /Winter offer \(put away\)/, path);
    hides((await manager.get('/compliance/overrides')).text, /<option value="1"/);
    await knex('campaigns').where({ id: 1 }).update({ archived_at: null });
  });
});
