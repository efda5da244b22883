import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { paths } from '../../core/paths.ts';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with the first line of stdout that matches; rejects when the process ends before. */
  line(pattern: RegExp): Promise<RegExpMatchArray>;
  ended: Promise<Ended>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * Runs a door of the product in a process of its own with only `env` beside PATH: as built where bin/test says that
 * the build is fresh (a start takes a tenth of the time), else from source.
 */
export function startDoor(door: 'cli' | 'serve', args: string[], env: Record<string, string>): Started {
  const passed = ['PATH', 'HOME', 'NODE_V8_COVERAGE', 'RINGWISE_ASTERISK_ROOT']
    .filter((name) => process.env[name])
    .map((name) => [name, process.env[name]!]);
  const file = process.env.RINGWISE_BUILT
    ? ['--enable-source-maps', join(paths.root, 'dist/bin', `${door}.js`)]
    : ['--import=tsx', join(paths.root, 'bin', `${door}.ts`)];
  const child = spawn(process.execPath, [...file, ...args], {
    cwd: paths.root,
    env: { ...Object.fromEntries(passed), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let [stdout, stderr] = ['', ''];
  const watchers = new Set<() => void>();
  const wake = () => watchers.forEach((watcher) => watcher());
  child.stdout.on('data', (chunk) => ((stdout += chunk), wake()));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, stdout, stderr });
      wake();
    }),
  );
  return {
    child,
    ended,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = stdout.split('\n').find((line) => pattern.test(line));
          if (match !== undefined) resolve(pattern.exec(match)!);
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new Error(`ended without saying ${pattern}: ${stdout}${stderr}`));
          else return;
          watchers.delete(look);
        };
        watchers.add(look);
        look();
      }),
  };
}
