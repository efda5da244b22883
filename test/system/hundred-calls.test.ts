import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { startProduct, type Product } from '../../bin/product.ts';
import { createLog } from '../../core/log/log.ts';
import type { AgentSnapshot } from '../../dialer/protocol.ts';
import { customersByNumber, type EndpointSpec } from '../../dialer/telephony/index.ts';
import { asteriskRoot } from '../../dialer/telephony/asterisk/root.ts';
import { testConfig } from '../support/app.ts';
import { asteriskObstacle, startTestAsterisk, type TestAsterisk } from '../support/asterisk.ts';
import { startDoor, type Started } from '../support/process.ts';
import { startMariadb, startRedis, temporaryFolder, type TestServer } from '../support/servers.ts';
import { openSession } from '../support/session.ts';
import { SippCarrier } from '../support/sipp/sipp.ts';
import { skip } from '../support/skip.ts';
import { office, until } from './support/office.ts';
import { openPlaces } from './support/places.ts';

const live = 100;
/** Agents who wait until there is a fault to come back from. */
const fresh = 4;
const awayMs = Number(process.env.AWAY_MS ?? 20_000);
/** What a call may need that is placed on a machine with two cores beside a hundred others. */
const newCallMs = 5_000;
/** From the start of the new process, which is most of it, until new calls are talked. */
const backWorkingMs = 20_000;

