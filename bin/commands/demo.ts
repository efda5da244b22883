import type { Command } from 'commander';
import type { App } from '../../core/app.ts';
import { endDemo, seedDemo } from '../demo/seed.ts';
import { CommandError, configOf, withApp } from '../with-app.ts';

export function register(program: Command): void {
  program
    .command('demo')
    .description(
      'fill an empty database with invented customers, lists and campaigns, and print its accounts',
    )
    .option('--end', 'disable the accounts that the demo brought, and show them on the sign-in page no more')
    .action(async (options: { end?: boolean }, command: Command) =>
      options.end ? withApp(command, end) : withApp(command, fill, { config: configOf(command) }),
    );
}

async function fill(app: App): Promise<void> {
  const demo = await seedDemo(app);
  if (!demo)
    throw new CommandError('this database holds data of its own; the demo goes into an empty one only');
  for (const { username, password, role } of demo.accounts)
    console.log(`${username.padEnd(12)} ${password.padEnd(18)} ${role}`);
  console.log(
    app.config.asterisk
      ? 'Nobody works or answers in it: robots as agents and invented customers need the simulated carrier, and ASTERISK_URL names a switch.'
      : 'Robots work as agents, and a simulated carrier answers, while the product runs on this database.',
  );
}

async function end(app: App): Promise<void> {
  const ended = await endDemo(app);
  if (ended === null) throw new CommandError('this database holds no demo');
  console.log(`${ended.disabled} accounts are disabled.`);
  for (const { username, password } of ended.kept)
    console.log(`The last administrator stays, with a new password:\n${username}  ${password}`);
}
