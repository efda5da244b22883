import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../core/app.ts';
import { Users } from '../core/users/index.ts';

/** For the owner of the data folder alone, until the password in it has been changed. */
const fileName = 'first-password.txt';

export interface FirstAccount {
  username: string;
  password: string;
}

/**
 * The password is known at this moment only, and the start may fail after it: it is put into a file before anything
 * else is done. Where nobody watches the terminal, its lines end in a log that is kept, and the file is all there is.
 * Returns where it is.
 */
export function writeFirstPassword(dataDir: string, first: FirstAccount): string {
  const file = join(dataDir, fileName);
  rmSync(file, { force: true });
  writeFileSync(file, `${first.username}   ${first.password}\n`, { mode: 0o600 });
  return file;
}

/** What stands in the file of this or an earlier start, as long as it opens the account; null where none does. */
export function readFirstPassword(dataDir: string): (FirstAccount & { file: string }) | null {
  const file = join(dataDir, fileName);
  if (!existsSync(file)) return null;
  const [username = '', password = ''] = readFileSync(file, 'utf8').trim().split(/\s+/);
  return { username, password, file };
}

/** Removes the file as soon as the password in it opens nothing any more. */
export async function dropFirstPassword(app: App): Promise<void> {
  const file = join(app.config.dataDir, fileName);
  const users = new Users(app);
  const drop = async () => {
    const known = existsSync(file) && (await users.store.byUsername('admin'));
    if (known && known.user.mustChangePassword) return;
    rmSync(file, { force: true });
    stop();
  };
  const stop = app.bus.subscribe('user.changed', () => {
    drop().catch((error: unknown) => app.log.warn({ err: error }, 'first password could not be removed'));
  });
  await drop();
}