/** Customers and agents' desk phones are SIPp, and each customer talks from the answer on. */
describe('a hundred live calls on a real Asterisk', function () {
  this.timeout(300_000);
  // Each begins with the calls that the one before has left.
  this.retries(0);
  const servers: TestServer[] = [];
  const carriers: SippCarrier[] = [];
  let asterisk: TestAsterisk;
  let product: Product;
  let dialer: Started;
  let env: Record<string, string>;
  let users: number[];
  let campaignId: number;
  let refused: number;
  const took: Record<string, number> = {};

  before(async function () {
    const why = await asteriskObstacle();
    if (why) skip(this, why);
    const [database, broker] = [await startMariadb(), await startRedis()];
    if (!database || !broker) skip(this, 'MariaDB or Redis is not installed');
    servers.push(database, broker);
    const root = asteriskRoot(process.env);
    carriers.push(await SippCarrier.start(root), await SippCarrier.start(root));
    const [customers, phones] = carriers as [SippCarrier, SippCarrier];
    const endpoint = (name: string, port: number): EndpointSpec => ({
      ...{ kind: 'trunk', name, host: '127.0.0.1', port, transport: 'udp', username: null, password: null },
      ...{ register: false, loginInFrom: false, codecs: ['ulaw'] },
    });
    // Two ports for each leg.
    asterisk = await startTestAsterisk([endpoint('phones', phones.port)], {
      rtp: { from: 10_000, to: 10_999 },
    });
    const dataDir = temporaryFolder('hundred-calls');
    const [databaseUrl, redisUrl] = [await database.createDatabase(), broker.url];
    product = await startProduct({
      config: testConfig(dataDir, { databaseUrl, redisUrl }),
      ...{ roles: ['worker'], log: createLog('silent') },
    });
    const { url, user, password } = asterisk.access;
    env = {
      ...{ DATA_DIR: dataDir, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, LOG_LEVEL: 'warn' },
      ...{ DIALER_ID: 'one', ASTERISK_URL: url, ASTERISK_USER: user, ASTERISK_PASSWORD: password },
    };
    const now = product.app.clock.now();
    users = Array.from({ length: live + fresh }, (_, n) => n + 1001);
    await product.app.db.insertMany(
      'users',
      users.map((id) => ({
        ...{ id, username: `agent${id}`, name: `Agent ${id}`, password_hash: '-', role: 'agent' },
        ...{ phone_mode: 'desk', phone_endpoint: `PJSIP/9${id}12@phones`, leg_mode: 'nailed' },
        ...{ created_at: now, updated_at: now },
      })),
    );
    for (const id of users) await openSession(product.app, id);
    const firm = office(product.app);
    const everybody = openPlaces(now).flatMap(({ prefix, region }) =>
      Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'))
        .filter((two) => !(two in customersByNumber))
        .map((two) => ({ e164: prefix + two, region })),
    );
    const listId = await firm.list('All', everybody.slice(0, live + fresh));
    campaignId = await firm.campaign(
      {
        ...{ name: 'Hundred', mode: 'progressive', recording: true, agentIds: users },
        ...{
          trunkIds: [await firm.trunk('Customers', customers.port, { channels: 200, callsPerSecond: 50 })],
        },
      },
      [listId],
    );
    refused = (await db()('dispositions').where({ code: 'refused' }).first('id')).id;
    dialer = startDoor('serve', ['--role', 'dialer'], env);
    await until('the switch is up', () => isUp().catch(() => false), 60_000);
    for (const userId of users) await ask('agent.sign-in', { userId });
    await until(
      'all phones are up',
      async () => (await everyone()).every(({ phone }) => phone === 'up'),
      60_000,
    );
    await firm.start(campaignId);
    for (const userId of users.slice(0, live)) await ask('agent.ready', { userId });
    await until('all talk', async () => (await talking()).length === live, 90_000);
  });
  after(async () => {
    console.log(`      ${JSON.stringify(took)}`);
    dialer?.child.kill('SIGKILL');
    await dialer?.ended;
    await product?.close();
    await asterisk?.close();
    for (const one of carriers) await one.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const db = () => product.app.db.knex;
  const ask = (command: string, payload: object) =>
    product.app.bus.request<AgentSnapshot>(command, payload, { timeoutMs: 20_000 });
  const isUp = async () =>
    (await product.app.bus.request<{ switch: string }>('dialer.status', {}, { timeoutMs: 1_000 })).switch ===
    'up';
  const everyone = () => Promise.all(users.map((userId) => ask('agent.snapshot', { userId })));
  const talking = async () => (await everyone()).filter(({ state }) => state === 'on-call');
  const calls = () => db()('calls').where({ campaign_id: campaignId }).orderBy('id');
  const invites = () => carriers[0]!.invites().map(({ dialled }) => dialled);
  const measured = async (what: string, done: () => Promise<unknown>) => {
    const from = performance.now();
    await done();
    took[what] = Math.round(performance.now() - from);
  };
  /** Who talks with whom, and of which lead. */
  const pairs = async () =>
    (await talking())
      .map(({ userId, call }) => [userId, call!.id, call!.leadId, call!.e164].join(' '))
      .sort();

  it('fault: SIGKILL of the dialer – all go on talking, each is known again with agent, lead and recording, and new calls begin', async () => {
    const [before, rows] = [await pairs(), await calls()];
    assert.equal(before.length, live);
    dialer.child.kill('SIGKILL');
    await dialer.ended;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const restarted = performance.now();
    dialer = startDoor('serve', ['--role', 'dialer'], env);
    await measured('dialer back', () => until('it is back', () => isUp().catch(() => false), 15_000));
    await measured('all known again', async () =>
      until('all talk', async () => (await pairs()).length === live, 20_000),
    );
    assert.deepEqual(await pairs(), before);
    await until('it is written', async () => (await calls()).every(({ state }) => state === 'connected'));
    assert.deepEqual(
      (await calls()).map(({ id, lead_id }) => [id, lead_id]),
      rows.map(({ id, lead_id }) => [id, lead_id]),
    );
    await measured('new calls', async () => {
      for (const userId of users.slice(live)) await ask('agent.ready', { userId });
      await until('they talk', async () => (await talking()).length === live + fresh, newCallMs);
    });
    took['new calls since the restart'] = Math.round(performance.now() - restarted);
    assert.ok(took['new calls since the restart'] <= backWorkingMs);
    assert.equal(new Set(invites()).size, live + fresh);
    assert.equal(invites().length, live + fresh, 'nobody was called twice');
  });

  for (const [n, name] of ['MariaDB', 'Redis'].entries())
    it(`fault: ${name} is stopped for ${awayMs / 1000} s – all go on talking, and what an agent did meanwhile is written`, async () => {
      const before = await pairs();
      const [hangsUp] = await talking();
      const { id } = hangsUp!.call!;
      await servers[n]!.stop();
      // Without Redis nobody can ask the dialer.
      if (name === 'MariaDB') {
        await ask('agent.hangup', { userId: hangsUp!.userId, callId: id });
        const dispose = {
          userId: hangsUp!.userId,
          callId: id,
          dispositionId: refused,
          note: 'no',
          next: 'ready',
        };
        await ask('agent.dispose', dispose);
      }
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      await servers[n]!.start();
      await measured(`${name} back`, () =>
        until('the dialer answers', () => isUp().catch(() => false), 30_000),
      );
      const gone = name === 'MariaDB' ? [id] : [];
      const left = before.filter((pair) => !gone.some((call) => pair.includes(call)));
      await measured(`all as before ${name} went`, () =>
        until('all others talk', async () => (await pairs()).join() === left.join(), 20_000),
      );
      if (name !== 'MariaDB') return;
      const row = await until('the end is written', async () => {
        const call = await db()('calls').where({ id }).first();
        return call.state === 'ended' && call.disposition_id ? call : null;
      });
      assert.deepEqual([row.outcome, row.note], ['answered', 'no']);
    });

  it('fault: SIGKILL of Asterisk – every call ends with an outcome, agents are told and come back, and each recording is kept', async () => {
    const before = await calls().whereNot({ state: 'ended' });
    assert.equal(before.length, live + fresh - 1);
    await asterisk.instance.kill();
    await measured('all ended', () =>
      until('every call has ended', async () => !(await calls().whereNot({ state: 'ended' }).first()), 5_000),
    );
    const ended = await calls();
    assert.ok(ended.every(({ outcome }) => outcome === 'answered'));
    await until(
      'agents are told',
      async () => (await everyone()).every(({ phone }) => phone !== 'up'),
      15_000,
    );
    for (const { userId, call } of await everyone())
      if (call) {
        const given = { userId, callId: call.id, dispositionId: refused, note: '', next: 'ready' };
        await ask('agent.dispose', given);
      }
    await asterisk.instance.start();
    await measured('agents back', () =>
      until('all phones are up', async () => (await everyone()).every(({ phone }) => phone === 'up'), 10_000),
    );
    const recordings = await until('recordings are brought over', async () => {
      const rows = await db()('recordings');
      return rows.every(({ state }) => state === 'stored') ? rows : null;
    }, 60_000); // prettier-ignore
    assert.equal(new Set(recordings.map(({ call_id }) => call_id)).size, live + fresh);
    for (const { path } of recordings) {
      const file = join(env.DATA_DIR!, path);
      assert.ok(existsSync(file) && statSync(file).size > 44);
    }
  });

  it('leaves each lead with one attempt and its outcome, each call with one end, and nobody on the switch when all have left', async () => {
    const [rows, leads] = [await calls(), await db()('leads').where({ campaign_id: campaignId })];
    assert.equal(rows.length, live + fresh);
    assert.equal(leads.length, live + fresh);
    const came = (each: object[]) => [...new Set(each.map((one) => Object.values(one).join()))];
    assert.deepEqual(came(leads.map(({ attempts, last_outcome }) => ({ attempts, last_outcome }))), [
      '1,answered',
    ]);
    assert.equal(invites().length, live + fresh);
    const ends = await db()('call_events').where({ event: 'end' }).groupBy('call_id').select('call_id').count({ n: '*' }); // prettier-ignore
    assert.deepEqual(came(ends.map(({ n }) => ({ n }))), ['1']);
    assert.equal(ends.length, live + fresh);
    for (const userId of users) await ask('agent.sign-out', { userId });
    await until('nobody is on the switch', async () => {
      const { url, user, password } = asterisk.access;
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      const channels = await fetch(`${url}/ari/channels`, { headers: { authorization } });
      return ((await channels.json()) as unknown[]).length === 0;
    });
  });
});
