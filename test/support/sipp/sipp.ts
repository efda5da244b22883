import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RtpSink, type HeardSound } from './rtp-sink.ts';
import { callingScenario, carrierScenario, refusingScenario } from './scenario.ts';
import { machineVoice, personVoice } from './sound.ts';

/** A call as it arrived at the carrier. */
export interface SeenInvite {
  dialled: string;
  caller: string;
  /** The port at Asterisk that the call's sound comes from. */
  rtpPort: number;
  /** Of its headers P-Attestation-Indicator and X-Account, those that it has. */
  headers: { attestation?: string; account?: string };
}

/** A SIPp in the Asterisk folder's system, with a folder of its own there. */
class Sipp {
  readonly port: number;
  protected readonly root: string;
  protected readonly folder: string;
  readonly #process: ChildProcess;
  #errors = '';

  constructor(root: string, folder: string, port: number, scenario: string, args: string[]) {
    this.root = root;
    this.folder = folder;
    this.port = port;
    writeFileSync(join(root, folder, 'scenario.xml'), scenario);
    this.#process = spawn(
      'chroot',
      [
        root,
        'sipp',
        ...['-sf', `${folder}/scenario.xml`, '-i', '127.0.0.1', '-p', String(port), '-nostdin'],
        ...['-trace_logs', '-log_file', `${folder}/calls.log`],
        ...['-trace_err', '-error_file', `${folder}/errors.log`],
        // A busy test machine is no reason to end.
        ...['-watchdog_minor_maxtriggers', '1000000', '-watchdog_major_maxtriggers', '1000000'],
        ...args,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process.stderr?.on('data', (text: Buffer) => (this.#errors += text.toString('utf8')));
  }

  /** The calls that have arrived, oldest first. */
  invites(): SeenInvite[] {
    return this.read('calls.log')
      .split('\n')
      .flatMap((line) => {
        const match = /INVITE dialled=(\S*) caller=(\S*) rtp=(\d*)/.exec(line);
        const [, attestation, account] = / attestation=(.*) account=(.*)$/.exec(line) ?? [];
        return match
          ? [
              {
                dialled: match[1] ?? '',
                caller: match[2] ?? '',
                rtpPort: Number(match[3] ?? 0),
                headers: { ...(attestation && { attestation }), ...(account && { account }) },
              },
            ]
          : [];
      });
  }

  /** What SIPp complained of. */
  errors(): string {
    return this.#errors + this.read('errors.log');
  }

  ended(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => this.#process.once('exit', () => resolve()));
  }

  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended();
    rmSync(join(this.root, this.folder), { recursive: true, force: true });
  }

  protected read(file: string): string {
    const path = join(this.root, this.folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}

/** A carrier full of customers who behave by their numbers, and whose received sound is weighed. */
export class SippCarrier extends Sipp {
  readonly #sink: RtpSink;

  private constructor(root: string, folder: string, port: number, scenario: string, sink: RtpSink) {
    super(root, folder, port, scenario, ['-aa', '-min_rtp_port', String(rtpPorts()), '-t', 'u1']);
    this.#sink = sink;
  }

  static async start(root: string): Promise<SippCarrier> {
    const folder = makeFolder(root);
    writeFileSync(join(root, folder, 'person.ul'), await personVoice());
    writeFileSync(join(root, folder, 'machine.ul'), await machineVoice());
    const sink = new RtpSink();
    const scenario = carrierScenario({
      sinkPort: await sink.open(),
      greeting: `${folder}/person.ul`,
      machine: `${folder}/machine.ul`,
    });
    return new SippCarrier(root, folder, await freePort(), scenario, sink);
  }

  /** The sound that a customer has heard so far, in all the calls to that number. */
  heardBy(dialled: string): HeardSound[] {
    return this.invites()
      .filter((invite) => invite.dialled === dialled)
      .map(({ rtpPort }) => this.#sink.heardFrom(rtpPort));
  }

  override async close(): Promise<void> {
    await super.close();
    this.#sink.close();
  }
}

/** A carrier that answers every call with this status; `challenges`: only once it has been shown a login. */
export class RefusingCarrier extends Sipp {
  static async start(
    root: string,
    status = 503,
    phrase = 'Service Unavailable',
    challenges = false,
  ): Promise<RefusingCarrier> {
    const folder = makeFolder(root);
    const scenario = refusingScenario(status, phrase, challenges);
    return new RefusingCarrier(root, folder, await freePort(), scenario, ['-aa']);
  }
}

/** One customer who calls in. */
export class CallingCustomer extends Sipp {
  static async start(
    root: string,
    to: { host: string; port: number; number: string },
    from: string,
    talkMs = 20_000,
  ): Promise<CallingCustomer> {
    const scenario = callingScenario(from, talkMs);
    const args = ['-m', '1', '-s', to.number, '-min_rtp_port', String(rtpPorts()), `${to.host}:${to.port}`];
    return new CallingCustomer(root, makeFolder(root), await freePort(), scenario, args);
  }
}

let folders = 0;

function makeFolder(root: string): string {
  const folder = `/tmp/ringwise-sipp-${process.pid}-${++folders}`;
  mkdirSync(join(root, folder), { recursive: true });
  return folder;
}

/** A range of ports for SIPp's own sound; each SIPp takes another. */
function rtpPorts(): number {
  return 40_000 + Math.floor(Math.random() * 100) * 200;
}

/** A UDP port that is free now. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
