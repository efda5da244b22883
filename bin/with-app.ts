import type { Command } from 'commander';
import { ConfigError, loadConfig, type Config } from '../core/config/config.ts';
import { createApp, type AppParts, type OwnedApp } from '../core/create-app.ts';
import { whereDataIs } from './data-folder.ts';
import { databaseRefusal } from './refusals.ts';
import { createLog } from '../core/log/log.ts';

/** Ends a command with one line for people and an exit code; no stack. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** The settings a command runs under: the environment, and `--config FILE` where it was given. */
export function configOf(command: Command, more: Readonly<Record<string, string>> = {}): Config {
  return loadConfig({ ...process.env, ...more }, command.optsWithGlobals<{ config?: string }>().config);
}

/** The same, of the data that a plain start would work on: those of the demo where there is nothing but a demo. */
export function configOfData(command: Command): Config {
  const config = configOf(command);
  const found = whereDataIs(config);
  if (found !== config) console.error(`ringwise: working on the demo, in ${found.dataDir}`);
  return found;
}

/**
 * Runs `work` with an App and closes it. Its log goes to stderr from `warn` on, so that stdout is the command's own.
 *
 *     program.command('users').action((_options, command) => withApp(command, async (app) => …));
 */
export async function withApp<T>(
  command: Command,
  work: (app: OwnedApp) => Promise<T>,
  more: Partial<AppParts> & { config?: Config } = {},
): Promise<T> {
  process.umask(0o077); // As in bin/serve.ts: what is written is its owner's alone.
  const { config = configOfData(command), ...parts } = more;
  const log = createLog(process.env.LOG_LEVEL ? config.logLevel : 'warn', process.stderr);
  const app = await createApp(config, { log, ...parts }).catch((error: unknown) => {
    const refusal = databaseRefusal(error);
    throw refusal ? new ConfigError(refusal) : error;
  });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}
