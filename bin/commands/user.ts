import { Option, type Command } from 'commander';
import { HttpProblem } from '../../core/http/index.ts';
import { nameSchema, roles, usernameSchema, Users, type Role } from '../../core/users/index.ts';
import { forgetFailures } from '../../web/sign-in/sign-in-limits.ts';
import { CommandError, withApp } from '../with-app.ts';

export function register(program: Command): void {
  const user = program.command('user').description('accounts of this installation');
  user
    .command('add')
    .description('make an account and print its first password, which must be changed at the first sign-in')
    .argument('<username>', 'what the person types to sign in')
    .requiredOption('--name <name>', "the person's name")
    .addOption(new Option('--role <role>', 'what the person is here to do').choices(roles).default('agent'))
    .action(async (username: string, options: { name: string; role: Role }, command: Command) =>
      withApp(command, async (app) => {
        const account = {
          username: valid(username),
          name: nameOf(options.name),
          role: options.role,
        };
        const { password } = await explained(() => new Users(app).create(account, { userId: null }));
        console.log(`${account.username}  ${password}`);
      }),
    );
  user
    .command('reset-password')
    .description('give an account a new password, print it, and end the sessions of that account')
    .argument('<username>')
    .action(async (username: string, _options: unknown, command: Command) =>
      withApp(command, async (app) => {
        const users = new Users(app);
        const known = await users.store.byUsername(valid(username));
        if (!known) throw new CommandError(`there is no account ${username}`);
        const password = await explained(() => users.resetPassword(known.user.id, { userId: null }));
        await forgetFailures(app, known.user.username);
        console.log(`${known.user.username}  ${password}`);
      }),
    );
}

function valid(username: string): string {
  const result = usernameSchema.safeParse(username);
  if (result.success) return result.data;
  throw new CommandError(
    `"${username}" cannot be a username: up to 60 letters, digits and . _ @ -, beginning with a letter or digit`,
  );
}

function nameOf(text: string): string {
  const result = nameSchema.safeParse(text);
  if (result.success) return result.data;
  throw new CommandError('--name must be a name of up to 120 characters, in one line');
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HttpProblem && error.code === 'username-taken')
      throw new CommandError('an account of that name exists already');
    throw error;
  }
}
