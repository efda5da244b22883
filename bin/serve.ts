import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ConfigError, loadConfig, type Config } from '../core/config/config.ts';
import { createLog, type Logger } from '../core/log/log.ts';
import { holdDatabase, inDemoFolder, mayShowDemo, removeHalfDemo } from './data-folder.ts';
import { dropFirstPassword, readFirstPassword } from './first-password.ts';
import { databaseRefusal } from './refusals.ts';
import { processRoles, startProduct, type ProcessRole, type Product } from './product.ts';

/** Of `bin/start`, which is how people come here; `--role` is for processes apart. */
const usage = `Usage: bin/start [--role web|worker|dialer|all] [--port N] [--config FILE] [--empty] [--no-open]

  --role     what this process does (all)
  --port     port for browsers, in place of PORT
  --config   file with settings as KEY=VALUE lines (standard: DATA_DIR/ringwise.env)
  --empty    without the demo
  --no-open  do not open a browser`;

/** Longer than every step of a shutdown may take; PM2's kill_timeout is above it. */
const drainDeadlineMs = 25_000;
/** Two a second. */
const healthTries = 6;

interface Options {
  roles: readonly ProcessRole[];
  config: Config;
  /** Somebody sits at the terminal: say where the product is, and open it. */
  attended: boolean;
  /** Nothing was said against it; made where there is no data of a firm's own. */
  demo?: 'make' | 'join';
  open: boolean;
}

function readOptions(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      role: { type: 'string', default: 'all' },
      port: { type: 'string' },
      config: { type: 'string' },
      empty: { type: 'boolean', default: false },
      attended: { type: 'boolean', default: false },
      'no-open': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const roles = processRoles.filter((role) => values.role === 'all' || values.role === role);
  if (roles.length === 0)
    throw new ConfigError(`--role must be web, worker, dialer or all (it is "${values.role}")`);
  const env = values.port === undefined ? process.env : { ...process.env, PORT: values.port };
  // Beside the address that is printed, routine lines of the log would only hide it.
  const settings = values.attended ? { LOG_LEVEL: 'warn', ...env } : env;
  const config = loadConfig(settings, values.config);
  if (roles.length < processRoles.length && config.redisUrl === null)
    throw new ConfigError(`REDIS_URL is missing: with --role ${values.role}, processes talk over Redis`);
  const { attended } = values;
  const makes = attended && !values.empty && mayShowDemo(config);
  return {
    roles,
    config: makes ? inDemoFolder(config) : config,
    attended,
    demo: values.empty ? undefined : makes ? 'make' : 'join',
    open: !values['no-open'],
  };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(usage);
  const log = createLog(options.config.logLevel);
  endOnUnknownError(log);
  let stopWanted = false;
  const running: { product?: Product } = {};
  // A terminal that is closed says SIGHUP: whoever is on the line then is not to be left there.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (stopWanted && signal === 'SIGINT') process.exit(130);
      stopWanted = true;
      if (running.product) void stop(running.product, log);
      else process.exit(0);
    });
  const { config, roles, demo } = options;
  if (roles.length === processRoles.length) holdDatabase(config);
  if (demo === 'make') removeHalfDemo(config);
  const waits = options.attended ? (line: string) => console.error(`ringwise: ${line}`) : undefined;
  const startAnew = (why: string) => {
    log.error(why);
    if (running.product) void stop(running.product, log, 1);
  };
  const product = await startProduct({ config, roles, log, demo, waits, startAnew });
  running.product = product;
  if (roles.includes('web')) await dropFirstPassword(product.app);
  // The demo's passwords stand on the sign-in page; the log of each process need not repeat them.
  if (options.attended) greet(product, options);
  else if (roles.includes('web')) for (const line of firstPasswordLines(config)) console.log(line);
  log.info({ roles: options.roles, port: product.port }, 'ringwise is up');
  process.send?.('ready'); // For PM2's wait_ready.
  if (options.attended) for (const line of await missingParts(product)) console.error(`ringwise: ${line}`);
}

