import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, it } from 'mocha';
import {
  createConsentStore,
  createGate,
  createScrubMemory,
  createScrubStore,
  createSuspensionStore,
  type Gate,
  type GateRequest,
} from '../../../campaigns/compliance/index.ts';
import { createScrubLoader } from '../../../campaigns/compliance/scrubs/load-scrub.ts';
import type { NewScrubList } from '../../../campaigns/compliance/scrubs/scrub-list.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const dayMs = 86_400_000;

/** Monday 2026-11-23, 10:00 in New York. */
onBothEngines('what the gate knows', (appOf) => {
  let app: TestApp;
  let gate: Gate;
  let campaignId: number;
  before(async () => {
    app = appOf();
    gate = createGate(app);
    campaignId = await makeCampaign(app, { mode: 'progressive' });
  });

  const now = () => app.clock.now();
  const ask = (e164: string, change: Partial<GateRequest> = {}): GateRequest => ({
    ...{ e164, stage: 'dial', path: 'progressive', campaignId },
    ...change,
  });
  const reason = async (e164: string, change: Partial<GateRequest> = {}) =>
    (await gate.mayCall(ask(e164, change))).reasonCode;
  const customerWith = async (e164: string): Promise<{ leadId: number; customerId: number }> => {
    const [leadId = 0] = await addLeads(app, campaignId, [{ phones: [e164] }]);
    const { customer_id: customerId } = await app.db.knex('leads').where({ id: leadId }).first('customer_id');
    return { leadId, customerId };
  };
  const loadList = async (given: Partial<NewScrubList>, text: string, changesOf: number | null = null) => {
    const listId = await createScrubStore(app).create(
      {
        ...{ kind: 'national', country: 'US', name: 'National registry', areas: [], fileName: 'list.txt' },
        ...{ scrubbedOn: '2026-11-20', loadedBy: null },
        ...given,
      },
      now(),
    );
    mkdirSync(join(app.config.dataDir, 'imports'), { recursive: true });
    const filePath = join('imports', `${listId}.txt`);
    writeFileSync(join(app.config.dataDir, filePath), text);
    await createScrubLoader(app).load(
      { listId, filePath, changesOf },
      { signal: new AbortController().signal, progress: async () => {} },
    );
    return listId;
  };

  it('fault: a load is stopped or fails: nothing stays of its file; at the end of the process it does', async () => {
    const store = createScrubStore(app);
    mkdirSync(join(app.config.dataDir, 'imports'), { recursive: true });
    const begin = async (signal: AbortSignal, progress: () => Promise<void>) => {
      const given = { kind: 'national' as const, country: 'US', name: 'R', areas: [], fileName: 'l.txt' };
      const listId = await store.create({ ...given, scrubbedOn: '2026-11-20', loadedBy: null }, now());
      const filePath = join('imports', `${listId}.upload`);
      writeFileSync(join(app.config.dataDir, filePath), '2125550188\n');
      const load = () =>
        createScrubLoader(app).load({ listId, filePath, changesOf: null }, { signal, progress });
      return { listId, load, there: () => existsSync(join(app.config.dataDir, filePath)) };
    };
    const gone = AbortSignal.abort(new Error('cancelled'));
    const failing = await begin(new AbortController().signal, () => Promise.reject(new Error('queue away')));
    await assert.rejects(failing.load(), /queue away/);
    assert.ok(!failing.there());
    const ended = await begin(gone, async () => {});
    await assert.rejects(ended.load());
    assert.deepEqual([ended.there(), (await store.get(ended.listId))!.state], [true, 'loading']);
    await store.fail(ended.listId, 'stopped', now());
    await ended.load();
    assert.ok(!ended.there());
  });

  it('consent is read from the ledger: kind, number, dates, and what was taken back', async () => {
    const e164 = '+493012345678';
    const { leadId, customerId } = await customerWith(e164);
    const consents = createConsentStore(app);
    const line = {
      ...{ customerId, e164: null, kind: 'opt_in' as const, source: 'web' as const, proof: 'form 81' },
      ...{ givenAt: now() - dayMs, expiresAt: null },
    };
    const by = { userId: 1, at: now() };
    assert.equal(await reason(e164, { leadId }), 'CONSENT_MISSING');
    await consents.add({ ...line, givenAt: now() + 1_000 }, by);
    assert.equal(await reason(e164, { leadId }), 'CONSENT_MISSING', 'not given yet');
    await consents.add({ ...line, expiresAt: now() }, by);
    assert.equal(await reason(e164, { leadId }), 'CONSENT_MISSING', 'has run out');
    await consents.add({ ...line, e164: '+493099999999' }, by);
    assert.equal(await reason(e164, { leadId }), 'CONSENT_MISSING', 'for another number');
    const id = await consents.add(line, by);
    const verdict = await gate.mayCall(ask(e164, { leadId }));
    assert.equal(verdict.reasonCode, 'OK');
    assert.deepEqual((verdict.facts.consentLines as number[]).includes(id), true);
    const stop = { customerIds: [customerId], numbers: [], source: 'page' as const };
    const done = await consents.refuse(stop, { reason: 'STOP', userId: 2, at: now() });
    assert.deepEqual(done, { revoked: 4, refusals: 1 });
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
    app.clock.advance(1_000);
    await consents.add({ ...line, givenAt: now() }, by);
    assert.equal(await reason(e164, { leadId }), 'OK', 'given anew');
    assert.equal(await consents.addMany([{ ...line, givenAt: now() }], by), 0, 'the same line again');
  });

  it('a revocation stands until a consent that was given after it: not an older one, not a column of an import', async () => {
    const e164 = '+493012345690';
    const { leadId, customerId } = await customerWith(e164);
    const consents = createConsentStore(app);
    const line = {
      ...{ customerId, e164: null, kind: 'opt_in' as const, source: 'web' as const, proof: 'form 82' },
      ...{ givenAt: now() - dayMs, expiresAt: null },
    };
    const by = () => ({ userId: 1, at: now() });
    const first = await consents.add(line, by());
    await consents.add({ ...line, proof: 'form 82, second page' }, by());
    app.clock.advance(1_000);
    await consents.revoke(first, { reason: 'that one no more', userId: 2, at: now() });
    assert.equal(await reason(e164, { leadId }), 'OK', 'the other was not taken back');
    const stop = { customerIds: [customerId], numbers: [], source: 'page' as const };
    await consents.refuse(stop, { reason: 'STOP', userId: 2, at: now() });
    app.clock.advance(1_000);
    await consents.add({ ...line, proof: 'an older paper, found later' }, by());
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
    await consents.add(
      { ...line, source: 'import', importId: 7, proof: 'file.csv #1', givenAt: now() },
      by(),
    );
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
    await consents.add({ ...line, customerId: null, e164, proof: 'by number', givenAt: now() - dayMs }, by());
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
    const anew = await consents.add({ ...line, proof: 'form 83', givenAt: now() }, by());
    assert.equal(await reason(e164, { leadId }), 'OK', 'given after it');
    app.clock.advance(1_000);
    await consents.revoke(anew, { reason: 'STOP again', userId: 2, at: now() });
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED', 'nothing older comes back to life');
  });

  it('a purchase lifts the national list for 18 months, an inquiry for three', async () => {
    const e164 = '+12125550911';
    const { leadId, customerId } = await customerWith(e164);
    await loadList({ name: 'For relationships' }, '2125550911\n');
    assert.equal(await reason(e164, { leadId }), 'DNC_NATIONAL');
    const consents = createConsentStore(app);
    const line = { customerId, e164: null, source: 'contract' as const, proof: 'order', expiresAt: null };
    const by = { userId: 1, at: now() };
    await consents.add({ ...line, kind: 'inquiry', givenAt: now() - 100 * dayMs }, by);
    assert.equal(await reason(e164, { leadId }), 'DNC_NATIONAL');
    await consents.add({ ...line, kind: 'purchase', givenAt: now() - 500 * dayMs }, by);
    assert.equal(await reason(e164, { leadId }), 'OK');
  });

  it('a national list counts from the moment it is loaded, by area and age', async () => {
    const memory = createScrubMemory(app);
    const warm = createGate(app, { scrubs: memory });
    const both = async (e164: string) => {
      const answers = [await reason(e164), (await warm.mayCall(ask(e164))).reasonCode];
      assert.equal(answers[0], answers[1], 'memory and database agree');
      return answers[0];
    };
    assert.equal(await both('+14165550100'), 'OK', 'no list speaks of Canada');
    const text = 'number\n416,5550100\n(416) 555-0101\n+14165550102\nnobody\n';
    const listId = await loadList({ country: 'CA', name: 'Canada', areas: ['+1416'] }, text);
    assert.equal(await both('+14165550100'), 'DNC_NATIONAL');
    assert.equal(await both('+14165550103'), 'OK');
    assert.equal(await both('+16045550100'), 'DNC_SCRUB_STALE', 'an area the list does not speak of');
    await memory.refresh();
    assert.ok(memory.bytes > 0);
    assert.equal(await both('+14165550102'), 'DNC_NATIONAL');
    const list = await createScrubStore(app).get(listId);
    assert.deepEqual([list?.state, list?.numbers, list?.refused], ['active', 3, 1]);

    // A list of changes takes effect in memory without being told.
    await loadList(
      { country: 'CA', name: 'Changes', scrubbedOn: '2026-11-22' },
      '416,5550100,2026-11-22,D\n416,5550103,2026-11-22,A\n',
      listId,
    );
    assert.equal(await both('+14165550100'), 'OK');
    assert.equal(await both('+14165550103'), 'DNC_NATIONAL');

    const newer = await loadList({ country: 'CA', name: 'Canada', scrubbedOn: '2026-10-22' }, '4165550199\n');
    assert.equal((await createScrubStore(app).get(listId))?.state, 'retired');
    assert.equal(await both('+14165550102'), 'DNC_SCRUB_STALE', '32 days old');
    await createScrubStore(app).retire(newer, now());
    assert.equal(await both('+14165550199'), 'OK');
    memory.close();
  });

  it('fault: the database refuses the last page of changes – the list stays as it was, to the last number', async () => {
    const store = createScrubStore(app);
    const listId = await loadList({ country: 'FR', name: 'Bloctel' }, '+33142000000\n');
    const before = await store.get(listId);
    // Pages of 65,536 numbers: more than are written at once.
    const changes = Array.from({ length: 260 }, (_, page) => `+33${150_000_000 + page * 65_536}`);
    const last = Math.floor(Number(changes.at(-1)!.slice(1)) / 65_536);
    const isSqlite = app.db.engine === 'sqlite';
    await app.db.knex.raw(
      `create trigger refused before insert on scrub_pages for each row ${
        isSqlite
          ? `when new.head >= ${last} begin select raise(abort, 'disk is full'); end`
          : `begin if new.head >= ${last} then signal sqlstate '45000' set message_text = 'disk is full'; end if; end`
      }`,
    );
    try {
      const newer = { country: 'FR', name: 'Changes', scrubbedOn: '2026-11-22' };
      await assert.rejects(loadList(newer, changes.join('\n'), listId), /disk is full/);
    } finally {
      await app.db.knex.raw('drop trigger refused');
    }
    assert.deepEqual(await store.get(listId), before);
    assert.equal(await store.count(listId), 1);
    assert.notEqual(await reason(changes[0]!), 'DNC_NATIONAL');
  });

  it('a file without numbers leaves the list in force', async () => {
    const store = createScrubStore(app);
    const kept = await loadList({ country: 'GB', name: 'TPS' }, '+447700900191\n');
    const empty = await loadList({ country: 'GB', name: 'TPS' }, 'nothing\nhere\n');
    assert.deepEqual([(await store.get(kept))?.state, (await store.get(empty))?.state], ['active', 'failed']);
    assert.equal(await reason('+447700900191'), 'DNC_NATIONAL');
  });

  it('a number given back since the consent belongs to somebody else', async () => {
    const e164 = '+12125550922';
    const { leadId, customerId } = await customerWith(e164);
    const consents = createConsentStore(app);
    const given = Date.UTC(2026, 5, 1);
    await consents.add(
      { customerId, e164, kind: 'pewc', source: 'paper', proof: 'A-7', givenAt: given, expiresAt: null },
      { userId: 1, at: now() },
    );
    await loadList({ kind: 'reassigned', name: 'Given back' }, '2125550922,2026-05-01\n');
    assert.equal(await reason(e164, { leadId }), 'OK', 'given back before');
    await loadList({ kind: 'reassigned', name: 'Given back' }, '2125550922,2026-07-01\n');
    assert.equal(await reason(e164, { leadId }), 'NUMBER_REASSIGNED');
  });

  it('a suspension stops calls at once where it holds, and nowhere else', async () => {
    const store = createSuspensionStore(app);
    const start = (scope: 'all' | 'place' | 'rule-set', target: string, everyone = true) =>
      store.start({ scope, target, everyone, reason: 'storm', endsAt: null }, 1, now());
    const newYork = '+16465550101';
    const miami = '+13055550101';
    let id = await start('place', 'US-NY');
    assert.equal(await reason(newYork), 'EMERGENCY_SUPPRESSION');
    assert.equal(await reason(miami), 'OK');
    assert.equal(await store.lift(id, 'over', 1, now()), true);
    assert.equal(await store.lift(id, 'over', 1, now()), false);
    assert.equal(await reason(newYork), 'OK');
    id = await start('rule-set', 'us.fl');
    assert.deepEqual([await reason(miami), await reason(newYork)], ['EMERGENCY_SUPPRESSION', 'OK']);
    await store.lift(id, 'over', 1, now());
    const until = now() + 60_000;
    await store.start({ scope: 'all', target: '', everyone: true, reason: 'fault', endsAt: until }, 1, now());
    assert.equal((await gate.mayCall(ask(newYork))).outlook, 'uncertain');
    app.clock.advance(60_000);
    assert.equal(await reason(newYork), 'OK', 'it ended by itself');
  });

  it('a declared emergency spares those who have consented', async () => {
    const e164 = '+16465550177';
    const { leadId, customerId } = await customerWith(e164);
    const store = createSuspensionStore(app);
    const id = await store.start(
      { scope: 'place', target: 'US-NY', everyone: false, reason: 'flood', endsAt: null },
      1,
      now(),
    );
    assert.equal(await reason(e164, { leadId }), 'EMERGENCY_SUPPRESSION');
    await createConsentStore(app).add(
      {
        ...{ customerId, e164: null, kind: 'opt_in', source: 'web', proof: 'form', expiresAt: null },
        givenAt: now() - dayMs,
      },
      { userId: 1, at: now() },
    );
    assert.equal(await reason(e164, { leadId }), 'OK');
    await store.lift(id, 'over', 1, now());
  });

  it('an answered call is looked at once more: what was written down since ends it, the hour does not', async () => {
    const e164 = '+16465550188';
    const asked = ask(e164, { stage: 'connect', callId: 'late-1' });
    assert.equal(await gate.mayConnect(asked), 'yes');
    app.clock.advance(12 * 3_600_000);
    assert.equal(await gate.mayConnect(asked), 'yes', 'the window closed while it rang');
    await app.db.knex('dnc_numbers').insert({
      ...{ e164, campaign_id: 0, reason: 'asked', source: 'customer', added_at: now() },
    });
    assert.equal(await gate.mayConnect(asked), 'no');
    const kept = await app.db.knex('gate_verdicts').where({ call_id: 'late-1' });
    assert.deepEqual(kept.map(({ stage, reason_code }) => [stage, reason_code]), [['connect', 'DNC_INTERNAL']]); // prettier-ignore
  });
});
