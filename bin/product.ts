import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../core/clock/clock.ts';
import type { Config } from '../core/config/config.ts';
import { createApp, type OwnedApp } from '../core/create-app.ts';
import { ensureFirstAdministrator } from '../core/users/index.ts';
import type { Logger } from '../core/log/log.ts';
import { defineCampaignJobs, followRules, prepareCampaigns } from '../campaigns/areas.ts';
import { defineComplianceJobs } from '../campaigns/compliance/compliance-areas.ts';
import { defineMissingFacts, defineRetention, defineSampling } from '../dialer/index.ts';
import type { Simulator } from '../dialer/telephony/index.ts';
import { defineAmdWatch, defineForecastJobs, startRoller } from '../reports/index.ts';
import { createWeb } from '../web/create-web.ts';
import { defineWebHousekeeping } from '../web/housekeeping.ts';
import { compileViews } from '../web/views.ts';
import { createAreas } from './areas.ts';
import { seedingMark } from './data-folder.ts';
import { startKeeper } from './demo/keeper.ts';
import { startRobots } from './demo/robots.ts';
import { findDemo, seedDemo, type Demo } from './demo/seed.ts';
import { writeFirstPassword } from './first-password.ts';
import { StartingUp } from './health.ts';
import { startDialerPart } from './parts/dialer-part.ts';

/** What a process does. `all` is every one of them in one process. */
export type ProcessRole = 'web' | 'worker' | 'dialer';
export const processRoles: readonly ProcessRole[] = ['web', 'worker', 'dialer'];

export interface ProductOptions {
  config: Config;
  log: Logger;
  roles: readonly ProcessRole[];
  /** Instead of the machine's. */
  clock?: Clock;
  /**
   * `make`: an empty database is filled with invented people, and robots work for them. `join`: they work where the
   * database is a demo's already. Neither beside a switch of one's own, where robots have no phones.
   */
  demo?: 'make' | 'join';
  /** Told in a sentence what the start waits for. */
  waits?: (line: string) => void;
  /** This process can only go on by being started anew, for the reason that is given. */
  startAnew?: (why: string) => void;
}

export interface Product {
  readonly app: OwnedApp;
  /** Null where no `web` role is. */
  readonly port: number | null;
  /** Null without the demo. */
  readonly demo: Demo | null;
  /** Null with a real switch, and where no `dialer` role is. */
  readonly simulator: Simulator | null;
  close(): Promise<void>;
}

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const retryMs = 2_000;

/**
 * Starts the parts that `roles` name. With `web`, the port listens from the first moment and answers 503 with what is
 * missing until the product can work; a database or Redis that is not there yet is waited for.
 */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const { config, roles, log } = options;
  const starting = new StartingUp();
  const front: { handle: RequestHandler } = { handle: (req, res) => starting.handle(req, res) };
  const server = roles.includes('web') ? await listen(config, front) : null;
  const app = await createAppPatiently(options, starting);
  const parts: Part[] = [];
  let demo: Demo | null = null;
  let simulator: Simulator | null = null;
  try {
    // Parts are pushed as they start, and closed in the opposite order.
    await app.jobs.ping();
    if (roles.includes('worker')) {
      defineCampaignJobs(app);
      defineComplianceJobs(app);
      defineForecastJobs(app);
      await defineAmdWatch(app);
      await prepareCampaigns(app);
      await defineWebHousekeeping(app);
      await defineMissingFacts(app);
      await defineRetention(app);
      await defineSampling(app);
      parts.push({ name: 'rules', ...followRules(app) });
      parts.push({ name: 'rollups', ...startRoller(app) });
    }
    if (options.demo && !config.asterisk)
      demo = options.demo === 'make' ? await makeDemo(app) : await findDemo(app);
    if (server) {
      const first = await ensureFirstAdministrator(app);
      if (first) writeFirstPassword(config.dataDir, first);
    }
    if (roles.includes('dialer')) {
      const part = await startDialerPart(app, () =>
        options.startAnew?.(
          `the other process that ran as dialer "${config.dialerId}" (DIALER_ID) is gone; this one ends, to be started anew as that dialer`,
        ),
      );
      simulator = part.simulator;
      parts.push({ name: 'dialer', close: part.close });
    }
    if (server) {
      await compileViews();
      const areas = createAreas(app);
      front.handle = createWeb(app, { areas });
      parts.push({ name: 'pages', close: async () => areas.forEach((area) => area.close?.()) });
    }
    // Of the kinds of process the one of which there is one, wherever the dialer is: robots talk to it over the bus.
    if (demo && roles.includes('worker')) {
      parts.push({ name: 'robots', ...(await startRobots(app, demo.robotIds)) });
      parts.push({ name: 'keeper of the demo', ...startKeeper(app, demo.robotIds) });
    }
    // Each process takes only jobs that its own parts have defined.
    if (roles.includes('worker') || roles.includes('dialer')) await app.jobs.start();
  } catch (error) {
    await closeAll(log, parts, app, server);
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    app,
    demo,
    simulator,
    port: server ? (server.address() as AddressInfo).port : null,
    close: () => (closing ??= closeAll(log, parts, app, server)),
  };
}

