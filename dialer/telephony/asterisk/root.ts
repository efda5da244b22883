import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const usualRoot = '/opt/ringwise-asterisk';

/** The folder that holds the Asterisk of our own, with the system it lives in. */
export function asteriskRoot(env: NodeJS.ProcessEnv): string {
  return env['RINGWISE_ASTERISK_ROOT'] || usualRoot;
}

export function isProvisioned(root: string): boolean {
  return existsSync(join(root, 'usr/sbin/asterisk'));
}

/** Why our own Asterisk cannot run here, in words; null when it can. */
export function obstacle(root: string): string | null {
  if (process.platform !== 'linux') return 'our own Asterisk runs on Linux only';
  if (process.getuid?.() !== 0)
    return 'our own Asterisk runs in a folder of its own (chroot), which takes root';
  if (!isProvisioned(root))
    return `there is no Asterisk in ${root}: run \`ringwise asterisk setup\`, or set RINGWISE_ASTERISK_ROOT`;
  return null;
}

/** Where the modules are, as Asterisk sees it. */
export function modulesFolder(root: string): string {
  for (const platform of readdirSync(join(root, 'usr/lib'))) {
    const folder = `/usr/lib/${platform}/asterisk/modules`;
    if (existsSync(join(root, folder))) return folder;
  }
  return '/usr/lib/asterisk/modules';
}

/** The user that Asterisk runs as inside its folder. */
export function asteriskUser(root: string): { uid: number; gid: number } {
  const line = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('asterisk:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : { uid: 0, gid: 0 };
}

/**
 * Asterisk asks DNS for a root server to learn its own address: where DNS does not answer, that delays each call by
 * seconds. So the names are answered from the folder's own hosts file.
 */
export function answerNamesLocally(root: string): void {
  const file = join(root, 'etc/hosts');
  const names = ['localhost', 'A.ROOT-SERVERS.NET', 'a.root-servers.net', hostname()];
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const missing = names.filter(
    (name) => !before.split('\n').some((line) => line.trim().split(/\s+/).slice(1).includes(name)),
  );
  if (missing.length === 0) return;
  // Replaced, not written into: the file may be shared with another folder by a hard link.
  const mode = existsSync(file) ? statSync(file).mode : 0o644;
  writeFileSync(`${file}.new`, `${before.trimEnd()}\n127.0.0.1 ${missing.join(' ')}\n`, { mode });
  renameSync(`${file}.new`, file);
}
