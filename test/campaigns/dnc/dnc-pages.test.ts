import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCallNoMore } from '../../../campaigns/call-no-more.ts';
import { complianceAreas } from '../../../campaigns/compliance/compliance-areas.ts';
import { createDispositionStore } from '../../../campaigns/dispositions/index.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { createCustomerStore, createTimelineStore, defaultCountry, dncReason } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import { testApp } from '../../support/app.ts';
import { testWeb, type TestWeb } from '../../web/support.ts';
import { makeCampaign } from '../fixtures.ts';

describe('DNC pages', () => {
  let t: TestWeb;
  before(async () => {
    const app = await testApp();
    t = await testWeb({ areas: complianceAreas(app) }, app);
    await app.settings.set(defaultCountry, 'US', { userId: null });
  });
  after(() => t.close());

  const entry = { number: '(212) 555-0143', country: 'US', reason: 'asked by letter' };

  it('are for those who run campaigns; only a manager takes a number off', async () => {
    const agent = await t.signedIn('agent', 'no-dnc');
    for (const path of ['/dnc', '/dnc/new', '/dnc/import', '/dnc/history?number=%2B12125550143'])
      assert.equal((await agent.get(path)).status, 403, path);
    const marketing = await t.signedIn('marketing', 'dnc-marketing');
    assert.equal((await marketing.get('/dnc')).status, 200);
    assert.equal((await marketing.post('/dnc/1/remove', { reason: 'no reason' })).status, 403);
  });

  it('add a number as people write it, and show it with who and why', async () => {
    const visitor = await t.signedIn('supervisor', 'dnc-adder');
    await visitor.get('/dnc/new');
    assert.equal((await visitor.post('/dnc', entry)).headers.location, '/dnc');
    const { text } = await visitor.get('/dnc?number=1212');
    assert.match(text, /\+1 212 555 0143/);
    assert.match(text, /asked by letter/);
    assert.match(text, /The supervisor/);
    for (const written of ['(212) 555-0143', '12125550143', '+1 212 555'])
      assert.match(
        (await visitor.get(`/dnc?number=${encodeURIComponent(written)}`)).text,
        /\+1 212 555 0143/,
        written,
      );
    assert.doesNotMatch((await visitor.get('/dnc?number=2125550144')).text, /\+1 212 555 0143/);
    await visitor.get('/dnc/new');
    await visitor.post('/dnc', entry);
    assert.match((await visitor.get('/dnc')).text, /was on the DNC list already/);
  });

  it('say why in the reader’s words where an agent’s disposition or the opt-out digit was the reason', async () => {
    const { app } = t;
    await createDispositionStore(app).seed();
    const common = { campaignId: null, by: null, at: 1 };
    const customers = createCustomerStore(app);
    const phones = [{ e164: '+12125550177', type: 'mobile' as const }];
    const [customerId] = await app.db.transaction((trx) =>
      customers.insertMany([customerFields({ name: 'Asked Not', phones })], 1, trx),
    );
    const dnc = createDncStore(app);
    await dnc.add({ ...common, e164: '+12125550177', reason: 'do_not_call', source: 'agent' });
    await dnc.add({ ...common, e164: '+12125550178', reason: 'opt-out', source: 'customer' });
    const visitor = await t.signedIn('manager', 'dnc-words');
    for (const path of ['/dnc', '/dnc/history?number=%2B12125550177']) {
      const { text } = await visitor.get(path);
      assert.match(text, /Do not call again/, path);
      assert.doesNotMatch(text, /do_not_call/, path);
    }
    assert.match((await visitor.get('/dnc')).text, /Pressed the opt-out digit/);
    const [told] = await createTimelineStore(app).of(customerId!, { limit: 5 });
    const { context } = { context: { locale: 'zh-TW', t: (key: string) => key } as never };
    assert.equal(dncReason(context, told!.data), '要求謝絕來電');
  });

  it('keep the form, with words beside the fields, when something is wrong', async () => {
    const visitor = await t.signedIn('manager', 'dnc-mistaken');
    await visitor.get('/dnc/new');
    const refused = await visitor.post('/dnc', { ...entry, number: '12', reason: 'x', country: 'ZZ' });
    assert.equal(refused.status, 422);
    assert.match(refused.text, /Choose a country/);
    const past = await visitor.post('/dnc', { ...entry, number: 'nobody', expires: '2020-01-01' });
    assert.equal(past.status, 422);
    assert.match(past.text, /This is not a phone number/);
    assert.match(past.text, /Choose a day after today/);
    assert.match(past.text, /value="asked by letter"/);
  });

  it('take no number for one of another country, and say what to do', async () => {
    const visitor = await t.signedIn('manager', 'dnc-abroad');
    await visitor.get('/dnc/new');
    // A mobile of China, beside the country that is set here.
    const slip = { ...entry, number: '13800138021', country: 'US' };
    const refused = await visitor.post('/dnc', slip);
    assert.equal(refused.status, 422);
    assert.match(refused.text, /Check the country, or write the number with \+/);
    assert.equal((await visitor.post('/dnc', { ...slip, country: 'CN' })).status, 303);
    assert.match((await visitor.get('/dnc?number=%2B8613800138021')).text, /\+86 138 0013 8021/);
  });

  it('hold a number for one campaign until a day, and name the campaign', async () => {
    const campaign = await makeCampaign(t.app, { name: 'Autumn <offer>' });
    const visitor = await t.signedIn('manager', 'dnc-scoped');
    await visitor.get('/dnc/new');
    await visitor.post('/dnc', { ...entry, number: '+442079460190', campaign, expires: '2026-12-24' });
    const { text } = await visitor.get(`/dnc?campaign=${campaign}`);
    assert.match(text, /Only Autumn &lt;offer&gt;/);
    assert.ok(!text.includes('+1 212 555 0143'));
    const found = await createDncStore(t.app).contains('+442079460190', campaign, t.app.clock.now());
    assert.equal(new Date(found?.expiresAt ?? 0).toISOString().slice(0, 10), '2026-12-25');
    // Put away since, it is asked about still, and nothing new is held for it.
    await t.app.db.knex('campaigns').where({ id: campaign }).update({ archived_at: 1 });
    const since = (await visitor.get(`/dnc?campaign=${campaign}`)).text;
    const offered = new RegExp(`<option value="${campaign}"([^>]*)>Autumn &lt;offer&gt; \\(put away\\)`);
    assert.match(offered.exec(since)?.[1] ?? 'none', /selected/);
    assert.match(since, /Only Autumn &lt;offer&gt; \(put away\)/);
    assert.ok(!since.includes('+1 212 555 0143'));
    assert.doesNotMatch((await visitor.get('/dnc/new')).text, new RegExp(`<option value="${campaign}"`));
  });

  it('take a number off with a reason, and remember it', async () => {
    const store = createDncStore(t.app);
    await store.add({
      e164: '+12125550188',
      campaignId: null,
      reason: 'asked on the phone',
      source: 'agent',
      by: null,
      at: t.app.clock.now(),
    });
    const row = await t.app.db.knex('dnc_numbers').where({ e164: '+12125550188' }).first();
    const manager = await t.signedIn('manager', 'dnc-remover');
    const shown = await manager.get('/dnc/history?number=%2B12125550188');
    assert.match(shown.text, new RegExp(`action="/dnc/${row.id}/remove"`));
    assert.equal((await manager.post(`/dnc/${row.id}/remove`, { reason: '' })).status, 422);
    assert.equal((await manager.post(`/dnc/${row.id}/remove`, { reason: 'signed up again' })).status, 303);
    const { text } = await manager.get('/dnc/history?number=%2B12125550188');
    assert.match(text, /signed up again/);
    assert.match(text, /Not on the list/);
    const [audited] = await t.app.db.knex('audit_log').where({ action: 'dnc.removed' });
    assert.ok(!JSON.stringify(audited).includes('12125550188'));
  });

  it('say of a number that is taken off who has asked for no calls all the same', async () => {
    const { app } = t;
    const e164 = '+12125550179';
    const phones = [{ e164, type: 'mobile' as const }];
    const [customerId] = await app.db.transaction((trx) =>
      createCustomerStore(app).insertMany([customerFields({ name: 'Wants Peace', phones })], 1, trx),
    );
    const asked = {
      e164,
      customerId: customerId!,
      callId: 'c1',
      reason: 'opt-out',
      source: 'customer',
    } as const;
    await createCallNoMore(app)({ ...asked, by: null, at: app.clock.now() });
    const row = await app.db.knex('dnc_numbers').where({ e164 }).first();
    const manager = await t.signedIn('manager', 'dnc-refused');
    await manager.get('/dnc');
    const removed = await manager.post(`/dnc/${row.id}/remove`, { reason: 'signed up again' });
    assert.equal(removed.headers.location, `/dnc/history?number=${encodeURIComponent(e164)}`);
    const { text } = await manager.get(removed.headers.location);
    assert.match(text, /still not called/);
    assert.match(text, /Wants Peace has asked to be called no more/);
    const ledger = await manager.get(`/compliance/customers/${customerId}/consents`);
    assert.ok(text.includes(`href="/compliance/customers/${customerId}/consents"`));
    assert.match(ledger.text, /Pressed the opt-out digit/);
    assert.match(text, /The customer pressed the opt-out digit themself/);
    assert.match(text, /the customer’s own word/);
    const mistake = { number: e164, customer: customerId!, call: 'c1', reason: 'their child pressed it' };
    const marketing = await t.signedIn('marketing', 'dnc-annul');
    assert.doesNotMatch((await marketing.get(removed.headers.location)).text, /refusals\/annul/);
    assert.equal((await marketing.post('/dnc/refusals/annul', mistake)).status, 403);
    assert.equal((await manager.post('/dnc/refusals/annul', { ...mistake, reason: '' })).status, 422);
    assert.equal((await manager.post('/dnc/refusals/annul', { ...mistake, call: 'c2' })).status, 404);
    const annulled = await manager.post('/dnc/refusals/annul', mistake);
    const after = await manager.get(annulled.headers.location!);
    assert.match(after.text, /is annulled and kept/);
    assert.doesNotMatch(after.text, /has asked to be called no more/);
    const both = (await manager.get(`/compliance/customers/${customerId}/consents`)).text;
    assert.match(both, /Wants no calls[^]*Annulled/);
    assert.match(both, /A refusal was a mistake[^]*their child pressed it/);
    const [audited] = await app.db.knex('audit_log').where({ action: 'consent.annulled' });
    assert.match(JSON.stringify(audited), /their child pressed it/);
  });

  it('load a file and say what became of it', async () => {
    const visitor = await t.signedIn('marketing', 'dnc-loader');
    await visitor.get('/dnc/import');
    const send = (fields: Record<string, string>, content: string | null) => {
      const request = visitor.agent
        .post('/dnc/import')
        .set({ accept: 'application/json', 'x-csrf-token': visitor.token });
      for (const [name, value] of Object.entries(fields)) void request.field(name, value);
      if (content !== null) void request.attach('file', Buffer.from(content), 'list.csv');
      return request;
    };
    const fields = { country: 'US', campaign: '', reason: 'state list of November' };
    const loaded = await send(fields, 'phone\n2125550190\n2125550191\nnobody\n');
    assert.equal(loaded.status, 200);
    assert.deepEqual(loaded.body, {
      lines: 3,
      added: 2,
      known: 0,
      refused: 1,
      refusals: [{ line: 4, text: 'nobody', problem: 'not-a-number', why: 'This is not a phone number' }],
    });
    assert.equal((await send({ ...fields, reason: '' }, '2125550190\n')).status, 422);
    assert.equal((await send(fields, null)).status, 422);
    const { status } = await visitor.agent.post('/dnc/import').field('country', 'US');
    assert.equal(status, 403, 'without the token');
  });

  it('fault: the database refuses the second part of a file – the audit says what came onto the list', async () => {
    const visitor = await t.signedIn('manager', 'dnc-cut-off');
    await visitor.get('/dnc/import');
    const { knex } = t.app.db;
    await knex.raw(
      "create trigger refused before insert on dnc_numbers when new.e164 = '+13125550400' begin select raise(abort, 'disk is full'); end",
    );
    const numbers = Array.from({ length: 401 }, (_, n) => `3125550${String(n).padStart(3, '0')}`);
    const answer = await visitor.agent
      .post('/dnc/import')
      .set({ accept: 'application/json', 'x-csrf-token': visitor.token })
      .field({ country: 'US', campaign: '', reason: 'state list of December' })
      .attach('file', Buffer.from(numbers.join('\n')), 'december.csv');
    await knex.raw('drop trigger refused');
    assert.ok(answer.status >= 500);
    const row = await knex('audit_log').where({ action: 'dnc.imported' }).orderBy('id', 'desc').first();
    const told = { fileName: 'december.csv', reason: 'state list of December', added: 400, cutOff: true };
    assert.deepEqual(JSON.parse(row.after), told);
  });

  it('fault: the audit refuses what a file brought – nobody is told that all is well, and the file may come again', async () => {
    const visitor = await t.signedIn('manager', 'dnc-unaudited');
    await visitor.get('/dnc/import');
    const { knex } = t.app.db;
    const send = () =>
      visitor.agent
        .post('/dnc/import')
        .set({ accept: 'application/json', 'x-csrf-token': visitor.token })
        .field({ country: 'US', campaign: '', reason: 'state list of January' })
        .attach('file', Buffer.from('3125550500\n'), 'january.csv');
    await knex.raw(
      "create trigger refused before insert on audit_log when new.action = 'dnc.imported' begin select raise(abort, 'disk is full'); end",
    );
    const refused = await send();
    await knex.raw('drop trigger refused');
    assert.ok(refused.status >= 500, `${refused.status}`);
    assert.deepEqual([(await send()).body.known], [1]);
    const row = await knex('audit_log').where({ action: 'dnc.imported' }).orderBy('id', 'desc').first();
    assert.equal(JSON.parse(row.after).fileName, 'january.csv');
  });

  it('give the list as CSV', async () => {
    const visitor = await t.signedIn('manager', 'dnc-csv');
    const { text, headers } = await visitor.get('/dnc?format=csv&number=12125550190');
    assert.match(headers['content-type'] ?? '', /text\/csv/);
    assert.match(text, /\+12125550190/);
  });
});
