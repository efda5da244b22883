import type { Express } from 'express';
import type { Test } from 'supertest';
import type { CommandRefused } from '../../../core/bus/bus.ts';
import { Users, type Role } from '../../../core/users/index.ts';
import { createCampaignStore, defaultCampaign } from '../../../campaigns/campaigns/index.ts';
import { createDispositionStore } from '../../../campaigns/dispositions/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { createPauseCodeStore } from '../../../dialer/agents/pause-code-store.ts';
import type { AgentCall, AgentSnapshot } from '../../../dialer/protocol.ts';
import { workspaceCommands } from '../../../dialer/workspace/command-names.ts';
import { workspaceArea } from '../../../dialer/workspace/index.ts';
import { createWeb } from '../../../web/create-web.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { testPassword, Visitor } from '../../web/support.ts';

/** A dialer of a few lines: keeps a snapshot for each agent, remembers what it was asked, refuses on demand. */
export class FakeDialer {
  readonly asked: { command: string; payload: Record<string, unknown> }[] = [];
  readonly snapshots = new Map<number, AgentSnapshot>();
  readonly refusals = new Map<string, CommandRefused>();
  readonly #app: TestApp;

  constructor(app: TestApp) {
    this.#app = app;
    for (const name of [...workspaceCommands, 'identify'])
      app.bus.respond(`agent.${name}`, (payload) => this.#answer(`agent.${name}`, payload));
    app.bus.respond('agent.snapshot', (payload) => {
      const refusal = this.refusals.get('agent.snapshot');
      if (refusal) throw refusal;
      return this.of((payload as { userId: number }).userId);
    });
  }

  of(userId: number): AgentSnapshot {
    return this.snapshots.get(userId) ?? blankSnapshot(userId, this.#app.clock.now());
  }

  set(userId: number, part: Partial<AgentSnapshot>): AgentSnapshot {
    const before = this.of(userId);
    const snapshot = { ...before, now: this.#app.clock.now(), ...part, revision: before.revision + 1 };
    this.snapshots.set(userId, snapshot);
    this.#app.bus.publish(`agent.snapshot.${userId}`, snapshot);
    return snapshot;
  }

  #answer(command: string, payload: unknown): AgentSnapshot {
    const refusal = this.refusals.get(command);
    if (refusal) throw refusal;
    this.asked.push({ command, payload: payload as Record<string, unknown> });
    return this.of((payload as { userId: number }).userId);
  }
}

export function blankSnapshot(userId: number, now: number): AgentSnapshot {
  return {
    userId,
    now,
    revision: 0,
    state: 'signed-out',
    since: now,
    pauseCodeId: null,
    pauseReason: null,
    nextPauseCodeId: null,
    phone: 'none',
    legMode: 'nailed',
    simulatedPhone: true,
    campaigns: [],
    call: null,
    preview: null,
    wrapupUntil: null,
  };
}

export function callOf(part: Partial<AgentCall> & { id: string; campaignId: number }): AgentCall {
  return {
    direction: 'out',
    path: 'predictive',
    state: 'connected',
    leadId: null,
    customerId: null,
    e164: '+14155550123',
    callerId: null,
    attempt: 1,
    dialedAt: null,
    answeredAt: null,
    connectedAt: null,
    endedAt: null,
    outcome: null,
    hangupCause: null,
    endedBy: null,
    recording: 'on',
    recordingPausedByAgent: false,
    consult: null,
    askedBy: null,
    handedOnBy: null,
    noteOnly: false,
    threeWay: false,
    ...part,
  };
}

export interface TestWorkspace {
  app: TestApp;
  web: Express;
  dialer: FakeDialer;
  campaignId: number;
  customerId: number;
  /** A signed-in browser of an agent who works on the campaign, or of another role. */
  browser(role: Role, username: string): Promise<{ id: number; visitor: Visitor }>;
  close(): Promise<void>;
}

export const chen = {
  name: '陈 Elisabeth-Alexandra 美玲',
  salutation: '陈女士',
  externalId: null,
  language: 'zh-CN',
  company: 'Aurora & Söhne <GmbH>',
  email: null,
  address: null,
  addressRegion: 'US-CA',
  custom: { bought: 'Plan 500 (2024)', blank: '' },
  phones: [
    { e164: '+14155550123', type: 'mobile' },
    { e164: '+14155550124', type: 'home' },
  ],
  tags: ['VIP', 'spring'],
} as const;

/** The web application with the workspace, a campaign with a script, a customer, and a dialer of a few lines. */
export async function testWorkspace(given?: TestApp): Promise<TestWorkspace> {
  const app = given ?? (await testApp());
  const web = createWeb(app, { areas: [workspaceArea(app)] });
  const users = new Users(app);
  const now = app.clock.now();
  await createPauseCodeStore(app).seed();
  const dispositions = createDispositionStore(app);
  await dispositions.seed();
  const customer = await createCustomerStore(app).create(chen, now);
  if (!customer.created) throw new Error('the customer exists');
  const dispositionIds = (await dispositions.all()).map(({ id }) => id);
  const script = {
    en: '# Greeting\nHello {{salutation}}, this is {{agent}}.\n\nIs it a good time?\n# Offer\nThe new plan.',
    'zh-CN': '您好{{salutation}}，我是{{agent}}。',
  };
  const campaigns = createCampaignStore(app);
  const draft = { ...defaultCampaign, name: 'Spring', script, trunkIds: [], agentIds: [], dispositionIds };
  const campaignId = await campaigns.create(draft, { userId: null, now });
  return {
    app,
    web,
    dialer: new FakeDialer(app),
    campaignId,
    customerId: customer.id,
    async browser(role, username) {
      const account = { username, name: 'Ada Park', role, password: testPassword, mustChangePassword: false };
      const { id } = await users.create(account, { userId: null });
      const visitor = new Visitor(web);
      await visitor.signIn(username, testPassword);
      return { id, visitor };
    },
    close: () => app.close(),
  };
}

/** Sends JSON as the page's own code does. */
export function sendJson(visitor: Visitor, method: 'post' | 'put', path: string, body: object): Test {
  return visitor.agent[method](path)
    .set({ accept: 'application/json', 'x-csrf-token': visitor.token })
    .send(body);
}
