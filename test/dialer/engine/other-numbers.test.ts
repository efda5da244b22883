import assert from 'node:assert/strict';
import { describe, it, type Context } from 'mocha';
import { createConsentStore } from '../../../campaigns/compliance/consents/consent-store.ts';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig } from '../../support/dialer-rig.ts';
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
