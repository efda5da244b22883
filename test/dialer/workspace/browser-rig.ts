import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { createApp, type OwnedApp } from '../../../core/create-app.ts';
import { createLog } from '../../../core/log/log.ts';
import { Users } from '../../../core/users/index.ts';
import {
  createCampaignStore,
  createCustomersFilter,
  createDispositionStore,
  defaultCampaign,
} from '../../../campaigns/index.ts';
import { createScriptSurroundings } from '../../../campaigns/campaigns/index.ts';
import { createCustomerStore, crmAreas, type CustomerFields } from '../../../crm/index.ts';
import { createDialer, createTrunkStore } from '../../../dialer/index.ts';
import { createAriTelephony, startSimulator } from '../../../dialer/telephony/index.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { workspaceArea } from '../../../dialer/workspace/index.ts';
import { createWeb } from '../../../web/create-web.ts';
import { testConfig } from '../../support/app.ts';
import { launchBrowser, serve, signIn } from '../../support/browser.ts';
import { openGate } from '../../support/dialer-rig.ts';
import { testPassword } from '../../web/support.ts';

export interface BrowserRig {
  app: OwnedApp;
  url: string;
  agentId: number;
  /** Ben, where there is to be a second agent. */
  colleagueId: number | null;
  campaignId: number;
  /** A page of a fresh browser in which the agent, or the colleague, is signed in. */
  open(
    context?: Parameters<Awaited<ReturnType<typeof launchBrowser>>['newContext']>[0],
    username?: 'ada' | 'ben',
  ): Promise<Page>;
  context(page: Page): BrowserContext;
  /** A page of a fresh browser in which nobody is signed in. */
  bare(): Promise<Page>;
  snapshot(): Promise<AgentSnapshot>;
  /** The agent's phone is gone from the switch, with its leg; or it shows itself again. */
  losePhone(): Promise<void>;
  phoneBack(): void;
  customerHangsUp(): Promise<void>;
  /** Adds customers who can be called from now on. */
  customers(...people: Partial<CustomerFields>[]): Promise<number[]>;
  close(): Promise<void>;
}

export const script = {
  en:
    '# Greeting\nHello, am I speaking with {{salutation}}? This is {{agent}} from Aurora Energy.\n\nIs this a good moment?\n' +
    '# Offer\nYour plan {{custom.plan}} ends soon. The new one costs 12 % less and stays so for two years.\n' +
    '# Close\nMay I sign you up now, or would you like to think it over?',
  'zh-CN':
    '# 开场\n您好，请问是{{salutation}}吗？我是极光能源的{{agent}}。\n\n现在方便说话吗？\n# 介绍\n您的{{custom.plan}}套餐快到期了，新套餐便宜 12%，两年不变。',
  'zh-TW':
    '# 開場\n您好，請問是{{salutation}}嗎？我是極光能源的{{agent}}。\n\n現在方便說話嗎？\n# 介紹\n您的{{custom.plan}}方案快到期了，新方案便宜 12%，兩年不變。',
};

/** The product as an agent meets it: web, real engine and carrier simulator in real time, and a browser. */
export async function browserRig(
  given: {
    mode?: 'progressive' | 'preview';
    wrapupLimitMs?: number;
    previewLimitMs?: number;
    colleague?: true;
    /** With the pages on which scripts are written. */
    withScripts?: true;
  } = {},
): Promise<BrowserRig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringwise-browser-'));
  const config = testConfig(dataDir);
  const log = createLog(config.logLevel);
  const app = await createApp(config, { log });
  const sim = await startSimulator({ clock: app.clock, log, behaviour: 'by-number', port: 0 });
  const { url: ari, user, password } = sim;
  const telephony = createAriTelephony({ url: ari, user, password, clock: app.clock, log });
  const dialer = createDialer(app, { telephony, agentsPhone: 'simulated', gate: openGate });
  const scripts = given.withScripts
    ? crmAreas(app, createCustomersFilter(app), createScriptSurroundings(app))
    : [];
  const web = await serve(createWeb(app, { areas: [workspaceArea(app), ...scripts] }));
  const browser = await launchBrowser();
  const now = app.clock.now();

  const account = { username: 'ada', name: 'Ada Park', role: 'agent', password: testPassword } as const;
  const agent = await new Users(app).create({ ...account, mustChangePassword: false }, { userId: null });
  const second = { ...account, username: 'ben', name: 'Ben Ito' };
  const colleague = given.colleague
    ? await new Users(app).create({ ...second, mustChangePassword: false }, { userId: null })
    : null;
  const dispositions = createDispositionStore(app);
  await dispositions.seed();
  const trunk = await createTrunkStore(app).create(
    {
      ...{
        name: 'Sim',
        host: '127.0.0.1',
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
    now,
  );
  if (!trunk.saved) throw new Error(trunk.reason);
  const campaigns = createCampaignStore(app);
  const campaignId = await campaigns.create(
    {
      ...defaultCampaign,
      ...{ name: 'Spring renewal', mode: given.mode ?? 'progressive', script, trunkIds: [trunk.id] },
      ...{
        agentIds: colleague ? [agent.id, colleague.id] : [agent.id],
        dispositionIds: (await dispositions.all()).map(({ id }) => id),
      },
      wrapupLimitMs: given.wrapupLimitMs ?? 60_000,
      previewLimitMs: given.previewLimitMs ?? 60_000,
    },
    { userId: null, now },
  );
  await campaigns.transition(campaignId, 'start', now);
  await app.jobs.start();
  await dialer.start();

  const hangUp = async (endpoint: string) => {
    const channels = await telephony.channels();
    const channel = channels.find(({ name }) => name.startsWith(endpoint));
    if (!channel) throw new Error(`no channel of ${endpoint}`);
    sim.hangUp(channel.channelId);
  };
  const phone = `PJSIP/agent-${agent.id}`;

  return {
    app,
    url: web.url,
    agentId: agent.id,
    colleagueId: colleague?.id ?? null,
    campaignId,
    async open(context, username = 'ada') {
      const page = await (await browser.newContext({ locale: 'en-US', ...context })).newPage();
      await signIn(page, web.url, username, testPassword);
      await page.goto(`${web.url}/workspace`);
      return page;
    },
    context: (page) => page.context(),
    bare: async () => (await browser.newContext({ locale: 'en-US' })).newPage(),
    snapshot: () => app.bus.request<AgentSnapshot>('agent.snapshot', { userId: agent.id }),
    async losePhone() {
      sim.setPhone(phone, false);
      await hangUp(phone);
    },
    phoneBack: () => sim.setPhone(phone, true),
    customerHangsUp: () => hangUp('PJSIP/trunk-'),
    async customers(...people) {
      const store = createCustomerStore(app);
      const ids: number[] = [];
      for (const person of people) {
        const made = await store.create({ ...nobody, ...person }, app.clock.now());
        if (!made.created) throw new Error(made.reason);
        const lead = { campaign_id: campaignId, customer_id: made.id, list_id: 0, state: 'new', priority: 5 };
        await app.db.knex('leads').insert({ ...lead, created_at: now, updated_at: now });
        ids.push(made.id);
      }
      app.bus.publish('campaign.changed', { campaignId });
      return ids;
    },
    async close() {
      await browser.close();
      await web.close();
      await dialer.close();
      await sim.close();
      await app.close(0);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const nobody: CustomerFields = {
  name: '',
  salutation: null,
  externalId: null,
  language: null,
  company: null,
  email: null,
  address: null,
  addressRegion: null,
  custom: {},
  phones: [],
  tags: [],
};
