import type { Leg, LegEvents } from './leg.ts';
import type { LevelMeter } from './level-meter.ts';
import { Observable } from './observable.ts';
import type { EchoCall, EchoState } from './phone.ts';
import type { Speaker } from './speaker.ts';

/** Time enough to say a sentence and hear it. */
const lastsMs = 10_000;
/** A switch that does not answer by then has no echo. */
const answersWithinMs = 8_000;
const lookMs = 100;
/** On the meters' scale, -45 dB: above the hiss of an open microphone, below a quiet voice. */
const voice = 0.25;

export interface EchoParts {
  /** Null: no call could be placed. */
  place(events: LegEvents): Leg | null;
  readonly meter: LevelMeter;
  readonly speaker: Speaker;
  over(): void;
}

/** One call to oneself, beside the leg that the dialer has. It ends by itself. */
export class SipEcho implements EchoCall {
  readonly #state = new Observable<EchoState>({ step: 'calling', spoke: false, heard: false, quality: null });
  readonly #parts: EchoParts;
  readonly #leg: Leg | null;
  #limit: ReturnType<typeof setTimeout>;
  #look: ReturnType<typeof setInterval> | undefined;

  constructor(parts: EchoParts) {
    this.#parts = parts;
    this.#limit = setTimeout(() => this.#end('failed'), answersWithinMs);
    this.#leg = this.#place();
    if (!this.#leg) this.#end('failed');
  }

  #place(): Leg | null {
    const parts = this.#parts;
    const events: LegEvents = {
      up: () => this.#talk(),
      remote: (stream) => {
        parts.speaker.play(stream);
        parts.meter.attach('echo', stream);
      },
      quality: (quality) => this.#state.change({ quality }),
      silent: () => {},
      switched: () => {},
      ended: () => this.#end(this.#state.value.step === 'talking' ? 'over' : 'failed'),
    };
    try {
      return parts.place(events);
    } catch {
      return null;
    }
  }

  watch(listener: (state: EchoState) => void): () => void {
    return this.#state.watch(listener);
  }

  stop(): void {
    this.#end('over');
  }

  #talk(): void {
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#end('over'), lastsMs);
    this.#state.change({ step: 'talking' });
    const { meter } = this.#parts;
    this.#look = setInterval(() => {
      if (meter.level('microphone') > voice) this.#state.change({ spoke: true });
      if (meter.level('echo') > voice) this.#state.change({ heard: true });
    }, lookMs);
  }

  #end(step: 'over' | 'failed'): void {
    const { value } = this.#state;
    if (value.step === 'over' || value.step === 'failed') return;
    clearTimeout(this.#limit);
    clearInterval(this.#look);
    this.#state.change({ step });
    this.#leg?.end();
    this.#parts.meter.detach('echo');
    this.#parts.speaker.stop();
    this.#parts.over();
  }
}
