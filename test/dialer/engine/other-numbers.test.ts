import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, type Context } from 'mocha';
import type { Gate, Verdict } from '../../../campaigns/compliance/index.ts';
import { createConsentStore } from '../../../campaigns/compliance/consents/consent-store.ts';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';
import { mariadb } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';

const listed = '+14155550191';
const free = '+14155550104';
const wholly = ['+14155550192', '+14155550193'] as const;
const revoked = '+14155550194';

for (const engine of ['SQLite', 'MariaDB'] as const)
  describe(`numbers of a customer (${engine})`, function () {
    this.timeout(120_000);

    const databaseUrl = async (context: Context) => {
      const server = await mariadb();
      if (!server) skip(context, 'MariaDB is not installed');
      return server.createDatabase();
    };

    it('are asked about one after the other before the lead is given up', async function () {
      const config = engine === 'MariaDB' ? { databaseUrl: await databaseUrl(this) } : {};
      const app = await testApp({ clock: new ManualClock(Date.UTC(2026, 10, 23, 18)), config });
      const rig = await dialerRig({ app, dialer: { gate: undefined } });
      try {
        const { knex } = app.db;
        const userId = await rig.agent('ann');
        const [trunkIds, agentIds] = [[await rig.trunk('First')], [userId]];
        await rig.campaign({
          numbers: [listed, wholly[0], revoked],
          mode: 'progressive',
          trunkIds,
          agentIds,
        });
        const customerOf = async (e164: string) =>
          (await knex('customer_phones').where({ e164 }).first()).customer_id as number;
        const second = async (first: string, e164: string) =>
          knex('customer_phones').insert({ customer_id: await customerOf(first), e164, type: 'home', position: 1 }); // prettier-ignore
        await second(listed, free);
        await second(wholly[0], wholly[1]);
        await second(revoked, '+14155550195');
        const at = app.clock.now();
        for (const e164 of [listed, ...wholly])
          await knex('dnc_numbers').insert({ e164, campaign_id: 0, reason: 'asked', source: 'page', added_at: at }); // prettier-ignore
        const line = { customerId: await customerOf(revoked), e164: null, kind: 'opt_in', source: 'web', proof: 'form', givenAt: at, expiresAt: null } as const; // prettier-ignore
        assert.ok(await createConsentStore(app).add(line, { userId: null, at }));
        await knex('consents').update({ revoked_at: at, revoke_reason: 'asked' });
        const leadOf = async (e164: string) =>
          knex('leads').where({ customer_id: await customerOf(e164) }).first(); // prettier-ignore

        await rig.dialer.start();
        await rig.ready(userId);
        await rig.until('the free number was called', async () => (await rig.calls())[0]?.state === 'ended');
        await rig.dialer.settled();
        assert.deepEqual((await rig.calls()).map(({ e164 }) => e164), [free]); // prettier-ignore
        assert.deepEqual([(await leadOf(listed)).state, (await leadOf(listed)).attempts], ['waiting', 1]);
        for (const [e164, reason] of [
          [wholly[0], 'DNC_INTERNAL'],
          [revoked, 'CONSENT_REVOKED'],
        ] as const) {
          const lead = await leadOf(e164);
          assert.deepEqual([lead.state, lead.state_reason], ['blocked', reason]);
        }
      } finally {
        await rig.close();
      }
    });
  });

describe('a number that may never be called any more in the moment of dialling', () => {
  const [first, second] = ['+14155550181', '+14155550104'];
  const never: Verdict = {
    ...{ decision: 'block', allowed: false, reasonCode: 'DNC_INTERNAL', nextAllowedAt: null },
    ...{ outlook: 'never', zones: [], ruleSet: 'test', ruleVersion: 'test', facts: {}, at: 0, goodUntil: 0 },
  };
  let rig: DialerRig;
  let userId: number;
  let campaignId: number;
  let listedFrom: 'reserve' | 'dial';
  let forbidden: string[];

  beforeEach(async () => {
    listedFrom = 'dial';
    forbidden = [first];
    const judge: Gate['mayCallMany'] = async (requests) => {
      const open = await openGate.mayCallMany(requests);
      return requests.map(({ e164, stage }, index) => {
        const isKnown = listedFrom === 'reserve' || stage === 'dial';
        return isKnown && forbidden.includes(e164) ? never : open[index]!;
      });
    };
    const mayCall: Gate['mayCall'] = async (request) => (await judge([request]))[0]!;
    rig = await dialerRig({ dialer: { gate: { ...openGate, mayCall, mayCallMany: judge } } });
    userId = await rig.agent('ann');
  });
  afterEach(() => rig.close());

  const start = async (mode: 'progressive' | 'preview') => {
    const trunkIds = [await rig.trunk('First')];
    campaignId = await rig.campaign({ numbers: [first], mode, trunkIds, agentIds: [userId] });
    const { id: customer_id } = await rig.app.db.knex('customers').first();
    await rig.app.db.knex('customer_phones').insert({ customer_id, e164: second, type: 'home', position: 1 });
    await rig.dialer.start();
    await rig.until('the switch is up', () => rig.dialer.status().switch === 'up');
    return customer_id as number;
  };
  const lead = async () => (await rig.leads())[0]!;

  it('makes room for the customer’s next one', async () => {
    await start('progressive');
    await rig.ready(userId);
    await rig.until('it was called', async () => (await rig.calls())[0]?.state === 'ended');
    await rig.dialer.settled();
    assert.deepEqual((await rig.calls()).map(({ e164 }) => e164), [second]); // prettier-ignore
    assert.deepEqual([(await lead()).state, (await lead()).attempts], ['waiting', 1]);
  });

  it('blocks the lead where the other may not be called either', async () => {
    forbidden = [first, second];
    await start('progressive');
    await rig.ready(userId);
    await rig.until('it is blocked', async () => (await lead()).state === 'blocked');
    assert.equal((await lead()).state_reason, 'DNC_INTERNAL');
    assert.deepEqual(await rig.calls(), []);
  });

  for (const [which, e164] of [
    ['next', first],
    ['other', second],
  ] as const)
    it(`leaves the lead to be called at its customer’s ${which === 'next' ? 'other' : 'next'} number, when an agent dials the ${which} one by hand`, async () => {
      listedFrom = 'reserve';
      forbidden = [e164];
      const customerId = await start('preview');
      await rig.signIn(userId);
      const dial = rig.ask('agent.dial', { userId, campaignId, e164, customerId });
      await assert.rejects(dial, { reason: 'blocked-by-gate' });
      await rig.dialer.settled();
      assert.deepEqual([(await lead()).state, (await lead()).reserved_by], ['new', null]);
    });
});
