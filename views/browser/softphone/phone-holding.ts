import type { PhoneHolder, PhoneHolderNews } from '../../../dialer/phone-holders/phone-holder.ts';
import { BackOff } from './back-off.ts';

/** A line that closes has told the switch so after this; whoever has the phone registers it once more then. */
const settledMs = 500;

/** What the server is told, and the phone of this page; given as functions, so that this is tried without a browser. */
export interface HoldingParts {
  /** The name of this browser. */
  browser: string;
  /** Says that this browser has the phone now. */
  take(): Promise<PhoneHolder>;
  /** Says that the line is closed here. */
  left(): Promise<unknown>;
  /** Another browser has the phone: nothing may ring or register here. */
  giveUp(): void;
  /** It came to this browser, in whichever tab. */
  isHere(): void;
  /** Registers it once more. */
  registerAgain(): void;
  /** Kept over a reload of this tab. */
  remember(displaced: boolean): void;
}

/**
 * Keeps true in which of the agent's browsers the phone is: where it was opened or taken last. The switch itself would
 * give it to whichever registers last, and each refreshes its registration every half minute.
 */
export class PhoneHolding {
  readonly #parts: HoldingParts;
  readonly #backOff = new BackOff(500, 10_000, () => 0);
  #turn: number;
  /** `wants`: the line is being opened here; `takes`: it is up, and the others are not told of it yet. */
  #step: 'rests' | 'wants' | 'takes' = 'wants';
  /** Heard while this browser's own turn was not known yet. */
  #heard: PhoneHolderNews | null = null;

  constructor(parts: HoldingParts, known: PhoneHolder | null) {
    this.#parts = parts;
    this.#turn = known?.turn ?? 0;
  }

  /** The phone is opened here, whoever has it until it is up. */
  wants(): void {
    this.#parts.remember(false);
    if (this.#step !== 'takes') this.#step = 'wants';
  }

  registered(): void {
    if (this.#step !== 'wants') return;
    this.#step = 'takes';
    void this.#tell();
  }

  hear(news: PhoneHolderNews): void {
    if (this.#step === 'takes') {
      if (news.turn >= (this.#heard?.turn ?? 0)) this.#heard = news;
      return;
    }
    const { browser, turn, again } = news;
    const isNews = turn > this.#turn;
    // Who opens it here knows that another has it still.
    if (turn < this.#turn || (this.#step === 'wants' && !isNews)) return;
    this.#turn = turn;
    if (browser !== this.#parts.browser) this.#displaced(isNews);
    else if (again) this.#parts.registerAgain();
    else if (isNews) this.#parts.isHere();
  }

  #displaced(isNews: boolean): void {
    this.#step = 'rests';
    this.#parts.remember(true);
    this.#parts.giveUp();
    if (isNews) setTimeout(() => void this.#parts.left().catch(() => undefined), settledMs);
  }

  async #tell(): Promise<void> {
    const held = await this.#parts.take().catch(() => null);
    if (!held) return void setTimeout(() => void this.#tell(), this.#backOff.next());
    this.#backOff.reset();
    this.#step = 'rests';
    this.#turn = Math.max(this.#turn, held.turn);
    const heard = this.#heard;
    this.#heard = null;
    if (heard) this.hear(heard);
  }
}
