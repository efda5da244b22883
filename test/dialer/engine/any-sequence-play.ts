import assert from 'node:assert/strict';
import { UserStore } from '../../../core/users/index.ts';
import { heldLeadIds } from '../../../campaigns/leads/hopper-row.ts';
import { createCampaignStore, createDispositionStore, defaultCampaign } from '../../../campaigns/index.ts';
import { createDialer, createTrunkStore } from '../../../dialer/index.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { noJobs, openGate } from '../../support/dialer-rig.ts';
import { FakeSwitch } from '../../support/fake-switch.ts';
import { mortal } from '../../support/mortal.ts';
import { openSession } from '../../support/session.ts';
import { agentCount, ringsPerCall, type Action, type Meanwhile } from './any-sequence-actions.ts';

/** What was told to nobody is found within this. */
const foundWithinMs = 10_000;

/** Lets promises and the database settle. */
const breathe = async () => {
  for (let n = 0; n < 6; n++) await new Promise((resolve) => setImmediate(resolve));
};

/** One process of the dialer. When it dies, its timers and requests come to nothing. */
function begin(app: TestApp, fake: FakeSwitch, first: boolean) {
  const { app: own, telephony, die } = mortal(app, fake);
  const jobs = first ? app.jobs : noJobs;
  const dialer = createDialer({ ...own, jobs }, { telephony, gate: openGate, agentsPhone: 'simulated' });
  return { dialer, die };
}

/**
 * Plays them on a dialer with four agents and a switch that does as it is told, and looks after each what must hold.
 * @throws AssertionError that says what does not
 */
