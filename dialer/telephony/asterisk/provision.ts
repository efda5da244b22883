import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isProvisioned } from './root.ts';

/** Debian's unstable release: the stable one has had no Asterisk since Debian 12. */
const release = 'sid';
const packages = ['asterisk', 'asterisk-modules', 'sip-tester'];

/**
 * Makes a folder with Asterisk 22 and the system it needs, beside the host's own: the host's packages stay as they
 * are. Does nothing when it is there already. Takes root, Debian's mmdebstrap, some 40 s and 400 MB.
 * @throws Error that says what is missing.
 */
export async function provision(root: string, tell: (line: string) => void): Promise<void> {
  if (isProvisioned(root)) return;
  if (process.getuid?.() !== 0)
    throw new Error('This makes a system in a folder of its own, and takes root: run it with sudo.');
  if (!existsSync('/etc/debian_version'))
    throw new Error(
      'This works on Debian and Ubuntu. Elsewhere install Asterisk 20 or 22 by your own means, and let `ringwise asterisk config` write its configuration.',
    );
  await ensureTool('mmdebstrap', tell);
  mkdirSync(dirname(root), { recursive: true });
  for (const left of leftBehind(root)) discard(left);
  // Made aside and then moved: a broken download leaves no half folder, and two that are made at once don't mix.
  const making = `${root}.new-${process.pid}`;
  await run(
    'mmdebstrap',
    [
      '--variant=apt',
      '--aptopt=Acquire::Check-Valid-Until "false"',
      '--aptopt=APT::Install-Recommends "false"',
      `--include=${packages.join(',')}`,
      release,
      making,
    ],
    tell,
  );
  if (isProvisioned(root)) return discard(making);
  discard(root);
  renameSync(making, root);
}

/** Folders of set-ups that were broken off: whoever made them is gone. */
function leftBehind(root: string): string[] {
  const prefix = `${basename(root)}.new`;
  return readdirSync(dirname(root))
    .filter((name) => name === prefix || name.startsWith(`${prefix}-`))
    .filter((name) => !existsSync(`/proc/${name.slice(prefix.length + 1) || 'none'}`))
    .map((name) => join(dirname(root), name));
}

/** Removes a folder and nothing that is mounted in it: a set-up that was killed leaves the host's /proc and /sys there. */
export function discard(folder: string): void {
  for (const mount of mountsUnder(folder).reverse()) spawnSync('umount', ['--lazy', mount]);
  const [still] = mountsUnder(folder);
  if (still)
    throw new Error(`${still} is still mounted. Unmount it (\`umount ${still}\`), then run this again.`);
  rmSync(folder, { recursive: true, force: true });
}

function mountsUnder(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter((path) => path.startsWith(`${folder}/`));
}

/** Installs a Debian package for the program of the same name, unless it is there. @throws Error */
export async function ensureTool(name: string, tell: (line: string) => void): Promise<void> {
  if (existsSync(`/usr/bin/${name}`)) return;
  tell(`Installing ${name} …`);
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', name], tell);
  try {
    await install();
  } catch {
    // Without a list of packages, or with an old one.
    await run('apt-get', ['update'], tell);
    await install();
  }
}

/** Rejects with the last lines that the command said. */
function run(command: string, args: string[], tell: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    let last = '';
    const hear = (text: Buffer) => {
      const lines = text.toString('utf8');
      last = (last + lines).slice(-2000);
      for (const line of lines.split('\n')) if (line.trim()) tell(line.trim());
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', (error) => reject(new Error(`${command} cannot be run: ${error.message}`)));
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} failed (${code}). It said last:\n${last}`)),
    );
  });
}
