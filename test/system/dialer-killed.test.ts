import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { startProduct, type Product } from '../../bin/product.ts';
import { createCampaignStore, createLeadStore } from '../../campaigns/index.ts';
import { systemClock } from '../../core/clock/clock.ts';
import { createLog } from '../../core/log/log.ts';
import { cellOf, goneMs, ringingCertainMs, talkCertainMs } from '../../dialer/cells/cell.ts';
import type { AgentSnapshot } from '../../dialer/protocol.ts';
import { customersByNumber, startSimulator, type Simulator } from '../../dialer/telephony/index.ts';
import { allowAbandoning } from '../support/allow-abandoning.ts';
import { testConfig } from '../support/app.ts';
import { startDoor, type Started } from '../support/process.ts';
import { openSession } from '../support/session.ts';
import { startMariadb, startRedis, temporaryFolder, type TestServer } from '../support/servers.ts';
import { skip } from '../support/skip.ts';
import { office, until } from './support/office.ts';
import { openPlace } from './support/places.ts';

const log = createLog(process.env.LOG_LEVEL ?? 'silent');
const leadCount = 24;

/** Each with a switch that outlives it, as an Asterisk does. */
describe('two dialer processes, one of which is killed', function () {
  this.timeout(240_000);
  const servers: TestServer[] = [];
  const switches = new Map<string, Simulator>();
  const dialers: Started[] = [];
  let office_: ReturnType<typeof office>;
  let product: Product;
  let env: Record<string, string>;

  before(async function () {
    const [database, broker] = [await startMariadb(), await startRedis()];
    if (!database || !broker) skip(this, 'MariaDB or Redis is not installed');
    servers.push(database, broker);
    const dataDir = temporaryFolder('dialer-killed');
    const [databaseUrl, redisUrl] = [await database.createDatabase(), broker.url];
    product = await startProduct({
      config: testConfig(dataDir, { databaseUrl, redisUrl }),
      ...{ roles: ['worker'], log },
    });
    office_ = office(product.app);
    env = { DATA_DIR: dataDir, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, LOG_LEVEL: 'warn' };
    for (const id of ['west', 'east'])
      switches.set(id, await startSimulator({ clock: systemClock, log, user: id, password: 'secret of it' }));
  });
  after(async () => {
    dialers.forEach(({ child }) => child.kill('SIGKILL'));
    await Promise.all(dialers.map(({ ended }) => ended));
    await product?.close();
    for (const one of switches.values()) await one.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const start = (id: string): Started => {
    const { url, user, password } = switches.get(id)!;
    const own = { DIALER_ID: id, ASTERISK_URL: url, ASTERISK_USER: user, ASTERISK_PASSWORD: password };
    const started = startDoor('serve', ['--role', 'dialer'], { ...env, ...own });
    dialers.push(started);
    return started;
  };
  const db = () => product.app.db.knex;
  const callsOf = (id: string) => db()('calls').where({ dialer_id: id }).orderBy('created_at');
  const callNow = async (id: string) => db()('calls').where({ id }).first();
  const isUp = async (id: string) =>
    (await product.app.bus.request<{ switch: string }>(`dialer.status@${id}`, {})).switch === 'up';
  const held = () => createLeadStore(product.app).heldBy('west');
  /** The dead one has been silent for that much longer. */
  const later = (ms: number) => db()('dialers').where({ id: 'west' }).decrement('seen_at', ms);
  const ask = (command: string, userId: number) =>
    product.app.bus.request<AgentSnapshot>(command, { userId }, { timeoutMs: 20_000 });
  const ready = async (userId: number) => {
    await openSession(product.app, userId);
    await ask('agent.sign-in', userId);
    await until('the phone is up', async () => (await ask('agent.snapshot', userId)).phone === 'up');
    await ask('agent.ready', userId);
  };

  it('fault: SIGKILL in the middle of a talk and of ringing – the other ends what is over and dials on, nobody is called twice, and the recording of the talk is there when it is back', async () => {
    const { prefix, region } = openPlace(product.app.clock.now());
    const people = Array.from({ length: leadCount }, (_, n) => ({ e164: `${prefix}${20 + n}`, region }));
    // At the one, the first picks up and talks on, and all others ring; at the other all are busy.
    let first: string | null = null;
    switches.get('west')!.setBehaviour((dialled) => customersByNumber[(first ??= dialled) === dialled ? '01' : '04']!); // prettier-ignore
    switches.get('east')!.setBehaviour(() => customersByNumber['05']!);

    const users: number[] = [];
    for (let n = 0; n < 12; n++) users.push((await office_.user(`agent${n}`, 'agent')).id);
    const cells = ['east', 'west'].map((id) => ({ id }) as never);
    const [ann, bob] = ['west', 'east'].map((id) => users.find((userId) => cellOf(userId, cells)?.id === id)!) as [number, number]; // prettier-ignore
    await allowAbandoning(product.app);
    const trunkId = await office_.trunk('Shared', 5060, { channels: 12 });
    const listId = await office_.list('All', people);
    const campaignId = await office_.campaign(
      {
        ...{ name: 'Killed', trunkIds: [trunkId], agentIds: [ann, bob], recording: true },
        ...{ mode: 'power', powerRatio: 3, maxLinesPerAgent: 3, abandonCap: 1, ringTimeoutMs: 60_000 },
      },
      [listId],
    );
    const west = start('west');
    start('east');
    for (const id of ['west', 'east'])
      await until(`${id} has its switch`, () => isUp(id).catch(() => false), 60_000);
    await office_.start(campaignId);
    await ready(ann);

    const talk = await until('ann talks, is recorded, and others ring', async () => {
      const calls = await callsOf('west');
      const recorded = await db()('recordings').where({ state: 'recording' }).first();
      const rings = calls.some(({ state }) => state === 'ringing');
      const hers = calls.find(({ state, user_id }) => state === 'connected' && user_id === ann);
      return rings && recorded ? hers : null;
    });
    west.child.kill('SIGKILL');
    await west.ended;
    const killedAt = product.app.clock.now();
    const ringing = (await callsOf('west')).filter(({ state }) => state !== 'ended' && state !== 'connected');

    await until(
      'the other has listened for long enough, and what was only reserved is free',
      async () => !(await held()).some(({ state }) => state === 'reserved'),
      goneMs + 30_000,
    );
    await ready(bob);
    await until('the other dials all that are left', async () => {
      return !(await db()('leads').where({ campaign_id: campaignId, attempts: 0 }).first());
    }, 60_000); // prettier-ignore
    assert.equal((await callNow(talk.id)).state, 'connected', 'the talk may live');

    await later(ringingCertainMs);
    await until('what rang is over', async () =>
      (await Promise.all(ringing.map(({ id }) => callNow(id)))).every(({ state }) => state === 'ended'),
    );
    await until('leads of what rang are settled', async () => (await held()).every(({ id }) => id === talk.lead_id)); // prettier-ignore

    await later(talkCertainMs);
    const ended = await until('the talk is over', async () => {
      const call = await callNow(talk.id);
      return call.state === 'ended' ? call : null;
    });
    assert.equal(ended.outcome, 'answered');
    assert.ok(
      ended.ended_at >= ended.connected_at && ended.ended_at <= killedAt,
      'with its last sign of life',
    );
    await until('its agent is free', async () => {
      const session = await db()('agent_sessions').where({ user_id: ann }).first();
      return session.state === 'signed-out';
    });
    await until('no lead is held for it', async () => (await held()).length === 0);
    const open = await db()('calls').whereNot({ state: 'ended' }).where({ dialer_id: 'west' });
    assert.deepEqual(open, []);
    await createCampaignStore(product.app).transition(campaignId, 'stop', product.app.clock.now());

    const recording = () => db()('recordings').where({ call_id: talk.id }).first();
    assert.equal((await recording()).state, 'recording', 'nobody else gives it up');
    start('west');
    const { path } = await until('the recording has been brought over', async () => {
      const row = await recording();
      return row.state === 'stored' ? row : null;
    });
    assert.ok(existsSync(join(env.DATA_DIR!, path)));
    await until('no channel of its earlier life is left', () => switches.get('west')!.stats().channelsNow === 0); // prettier-ignore

    const dialled = [...switches.values()].flatMap((one) => one.invites().map((invite) => invite.dialled));
    assert.equal(new Set(dialled).size, dialled.length, 'called twice');
    assert.equal(dialled.length, leadCount);
  });
});
