import type { EndEvent, RTCSession } from 'jssip/lib/RTCSession';
import { lookMs } from '../../../dialer/line-quality/looks.ts';
import { LineWatch, type StatsEntry } from './quality.ts';
import type { LineQuality } from './phone.ts';

export interface LegEvents {
  up(): void;
  remote(stream: MediaStream): void;
  /** Null: nothing comes from the other side any more, and the last figures say nothing. */
  quality(quality: LineQuality | null): void;
  /** Whether packets have stopped coming. */
  silent(on: boolean): void;
  /** The SIP stack has switched the microphone's track: it does when the other side holds, and when that ends. */
  switched(): void;
  /** `bySwitch`: the other side said so, or has had the time to; else it was ended here, or broke off. */
  ended(bySwitch: boolean): void;
}

/** Looks without a single new packet before the agent is told: three are 6 s. */
const silentLooks = 3;
/** Waiting for slow ICE candidates is cut off here: the pair on the local network is known by then. */
const gatheringMs = 600;

/** The agent's audio leg: one SIP session with its media, from INVITE to BYE. */
export class Leg {
  readonly #session: RTCSession;
  readonly #events: LegEvents;
  #stats: ReturnType<typeof setInterval> | undefined;
  #watch = new LineWatch(Date.now());
  #lookingInVain = 0;
  #over = false;

  constructor(session: RTCSession, events: LegEvents) {
    this.#session = session;
    this.#events = events;
    const end = ({ originator }: EndEvent) => this.#end((originator as string) === 'remote');
    session.on('ended', end);
    session.on('failed', end);
    for (const held of ['hold', 'unhold'] as const) session.on(held, () => events.switched());
    session.on('confirmed', () => {
      if (this.#over) return;
      this.#watch = new LineWatch(Date.now());
      this.#stats = setInterval(() => void this.#look(), lookMs);
      events.up();
    });
    const listen = (connection: RTCPeerConnection) =>
      connection.addEventListener('track', (event) => {
        const stream = event.streams[0] ?? new MediaStream([event.track]);
        if (!this.#over) events.remote(stream);
      });
    // A call that was placed from here has its connection already.
    if (session.connection) listen(session.connection);
    else session.on('peerconnection', ({ peerconnection }) => listen(peerconnection));
    let gathering: ReturnType<typeof setTimeout> | undefined;
    session.on('icecandidate', ({ ready }) => {
      gathering ??= setTimeout(ready, gatheringMs);
    });
  }

  answer(microphone: MediaStream, iceServers: RTCIceServer[]): void {
    if (this.#over || !this.#session.isInProgress()) return;
    this.#session.answer({
      mediaStream: microphone,
      mediaConstraints: { audio: true, video: false },
      pcConfig: { iceServers },
    });
  }

  /** Puts another microphone under a running leg, without a word to the other side. */
  async useMicrophone(stream: MediaStream): Promise<void> {
    const sender = this.#session.connection?.getSenders().find((each) => each.track?.kind === 'audio');
    await sender?.replaceTrack(stream.getAudioTracks()[0] ?? null).catch((error: unknown) => {
      if (!this.#over) throw error;
    });
  }

  end(): void {
    if (this.#over) return;
    if (!this.#session.isEnded()) this.#session.terminate();
    this.#end(false);
  }

  async #look(): Promise<void> {
    const report = await this.#session.connection?.getStats().catch(() => undefined);
    if (this.#over || !report) return;
    const { quality, hears } = this.#watch.look(report.values() as Iterable<StatsEntry>, Date.now());
    if (quality !== undefined) this.#events.quality(quality);
    this.#lookingInVain = hears ? 0 : this.#lookingInVain + 1;
    this.#events.silent(this.#lookingInVain >= silentLooks);
  }

  #end(bySwitch: boolean): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#stats);
    this.#events.ended(bySwitch || this.#watch.givenUp(Date.now()));
  }
}
