import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createGate } from '../../campaigns/compliance/index.ts';
import { createConsentStore } from '../../campaigns/compliance/consents/consent-store.ts';
import { createDispositionStore } from '../../campaigns/dispositions/index.ts';
import { createDncStore } from '../../campaigns/dnc/index.ts';
import { up as bindCallers } from '../../migrations/0251-callers-refusals.ts';
import { onBothEngines } from './engines.ts';
import { addLeads, makeCampaign } from './fixtures.ts';

const called = '+14155550120';
const other = '+14155550121';

onBothEngines('wishes from before they bound the person', (app) => {
  let campaignId: number;
  let person: number;
  let stranger: number;
  let at: number;
  let code: string;
  let disposition: number;
  let sale: number;
  const knex = () => app().db.knex;

  before(async () => {
    const dispositions = createDispositionStore(app());
    await dispositions.seed();
    const all = await dispositions.all();
    ({ id: disposition, code } = all.find(({ category }) => category === 'dnc')!);
    sale = all.find(({ category }) => category === 'sale')!.id;
    campaignId = await makeCampaign(app());
    at = app().clock.now() - 86_400_000;
  });
  beforeEach(async () => {
    for (const table of [
      'calls',
      'consents',
      'dnc_numbers',
      'dnc_log',
      'leads',
      'customer_phones',
      'customers',
    ])
      await knex()(table).delete();
    const leads = await addLeads(app(), campaignId, [{ phones: [called, other] }, { phones: ['+14155550129'] }]); // prettier-ignore
    [person, stranger] = (await knex()('leads').whereIn('id', leads).orderBy('id').pluck('customer_id')) as [number, number]; // prettier-ignore
    await permit(person, at - 100_000);
  });

  const permit = (customerId: number, givenAt: number, recordedAt = givenAt) =>
    app().db.transaction((trx) =>
      createConsentStore(app()).addMany(
        [{ customerId, e164: null, kind: 'opt_in', source: 'web', proof: `f${givenAt}`, givenAt, expiresAt: null }], // prettier-ignore
        { userId: null, at: recordedAt },
        trx,
      ),
    );
  const call = (id: string, columns: object = {}) =>
    knex()('calls').insert({
      ...{
        id,
        direction: 'out',
        path: 'predictive',
        campaign_id: campaignId,
        customer_id: person,
        user_id: 7,
      },
      ...{ e164: called, state: 'ended', created_at: at - 60_000, answered_at: at - 50_000, ended_at: at },
      ...columns,
    });
  const wished = (id = 'c1', columns: object = {}) =>
    call(id, { disposition_id: disposition, wrapped_up_at: at, ...columns });
  const listed = (source: 'agent' | 'customer' | 'import', reason: string, when = at) =>
    createDncStore(app()).add({ e164: called, campaignId: null, reason, source, by: null, at: when });
  const reason = async (e164: string, customerId: number) => {
    const request = { e164, stage: 'dial', path: 'manual', campaignId, customerId } as const;
    return (await createGate(app(), { dry: true }).mayCall(request)).reasonCode;
  };
  const refusals = () => knex()('consents').where({ kind: 'refusal' }).orderBy('id').select('customer_id', 'e164', 'proof', 'revoked_at', 'recorded_by'); // prettier-ignore

  it('said to an agent or by a key, they bind the person on their other numbers, once', async () => {
    for (const [source, word, columns] of [
      ['agent', code, { disposition_id: disposition, wrapped_up_at: at }],
      ['customer', 'opt-out', {}],
    ] as const) {
      await knex()('calls').delete();
      await knex()('consents').where({ kind: 'refusal' }).delete();
      await knex()('consents').update({ revoked_at: null, revoke_reason: null, revoked_by: null });
      await knex()('dnc_numbers').delete();
      await call('c1', columns);
      await listed(source, word, source === 'agent' ? at : at - 10_000);
      assert.notEqual(await reason(other, person), 'CONSENT_REVOKED');
      await bindCallers(knex());
      await bindCallers(knex());
      const when = source === 'agent' ? at : at - 10_000;
      assert.deepEqual(await refusals(), [{ customer_id: person, e164: '', proof: 'c1', revoked_at: when, recorded_by: source === 'agent' ? 7 : null }]); // prettier-ignore
      assert.equal(await reason(other, person), 'CONSENT_REVOKED');
      assert.notEqual(await reason('+14155550129', stranger), 'CONSENT_REVOKED');
    }
  });

  it('a permission of after the wish holds, and one that an older paper brought in since does not', async () => {
    await wished();
    await listed('agent', code);
    await permit(person, at - 500, at + 500);
    await bindCallers(knex());
    assert.equal(await reason(other, person), 'CONSENT_REVOKED');
    await permit(person, at + 1_000);
    assert.notEqual(await reason(other, person), 'CONSENT_REVOKED');
  });

  it('what was given for a number is taken back where nobody else has it, and comes back when the wish is annulled', async () => {
    const both = '+14155550122';
    for (const customer_id of [person, stranger])
      await knex()('customer_phones').insert({ customer_id, e164: both, position: 5, type: 'mobile' });
    for (const e164 of [other, both])
      await app().db.transaction((trx) =>
        createConsentStore(app()).addMany(
          [{ customerId: null, e164, kind: 'opt_in', source: 'web', proof: e164, givenAt: at - 9_000, expiresAt: null }], // prettier-ignore
          { userId: null, at: at - 9_000 },
          trx,
        ),
      );
    await wished();
    await listed('agent', code);
    await bindCallers(knex());
    const open = () => knex()('consents').whereNull('customer_id').where({ kind: 'opt_in' }).whereNull('revoked_at').orderBy('e164').pluck('e164'); // prettier-ignore
    assert.deepEqual(await open(), [both]);
    assert.equal(await reason(other, person), 'CONSENT_REVOKED');
    await app().db.transaction((trx) => createConsentStore(app()).annul({ customerId: person, numbers: [called, other], callId: 'c1' }, { reason: 'slip', userId: 1, at: at + 9 }, trx)); // prettier-ignore
    assert.deepEqual(await open(), [other, both]);
    assert.notEqual(await reason(other, person), 'CONSENT_REVOKED');
  });

  it('bind nobody where the wish does not stand, or it is not written whose it was', async () => {
    const unbound = async (what: string) => {
      await bindCallers(knex());
      assert.deepEqual(await refusals(), [], what);
      for (const table of ['calls', 'dnc_numbers', 'dnc_log']) await knex()(table).delete();
    };
    await wished();
    await unbound('taken off the list since');
    await wished();
    await listed('agent', code);
    await createDncStore(app()).remove({ e164: called, campaignId: null, reason: 'a slip', source: 'page', by: 1, at: at + 5 }); // prettier-ignore
    await listed('agent', code, at + 10);
    await unbound('the first wish was a slip, the second is of a call that is not there');
    await wished('c1', { customer_id: null });
    await listed('agent', code);
    await unbound('nobody was named');
    await wished('c1', { customer_id: 999_999 });
    await listed('agent', code);
    await unbound('the customer has gone');
    await call('c1', { disposition_id: sale, wrapped_up_at: at });
    await listed('agent', code);
    await unbound('another call of the number');
    await call('c1');
    await listed('customer', 'opt-out', at + 1);
    await unbound('pressed in no call of theirs');
    await wished();
    await listed('import', code);
    await unbound('on the list by a file');
  });

  it('a wish that is in the ledger already, or was annulled, is not written again', async () => {
    await wished();
    await listed('agent', code);
    const store = createConsentStore(app());
    const by = { reason: code, userId: 7, at };
    await store.refuse({ customerIds: [person], numbers: [], source: 'call', proof: 'c1' }, by);
    await app().db.transaction((trx) => store.annul({ customerId: person, numbers: [], callId: 'c1' }, { ...by, reason: 'slip', at: at + 9 }, trx)); // prettier-ignore
    await bindCallers(knex());
    assert.equal((await refusals()).length, 1);
    assert.notEqual(await reason(other, person), 'CONSENT_REVOKED');
  });
});
