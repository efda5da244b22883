import { defaultAmdSettings } from '../../../campaigns/campaigns/amd-settings.ts';
import { office, until, type Person } from './office.ts';
import { openPlace } from './places.ts';
import { startSystem, type AgentBrowser, type System } from './system.ts';
import { Worker } from './worker.ts';

/** What a campaign has to make of each kind of customer; see dialer/telephony/customers.ts. */
export const expected: Record<string, string> = {
  '01': 'answered',
  '02': 'answered',
  '03': 'answered',
  '04': 'no-answer',
  '05': 'busy',
  '06': 'unallocated',
  '07': 'congestion',
  '08': 'answered',
  '10': 'machine',
  '11': 'answered',
};

/** The product with two agents at work in Chromium. */
export interface Rig {
  system: System;
  firm: ReturnType<typeof office>;
  agents: { person: Person; browser: AgentBrowser; worker: Worker }[];
}

export async function openOffice(on: 'asterisk' | 'simulator'): Promise<Rig> {
  const system = await startSystem(on);
  const firm = office(system.product.app);
  const agents = [];
  for (const [index, username] of ['ada', 'bo'].entries()) {
    const person = await firm.user(username, 'agent');
    const browser = await system.agent(username);
    // Long enough to be recorded; the customer of 03 ends the call after 3 s.
    const worker = new Worker(browser, { talkMs: 4_000, disposition: index === 0 ? '4' : '5' });
    await worker.signIn();
    agents.push({ person, browser, worker });
  }
  return { system, firm, agents };
}

/** The digits that choose the customer. */
export const lastTwo = (e164: string) => e164.slice(-2);

/** Dials one customer of each kind and waits for the end of every call. */
export async function dialEverybody(rig: Rig, trunkIds: number[]): Promise<number> {
  const { firm, agents, system } = rig;
  const here = openPlace(system.product.app.clock.now());
  const people = Object.keys(expected).map((digits) => ({ e164: here.prefix + digits, region: here.region }));
  const list = await firm.list('Everybody', people);
  const rules = Object.fromEntries(
    [...new Set([...Object.values(expected), 'abandoned', 'hung-up', 'rejected', 'failed', 'cancelled'])].map(
      (outcome) => [outcome, { attempts: 1, delayMinutes: 0 }],
    ),
  );
  const id = await firm.campaign(
    {
      name: 'Everybody',
      mode: 'progressive',
      amd: true,
      // Each machine is to be hung up on.
      amdSettings: { ...defaultAmdSettings, checkShare: 0 },
      trunkIds,
      agentIds: agents.map(({ person }) => person.id),
      retryRules: rules as never,
      ringTimeoutMs: 15_000,
    },
    [list],
  );
  await firm.start(id);
  for (const { worker } of agents) worker.start();
  await until(
    'every customer was called, and every call is over',
    async () => {
      const calls = await firm.callsOf(id);
      const done = new Set(calls.filter((call) => call.state === 'ended').map((call) => lastTwo(call.e164)));
      return Object.keys(expected).every((digits) => done.has(digits));
    },
    150_000,
  );
  await firm.stop(id);
  return id;
}

export async function outcomesOf({ firm }: Rig, campaignId: number): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const call of await firm.callsOf(campaignId)) outcomes[lastTwo(call.e164)] ??= String(call.outcome);
  return outcomes;
}
