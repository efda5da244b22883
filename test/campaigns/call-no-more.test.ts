import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createCallNoMore, type NoMoreCalls } from '../../campaigns/call-no-more.ts';
import { createGate } from '../../campaigns/compliance/index.ts';
import { createConsentStore } from '../../campaigns/compliance/consents/consent-store.ts';
import { isOverruled } from '../../campaigns/compliance/consents/consent.ts';
import { createAnnulRefusal } from '../../campaigns/dnc/annul-refusal.ts';
import { createDncStore } from '../../campaigns/dnc/index.ts';
import { onBothEngines } from './engines.ts';
import { addLeads, makeCampaign } from './fixtures.ts';

const called = '+14155550110';
const next = '+14155550111';
const shared = '+14155550112';

onBothEngines('who asks in a call to be called no more', (app) => {
  let campaignId: number;
  let other: number;
  let person: number;
  let colleague: number;

  before(async () => {
    [campaignId, other] = [await makeCampaign(app()), await makeCampaign(app(), { name: 'Other' })];
    const [first, second] = await addLeads(app(), campaignId, [
      { phones: [called, next, shared] },
      { phones: [shared] },
    ]);
    const customerOf = async (id: number) =>
      (await app().db.knex('leads').where({ id }).first()).customer_id as number;
    [person, colleague] = [await customerOf(first!), await customerOf(second!)];
  });

  const asked = (): NoMoreCalls => ({
    ...{ e164: called, customerId: person, callId: 'c1', reason: 'opt-out' },
    ...{ source: 'customer', by: null, at: app().clock.now() },
  });
  const reason = async (e164: string, customerId: number | null, campaign: number) => {
    const request = {
      e164,
      stage: 'reserve',
      path: 'predictive',
      campaignId: campaign,
      leadId: null,
    } as const;
    const [verdict] = await createGate(app(), { dry: true }).mayCallMany([{ ...request, customerId }]);
    return verdict!.reasonCode;
  };

  it('is called on none of their numbers, by no campaign; who shares one of them is', async () => {
    assert.notEqual(await reason(next, person, campaignId), 'CONSENT_REVOKED');
    await createCallNoMore(app())(asked());
    for (const campaign of [campaignId, other]) {
      assert.equal(await reason(called, person, campaign), 'DNC_INTERNAL');
      for (const e164 of [next, shared])
        assert.equal(await reason(e164, person, campaign), 'CONSENT_REVOKED');
      assert.equal(
        await reason(next, null, campaign),
        'CONSENT_REVOKED',
        'also where nobody says whose it is',
      );
      assert.notEqual(await reason(shared, colleague, campaign), 'CONSENT_REVOKED');
    }
  });

  it('is taken down once, however often it is tried', async () => {
    const lines = async () => (await app().db.knex('consents').where({ kind: 'refusal' })).length;
    const before = await lines();
    await createCallNoMore(app())(asked());
    assert.ok(before > 0);
    assert.equal(await lines(), before);
  });

  it('is not called either once the number is off the list', async () => {
    const at = app().clock.now();
    const removal = {
      e164: called,
      campaignId: null,
      reason: 'mistake',
      source: 'page',
      by: null,
      at,
    } as const;
    assert.ok(await createDncStore(app()).remove(removal));
    assert.equal(await reason(called, person, campaignId), 'CONSENT_REVOKED');
  });

  it('fault: says it again in a call whose refusal was annulled – it is written down afresh, what was told late is not', async () => {
    const e164 = '+14155550130';
    const [leadId] = await addLeads(app(), other, [{ phones: [e164] }]);
    const { customer_id: customerId } = await app().db.knex('leads').where({ id: leadId! }).first();
    const at = app().clock.now();
    const stop = createCallNoMore(app());
    const call = { ...asked(), e164, customerId, callId: 'c30', at };
    const counted = async () =>
      (await app().db.knex('consents').where({ customer_id: customerId, kind: 'refusal' }).whereNull('annulled_at'))
        .length; // prettier-ignore
    await stop(call);
    await createAnnulRefusal(app())({ customerId, callId: 'c30', reason: 'wrong key', by: 2, at: at + 10 });
    await stop(call);
    assert.equal(await counted(), 0, 'the same again, told twice');
    await stop({ ...call, at: at + 20 });
    await stop({ ...call, at: at + 20 });
    assert.equal(await counted(), 1);
  });

  it('is called again, as before, once the refusal of that call is annulled as a mistake; what others say stands', async () => {
    const [e164, second] = ['+14155550120', '+14155550121'];
    const [leadId] = await addLeads(app(), other, [{ phones: [e164, second] }]);
    const { customer_id: customerId } = await app().db.knex('leads').where({ id: leadId! }).first();
    const { knex } = app().db;
    const at = app().clock.now();
    const consents = createConsentStore(app());
    const given = {
      kind: 'opt_in',
      source: 'web',
      proof: 'form 7',
      givenAt: at - 1000,
      expiresAt: null,
    } as const;
    await consents.add({ ...given, customerId, e164: null }, { userId: null, at: at - 1000 });
    const before = await reason(second, customerId, other);
    assert.notEqual(before, 'CONSENT_REVOKED');
    const stop = createCallNoMore(app());
    const call = { ...asked(), e164, customerId, source: 'agent', by: 1, reason: 'dnc' } as const;
    await stop({ ...call, callId: 'c20' });
    await stop({ ...call, callId: 'c21', at: at + 1 });
    app().clock.advance(2);
    const annul = (callId: string) =>
      createAnnulRefusal(app())({ customerId, callId, reason: 'wrong key', by: 2, at });
    await knex('leads').where({ id: leadId! }).update({ state: 'blocked', state_reason: 'CONSENT_REVOKED' });
    assert.deepEqual(await annul('no such call'), { refusals: 0, restored: 0 });
    assert.deepEqual(await annul('c20'), { refusals: 3, restored: 0 });
    assert.equal(await reason(second, customerId, other), 'CONSENT_REVOKED', 'the other call’s stands');
    assert.deepEqual(await annul('c21'), { refusals: 3, restored: 1 });
    assert.deepEqual(await annul('c21'), { refusals: 0, restored: 0 });
    assert.equal(await reason(second, customerId, other), before);
    assert.equal((await knex('leads').where({ id: leadId! }).first()).state, 'waiting');
    const lines = await consents.ofCustomer(customerId, [e164, second]);
    const of = (kind: string) => lines.filter((line) => line.kind === kind);
    assert.deepEqual([of('refusal').length, of('annulment').length], [6, 6]);
    assert.deepEqual(of('annulment').map(({ revokeReason }) => revokeReason), Array(6).fill('wrong key')); // prettier-ignore
    // The consent that holds again can be taken back again.
    await stop({ ...call, callId: 'c22', at: at + 2 });
    app().clock.advance(2);
    assert.equal(await reason(second, customerId, other), 'CONSENT_REVOKED');
  });

  it('fault: a number that they share stands in the ledger for whoever has it – theirs it is no more, the other’s still', async () => {
    const [own, both] = ['+14155550140', '+14155550141'];
    const made = await addLeads(app(), campaignId, [{ phones: [own, both] }, { phones: [both] }]);
    const rows: { customer_id: number }[] = await app().db.knex('leads').whereIn('id', made).orderBy('id');
    const [who, neighbour] = rows.map((row) => row.customer_id) as [number, number];
    const consents = createConsentStore(app());
    const at = app().clock.now();
    const line = { customerId: null, e164: both, kind: 'opt_in', source: 'import', proof: 'A-1', givenAt: at - 1000, expiresAt: null } as const; // prettier-ignore
    await consents.addMany([line], { userId: 1, at: at - 1000 });
    const before = await reason(both, who, other);
    assert.notEqual(before, 'CONSENT_REVOKED');
    await createCallNoMore(app())({ ...asked(), e164: own, customerId: who, callId: 'c40', at });
    app().clock.advance(2);
    assert.equal(await reason(both, who, other), 'CONSENT_REVOKED');
    assert.notEqual(await reason(both, neighbour, other), 'CONSENT_REVOKED');
    const ofWho = await consents.ofCustomer(who, [both]);
    assert.ok(
      isOverruled(
        ofWho.find(({ e164 }) => e164 === both)!,
        ofWho,
      ),
    );
    const anew = { ...line, customerId: who, e164: null, source: 'web', givenAt: app().clock.now() } as const;
    const id = await consents.add(anew, { userId: 1, at: app().clock.now() });
    assert.notEqual(await reason(both, who, other), 'CONSENT_REVOKED', 'given after it');
    app().clock.advance(2);
    await consents.revoke(id, { reason: 'not that either', userId: 1, at: app().clock.now() });
    assert.equal(await reason(both, who, other), 'CONSENT_REVOKED');
    await createAnnulRefusal(app())({ customerId: who, callId: 'c40', reason: 'wrong key', by: 2, at });
    assert.equal(await reason(both, who, other), before, 'it was a mistake');
  });

  it('fault: has lost a number before their refusal is annulled as a mistake – nor does it bind who has it since, while what others said in that call does', async () => {
    const [own, lost, third] = ['+14155550150', '+14155550151', '+14155550152'];
    const made = await addLeads(app(), campaignId, [{ phones: [own, lost] }, { phones: [third] }]);
    const rows: { customer_id: number }[] = await app().db.knex('leads').whereIn('id', made).orderBy('id');
    const [who, handed] = rows.map((row) => row.customer_id) as [number, number];
    const at = app().clock.now();
    const stop = createCallNoMore(app());
    for (const [e164, customerId] of [
      [own, who],
      [third, handed],
    ] as const)
      // prettier-ignore
      await stop({ ...asked(), e164, customerId, callId: 'c50', source: 'agent', by: 1, at });
    await app().db.knex('customer_phones').where({ e164: lost }).delete();
    const [leadId] = await addLeads(app(), other, [{ phones: [lost] }]);
    const { customer_id: since } = await app().db.knex('leads').where({ id: leadId! }).first();
    app().clock.advance(2);
    assert.equal(await reason(lost, since as number, other), 'CONSENT_REVOKED');
    const annulled = await createAnnulRefusal(app())({ customerId: who, callId: 'c50', reason: 'wrong key', by: 2, at }); // prettier-ignore
    assert.deepEqual(annulled, { refusals: 3, restored: 0 });
    app().clock.advance(2);
    assert.notEqual(await reason(lost, since as number, other), 'CONSENT_REVOKED');
    const left = await app().db.knex('consents').where({ proof: 'c50', kind: 'refusal' }).whereNull('annulled_at').orderBy('id').pluck('e164'); // prettier-ignore
    assert.deepEqual(left, ['', third]);
  });

  it('is known by the number where the call names nobody and one alone has it', async () => {
    const [alone, many] = ['+14155550113', '+14155550114'];
    const made = await addLeads(app(), other, [{ phones: [alone, '+14155550115'] }, { phones: [many] }, { phones: [many] }]); // prettier-ignore
    const rows: { customer_id: number }[] = await app().db.knex('leads').whereIn('id', made).orderBy('id');
    const stop = createCallNoMore(app());
    await stop({ ...asked(), e164: alone, customerId: null, callId: 'c2' });
    await stop({ ...asked(), e164: many, customerId: null, callId: 'c3' });
    assert.equal(await reason('+14155550115', rows[0]!.customer_id, other), 'CONSENT_REVOKED');
    assert.equal(await reason(many, rows[1]!.customer_id, other), 'DNC_INTERNAL');
    const refused = await app().db.knex('consents').whereIn('customer_id', rows.slice(1).map((row) => row.customer_id)); // prettier-ignore
    assert.deepEqual(refused, []);
  });
});
