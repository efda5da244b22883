import type { Locator, Page, Route } from 'playwright-core';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import type { AgentCall, AgentSnapshot } from '../../../dialer/protocol.ts';
import { launchBrowser, serve, signIn } from '../../support/browser.ts';
import { testPassword } from '../../web/support.ts';
import { callOf, chen, testWorkspace, type FakeDialer, type TestWorkspace } from './support.ts';

export interface PageRig {
  ws: TestWorkspace;
  page: Page;
  userId: number;
  /** The page as it is read anew, with an agent who is paused. */
  fresh(): Promise<void>;
  /** Waits for the state that the bar names. */
  word(text: string, on?: Page): Promise<void>;
  dialog(name: string): Locator;
  asked(command: string): FakeDialer['asked'];
  onCall(part?: Partial<AgentSnapshot>, of?: Partial<AgentCall>): Promise<AgentCall>;
  wrapup(part?: Partial<AgentSnapshot>): Promise<void>;
  /** Holds requests for that path under /workspace back until they are answered. */
  holdBack(path: string): Promise<Route[]>;
  /** A callback of this agent of which nobody wrote down when. */
  undated(): Promise<number>;
  /** Another tab of the same browser. */
  secondTab(): Promise<Page>;
  close(): Promise<void>;
}

export const blank: Partial<AgentSnapshot> = {
  ...{ state: 'paused', phone: 'up', legMode: 'nailed', simulatedPhone: true, call: null, preview: null },
  ...{ pausesNext: false, nextPauseCodeId: null, wrapupUntil: null, campaigns: [] },
};

/** The workspace in a browser, with a dialer that says what it is told to. */
export async function pageRig(): Promise<PageRig> {
  const ws = await testWorkspace();
  const server = await serve(ws.web);
  const browser = await launchBrowser();
  const userId = (await ws.browser('agent', 'ada')).id;
  const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
  await signIn(page, server.url, 'ada', testPassword);
  let calls = 0;
  const word: PageRig['word'] = (text, on = page) =>
    on.locator('[data-bind="word"]', { hasText: text }).waitFor();

  return {
    ...{ ws, page, userId, word },
    async fresh() {
      ws.dialer.set(userId, blank);
      ws.dialer.asked.length = 0;
      await page.goto(`${server.url}/workspace`);
      await word('Paused');
      await page.locator('[data-bind="phone"][data-status="simulated"]').waitFor();
    },
    dialog: (name) => page.locator(`#${name}-dialog[open]`),
    asked: (command) => ws.dialer.asked.filter((each) => each.command === `agent.${command}`),
    async onCall(part = {}, of = {}) {
      const who = { campaignId: ws.campaignId, customerId: ws.customerId, ...of };
      const call = callOf({ id: `call-${(calls += 1)}`, ...who });
      ws.dialer.set(userId, { ...blank, state: 'on-call', call, ...part });
      await page.locator(`#disposition[data-call="${call.id}"]`).waitFor();
      return call;
    },
    async wrapup(part = {}) {
      const { call } = ws.dialer.of(userId);
      ws.dialer.set(userId, { state: 'wrapup', call: { ...call!, state: 'ended' }, ...part });
      await word('Wrap-up');
    },
    async holdBack(path) {
      const held: Route[] = [];
      await page.route(`**/workspace/${path}`, (route) => void held.push(route));
      return held;
    },
    async undated() {
      const now = ws.app.clock.now();
      const { campaignId } = ws;
      const made = await createCustomerStore(ws.app).create(
        { ...chen, phones: [...chen.phones], tags: [] },
        now,
      );
      if (!made.created) throw new Error(made.reason);
      const customerId = made.id;
      const lead = { campaign_id: campaignId, customer_id: customerId, list_id: 0, priority: 5 };
      const times = { created_at: now, updated_at: now, next_at: now + 9e7 };
      const leadId = await ws.app.db.insertId('leads', { ...lead, ...times, state: 'callback' });
      const rest = { timeAgreed: false, e164: null, note: null, callId: null, createdBy: userId };
      const owed = { leadId, campaignId, customerId, userId, dueAt: now + 9e7, ...rest };
      return createCallbackStore(ws.app).create(owed, now);
    },
    async secondTab() {
      const tab = await page.context().newPage();
      await tab.goto(`${server.url}/workspace`);
      return tab;
    },
    async close() {
      await browser.close();
      await server.close();
      await ws.close();
    },
  };
}
