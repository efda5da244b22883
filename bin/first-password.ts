import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../core/app.ts';
import { Users } from '../core/users/index.ts';

/** For the owner of the data folder alone, until the password in it has been changed. */
const fileName = 'first-password.txt';

/**
 * Where nobody watches the terminal, its lines end in a log that is kept: the first administrator's password is put
 * into a file instead. Returns where it is.
 */
export function writeFirstPassword(dataDir: string, first: { username: string; password: string }): string {
  const file = join(dataDir, fileName);
  rmSync(file, { force: true });
  writeFileSync(file, `${first.username}   ${first.password}\n`, { mode: 0o600 });
  return file;
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
