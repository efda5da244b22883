import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createLog } from '../../../core/log/log.ts';
import { asteriskRoot } from '../../../dialer/telephony/asterisk/root.ts';
import { startProduct, type Product } from '../../../bin/product.ts';
import { freeTcpPort, startTestAsterisk, type TestAsterisk } from '../../support/asterisk.ts';
import { testConfig } from '../../support/app.ts';
import { launchBrowser, signIn, watchForTrouble } from '../../support/browser.ts';
import { giveEars } from './ears.ts';
import { password, until } from './office.ts';

export interface System {
  product: Product;
  url: string;
  /** Null on the simulator. */
  asterisk: TestAsterisk | null;
  root: string;
  /** Signs an agent in, in a browser of its own. */
  agent(username: string): Promise<AgentBrowser>;
  page(username: string, path: string): Promise<Page>;
  close(): Promise<void>;
}

export interface AgentBrowser {
  page: Page;
  context: BrowserContext;
  /** What the page must not do: errors, refused scripts. */
  trouble: string[];
}

export interface SystemOptions {
  /** Instead of SQLite. */
  databaseUrl?: string;
  /** An Asterisk that was started before; it is closed with the system. */
  asterisk?: TestAsterisk;
  asteriskPassword?: string;
}

/** The whole product in one process, on SQLite unless told otherwise, with a real Asterisk or the simulator. */
export async function startSystem(
  on: 'asterisk' | 'simulator',
  options: SystemOptions = {},
): Promise<System> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringwise-system-'));
  const asterisk = on === 'asterisk' ? (options.asterisk ?? (await startTestAsterisk([]))) : null;
  const { databaseUrl, asteriskPassword } = options;
  const access = asterisk && {
    ...asterisk.access,
    ...(asteriskPassword ? { password: asteriskPassword } : {}),
  };
  // The switch fetches what it is to say from there.
  const port = await freeTcpPort();
  const config = testConfig(dataDir, {
    port,
    publicUrl: `http://localhost:${port}`,
    asterisk: access,
    ...(databaseUrl ? { databaseUrl } : {}),
  });
  const product = await startProduct({
    config,
    roles: ['web', 'worker', 'dialer'],
    log: createLog(process.env.LOG_LEVEL ?? 'silent'),
  });
  const url = `http://localhost:${product.port}`;
  let browser: Promise<Browser> | undefined;
  const newPage = async (username: string) => {
    const context = await (
      await (browser ??= launchBrowser())
    ).newContext({
      viewport: { width: 1280, height: 900 },
      permissions: ['microphone'],
    });
    await giveEars(context);
    const page = await context.newPage();
    const trouble = watchForTrouble(page);
    await signIn(page, url, username, password);
    return { page, context, trouble };
  };
  return {
    product,
    url,
    asterisk,
    root: asteriskRoot(process.env),
    async agent(username) {
      const agent = await newPage(username);
      await agent.page.goto(`${url}/workspace`);
      return agent;
    },
    async page(username, path) {
      const { page } = await newPage(username);
      await page.goto(url + path);
      return page;
    },
    async close() {
      await (await browser)?.close();
      await product.close();
      await asterisk?.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export { until };