async function makeDemo(app: OwnedApp): Promise<Demo | null> {
  const known = await findDemo(app);
  if (known) return known;
  const mark = join(app.config.dataDir, seedingMark);
  writeFileSync(mark, '');
  const demo = await seedDemo(app);
  rmSync(mark, { force: true });
  return demo;
}

interface Part {
  name: string;
  close(): Promise<void>;
}

async function createAppPatiently(
  { config, log, waits, clock }: ProductOptions,
  starting: StartingUp,
): Promise<OwnedApp> {
  for (let told = ''; ;) {
    try {
      return await createApp(config, { log, ...(clock && { clock }) });
    } catch (error) {
      if (!isConnectionTrouble(error)) throw error;
      const why = (error as Error).message || (error as { code?: string }).code || 'no answer';
      const setting = settingBehind(error, config);
      const missing = `the server that ${setting} names does not answer (${why})`;
      starting.missing = missing;
      if (told !== why) {
        log.warn({ setting, why }, 'a server that the settings name does not answer; trying again every 2 s');
        waits?.(`${missing}; trying again every 2 s`);
      }
      told = why;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

function settingBehind(error: unknown, { databaseUrl }: Config): 'DATABASE_URL' | 'REDIS_URL' {
  const ofRedis = ['BusUnavailable', 'JobsUnavailable'].includes((error as Error).name);
  return ofRedis || databaseUrl.startsWith('sqlite:') ? 'REDIS_URL' : 'DATABASE_URL';
}

/** Worth waiting for, unlike a wrong password or a broken migration. */
function isConnectionTrouble(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  return (
    name === 'KnexTimeoutError' ||
    name === 'BusUnavailable' ||
    name === 'JobsUnavailable' ||
    [
      'ECONNREFUSED',
      'ECONNRESET',
      'ETIMEDOUT',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOENT',
    ]
      .concat('PROTOCOL_CONNECTION_LOST', 'ER_SERVER_SHUTDOWN', 'ER_CON_COUNT_ERROR')
      .includes(code ?? '')
  );
}

function listen(
  { port, host }: Pick<Config, 'port' | 'host'>,
  front: { handle: RequestHandler },
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => front.handle(request, response));
    server.once('error', reject);
    server.listen({ port, host: host ?? undefined }, () => {
      server.removeListener('error', reject);
      resolve(server);
    });
  });
}

/** New requests are refused first, then what is under way ends, from the roof down. Every step runs, whatever fails. */
async function closeAll(log: Logger, parts: Part[], app: OwnedApp, server: Server | null): Promise<void> {
  const stopped = server ? stopListening(server) : Promise.resolve();
  for (const part of parts.reverse()) {
    try {
      await part.close();
    } catch (error) {
      log.error({ part: part.name, err: error }, 'part did not close cleanly');
    }
  }
  await stopped;
  await app.close();
}

/** Requests get 2 s to end; event streams would never. */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), 2_000);
  });
}
