import { MicrophoneError } from './microphone-error.ts';
import type { MicrophoneProblem } from './phone.ts';

/** What is needed of a MediaStream. */
export interface Sound {
  getAudioTracks(): {
    enabled: boolean;
    readonly readyState: string;
    stop(): void;
    addEventListener(type: 'ended', listener: () => void): void;
  }[];
}

export interface MicrophoneEvents<Stream> {
  /** Puts the new one to use; the old one is stopped after that. */
  use(stream: Stream): Promise<void>;
  /** Whether another one than the wanted stands in for it. */
  away(on: boolean): void;
  /** It was lost. Whether another takes its place may be a question that the browser puts to the agent. */
  lost(): void;
  /** Another has taken the place of the lost one. */
  back(): void;
  /** It was lost, and nothing could take its place. */
  dead(problem: MicrophoneProblem): void;
}

/**
 * The agent's microphone. Which one is wanted and which is in use are told apart: a headset that was pulled out, or
 * plugged in late, is taken as soon as it is there. Muting is done on its track and nowhere else, so that it holds over
 * a change of microphones and ends with the mute, whatever has become of the leg.
 */
export class OwnMicrophone<Stream extends Sound> {
  readonly #open: (deviceId: string) => Promise<Stream>;
  readonly #events: MicrophoneEvents<Stream>;
  #stream: Stream | null = null;
  /** On its way to take the other's place. */
  #next: Stream | null = null;
  #wanted = '';
  #away = false;
  #muted = false;
  /** The microphones that were left when the wanted one went. */
  #left: ReadonlySet<string> = new Set();
  #turns: Promise<unknown> = Promise.resolve();
  #closings = 0;

  constructor(open: (deviceId: string) => Promise<Stream>, events: MicrophoneEvents<Stream>) {
    this.#open = open;
    this.#events = events;
  }

  get stream(): Stream | null {
    return this.#stream;
  }

  /** It was taken, and gives nothing any more. */
  get dead(): boolean {
    return this.#stream?.getAudioTracks().every(({ readyState }) => readyState === 'ended') ?? false;
  }

  mute(on: boolean): void {
    this.#muted = on;
    this.enable();
  }

  /** Sets the tracks to what was asked for: a SIP stack switches them at its own holds. */
  enable(): void {
    for (const stream of [this.#stream, this.#next])
      for (const track of stream?.getAudioTracks() ?? []) track.enabled = !this.#muted;
  }

  /**
   * Takes that microphone, or the system's default where it is not there, one change after the other. False when it was
   * closed meanwhile. @throws MicrophoneError
   */
  take(deviceId: string): Promise<boolean> {
    return this.#inTurn(deviceId, false);
  }

  /** Other devices are there: takes the wanted one where it is back. */
  async devicesChanged(listed: ReadonlySet<string>): Promise<void> {
    // What stands in for a device that has just gone is on its way.
    await this.#turns;
    if (!this.#stream) return;
    const back = this.#wanted
      ? listed.has(this.#wanted)
      : [...listed].some((deviceId) => !this.#left.has(deviceId));
    this.#left = listed;
    if (this.dead || (this.#away && back)) await this.take(this.#wanted).catch(() => undefined);
  }

  close(): void {
    this.#closings += 1;
    stop(this.#stream);
    this.#stream = null;
  }

  #inTurn(deviceId: string, standsIn: boolean): Promise<boolean> {
    const closings = this.#closings;
    const turn = this.#turns.then(() => this.#take(deviceId, standsIn, closings));
    this.#turns = turn.catch(() => undefined);
    return turn;
  }

  async #take(deviceId: string, standsIn: boolean, closings: number): Promise<boolean> {
    const { stream, found } = await this.#openOrDefault(deviceId);
    this.#next = stream;
    this.enable();
    try {
      if (closings === this.#closings) await this.#events.use(stream);
    } catch (error) {
      stop(stream);
      throw error;
    } finally {
      this.#next = null;
    }
    if (closings !== this.#closings) {
      stop(stream);
      return false;
    }
    stop(this.#stream);
    this.#stream = stream;
    this.#wanted = deviceId;
    for (const track of stream.getAudioTracks())
      track.addEventListener('ended', () => void this.#lost(stream));
    this.#away = standsIn || !found;
    this.#events.away(this.#away);
    return true;
  }

  async #openOrDefault(deviceId: string): Promise<{ stream: Stream; found: boolean }> {
    try {
      return { stream: await this.#open(deviceId), found: true };
    } catch (error) {
      if (!deviceId || !(error instanceof MicrophoneError) || error.problem !== 'missing') throw error;
      return { stream: await this.#open(''), found: false };
    }
  }

  /** The headset was pulled out: the system's default takes its place, and the agent is told. */
  async #lost(stream: Stream): Promise<void> {
    if (this.#stream !== stream) return;
    this.#events.lost();
    try {
      if (await this.#inTurn(this.#wanted, true)) this.#events.back();
    } catch (error) {
      if (this.#stream === stream)
        this.#events.dead(error instanceof MicrophoneError ? error.problem : 'failed');
    }
  }
}

function stop(stream: Sound | null): void {
  for (const track of stream?.getAudioTracks() ?? []) track.stop();
}
