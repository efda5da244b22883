import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scaledClock } from '../../core/clock/clock.ts';
import { createApp, type OwnedApp } from '../../core/create-app.ts';
import { createLog } from '../../core/log/log.ts';
import {
  createCampaignStore,
  createDispositionStore,
  defaultCampaign,
  type CampaignDraft,
} from '../../campaigns/index.ts';
import { createDialer, createTrunkStore, type Dialer } from '../../dialer/index.ts';
import type { AgentSnapshot } from '../../dialer/protocol.ts';
import { createAriTelephony, type Telephony } from '../../dialer/telephony/index.ts';
import { allowAbandoning } from '../../test/support/allow-abandoning.ts';
import { testConfig } from '../../test/support/app.ts';

export interface Access {
  url: string;
  user: string;
  password: string;
}

export interface Switch {
  access: Access;
  /** Where its customers are. */
  carrierPort: number;
  /** Where agent n is rung; their simulated phones when absent. */
  phoneOf?(n: number): string;
  close(): Promise<void>;
}

/** A weekday noon in the customers' zone, from which the clock runs at the machine's pace. */
const noon = Date.UTC(2026, 10, 23, 20);
const always = [['00:00', '24:00']] as const;
const hours = { mon: always, tue: always, wed: always, thu: always, fri: always, sat: always, sun: always };

export async function simulatorSwitch(): Promise<Switch> {
  const file = fileURLToPath(new URL('./simulator-process.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--import=tsx'] });
  const access = await new Promise<Access>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Access));
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
  });
  return {
    access,
    carrierPort: 5060,
    async close() {
      child.removeAllListeners('exit');
      child.kill();
    },
  };
}

export interface Stage {
  readonly app: OwnedApp;
  readonly dialer: Dialer;
  readonly telephony: Telephony;
  readonly campaignId: number;
  /** Agents sign in and become ready; whatever they get they wrap up at once. */
  signIn(): Promise<void>;
  /** Lets the campaign dial. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  at: Switch;
  agents: number;
  leads: number;
  /** The last two digits of each number: which customer answers (dialler/telephony/customers.ts). */
  customer: string;
  callsPerSecond: number;
  campaign?: Partial<CampaignDraft>;
}

/** A whole dialer on SQLite with the real gate, agents and leads, before its first call. */
export async function prepareStage(options: StageOptions): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringwise-bench-'));
  const log = createLog(process.env.LOG_LEVEL ?? 'error');
  const clock = scaledClock(1, noon);
  const app = await createApp(testConfig(dataDir), { clock, log });
  const { access } = options.at;
  const telephony = createAriTelephony({ ...access, clock, log });
  const dialer = createDialer(app, { telephony, agentsPhone: options.at.phoneOf ? 'real' : 'simulated' });
  const now = clock.now();
  await createDispositionStore(app).seed();
  const disposition = (await app.db.knex('dispositions').where({ code: 'refused' }).first('id')) as {
    id: number;
  };
  const agentIds = await addAgents(app, options, now);
  const trunk = await createTrunkStore(app).create(
    {
      ...{ name: 'Bench', host: '127.0.0.1', port: options.at.carrierPort, transport: 'udp', username: null },
      ...{
        register: false,
        loginInFrom: false,
        codecs: ['ulaw'],
        channels: 5_000,
        callsPerSecond: options.callsPerSecond,
      },
      ...{ prefixRules: [], callerId: '+14155550199', enabled: true },
    },
    now,
  );
  if (!trunk.saved) throw new Error(trunk.reason);
  await allowAbandoning(app);
  const campaigns = createCampaignStore(app);
  const campaignId = await campaigns.create(
    {
      ...{
        ...defaultCampaign,
        name: 'Bench',
        mode: 'power',
        powerRatio: 5,
        maxLinesPerAgent: 5,
        recording: false,
      },
      ...{ abandonCap: 1, hours, trunkIds: [trunk.id], agentIds, dispositionIds: [disposition.id] },
      ...options.campaign,
    },
    { userId: null, now },
  );
  await addLeads(app, campaignId, options, now);
  await dialer.start();

  const stopAgents = app.bus.subscribe('agent.snapshot.*', (payload) => {
    const { userId, state, call } = payload as AgentSnapshot;
    if (state !== 'wrapup' || !call) return;
    const given = { userId, callId: call.id, dispositionId: disposition.id, note: '', next: 'ready' };
    app.bus.request('agent.dispose', given).catch(() => {});
  });

  return {
    app,
    dialer,
    telephony,
    campaignId,
    async signIn() {
      await until('the switch is up', () => telephony.state === 'up');
      for (const userId of agentIds) await app.bus.request('agent.sign-in', { userId, robot: true });
      for (const userId of agentIds) {
        await until('phones are up', async () => (await snapshot(app, userId)).phone === 'up', 60_000);
        await app.bus.request('agent.ready', { userId });
      }
    },
    begin: async () => void (await campaigns.transition(campaignId, 'start', clock.now())),
    async close() {
      stopAgents();
      await dialer.close();
      await app.close(0);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const snapshot = (app: OwnedApp, userId: number) =>
  app.bus.request<AgentSnapshot>('agent.snapshot', { userId });

async function addAgents(app: OwnedApp, { agents, at }: StageOptions, now: number): Promise<number[]> {
  const ids = Array.from({ length: agents }, (_, n) => n + 1);
  const rows = ids.map((id) => ({
    ...{ id, username: `agent${id}`, name: `Agent ${id}`, password_hash: '-', role: 'agent' },
    ...{
      phone_mode: at.phoneOf ? 'desk' : 'webrtc',
      phone_endpoint: at.phoneOf?.(id) ?? null,
      leg_mode: 'nailed',
    },
    ...{ created_at: now, updated_at: now },
  }));
  await app.db.insertMany('users', rows);
  return ids;
}

async function addLeads(
  app: OwnedApp,
  campaignId: number,
  options: StageOptions,
  now: number,
): Promise<void> {
  const stamps = { created_at: now, updated_at: now };
  const ids = Array.from({ length: options.leads }, (_, n) => n + 1);
  // San Francisco numbers that are no service codes: exchanges 320 to 899.
  const number = (n: number) => {
    const tail = `${String(n % 100).padStart(2, '0')}${options.customer}`;
    return `+1415${320 + (Math.floor(n / 100) % 580)}${tail}`;
  };
  await app.db.insertMany('customers', ids.map((id) => ({ id, name: `Customer ${id}`, ...stamps }))); // prettier-ignore
  await app.db.insertMany(
    'customer_phones',
    ids.map((id) => ({ customer_id: id, e164: number(id), type: 'mobile', position: 0 })),
  );
  await app.db.insertMany(
    'leads',
    ids.map((id) => ({ campaign_id: campaignId, customer_id: id, list_id: 0, state: 'new', ...stamps })),
  );
}

export async function until(
  what: string,
  done: () => boolean | Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`within ${ms} ms it did not happen: ${what}`);
    await pause(20);
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The value below which that part of them lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}
