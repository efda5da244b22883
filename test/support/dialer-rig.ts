import type { Jobs } from '../../core/jobs/jobs.ts';
import { Users } from '../../core/users/index.ts';
import {
  createCampaignStore,
  createDispositionStore,
  defaultCampaign,
  type CampaignDraft,
} from '../../campaigns/index.ts';
import type { Gate, Verdict } from '../../campaigns/compliance/index.ts';
import {
  createAriTelephony,
  type BridgeInfo,
  type Telephony,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../dialer/telephony/index.ts';
import { createDialer, createTrunkStore, type Dialer, type DialerOptions } from '../../dialer/index.ts';
import type { SipHeader } from '../../dialer/trunks/sip-headers.ts';
import type { PrefixRule } from '../../dialer/trunks/trunk.ts';
import type { AgentSnapshot, DialerCommands, PacingView } from '../../dialer/protocol.ts';
import { testApp, type TestApp } from './app.ts';
import { mortal } from './mortal.ts';
import { openSession } from './session.ts';

export interface DialerRig {
  readonly app: TestApp;
  /** The switch that runs now. */
  readonly sim: Simulator;
  readonly dialer: Dialer;
  /** Moves time on in small steps, with room for the network in between, until `done` holds. Fails after `ms` of app time. */
  until<T>(what: string, done: () => T | Promise<T>, ms?: number, stepMs?: number): Promise<NonNullable<T>>;
  pass(ms: number): Promise<void>;
  ask<Name extends keyof DialerCommands>(
    name: Name,
    payload: DialerCommands[Name][0],
  ): Promise<DialerCommands[Name][1]>;
  agent(name: string, legMode?: 'nailed' | 'per-call'): Promise<number>;
  campaign(draft: Partial<CampaignDraft> & { numbers: readonly string[] }): Promise<number>;
  trunk(
    name: string,
    given?: {
      channels?: number;
      callsPerSecond?: number;
      weight?: number;
      headers?: readonly SipHeader[];
      prefixRules?: PrefixRule[];
    },
  ): Promise<number>;
  signIn(userId: number): Promise<AgentSnapshot>;
  ready(userId: number): Promise<AgentSnapshot>;
  snapshot(userId: number): Promise<AgentSnapshot>;
  pacing(campaignId: number): Promise<PacingView>;
  calls(): Promise<CallRow[]>;
  leads(): Promise<LeadRow[]>;
  disposition(code: string): Promise<number>;
  /** Kills the switch with all calls on it. */
  killSwitch(): Promise<void>;
  /** Starts an empty switch where the killed one was. */
  startSwitch(): Promise<void>;
  channelOf(endpoint: string): Promise<string>;
  /** The bridges of the switch with their channels. */
  bridges(): Promise<BridgeInfo[]>;
  /** Kills the latest dialer: it brings nothing to an end. */
  kill(): Promise<void>;
  /** Starts another dialer on the same database and switch, as after a crash of the first. */
  restart(): Promise<Dialer>;
  close(): Promise<void>;
}

export interface CallRow {
  id: string;
  state: string;
  outcome: string | null;
  lead_id: number | null;
  user_id: number | null;
  trunk_id: number | null;
  e164: string;
  ended_by: string | null;
  connected_at: number | null;
  disposition_id: number | null;
}

export interface LeadRow {
  id: number;
  state: string;
  state_reason: string | null;
  attempts: number;
  last_outcome: string | null;
  reserved_by: string | null;
}

/** A gate that lets everything through, for tests of what comes after it. Its answers are always of this moment. */
const allowed: Verdict = {
  decision: 'allow',
  allowed: true,
  reasonCode: 'OK',
  nextAllowedAt: null,
  outlook: 'clear',
  zones: [],
  ruleSet: 'test',
  ruleVersion: 'test',
  facts: {},
  at: Infinity,
  goodUntil: Infinity,
};
export const openGate: Gate = {
  mayCall: async () => allowed,
  mayCallMany: async (requests) => requests.map(() => allowed),
  mayConnect: async () => 'yes',
};

/** For a second dialer in a process, which must not define the jobs again. */
export const noJobs: Jobs = {
  define() {},
  add: async () => '',
  repeat: async () => {},
  get: async () => null,
  cancel: async () => false,
  start: async () => {},
  ping: async () => {},
  close: async () => {},
};

const breath = () => new Promise((resolve) => setTimeout(resolve, 2));

/** A dialer on the simulator, with a clock that is moved by the test. */
export async function dialerRig(
  options: {
    simulator?: Partial<SimulatorOptions>;
    dialer?: Partial<DialerOptions>;
    app?: TestApp;
    /** What the dialer is to have in place of its side of the switch. */
    telephony?: (made: Telephony) => Telephony;
    /** How long the dialer waits for one answer of the switch, in the machine's time. */
    callMs?: number;
  } = {},
): Promise<DialerRig> {
  const app = options.app ?? (await testApp());
  const { clock, log } = app;
  const begin = (port = 0) =>
    startSimulator({ clock, log, behaviour: 'by-number', port, ...options.simulator });
  let sim = await begin();
  const { url } = sim;
  const dialers: Dialer[] = [];
  // A second dialer in this process must not define the jobs again.
  const jobsOfNext = { ...noJobs, add: app.jobs.add.bind(app.jobs) };
  const killed = new Set<Dialer>();
  let kill = async (): Promise<void> => {};
  const make = (): Dialer => {
    const made = createAriTelephony({
      url,
      user: sim.user,
      password: sim.password,
      clock,
      log,
      timeouts: options.callMs === undefined ? {} : { callMs: options.callMs },
    });
    const life = mortal(app, options.telephony?.(made) ?? made);
    const jobs = dialers.length === 0 ? app.jobs : jobsOfNext;
    kill = async () => {
      life.die();
      killed.add(dialer);
      await made.close();
    };
    const dialer = createDialer(
      { ...life.app, jobs },
      {
        telephony: life.telephony,
        agentsPhone: 'simulated',
        gate: openGate,
        ...options.dialer,
      },
    );
    dialers.push(dialer);
    return dialer;
  };
  const dialer = make();
  await app.jobs.start();
  const users = new Users(app);
  await createDispositionStore(app).seed();

  /** Asks the switch past the dialer. */
  const look = async <T>(question: (telephony: Telephony) => Promise<T>): Promise<T> => {
    const { user, password } = sim;
    const telephony = createAriTelephony({ url, user, password, app: 'test', clock, log });
    await telephony.connect();
    try {
      return await question(telephony);
    } finally {
      await telephony.close();
    }
  };

  const rig: DialerRig = {
    app,
    get sim() {
      return sim;
    },
    dialer,
    async until(what, done, ms = 120_000, stepMs = 25) {
      const end = clock.now() + ms;
      for (;;) {
        const found = await done();
        if (found) return found;
        if (clock.now() >= end) throw new Error(`within ${ms} ms of app time it did not happen: ${what}`);
        clock.advance(stepMs);
        await breath();
      }
    },
    async pass(ms) {
      const end = clock.now() + ms;
      while (clock.now() < end) {
        clock.advance(50);
        await breath();
      }
    },
    ask: (name, payload) => app.bus.request(name, payload),
    async agent(name, legMode = 'nailed') {
      const { id } = await users.create({ username: name, name, role: 'agent', legMode }, { userId: null });
      await openSession(app, id);
      return id;
    },
    async campaign({ numbers, ...draft }) {
      const campaigns = createCampaignStore(app);
      const now = clock.now();
      const id = await campaigns.create(
        {
          ...defaultCampaign,
          name: 'Test',
          mode: 'progressive',
          trunkIds: [],
          agentIds: [],
          dispositionIds: [],
          ...draft,
        },
        { userId: null, now },
      );
      for (const [index, e164] of numbers.entries()) {
        const customer_id = await app.db.insertId('customers', {
          name: `Customer ${index}`,
          created_at: now,
          updated_at: now,
        });
        await app.db.knex('customer_phones').insert({ customer_id, e164, type: 'mobile', position: 0 });
        await app.db.knex('leads').insert({
          campaign_id: id,
          customer_id,
          list_id: 0,
          state: 'new',
          priority: 5,
          created_at: now,
          updated_at: now,
        });
      }
      await campaigns.transition(id, 'start', now);
      return id;
    },
    async trunk(name, given = {}) {
      const saved = await createTrunkStore(app).create(
        {
          name,
          host: '127.0.0.1',
          port: 5060,
          transport: 'udp',
          username: null,
          register: false,
          loginInFrom: false,
          codecs: ['alaw'],
          channels: given.channels ?? 100,
          callsPerSecond: given.callsPerSecond ?? 100,
          ...(given.headers && { headers: [...given.headers] }),
          ...(given.weight === undefined ? {} : { weight: given.weight }),
          prefixRules: given.prefixRules ?? [],
          callerId: '+14155550199',
          enabled: true,
        },
        clock.now(),
      );
      if (!saved.saved) throw new Error(saved.reason);
      return saved.id;
    },
    async signIn(userId) {
      await rig.ask('agent.sign-in', { userId });
      return rig.until('phone is up', async () => {
        const snapshot = await rig.snapshot(userId);
        return snapshot.phone === 'up' ? snapshot : null;
      });
    },
    async ready(userId) {
      await rig.signIn(userId);
      return rig.ask('agent.ready', { userId });
    },
    snapshot: (userId) => rig.ask('agent.snapshot', { userId }),
    pacing: (campaignId) => rig.ask('campaign.pacing', { campaignId }),
    calls: () => app.db.knex('calls').orderBy('created_at').orderBy('id'),
    async leads() {
      const rows: LeadRow[] = await app.db.knex('leads').orderBy('id');
      const held = await app.db
        .knex('hopper')
        .join('hopper_blocks', 'hopper_blocks.id', 'hopper.block')
        .whereNot({ held_by: '' })
        .select('lead_id', 'held_by');
      const by = new Map(held.map(({ lead_id, held_by }) => [lead_id, held_by]));
      return rows.map((row) => ({ ...row, reserved_by: row.reserved_by ?? by.get(row.id) ?? null }));
    },
    async disposition(code) {
      const row = (await app.db.knex('dispositions').where({ code }).first('id')) as { id: number };
      return row.id;
    },
    killSwitch: () => sim.close(),
    async startSwitch() {
      sim = await begin(Number(new URL(url).port));
    },
    bridges: () => look((telephony) => telephony.bridges()),
    async channelOf(endpoint) {
      const channels = await look((telephony) => telephony.channels());
      const found = channels.find(({ name }) => name.startsWith(endpoint));
      if (!found) throw new Error(`no channel of ${endpoint}`);
      return found.channelId;
    },
    kill: () => kill(),
    async restart() {
      const next = make();
      await next.start();
      return next;
    },
    async close() {
      for (const made of dialers) if (!killed.has(made)) await made.close();
      await sim.close();
      await app.close();
    },
  };
  return rig;
}
