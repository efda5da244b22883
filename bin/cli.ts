import { readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { ConfigError } from '../core/config/config.ts';
import { paths } from '../core/paths.ts';
import { CommandError } from './with-app.ts';

/** What a module in `bin/commands` exports. */
interface CommandModule {
  register(program: Command): void;
}

async function createProgram(): Promise<Command> {
  const { version } = JSON.parse(readFileSync(join(paths.root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const program = new Command('ringwise')
    .description(
      'Outbound campaigns, predictive dialer and CRM. Settings come from the environment and one file.',
    )
    .version(version)
    .option('--config <file>', 'file with settings as KEY=VALUE lines (standard: DATA_DIR/ringwise.env)')
    .showHelpAfterError('(add --help to see what there is)')
    .configureHelp({ showGlobalOptions: true });
  for (const file of commandFiles()) {
    const module = (await import(pathToFileURL(join(paths.commands, file)).href)) as CommandModule;
    module.register(program);
  }
  return program;
}

/** The one that is named, as loading them all takes a second or two; all where help is wanted, or none is named. */
function commandFiles(): string[] {
  const all = readdirSync(paths.commands)
    .filter((file) => /(?<!\.d)\.(ts|js)$/.test(file))
    .sort();
  const words = process.argv.slice(2).filter((_, i, each) => each[i - 1] !== '--config');
  const command = words.find((word) => !word.startsWith('-'));
  const named = all.find((file) => parse(file).name === command);
  return named ? [named] : all;
}

/** Prints what went wrong in one line, or whole with LOG_LEVEL=debug. Returns the exit code. */
function report(error: unknown): number {
  const known = error instanceof ConfigError || error instanceof CommandError;
  const whole = !known && ['debug', 'trace'].includes(process.env.LOG_LEVEL ?? '');
  console.error(
    whole ? error : `ringwise: ${error instanceof Error ? error.message || error.name : String(error)}`,
  );
  if (error instanceof ConfigError) return ConfigError.exitCode;
  return error instanceof CommandError ? error.exitCode : 1;
}

try {
  await (await createProgram()).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
