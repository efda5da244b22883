import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import {
  createConsentStore,
  createGate,
  createScrubStore,
  createSuspensionStore,
  type Gate,
  type GateRequest,
} from '../../../campaigns/compliance/index.ts';
import type { NewConsent } from '../../../campaigns/compliance/consents/consent.ts';
import { createConsentRecorder } from '../../../campaigns/compliance/consents/record-consents.ts';
import { lockNumbers } from '../../../crm/index.ts';
import type { TestApp } from '../../support/app.ts';
import { skipHere } from '../../support/skip.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';
import { listLoader, officialLists } from './official-lists.ts';

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
  const loadList = listLoader(appOf);
  officialLists(appOf, () => campaignId);

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

  it('fault: a refusal comes while an import is being written – its yes, of a moment before, does not outlive it', async () => {
    const e164 = '+493012345691';
    const { leadId, customerId } = await customerWith(e164);
    const consents = createConsentStore(app);
    const line = { customerId, e164: null, kind: 'opt_in' as const, source: 'import' as const, importId: 8, proof: 'file.csv #2', givenAt: now() - 2_000, expiresAt: null }; // prettier-ignore
    await consents.add(
      { ...line, kind: 'night_consent', proof: 'file.csv #3' },
      { userId: 1, at: now() - 2_000 },
    );
    // Others have the number as well: the refusal is theirs alone who said it.
    const stop = { customerIds: [customerId], numbers: [], source: 'page' as const };
    await consents.refuse(stop, { reason: 'STOP', userId: 2, at: now() });
    await consents.add(line, { userId: 1, at: now() - 1_000 });
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
    const paper = { ...line, source: 'paper' as const, importId: null, proof: 'form 9', givenAt: now() + 1 };
    app.clock.advance(1_000);
    await consents.add(paper, { userId: 1, at: now() });
    assert.equal(await reason(e164, { leadId }), 'OK');
  });

  it('of several permissions of files one is taken back – the others go on', async () => {
    const e164 = '+493012345692';
    const { leadId, customerId } = await customerWith(e164);
    const consents = createConsentStore(app);
    const line = { customerId, e164: null, source: 'import' as const, importId: 9, proof: 'file.csv #4', givenAt: now() - 2_000, expiresAt: null }; // prettier-ignore
    await consents.add({ ...line, kind: 'opt_in' }, { userId: 1, at: now() - 1_000 });
    const night = await consents.add({ ...line, kind: 'night_consent' }, { userId: 1, at: now() - 1_000 });
    await consents.revoke(night, { reason: 'not at night', userId: 2, at: now() });
    assert.equal(await reason(e164, { leadId }), 'OK');
  });

  it('a refusal waits for whoever writes of one of its numbers', async function () {
    if (app.db.engine === 'sqlite') skipHere(this, 'SQLite has one writer: nobody waits for a lock');
    const e164 = '+493012345693';
    const { leadId, customerId } = await customerWith(e164);
    const consents = createConsentStore(app);
    const stop = { customerIds: [customerId], numbers: [e164], source: 'page' as const };
    let refused = false;
    let refusing: Promise<unknown> | undefined;
    await app.db.transaction(async (trx) => {
      await lockNumbers([e164], trx);
      refusing = consents.refuse(stop, { reason: 'STOP', userId: 2, at: now() }).then(() => (refused = true));
      const line = { customerId, e164: null, kind: 'opt_in' as const, source: 'web' as const, proof: 'form', givenAt: now(), expiresAt: null }; // prettier-ignore
      await consents.addMany([line], { userId: 1, at: now() }, trx);
      for (let round = 0; round < 20; round++) await app.db.knex.raw('select 1');
      assert.equal(refused, false);
    });
    await refusing;
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
  });

  it('fault: a refusal comes while a file is loading – no line of the file that comes behind it undoes it', async () => {
    const e164 = '+493012345694';
    const { leadId } = await customerWith(e164);
    const consents = createConsentStore(app);
    const line = { customerId: null, e164, kind: 'opt_in' as const, source: 'paper' as const, proof: 'A-1', givenAt: now() - dayMs, expiresAt: null }; // prettier-ignore
    const ofNumber = async (wanted: string) =>
      (await consents.linesOf([], [wanted])).find(({ kind }) => kind !== 'refusal')!;
    let refusedAt = 0;
    let recording = null as Promise<{ added: number }> | null;
    await app.db.transaction(async (trx) => {
      await lockNumbers([e164], trx);
      recording = createConsentRecorder(app).record([line], 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      app.clock.advance(1_000);
      refusedAt = now();
      const stop = { customerIds: [], numbers: [e164], source: 'page' as const };
      await consents.refuse(stop, { reason: 'STOP', userId: 2, at: refusedAt }, trx);
    });
    assert.equal((await recording)?.added, 1);
    assert.ok((await ofNumber(e164)).recordedAt >= refusedAt, 'it came into the ledger behind it');
    assert.equal((await ofNumber(e164)).revokedAt, null);
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
  });

  it('fault: what was given for a number is taken back, and an older paper of it comes later – who has it does not become callable by that', async () => {
    const e164 = '+493012345695';
    const { leadId, customerId } = await customerWith(e164);
    const consents = createConsentStore(app);
    const recorder = createConsentRecorder(app);
    const line = { customerId, e164: null, kind: 'opt_in' as const, source: 'web' as const, proof: 'form', givenAt: now() - dayMs, expiresAt: null }; // prettier-ignore
    await recorder.recordOne(line, 1);
    const ofNumber = { ...line, customerId: null, e164 };
    const { id: first } = await recorder.recordOne({ ...ofNumber, proof: 'A-1' }, 1);
    assert.equal(await reason(e164, { leadId }), 'OK');
    app.clock.advance(1_000);
    await consents.revoke(first, { reason: 'not on this number', userId: 2, at: now() });
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
    app.clock.advance(1_000);
    assert.equal((await recorder.record([{ ...ofNumber, proof: 'A-2' }], 1)).added, 1);
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
    await recorder.record([{ ...ofNumber, proof: 'A-3', givenAt: now() }], 1);
    assert.equal(await reason(e164, { leadId }), 'OK', 'given after it, by whoever has the number');
  });

  it('fault: a consent is recorded that an earlier refusal overrules – whoever records it is told, and just where the gate goes by it', async () => {
    const [e164, other] = ['+493012345611', '+493012345612'];
    const consents = createConsentStore(app);
    const recorder = createConsentRecorder(app);
    const { leadId, customerId } = await customerWith(e164);
    const given = { kind: 'opt_in', source: 'api', proof: 'form', givenAt: now() - dayMs, expiresAt: null } as const; // prettier-ignore
    const ofNumber = { ...given, customerId: null, e164 };
    const saidOf = async (line: NewConsent) => (await recorder.recordOne(line, null)).takenBackAt;
    const refusedAt = now();
    const by = { reason: 'STOP', userId: null, at: refusedAt };
    await consents.refuse({ customerIds: [customerId], numbers: [], source: 'api' }, by);
    app.clock.advance(1_000);
    for (const line of [ofNumber, { ...ofNumber, customerId }, { ...given, customerId, e164: null }])
      assert.equal(await saidOf(line), refusedAt);
    assert.equal(
      await saidOf({ ...ofNumber, kind: 'purchase' }),
      null,
      'no permission: nothing is taken back',
    );
    assert.equal(await reason(e164, { leadId }), 'CONSENT_REVOKED');
    const second = await customerWith(e164);
    assert.equal(
      await saidOf({ ...ofNumber, proof: 'form 2' }),
      null,
      'of use to somebody who has the number',
    );
    assert.deepEqual([await reason(e164, { leadId }), await reason(e164, { leadId: second.leadId })], ['CONSENT_REVOKED', 'OK']); // prettier-ignore
    assert.equal(await saidOf({ ...given, customerId, e164: null, givenAt: now() }), null, 'given after it');
    // Somebody who has the number as well takes back what they gave for it alone.
    const [one, shared] = [await customerWith(other), await customerWith(other)];
    const ofShared = { ...given, customerId: shared.customerId, e164: other };
    const { id } = await recorder.recordOne(ofShared, null);
    await consents.revoke(id, { reason: 'not here', userId: 1, at: now() });
    assert.equal(await saidOf({ ...ofShared, customerId: one.customerId }), now());
    assert.equal(await reason(other, { leadId: one.leadId }), 'CONSENT_REVOKED');
  });

  it('fault: a yes in a file or in a call is no writing – the US list stands until an opt-in on paper', async () => {
    const e164 = '+12125550912';
    const { leadId, customerId } = await customerWith(e164);
    const listId = await loadList({ name: 'For opt-ins' }, '2125550912\n');
    const consents = createConsentStore(app);
    const line = { customerId, e164: null, kind: 'opt_in' as const, proof: 'row 7', expiresAt: null, givenAt: now() - dayMs }; // prettier-ignore
    for (const source of ['import', 'call', 'message', 'api'] as const)
      await consents.add({ ...line, source }, { userId: 1, at: now() });
    assert.equal(await reason(e164, { leadId }), 'DNC_NATIONAL');
    const named = await makeCampaign(app, { ruleSet: 'uk.policy' });
    const byOthers = await reason(e164, { campaignId: named, leadId: null, customerId });
    assert.equal(byOthers, 'DNC_NATIONAL', 'by whatever set the campaign names');
    await consents.add({ ...line, source: 'paper' }, { userId: 1, at: now() });
    assert.equal(await reason(e164, { leadId }), 'OK');
    await createScrubStore(app).retire(listId, now());
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
