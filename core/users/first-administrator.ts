import type { App } from '../app.ts';
import { HttpProblem } from '../http/problem.ts';
import type { User } from './user.ts';
import { Users } from './users.ts';

const username = 'admin';
/** Nobody has said yet who it is. */
const unnamed = 'Administrator';

/** What a user is called; `role` stands for the first administrator as long as nobody has given them a name. */
export function calledName(user: Pick<User, 'username' | 'name'>, role: string): string {
  return user.username === username && user.name === unnamed ? role : user.name;
}

/**
 * Makes the account `admin` when no administrator may sign in, as at the first start. Its password is returned to be
 * printed once, and must be changed at the first sign-in. Null when there is an administrator, or another process
 * was first.
 */
export async function ensureFirstAdministrator(
  app: App,
): Promise<{ username: string; password: string } | null> {
  const users = new Users(app);
  if ((await users.store.countAdministrators()) > 0) return null;
  try {
    const account = { username, name: unnamed, role: 'administrator' as const };
    const { password } = await users.create(account, { userId: null });
    return { username, password };
  } catch (error) {
    if (error instanceof HttpProblem && error.code === 'username-taken') return null;
    throw error;
  }
}
