import type { Command } from 'commander';
import { seedDemo } from '../demo/seed.ts';
import { CommandError, withApp } from '../with-app.ts';

export function register(program: Command): void {
  program
    .command('demo')
    .description(
      'fill an empty database with invented customers, lists and campaigns, and print its accounts',
    )
    .action(async (_options: unknown, command: Command) =>
      withApp(command, async (app) => {
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
      }),
    );
}
