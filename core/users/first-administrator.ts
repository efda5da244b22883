import type { App } from '../app.ts';
import { HttpProblem } from '../http/problem.ts';
import { Users } from './users.ts';

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
  const username = 'admin';
  try {
    const account = { username, name: 'Administrator', role: 'administrator' as const };
    const { password } = await users.create(account, { userId: null });
    return { username, password };
  } catch (error) {
    if (error instanceof HttpProblem && error.code === 'username-taken') return null;
    throw error;
  }
}