async function stop(product: Product, log: Logger, code = 0): Promise<never> {
  log.info('stopping: finishing what is under way');
  setTimeout(() => {
    log.error('not everything ended in time; leaving now');
    process.exit(1);
  }, drainDeadlineMs).unref();
  await product.close();
  process.exit(code);
}

/** State after an unknown error cannot be trusted: the process manager starts anew, and the start reconciles. */
function endOnUnknownError(log: Logger): void {
  const end = (error: unknown) => {
    log.fatal({ err: error }, 'unknown error; the process ends');
    log.flush();
    process.exit(1);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function greet(product: Product, { config, demo, open }: Options): void {
  const address = config.port === 0 ? `http://localhost:${product.port}` : config.publicUrl;
  console.log(`Ringwise is at ${address}   (Ctrl-C stops it)`);
  for (const line of accountLines(product)) console.log(line);
  // With a database of its own named in the environment, the other start would work on that one too.
  if (demo === 'join' && !product.demo && config.asterisk === null && process.env.DATABASE_URL === undefined)
    console.log(
      `\nNo demo, as this installation has data of its own. To see it beside this: DATA_DIR=/tmp/ringwise-demo bin/start --port ${(product.port ?? 3000) + 1}`,
    );
  if (open && process.stdout.isTTY) openBrowser(address);
}

/** What does not work yet, some seconds after the start, as /health says it. */
async function missingParts({ port }: Product): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    const { missing = [] } = ((await answer?.json()) ?? {}) as { missing?: string[] };
    if (missing.length === 0 || tries === healthTries) return missing;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function accountLines({ demo, app }: Product): string[] {
  if (demo)
    return [
      '',
      'The demo is on: invented customers, a simulated carrier, robots as agents. Sign in as',
      ...demo.accounts.map(
        ({ username, password, role }) => `  ${username.padEnd(12)} ${password.padEnd(18)} ${role}`,
      ),
      'Without it: bin/start --empty',
    ];
  const first = readFirstPassword(app.config.dataDir);
  if (!first) return [];
  return [
    '',
    'The first administrator, whose password must be changed at the first sign-in:',
    `  ${first.username}   ${first.password}`,
    `Until then it stands in ${first.file}`,
  ];
}

/** Also where an earlier start has made the account: that one may have failed before it could say so. */
function firstPasswordLines({ dataDir }: Config): string[] {
  const first = readFirstPassword(dataDir);
  if (!first) return [];
  return [`The first administrator's name and password are in ${first.file}, until the password is changed`];
}

function openBrowser(address: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const hasDesktop = process.platform === 'darwin' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!hasDesktop) return;
  const child = spawn(command, [address], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // The address has been printed.
  child.unref();
}

// Database, recordings, lists and exports hold people's names and numbers: nobody else on this machine reads them.
process.umask(0o077);
try {
  await main();
} catch (error) {
  const { code, port, message } = error as { code?: string; port?: number; message?: string };
  if (code === 'EADDRINUSE') {
    console.error(`ringwise: PORT ${port} is in use by another program; choose one with --port`);
    process.exitCode = ConfigError.exitCode;
  } else if (code === 'EACCES' && port !== undefined) {
    console.error(`ringwise: PORT ${port} may be opened by root only; choose one above 1023 with --port`);
    process.exitCode = ConfigError.exitCode;
  } else if (code === 'EADDRNOTAVAIL') {
    console.error('ringwise: HOST is no address of this machine');
    process.exitCode = ConfigError.exitCode;
  } else if (databaseRefusal(error)) {
    console.error(`ringwise: ${databaseRefusal(error)}`);
    process.exitCode = ConfigError.exitCode;
  } else if (error instanceof ConfigError || code?.startsWith('ERR_PARSE_ARGS')) {
    console.error(`ringwise: ${message}`);
    process.exitCode = ConfigError.exitCode;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
  process.exit();
}
