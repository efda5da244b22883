import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import {
  createConsentStore,
  createGate,
  createLateCheckProbe,
  createVerdictStore,
  loadCatalogue,
} from '../../../campaigns/compliance/index.ts';
import { consentFacts } from '../../../campaigns/compliance/consents/consent.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { mariadb } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const hourMs = 3_600_000;

for (const engine of ['sqlite', 'mariadb'] as const)
  describe(`gate and DNC list on ${engine}`, () => {
    let app: TestApp;

    before(async function () {
      this.timeout(120_000);
      if (engine === 'sqlite') app = await testApp();
      else {
        const server = await mariadb();
        if (!server) return skip(this, 'MariaDB is not installed');
        app = await testApp({ config: { databaseUrl: await server.createDatabase() } });
      }
    });
    after(() => app?.close());

    it('add, find, page and remove entries, and settle races', async () => {
      const dnc = createDncStore(app);
      const at = app.clock.now();
      const entry = { campaignId: null, reason: 'letter', source: 'page' as const, by: 1, at };
      const numbers = Array.from({ length: 900 }, (_, n) => `+1212555${String(n).padStart(4, '0')}`);
      assert.equal(await dnc.addMany(numbers.map((e164) => ({ ...entry, e164 }))), 900);
      assert.equal(await dnc.addMany(numbers.map((e164) => ({ ...entry, e164 }))), 0);
      const raced = await Promise.all(
        Array.from({ length: 6 }, () => dnc.add({ ...entry, e164: '+442079460190' })),
      );
      assert.equal(raced.filter(Boolean).length, 1);
      const page = { limit: 10, offset: 890, sort: 'e164', direction: 'asc' } as const;
      const { rows, total } = await dnc.list({ number: '1212555' }, page);
      assert.equal(total.count, 900);
      assert.equal(rows.at(-1)?.e164, '+12125550899');
      assert.ok(await dnc.contains('+12125550899', 3, at));
      assert.equal(await dnc.remove({ ...entry, e164: '+12125550899' }), true);
      assert.equal(await dnc.contains('+12125550899', 3, at), null);
    });

    for (const entry of ['that holds', 'that has run out'])
      it(`fault: an entry ${entry} is taken off in the moment in which it is asked for again – it is there`, async () => {
        const dnc = createDncStore(app);
        const at = app.clock.now();
        const e164 = entry === 'that holds' ? '+442079460191' : '+442079460192';
        const given = { e164, campaignId: null, reason: 'letter', source: 'page' as const, by: 1, at };
        await dnc.add({ ...given, expiresAt: entry === 'that holds' ? null : at - 1 });
        const { knex } = app.db;
        let addition: Promise<boolean> | undefined;
        await app.db.transaction(async (trx) => {
          await trx('dnc_numbers').where({ e164 }).delete();
          // Of SQLite's one connection whoever adds gets hold only after this.
          const looked = new Promise<void>((done) => {
            const hear = ({ sql }: { sql: string }) => {
              if (!/^select .*dnc_numbers/.test(sql)) return;
              knex.off('query', hear);
              done();
            };
            if (engine === 'sqlite') done();
            else knex.on('query', hear);
          });
          addition = dnc.add(given);
          await looked;
          if (engine === 'mariadb') await app.db.ping();
        });
        assert.equal(await addition, true, 'it was not known any more');
        assert.ok(await dnc.contains(e164, null, at));
      });

    it('read nothing for a look about nobody, however many consents hold for all numbers of a customer', async () => {
      const [given, expiresAt] = [app.clock.now(), null];
      const line = {
        e164: null,
        kind: 'opt_in' as const,
        source: 'import' as const,
        givenAt: given,
        expiresAt,
      };
      const lines = Array.from({ length: 500 }, (_, n) => ({
        ...line,
        customerId: n + 100_000,
        proof: `row ${n}`,
      }));
      const consents = createConsentStore(app);
      assert.equal(await consents.addMany(lines, { userId: 1, at: given }), 500);
      let read = 0;
      const count = (rows: unknown) =>
        (read += Array.isArray(rows) ? rows.length : Number(rows !== undefined));
      app.db.knex.on('query-response', count);
      assert.equal(await createLateCheckProbe(app)(), true);
      app.db.knex.removeListener('query-response', count);
      assert.equal(read, 0);
      assert.deepEqual(await consents.linesOf([], ['']), []);
    });

    it('bind a number for whoever has it once one of its owners has taken back what they gave, also for all numbers', async () => {
      const e164 = '+493055501001';
      const campaignId = await makeCampaign(app, { mode: 'progressive' });
      const leads = await addLeads(app, campaignId, [{ phones: [e164] }, { phones: [e164] }]);
      const owners = (await app.db.knex('leads').whereIn('id', leads).orderBy('id').pluck('customer_id')) as number[]; // prettier-ignore
      const consents = createConsentStore(app);
      const line = {
        e164: null,
        kind: 'opt_in' as const,
        source: 'web' as const,
        proof: 'a form',
        expiresAt: null,
      };
      const give = (customerId: number) =>
        consents.add({ ...line, customerId, givenAt: app.clock.now() }, { userId: 1, at: app.clock.now() });
      for (const owner of owners) await give(owner);
      const gate = createGate(app);
      const reason = async (leadId: number) =>
        (await gate.mayCall({ e164, stage: 'dial', path: 'progressive', campaignId, leadId })).reasonCode;
      assert.deepEqual([await reason(leads[0]!), await reason(leads[1]!)], ['OK', 'OK']);
      app.clock.advance(1_000);
      const by = { reason: 'STOP', userId: 1, at: app.clock.now() };
      const stop = { customerIds: [owners[0]!], numbers: [e164], source: 'page' as const };
      assert.deepEqual(await consents.refuse(stop, by), { revoked: 1, refusals: 2 });
      assert.deepEqual([await reason(leads[0]!), await reason(leads[1]!)], ['CONSENT_REVOKED', 'CONSENT_REVOKED']); // prettier-ignore
      app.clock.advance(1_000);
      await give(owners[1]!);
      assert.deepEqual([await reason(leads[0]!), await reason(leads[1]!)], ['CONSENT_REVOKED', 'OK']);
    });

    it('keep a refusal of whom nothing is on record, against a later yes that has no date', async () => {
      const e164 = '+493055501002';
      const campaignId = await makeCampaign(app, { mode: 'progressive' });
      const consents = createConsentStore(app);
      const by = () => ({ reason: 'no calls', userId: null, at: app.clock.now() });
      const stop = { customerIds: [], numbers: [e164], source: 'api' as const };
      assert.deepEqual(await consents.refuse(stop, by()), { revoked: 0, refusals: 1 });
      app.clock.advance(1_000);
      const [leadId = 0] = await addLeads(app, campaignId, [{ phones: [e164] }]);
      const { customer_id: customerId } = await app.db
        .knex('leads')
        .where({ id: leadId })
        .first('customer_id');
      const reason = async () =>
        (await createGate(app).mayCall({ e164, stage: 'dial', path: 'progressive', campaignId, leadId })).reasonCode; // prettier-ignore
      const column = { customerId, e164: null, kind: 'opt_in' as const, source: 'import' as const, proof: 'file.csv #1', importId: 7, expiresAt: null }; // prettier-ignore
      await consents.addMany([{ ...column, givenAt: app.clock.now() }], by());
      assert.equal(await reason(), 'CONSENT_REVOKED');
      await consents.add({ ...column, importId: null, source: 'web', proof: 'form 3', givenAt: app.clock.now() }, by()); // prettier-ignore
      assert.equal(await reason(), 'OK', 'given after it');
    });

    it('bind a shared number whoever has it, and no other number of those who do', async () => {
      const [board, mobile] = ['+493055501003', '+491715550103'];
      const campaignId = await makeCampaign(app, { mode: 'progressive' });
      const [leadId = 0] = await addLeads(app, campaignId, [{ phones: [board, mobile] }]);
      const lead = await app.db.knex('leads').where({ id: leadId }).first('customer_id');
      const owner = Number(lead.customer_id);
      const consents = createConsentStore(app);
      const by = { reason: 'STOP', userId: null, at: app.clock.now() };
      const given = { kind: 'opt_in', source: 'web', proof: 'a form', givenAt: by.at - 1, expiresAt: null } as const; // prettier-ignore
      const written = '+491715550104';
      for (const e164 of [board, written]) await consents.add({ ...given, customerId: owner, e164 }, by);
      const stop = { customerIds: [], numbers: [board], source: 'api' as const };
      assert.deepEqual(await consents.refuse(stop, by), { revoked: 1, refusals: 1 });
      const linesFor = async (e164: string) =>
        consentFacts(await consents.linesOf([owner], [e164]), { e164, customerId: owner, at: by.at });
      assert.deepEqual((await linesFor(board)).kinds, ['revoked']);
      assert.deepEqual((await linesFor(mobile)).kinds, []);
      assert.deepEqual((await linesFor(written)).kinds, ['opt_in'], 'given for another number');
      // For all of their numbers: it goes on for each but the one that was spoken of.
      await consents.add({ ...given, customerId: owner, e164: null, kind: 'pewc' }, by);
      assert.deepEqual((await linesFor(board)).kinds, ['revoked']);
      assert.deepEqual((await linesFor(mobile)).kinds, ['pewc']);
    });

    it('answer a batch from the facts, and keep it', async () => {
      const campaignId = await makeCampaign(app, { mode: 'predictive' });
      const phones = ['+12125550001', '+12025550002', '+13055550003'];
      const ids = await addLeads(app, campaignId, phones.map((e164) => ({ phones: [e164] }))); // prettier-ignore
      const now = app.clock.now();
      const calls = [30, 20, 10, 5].map((hours, n) => ({
        id: `${engine}-${n}`,
        direction: 'out',
        path: 'predictive',
        campaign_id: campaignId,
        e164: phones[2],
        state: 'ended',
        outcome: n === 0 ? 'abandoned' : 'answered',
        created_at: now - hours * hourMs,
        dialed_at: now - hours * hourMs,
        answered_at: now - hours * hourMs + 8_000,
        connected_at: n === 0 ? null : now - hours * hourMs + 9_000,
        abandoned_at: n === 0 ? now - hours * hourMs + 10_000 : null,
        ended_at: now - hours * hourMs + 60_000,
      }));
      await app.db.insertMany('calls', calls);
      const requests = ids.map((leadId, n) => ({
        e164: phones[n]!,
        stage: 'reserve' as const,
        path: 'progressive' as const,
        campaignId,
        leadId,
      }));
      const gate = createGate(app);
      const verdicts = await gate.mayCallMany(requests);
      assert.deepEqual(
        verdicts.map(({ reasonCode }) => reasonCode),
        ['DNC_INTERNAL', 'OK', 'FREQ_CAP_ROLLING'],
      );
      assert.equal(verdicts[2]?.nextAllowedAt, now - 20 * hourMs + 24 * hourMs);
      const machine = await gate.mayCall({ ...requests[1]!, path: 'predictive' });
      assert.equal(machine.reasonCode, 'ABANDON_RATE_EXCEEDED');
      assert.deepEqual(machine.facts.abandonment, { abandoned: 1, connected: 3 });

      const kept = createVerdictStore(app);
      const { rows, total } = await kept.list({ campaignId }, { limit: 2, offset: 0 });
      assert.equal(total.count, 4);
      assert.equal(rows[0]?.reasonCode, 'ABANDON_RATE_EXCEEDED');
      assert.deepEqual(rows[0]?.facts.abandonment, { abandoned: 1, connected: 3 });
      const reasons = await kept.reasonsOf(campaignId, now - hourMs);
      assert.deepEqual(Object.fromEntries(reasons), {
        DNC_INTERNAL: 1,
        ABANDON_RATE_EXCEEDED: 1,
        FREQ_CAP_ROLLING: 1,
      });
    });

    it('hold the law’s cap over the law’s window, whatever shorter one a campaign has', async () => {
      const campaignId = await makeCampaign(app, { mode: 'predictive', abandonWindowMs: 24 * hourMs });
      const start = app.clock.now();
      const call = (id: string, at: number, abandoned: boolean) => ({
        ...{ id: `${engine}-law-${id}`, direction: 'out', path: 'predictive', campaign_id: campaignId },
        ...{ e164: '+442079460112', state: 'ended', outcome: abandoned ? 'abandoned' : 'answered' },
        ...{ created_at: at, dialed_at: at, answered_at: at },
        ...{ connected_at: abandoned ? null : at, abandoned_at: abandoned ? at : null },
      });
      await app.db.insertMany('calls', [
        call('a', start - 48 * hourMs, true),
        call('b', start - 47 * hourMs, true),
        call('c', start - 2 * hourMs, false),
      ]);
      const gate = createGate(app);
      const ask = () =>
        gate.mayCall({ e164: '+12025550003', stage: 'dial', path: 'power', campaignId, leadId: null });
      for (const again of [false, true]) {
        const verdict = await ask();
        assert.equal(verdict.reasonCode, 'ABANDON_RATE_EXCEEDED', String(again));
        assert.deepEqual(verdict.facts.abandonment, { abandoned: 0, connected: 1 });
        assert.deepEqual(verdict.facts.lawAbandonment, { abandoned: 2, connected: 1 });
      }
      const british = () =>
        gate.mayCall({ e164: '+442079460113', stage: 'dial', path: 'power', campaignId, leadId: null });
      assert.equal((await british()).reasonCode, 'ABANDON_RATE_EXCEEDED');
      const { form } = loadCatalogue().get('uk.policy')!;
      const byDay = { name: 'uk.policy', form: { ...form, abandon_window_days: 1 }, loosens: false };
      await createRuleVersionStore(app).add({ ...byDay, effectiveAt: start, note: 'n', by: 1, at: start });
      const verdict = await british();
      assert.equal(verdict.reasonCode, 'OK', 'a law that counts by 24 hours');
      assert.deepEqual(verdict.facts.lawAbandonmentByDays, { 1: { abandoned: 0, connected: 1 } });
    });

    it('count abandonment of settled hours once, and of a moving window rightly', async () => {
      const campaignId = await makeCampaign(app, { mode: 'predictive', abandonWindowMs: 24 * hourMs });
      const call = (id: string, at: number, abandoned: boolean) => ({
        id: `${engine}-${id}`,
        direction: 'out',
        path: 'predictive',
        campaign_id: campaignId,
        e164: '+442079460111',
        state: 'ended',
        outcome: abandoned ? 'abandoned' : 'answered',
        created_at: at,
        dialed_at: at,
        answered_at: at,
        connected_at: abandoned ? null : at,
        abandoned_at: abandoned ? at : null,
      });
      const gate = createGate(app);
      const ask = () =>
        gate.mayCall({ e164: '+12025550002', stage: 'dial', path: 'power', campaignId, leadId: null });
      const counted = async () => (await ask()).facts.abandonment;
      const start = app.clock.now();
      await app.db.insertMany('calls', [
        call('old', start - 30 * hourMs, true),
        call('day', start - 20 * hourMs, true),
        call('now', start - 1_000, false),
      ]);
      assert.deepEqual(await counted(), { abandoned: 1, connected: 1 });
      await app.db.insertMany('calls', [call('later', start + 1_000, false)]);
      app.clock.advance(2_000);
      assert.deepEqual(await counted(), { abandoned: 1, connected: 1 }, 'a moment’s count is kept');
      app.clock.advance(6_000);
      assert.deepEqual(await counted(), { abandoned: 1, connected: 2 });
      app.clock.advance(6 * hourMs);
      assert.deepEqual(await counted(), { abandoned: 0, connected: 2 }, 'the old one has left');
      app.clock.advance(40 * hourMs);
      assert.deepEqual(await counted(), { abandoned: 0, connected: 0 });
    });
  });
