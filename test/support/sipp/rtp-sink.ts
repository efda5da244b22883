import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { decodeMuLaw } from './sound.ts';

const rtpHeaderBytes = 12;
const pcmu = 0;

/** Sound that came from one of Asterisk's RTP ports. */
export interface HeardSound {
  packets: number;
  /** Root mean square of all samples, 0 to 1. */
  loudness: number;
  /** Milliseconds of sound above a whisper. */
  audibleMs: number;
  /** The root mean square of each packet (20 ms), in the order in which they came. */
  envelope: readonly number[];
}

interface Source {
  packets: number;
  squares: number;
  samples: number;
  audible: number;
  envelope: number[];
}

/** Where the customers' sound arrives: what was heard is told by the port that it came from. */
export class RtpSink {
  readonly #socket: Socket = createSocket('udp4');
  readonly #sources = new Map<number, Source>();

  /** @returns the port. */
  async open(): Promise<number> {
    this.#socket.on('message', (packet, { port }) => this.#weigh(packet, port));
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve));
    return (this.#socket.address() as AddressInfo).port;
  }

  heardFrom(port: number): HeardSound {
    const source = this.#sources.get(port);
    if (!source) return { packets: 0, loudness: 0, audibleMs: 0, envelope: [] };
    return {
      packets: source.packets,
      loudness: Math.sqrt(source.squares / Math.max(1, source.samples)),
      audibleMs: Math.round(source.audible / 8),
      envelope: source.envelope,
    };
  }

  close(): void {
    this.#socket.close();
  }

  #weigh(packet: Buffer, port: number): void {
    if (packet.length <= rtpHeaderBytes || ((packet[1] ?? 0) & 0x7f) !== pcmu) return;
    let source = this.#sources.get(port);
    if (!source)
      this.#sources.set(port, (source = { packets: 0, squares: 0, samples: 0, audible: 0, envelope: [] }));
    const payload = packet.subarray(rtpHeaderBytes);
    let squares = 0;
    for (const byte of payload) squares += (decodeMuLaw(byte) / 32768) ** 2;
    source.packets++;
    source.squares += squares;
    source.samples += payload.length;
    const level = Math.sqrt(squares / payload.length);
    source.envelope.push(level);
    if (level > 0.01) source.audible += payload.length;
  }
}
