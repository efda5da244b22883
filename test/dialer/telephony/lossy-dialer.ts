import { systemClock } from '../../../core/clock/clock.ts';
import { createApp } from '../../../core/create-app.ts';
import { createLog } from '../../../core/log/log.ts';
import { createDialer } from '../../../dialer/index.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { createAriTelephony } from '../../../dialer/telephony/index.ts';
import { testConfig } from '../../support/app.ts';
import { ariProxy } from '../../support/ari-proxy.ts';
import { openGate } from '../../support/dialer-rig.ts';
import { bringSchema } from '../../support/schema.ts';
import { temporaryFolder } from '../../support/servers.ts';
import { openSession } from '../../support/session.ts';
import { office, until } from '../../system/support/office.ts';

const log = createLog(process.env['LOG_LEVEL'] ?? 'silent');

/** A dialer on a real Asterisk, before which a proxy stands, with one agent who has a desk phone at the carrier and is ready. */
export async function lossyDialer(
  access: { url: string; user: string; password: string },
  carrierPort: number,
  numbers: readonly string[],
) {
  const proxy = await ariProxy(access.url);
  const config = testConfig(temporaryFolder('lossy-dialer'));
  await bringSchema(config.databaseUrl);
  const app = await createApp(config, { log });
  const mine = { ...access, url: proxy.url, app: 'lossy', clock: systemClock, log };
  const dialer = createDialer(app, { telephony: createAriTelephony(mine), gate: openGate });
  const firm = office(app);
  const phone = {
    phoneMode: 'desk',
    phoneEndpoint: 'PJSIP/+12025559912@trunk-1',
    legMode: 'nailed',
  };
  const { id: userId } = await firm.user('ada', 'agent', phone);
  await openSession(app, userId);
  const trunkIds = [await firm.trunk('Carrier', carrierPort)];
  const campaignId = await firm.campaign(
    { name: 'Lossy', mode: 'progressive', recording: false, trunkIds, agentIds: [userId] },
    [],
  );
  const stamps = { created_at: 0, updated_at: 0 };
  for (const [index, e164] of numbers.entries()) {
    const customer_id = await app.db.insertId('customers', { name: `Customer ${index}`, ...stamps });
    await app.db.knex('customer_phones').insert({ customer_id, e164, type: 'mobile', position: 0 });
    const lead = { campaign_id: campaignId, customer_id, list_id: 0, state: 'new', priority: 5, ...stamps };
    await app.db.knex('leads').insert(lead);
  }
  await dialer.start();
  const ask = (command: string, payload: object = {}) =>
    app.bus.request<AgentSnapshot>(command, { userId, ...payload }, { timeoutMs: 10_000 });
  /** What the agent sees once it is so, and how long that took. */
  const when = async (what: string, is: (seen: AgentSnapshot) => boolean, ms = 30_000) => {
    const from = performance.now();
    const look = async () => {
      const snapshot = await ask('agent.snapshot');
      return is(snapshot) && snapshot;
    };
    const seen = await until(what, look, ms);
    return { seen, ms: Math.round(performance.now() - from) };
  };
  await until('the switch is up', () => dialer.status().switch === 'up');
  await ask('agent.sign-in');
  await when('the phone is up', (seen) => seen.phone === 'up');
  await firm.start(campaignId);
  await ask('agent.ready');
  return {
    ...{ app, proxy, ask, when, userId },
    async close() {
      await ask('agent.force', { by: 0, to: 'signed-out', reason: 'end' }).catch(() => {});
      await dialer.settled();
      await dialer.close();
      await app.close(0);
      await proxy.close();
    },
  };
}
