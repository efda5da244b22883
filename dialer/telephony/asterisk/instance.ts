import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asteriskConfig, type AsteriskSettings } from '../asterisk-config.ts';
import { ariJson } from '../ari/http.ts';
import { answerNamesLocally, asteriskUser, modulesFolder } from './root.ts';
import { supportFiles } from './support-files.ts';

const run = promisify(execFile);
const startsWithinMs = 20_000;
const endsWithinMs = 5000;

/** One Asterisk of several that may share a root: its own configuration, ports, recordings and log. */
export class AsteriskInstance {
  readonly root: string;
  /** The instance's folder as Asterisk sees it. */
  readonly base: string;
  readonly settings: AsteriskSettings;
  #process: ChildProcess | null = null;
  #output = '';

  constructor(root: string, name: string, settings: AsteriskSettings) {
    this.root = root;
    this.base = `/srv/ringwise/${name}`;
    this.settings = { ...settings, holdMusic: `${this.base}/data/sounds/ringwise/hold-music` };
  }

  /** The instance's folder as the host sees it. */
  get folder(): string {
    return join(this.root, this.base);
  }

  /** Where the product's sounds go; played as `sound:ringwise/NAME`. */
  get soundsFolder(): string {
    return join(this.folder, 'data/sounds/ringwise');
  }

  get url(): string {
    const { bind, port } = this.settings.ari;
    return `http://${bind === '0.0.0.0' ? '127.0.0.1' : bind}:${port}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Makes the folder and writes the configuration; what Asterisk itself keeps there stays. */
  prepare(): void {
    const inner = [
      'etc',
      'var/keys',
      'spool/recording',
      'run',
      'log',
      'cache',
      'data/sounds/ringwise/hold-music',
    ];
    for (const name of inner) mkdirSync(join(this.folder, name), { recursive: true });
    this.#link('/usr/share/asterisk', 'data', ['sounds']);
    this.#link('/usr/share/asterisk/sounds', 'data/sounds', ['ringwise']);
    const files = {
      ...supportFiles(this.base, modulesFolder(this.root)),
      ...asteriskConfig(this.settings),
    };
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(this.folder, 'etc', name), text, { mode: 0o640 });
    answerNamesLocally(this.root);
    this.own();
  }

  /** Gives everything in the folder to the user that Asterisk runs as. */
  own(): void {
    const { uid, gid } = asteriskUser(this.root);
    const give = (folder: string) => {
      chownSync(folder, uid, gid);
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) give(path);
        else if (entry.isFile()) chownSync(path, uid, gid);
      }
    };
    give(this.folder);
  }

  /** Resolves when ARI answers. @throws Error with the last of what Asterisk said. */
  async start(stdio: 'inherit' | 'pipe' = 'pipe'): Promise<void> {
    const { uid } = asteriskUser(this.root);
    const asUser = uid === 0 ? [] : ['-U', 'asterisk', '-G', 'asterisk'];
    const plain = process.stderr.isTTY ? [] : ['-n'];
    const child = spawn(
      'chroot',
      [this.root, 'asterisk', '-f', ...plain, ...asUser, '-C', `${this.base}/etc/asterisk.conf`],
      { stdio: ['ignore', stdio, stdio] },
    );
    this.#process = child;
    this.#output = '';
    const keep = (text: Buffer) => (this.#output = (this.#output + text.toString('utf8')).slice(-4000));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    let ended = false;
    child.once('exit', () => (ended = true));
    child.once('error', () => (ended = true));
    const giveUpAt = performance.now() + startsWithinMs;
    while (!ended && performance.now() < giveUpAt) {
      if (await this.answers()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await this.kill();
    const said = this.#output.trim() ? `It said:\n${this.#output}` : 'What it said stands above.';
    throw new Error(`Asterisk did not start on ${this.url}. ${said}`);
  }

  /** Whether its control interface answers, whoever started it. */
  async answers(): Promise<boolean> {
    const { user, password } = this.settings.ari;
    try {
      await ariJson({ url: this.url, user, password }, { path: '/asterisk/ping', timeoutMs: 1000 });
      return true;
    } catch {
      return false;
    }
  }

  /** Resolves when the process has ended, with its exit code. */
  exit(): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve(child?.exitCode ?? null);
    return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }

  /** Ends it in good order: calls are hung up. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks Asterisk's own command line. */
  async command(text: string): Promise<string> {
    const { stdout } = await run('chroot', [
      this.root,
      'asterisk',
      '-C',
      `${this.base}/etc/asterisk.conf`,
      '-rx',
      text,
    ]);
    return stdout;
  }

  /** Removes the folder. The instance must have ended. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), endsWithinMs);
    await this.exit();
    clearTimeout(timer);
  }

  /** Everything that Asterisk brings along is seen in the instance's own data folder. */
  #link(from: string, to: string, without: string[]): void {
    for (const name of readdirSync(join(this.root, from))) {
      const path = join(this.folder, to, name);
      if (!without.includes(name) && !existsSync(path)) {
        rmSync(path, { force: true });
        symlinkSync(`${from}/${name}`, path);
      }
    }
  }
}