export async function play(
  actions: readonly Action[],
  mode: 'power' | 'progressive',
  amd: boolean,
  talks = false,
): Promise<void> {
  const app = await testApp();
  const { clock, db } = app;
  const fake = new FakeSwitch(clock);
  let process = begin(app, fake, true);
  let { dialer } = process;
  const agents: number[] = [];
  const users = new UserStore(db);
  for (let n = 0; n < agentCount; n++) {
    const account = { username: `a${n}`, name: `A ${n}`, role: 'agent', locale: null, theme: null } as const;
    const legMode = n === ringsPerCall ? 'per-call' : 'nailed';
    const phone = { phoneMode: 'webrtc', phoneEndpoint: null, legMode } as const;
    const row = { ...account, ...phone, passwordHash: '-', mustChangePassword: false };
    const userId = (await users.insert(row, 0))!;
    await openSession(app, userId);
    agents.push(userId);
  }
  await createDispositionStore(app).seed();
  const trunkIds = [];
  for (const name of ['one', 'two']) {
    const saved = await createTrunkStore(app).create(
      {
        ...{
          name,
          host: 'carrier.example',
          port: 5060,
          transport: 'udp',
          username: null,
          register: false,
          loginInFrom: false,
        },
        ...{
          codecs: ['alaw'],
          channels: 20,
          callsPerSecond: 20,
          prefixRules: [],
          callerId: null,
          enabled: true,
        },
      },
      0,
    );
    if (saved.saved) trunkIds.push(saved.id);
  }
  const campaigns = createCampaignStore(app);
  const campaignId = await campaigns.create(
    {
      ...defaultCampaign,
      name: 'Any',
      mode,
      amd,
      amdSettings: { ...defaultCampaign.amdSettings, checkShare: 0.5 },
      powerRatio: 3,
      trunkIds,
      agentIds: agents,
      dispositionIds: [1],
    },
    { userId: null, now: clock.now() },
  );
  const previewId = await campaigns.create(
    {
      ...defaultCampaign,
      name: 'Preview',
      mode: 'preview',
      ...{ trunkIds, agentIds: agents.slice(ringsPerCall - 1), dispositionIds: [1] },
    },
    { userId: null, now: clock.now() },
  );
  const numbers = Array.from({ length: 60 }, (_, n) => n + 1);
  const stamps = { created_at: 0, updated_at: 0 };
  await db.insertMany('customers', numbers.map((id) => ({ id, name: `C ${id}`, ...stamps }))); // prettier-ignore
  await db.insertMany(
    'customer_phones',
    numbers.map((id) => ({ customer_id: id, e164: `+1415555${1000 + id}`, type: 'mobile', position: 0 })),
  );
  await db.insertMany(
    'leads',
    numbers.map((id) => ({
      campaign_id: id % 4 === 0 ? previewId : campaignId,
      ...{ customer_id: id, list_id: 0, state: 'new', ...stamps },
    })),
  );
  for (const id of [campaignId, previewId]) await campaigns.transition(id, 'start', clock.now());
  await dialer.start();
  await breathe();

  const ask = <T>(name: string, payload: object) => app.bus.request<T>(name, payload).catch(() => null);
  const snapshot = (agent: number) =>
    app.bus.request<AgentSnapshot>('agent.snapshot', { userId: agents[agent] });
  const pick = (list: readonly string[], n: number) => list[n % Math.max(1, list.length)] ?? '';

  try {
    for (const userId of agents) {
      await ask('agent.sign-in', { userId });
      // The phone rings, is picked up and bridged.
      for (let n = 0; n < 5; n++) {
        clock.advance(100);
        await breathe();
      }
      const { state } = (await ask<AgentSnapshot>('agent.ready', { userId }))!;
      assert.equal(state, 'ready');
    }
    // Until somebody talks: all that is dialled picks up.
    for (let n = 0; talks && n < 12; n++) {
      await act({ do: 'pass', ms: 500 });
      for (const channelId of fake.channelsOf('rw-call', false)) fake.answerChannel(channelId);
    }
    for (const step of actions) {
      await act(step);
      await breathe();
      await check();
    }
    await bringToAnEnd();
  } finally {
    await dialer.close();
    await app.close();
  }

  async function act(step: Action): Promise<void> {
    switch (step.do) {
      case 'pass':
        for (let left = step.ms; left > 0; left -= 250) {
          clock.advance(Math.min(250, left));
          await breathe();
        }
        return step.ms >= 2_500 ? agreed() : undefined;
      case 'answer':
        return fake.answerChannel(pick(fake.channelsOf('rw-call', false), step.n));
      case 'ring':
        return fake.emit({ type: 'ringing', channelId: pick(fake.channelsOf('rw-call', false), step.n) });
      case 'hang-up':
        return fake.end(pick(fake.channelsOf('rw-call', true), step.n), 16);
      case 'lose-phone':
        return fake.end(pick(fake.channelsOf('rw-agent'), step.n), 16);
      case 'machine':
      case 'human': {
        const result = step.do === 'machine' ? 'machine' : 'human';
        return fake.emit({
          type: 'amd',
          channelId: pick(fake.channelsOf('rw-call', true), step.n),
          result,
          cause: '',
        });
      }
      case 'refuse':
        return fake.end(pick(fake.channelsOf('rw-call', false), step.n), step.cause, 'CONGESTION');
      case 'fail':
        fake.failing = step.count;
        return;
      case 'lose-events':
        fake.losing = step.count;
        return;
      case 'down':
        return fake.drop(step.killed);
      case 'up':
        return fake.comeBack();
      case 'restart': {
        process.die();
        // What it was writing.
        for (let n = 0; n < 5; n++) await breathe();
        happen(step.meanwhile, step.n);
        fake.awaitProcess();
        const { what, requests, n } = step.later;
        fake.afterRequests(requests, () => happen(what, n));
        process = begin(app, fake, false);
        ({ dialer } = process);
        return dialer.start();
      }
      default:
        return command(step.do, step.agent);
    }
  }

  function happen(what: Meanwhile, n: number): void {
    if (what === 'answer') fake.answerChannel(pick(fake.channelsOf('rw-call', false), n));
    if (what === 'hang-up') fake.end(pick(fake.channelsOf('rw-call'), n), 16);
    if (what === 'lose-phone') fake.end(pick(fake.channelsOf('rw-agent'), n), 16);
    if (what === 'killed') fake.drop(true);
  }

  async function command(name: string, agent: number): Promise<void> {
    const userId = agents[agent]!;
    const { call, preview, parked } = await snapshot(agent);
    const callId = call?.id ?? 'none';
    const requests: Record<string, [string, object]> = {
      'sign-in': ['agent.sign-in', { userId }],
      ready: ['agent.ready', { userId }],
      pause: ['agent.pause', { userId, pauseCodeId: 1 }],
      'hang-up-agent': ['agent.hangup', { userId, callId }],
      hold: ['agent.hold', { userId, callId, on: call?.state !== 'held' }],
      dispose: ['agent.dispose', { userId, callId, dispositionId: 1, note: '', next: 'ready' }],
      'sign-out': ['agent.sign-out', { userId }],
      dial: ['agent.dial', { userId, campaignId, e164: '+14155559999' }],
      'preview-dial': ['agent.preview-dial', { userId, leadId: preview?.leadId ?? 0 }],
      'preview-skip': ['agent.preview-skip', { userId, leadId: preview?.leadId ?? 0, reason: 'later' }],
      transfer: ['agent.transfer', { userId, callId, to: { userId: agents[(agent + 1) % agentCount] } }],
      'transfer-out': ['agent.transfer', { userId, callId, to: { e164: '+14155558888' } }],
      consult: ['agent.consult', { userId, callId, to: { userId: agents[(agent + 1) % agentCount] } }],
      'consult-out': ['agent.consult', { userId, callId, to: { e164: '+14155558888' } }],
      conference: ['agent.conference', { userId, callId, on: call?.state === 'held' }],
      'take-back': ['agent.take-back', { userId, callId }],
      complete: ['agent.complete', { userId, callId }],
      park: ['agent.park', { userId, callId }],
      'take-up': ['agent.take-up', { userId, callId: parked?.[agent % parked.length]?.callId ?? 'none' }],
      note: ['agent.note', { userId, callId, note: 'so far', next: 'ready' }],
      record: ['agent.record', { userId, callId, on: call?.recordingPausedByAgent }],
      force: ['agent.force', { userId, by: 0, to: 'paused', reason: 'test' }],
    };
    const [command, payload] = requests[name]!;
    // Not waited for: the next event may come in the middle of it.
    void ask(command, payload);
  }

  async function check(): Promise<void> {
    const snapshots = await Promise.all(agents.map((_, n) => snapshot(n)));
    // Who wraps up their part, and who is about to get a customer, may have the call of who talks.
    const talking = snapshots.filter(({ state }) => state === 'on-call');
    const inCall = talking.flatMap((each) => each.call?.id ?? []);
    assert.equal(new Set(inCall).size, inCall.length, 'no call with two agents');
    for (const { userId, state, call, phone, legMode } of snapshots) {
      if (state === 'on-call')
        assert.ok(call && ['connected', 'held'].includes(call.state), `on a call that is ${call?.state}`);
      if (state === 'ready' && legMode === 'nailed') assert.equal(phone, 'up', 'ready with a phone');
      if (state !== 'on-call' || !call) continue;
      if (fake.state !== 'up' || call.askedBy !== null) continue;
      // On hold the customer is in no bridge while somebody is asked; who is about to get them may have them already.
      const near = snapshots.filter(
        (each) => each.call?.id === call.id || each.call?.askedBy?.callId === call.id,
      );
      const bridges = near.map((each) => `rw-agent-${each.userId}`);
      for (const [id, { bridgeId }] of fake.live)
        if (id.startsWith(`rw-call-${call.id}`) && !(call.state === 'held' && bridgeId === null))
          assert.ok(bridges.includes(bridgeId ?? ''), `the customer of ${userId} is in ${bridgeId}`);
    }
  }

  /** What happened unheard has been made up for: each call has its leg, and who has picked up is not rung for. */
  async function agreed(): Promise<void> {
    for (let n = 0; n < 5; n++) await breathe();
    if (fake.state !== 'up' || fake.losing > 0 || clock.now() - fake.lostAt < foundWithinMs) return;
    const open = await db.knex('calls').whereNotIn('state', ['created', 'ended']).where({ direction: 'out' });
    for (const { id, state } of open as { id: string; state: string }[]) {
      const legs = [...fake.live].filter(([channelId]) => channelId.startsWith(`rw-call-${id}-`));
      assert.ok(legs.length > 0, `a call that is ${state} has no leg`);
      const hasAnswered = legs.some(([, leg]) => leg.up);
      assert.ok(!hasAnswered || !['dialing', 'ringing'].includes(state), 'who has picked up is rung for');
      if (state !== 'parked') continue;
      const [leg] = legs.map(([, each]) => each);
      assert.ok(leg?.music && leg.bridgeId === null, 'who is parked hears music, and nobody else');
    }
  }

  async function bringToAnEnd(): Promise<void> {
    fake.failing = 0;
    fake.losing = 0;
    fake.comeBack();
    await breathe();
    for (const id of [campaignId, previewId]) await campaigns.transition(id, 'stop', clock.now());
    for (let round = 0; round < 12; round++) {
      for (const userId of agents)
        void ask('agent.force', { userId, by: 0, to: 'signed-out', reason: 'end' });
      for (const channelId of fake.channelsOf('rw-call')) fake.end(channelId, 16);
      for (let n = 0; n < 40; n++) {
        clock.advance(250);
        await breathe();
      }
    }
    await dialer.settled();
    const open = await db.knex('calls').whereNot({ state: 'ended' }).select('id', 'state');
    assert.deepEqual(open, [], 'every call has ended');
    assert.equal((await db.knex('calls').whereNull('outcome')).length, 0, 'with an outcome');
    const leads = await db.knex('leads').whereNotNull('reserved_by').select('id', 'state');
    assert.deepEqual(leads, [], 'no lead is held');
    assert.deepEqual(await heldLeadIds(db.knex), [], 'nor stands in a hopper');
    const snapshots = await Promise.all(agents.map((_, n) => snapshot(n)));
    assert.deepEqual(snapshots.map(({ state }) => state), agents.map(() => 'signed-out')); // prettier-ignore
    assert.deepEqual(fake.channelsOf('rw-'), [], 'no channel is left');
    const inUse = dialer.status().trunks.filter(({ channelsInUse }) => channelsInUse > 0);
    assert.deepEqual(inUse, [], 'no line is taken');
    assert.deepEqual([...fake.recordings.keys()], [], 'no recording goes on');
    const events = await db.knex('call_events').where({ event: 'end' }).count({ n: '*' }).first();
    const calls = await db.knex('calls').count({ n: '*' }).first();
    assert.equal(events?.n, calls?.n, 'each call has ended once');
  }
}
