import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/**
 * Stands before a SIPp carrier and answers calls above `callsPerSecond` with 503 itself, as carriers do. Packets pass
 * both ways; what follows an answered call goes to the carrier directly, as its Contact says.
 */
export class RateGate {
  readonly #outside: Socket = createSocket('udp4');
  readonly #inside: Socket = createSocket('udp4');
  readonly #carrierPort: number;
  readonly #callsPerSecond: number;
  readonly #begun: number[] = [];
  readonly #refused = new Set<string>();
  #caller: RemoteInfo | null = null;

  private constructor(carrierPort: number, callsPerSecond: number) {
    this.#carrierPort = carrierPort;
    this.#callsPerSecond = callsPerSecond;
    this.#outside.on('message', (packet, from) => this.#arrives(packet, from));
    this.#inside.on('message', (packet) => {
      if (this.#caller) this.#outside.send(packet, this.#caller.port, this.#caller.address);
    });
  }

  static async start(carrierPort: number, callsPerSecond: number): Promise<RateGate> {
    const gate = new RateGate(carrierPort, callsPerSecond);
    for (const socket of [gate.#outside, gate.#inside])
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return gate;
  }

  get port(): number {
    return (this.#outside.address() as AddressInfo).port;
  }

  /** How many calls it has refused. */
  get refused(): number {
    return this.#refused.size;
  }

  close(): void {
    this.#outside.close();
    this.#inside.close();
  }

  #arrives(packet: Buffer, from: RemoteInfo): void {
    this.#caller = from;
    const text = packet.toString('latin1');
    const callId = header(text, 'Call-ID');
    if (text.startsWith('INVITE ') && !this.#refused.has(callId) && !this.#mayPass())
      this.#refused.add(callId);
    if (!this.#refused.has(callId)) this.#inside.send(packet, this.#carrierPort, '127.0.0.1');
    else if (text.startsWith('INVITE ')) this.#outside.send(refusal(text), from.port, from.address);
  }

  #mayPass(): boolean {
    const now = performance.now();
    while (this.#begun.length > 0 && now - (this.#begun[0] as number) >= 1000) this.#begun.shift();
    if (this.#begun.length >= this.#callsPerSecond) return false;
    this.#begun.push(now);
    return true;
  }
}

function header(text: string, name: string): string {
  return new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1]?.trim() ?? '';
}

function refusal(invite: string): string {
  return [
    'SIP/2.0 503 Service Unavailable',
    ...['Via', 'From'].map((name) => `${name}: ${header(invite, name)}`),
    `To: ${header(invite, 'To')};tag=gate`,
    ...['Call-ID', 'CSeq'].map((name) => `${name}: ${header(invite, name)}`),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
