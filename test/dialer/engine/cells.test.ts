import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { createCellStore } from '../../../dialer/cells/cell-store.ts';
import { cellOf, goneMs, ringingCertainMs } from '../../../dialer/cells/cell.ts';
import type { PacingView } from '../../../dialer/protocol.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { overlapping, type TimedCall } from '../../support/overlapping.ts';
import { mariadb, redis } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { tcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

/** Nobody there, told at once and never tried again; every third rings and is not picked up. */
const number = (n: number) => `+141555${100 + n}${n % 3 === 0 ? '04' : '06'}`;

/** Two dialers with a simulator each on one MariaDB and one Redis, which the first reaches through doors. */
describe('two cells', function () {
  this.timeout(180_000);
  let west: DialerRig;
  let east: DialerRig;
  let doors: TcpProxy[] = [];
  let clock: ManualClock;
  let ann: number;
  let bob: number;
  let campaignId: number;

  before(async function () {
    if (!(await mariadb()) || !(await redis())) skip(this, 'MariaDB or Redis is not installed');
  });

  const open = async (numbers: string[]) => {
    const database = new URL(await (await mariadb())!.createDatabase());
    const broker = new URL((await redis())!.url);
    doors = [await tcpProxy(Number(database.port)), await tcpProxy(Number(broker.port))];
    const through = (url: URL, door: TcpProxy | null) => {
      const copy = new URL(url);
      if (door) copy.port = String(door.port);
      return copy.toString();
    };
    clock = new ManualClock(Date.UTC(2026, 10, 23, 18));
    const rigOf = async (dialerId: string, behind: boolean) => {
      const config = {
        databaseUrl: through(database, behind ? doors[0]! : null),
        redisUrl: through(broker, behind ? doors[1]! : null),
        dialerId,
      };
      return dialerRig({ app: await testApp({ clock, config }) });
    };
    west = await rigOf('west', true);
    east = await rigOf('east', false);
    // One user who falls to each.
    const users: number[] = [];
    for (let n = 0; n < 12; n++) users.push(await east.agent(`agent${n}`));
    const cells = ['east', 'west'].map((id) => ({ id }) as never);
    const of = (id: string) => users.find((userId) => cellOf(userId, cells)?.id === id)!;
    [ann, bob] = [of('west'), of('east')];
    const trunkId = await east.trunk('Shared', { channels: 8, callsPerSecond: 8 });
    campaignId = await east.campaign({
      ...{ numbers, trunkIds: [trunkId], agentIds: [ann, bob] },
      ...{ mode: 'power', powerRatio: 2, maxLinesPerAgent: 2 },
    });
    await west.dialer.start();
    await east.dialer.start();
    await east.until('both switches are up', () =>
      [west, east].every(({ dialer }) => dialer.status().switch === 'up'),
    );
  };
  const cut = () => doors.forEach((door) => (door.stall(), door.cut()));
  const dialled = () => [...west.sim.invites(), ...east.sim.invites()].map((invite) => invite.dialled).sort();

  afterEach(async () => {
    doors.forEach((door) => door.resume());
    await west?.close();
    await east?.close();
    for (const door of doors) await door.close();
  });

  it('hold their own agents, and commands reach the one that holds the agent', async () => {
    await open([]);
    await east.ready(ann);
    await west.ready(bob);
    assert.deepEqual([west.dialer.status().agents, east.dialer.status().agents], [1, 1]);
    const rows = await east.app.db.knex('agent_sessions').orderBy('user_id');
    assert.deepEqual(
      rows.map((row: { user_id: number; dialer_id: string }) => [row.user_id, row.dialer_id]).sort(),
      [
        [ann, 'west'],
        [bob, 'east'],
      ].sort(),
    );
    for (const rig of [west, east])
      for (const userId of [ann, bob]) assert.equal((await rig.snapshot(userId)).state, 'ready');
    await east.ask('agent.sign-out', { userId: ann });
    assert.equal((await west.snapshot(ann)).state, 'signed-out');
  });

  it('share one campaign: no number is dialled by both, and the trunk is divided', async () => {
    await open(Array.from({ length: 48 }, (_, n) => number(n)));
    await east.ready(ann);
    await east.ready(bob);
    await east.until('both ring', async () => {
      const own = await Promise.all(
        [west, east].map(({ app }) =>
          app.bus.request<PacingView>(`campaign.pacing@${app.config.dialerId}`, { campaignId }),
        ),
      );
      return own.every(({ linesInFlight }) => linesInFlight > 0);
    });
    const together = await east.pacing(campaignId);
    assert.ok(together.hopper > 0);
    await east.until('all have been dialled', () => dialled().length >= 48, 600_000);
    assert.equal(new Set(dialled()).size, 48);
    assert.ok(west.sim.invites().length > 0 && east.sim.invites().length > 0);
  });

  it('share what is left of a list: one that has no lead gets half of what another only holds', async () => {
    await open(Array.from({ length: 20 }, (_, n) => number(3 * n)));
    const held = async (by: string) => (await createLeadStore(east.app).heldBy(by)).length;
    await east.ready(ann);
    await west.until('west holds the list', async () => (await held('west')) === 20);
    await east.ready(bob);
    await east.until('east has its part, and dials', () => east.sim.invites().length > 0, 30_000);
    assert.ok((await held('west')) >= 5);
  });

  it('never both call one customer, whom two campaigns have', async () => {
    await open(Array.from({ length: 12 }, (_, n) => `+141555${100 + n}05`));
    const knex = east.app.db.knex;
    const other = await east.campaign({
      ...{ numbers: [], trunkIds: (await knex('trunks')).map(({ id }) => id as number), agentIds: [ann] },
      ...{ mode: 'power', powerRatio: 2, maxLinesPerAgent: 2 },
    });
    await knex('campaign_agents').where({ campaign_id: campaignId, user_id: ann }).delete();
    const at = clock.now();
    for (const { id } of await knex('customers').orderBy('id'))
      await knex('leads').insert({
        ...{ campaign_id: other, customer_id: id, list_id: 0, state: 'new', priority: 5 },
        ...{ created_at: at, updated_at: at },
      });
    for (const { app } of [west, east]) app.bus.publish('campaign.changed', {});
    await east.ready(ann);
    await east.ready(bob);
    const calls = (): Promise<TimedCall[]> => knex('calls').whereNotNull('dialed_at').orderBy('id');
    await east.until('both have called everybody', async () => (await calls()).length >= 24, 900_000, 50);
    for (const { sim } of [west, east]) assert.ok(sim.invites().length >= 12);
    await east.until('all have ended', async () =>
      (await calls()).every(({ ended_at }) => ended_at !== null),
    );
    assert.deepEqual(overlapping(await calls()), []);
  });

  it('fault: one dialer loses database and bus with leads reserved and calls dialling – the other goes on, no lead is dialled twice, none is lost', async () => {
    await open(Array.from({ length: 30 }, (_, n) => number(n)));
    await east.ready(ann);
    await east.ready(bob);
    const held = () => createLeadStore(east.app).heldBy('west');
    await east.until('west has leads reserved and dialling', async () => {
      const states = (await held()).map(({ state }) => state);
      return states.includes('reserved') && states.includes('dialing');
    });
    await west.dialer.settled();
    cut();
    const ringing = (await held()).filter(({ state }) => state === 'dialing').map(({ id }) => id);
    await east.pass(goneMs - 10_000);
    assert.ok((await held()).length > ringing.length, 'a short silence changes nothing');
    await east.until(
      'what was only reserved is free',
      async () => !(await held()).some(({ state }) => state === 'reserved'),
      60_000,
      250,
    );
    assert.deepEqual(
      (await held()).map(({ id }) => id),
      ringing,
      'a call that may live is left alone',
    );
    await east.until('the agent is free to sign in elsewhere', async () => {
      const session = await east.app.db.knex('agent_sessions').where({ user_id: ann }).first();
      return session.state === 'signed-out';
    });
    await east.ready(ann);
    assert.equal(east.dialer.status().agents, 2);
    await east.until('all leads have been dialled', () => new Set(dialled()).size >= 30, 900_000);
    await east.until(
      'the calls of the dialer that is gone are over for certain',
      async () => (await held()).length === 0,
      2 * ringingCertainMs,
      1_000,
    );
    const numbers = dialled();
    assert.equal(new Set(numbers).size, numbers.length, 'dialled twice');
    assert.equal(numbers.length, 30);
    const lost = await east.app.db.knex('leads').where({ attempts: 0 });
    assert.equal(lost.length, 0);
    const stillOpen = await east.app.db
      .knex('calls')
      .whereNot({ state: 'ended' })
      .where({ dialer_id: 'west' });
    assert.equal(stillOpen.length, 0);
  });

  it('one survivor alone takes care of what a dialer has left', async () => {
    await open([]);
    const store = createCellStore(east.app);
    await store.begin({ id: 'north', run: 'r1', switchUrl: null }, clock.now() - goneMs);
    const north = (await store.all()).find(({ id }) => id === 'north')!;
    const claims = await Promise.all([
      store.inherit(north, 'east', clock.now()),
      createCellStore(west.app).inherit(north, 'west', clock.now()),
    ]);
    assert.deepEqual(claims.sort(), [false, true]);
    await store.beat('north', 'r1', clock.now());
    assert.equal(await store.inherit(north, 'east', clock.now()), false);
    assert.equal(await store.beat('north', 'another', clock.now()), false);
  });
});
