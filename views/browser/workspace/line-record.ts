import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { LineNow, LineReport } from '../../../dialer/line-quality/line-quality.ts';
import type { LineQuality } from '../softphone/phone.ts';

const reportEveryMs = 30_000;
/** Three looks: one alone says more of a moment than of the line. */
const nowEveryMs = 6_000;

type SendLineReport = (callId: string, report: LineReport) => void;
type SendLineNow = (callId: string, now: LineNow) => void;

/** What was measured of one talk on this page, look by look. */
export class LineSums {
  looks = 0;
  #poor = 0;
  #mos = 0;
  #lowestMos = Infinity;
  #jitter = 0;
  #highestJitter = 0;
  #lossIn = 0;
  #lossOut = { sum: 0, looks: 0 };
  #roundTrip = { sum: 0, looks: 0 };

  take({ mos, grade, jitterMs, lossIn, lossOut, roundTripMs }: LineQuality): void {
    this.looks += 1;
    if (grade === 'poor') this.#poor += 1;
    this.#mos += mos;
    this.#lowestMos = Math.min(this.#lowestMos, mos);
    this.#jitter += jitterMs;
    this.#highestJitter = Math.max(this.#highestJitter, jitterMs);
    this.#lossIn += lossIn;
    if (lossOut !== null)
      this.#lossOut = { sum: this.#lossOut.sum + lossOut, looks: this.#lossOut.looks + 1 };
    if (roundTripMs !== null)
      this.#roundTrip = { sum: this.#roundTrip.sum + roundTripMs, looks: this.#roundTrip.looks + 1 };
  }

  report(page: string): LineReport {
    const mean = ({ sum, looks }: { sum: number; looks: number }) => (looks === 0 ? null : sum / looks);
    const roundTrip = mean(this.#roundTrip);
    return {
      page,
      looks: this.looks,
      poorLooks: this.#poor,
      mos: this.#mos / this.looks,
      lowestMos: this.#lowestMos,
      jitterMs: Math.min(60_000, Math.round(this.#jitter / this.looks)),
      highestJitterMs: Math.min(60_000, Math.round(this.#highestJitter)),
      lossIn: Math.min(1, this.#lossIn / this.looks),
      lossOut: mean(this.#lossOut),
      roundTripMs: roundTrip === null ? null : Math.min(60_000, Math.round(roundTrip)),
    };
  }
}

/** The mean of some looks. */
function lineNowOf(looks: readonly LineQuality[]): LineNow {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const inMs = (values: readonly number[]) => Math.min(60_000, Math.round(mean(values)));
  const trips = looks.flatMap(({ roundTripMs }) => roundTripMs ?? []);
  return {
    mos: mean(looks.map(({ mos }) => mos)),
    jitterMs: inMs(looks.map(({ jitterMs }) => jitterMs)),
    loss: Math.min(1, mean(looks.map(({ lossIn, lossOut }) => Math.max(lossIn, lossOut ?? 0)))),
    roundTripMs: trips.length === 0 ? null : inMs(trips),
  };
}

/**
 * Keeps how each talk sounded here and tells the server: every half-minute, when the talk is over, and when the page
 * goes. A report that is lost is made good by the next one, which says all of it. How it sounds now is told in between.
 */
export class LineRecord {
  readonly #send: SendLineReport;
  readonly #sendNow: SendLineNow;
  #page = madeUp();
  #callId: string | null = null;
  #talks = false;
  #seen: LineQuality | null = null;
  #sums = new LineSums();
  #reported = 0;
  #reportedAt = 0;
  #recent: LineQuality[] = [];
  #nowAt = 0;

  constructor(send: SendLineReport, sendNow: SendLineNow) {
    this.#send = send;
    this.#sendNow = sendNow;
  }

  follow({ state, call }: AgentSnapshot): void {
    const callId = state === 'on-call' ? (call?.id ?? null) : null;
    if (callId !== this.#callId) {
      this.tell();
      this.#callId = callId;
      // A call may come back to this page: its second talk is another one.
      this.#page = madeUp();
      this.#sums = new LineSums();
      this.#reported = 0;
      this.#reportedAt = Date.now();
      this.#recent = [];
      this.#nowAt = 0;
    }
    this.#talks = call?.state === 'connected';
  }

  /** The figures on the screen; each look brings new ones. Beside a customer on hold there is nothing to judge. */
  take(quality: LineQuality | null): void {
    if (quality === this.#seen) return;
    this.#seen = quality;
    if (quality === null || this.#callId === null || !this.#talks) return;
    this.#sums.take(quality);
    this.#tellNow(this.#callId, quality);
    if (Date.now() - this.#reportedAt >= reportEveryMs) this.tell();
  }

  /** At the first look of a talk, then every few seconds. */
  #tellNow(callId: string, quality: LineQuality): void {
    this.#recent.push(quality);
    if (Date.now() - this.#nowAt < nowEveryMs) return;
    this.#nowAt = Date.now();
    this.#sendNow(callId, lineNowOf(this.#recent.splice(0)));
  }

  /** Tells what has not been told yet. */
  tell(): void {
    if (this.#callId === null || this.#sums.looks === this.#reported) return;
    this.#reported = this.#sums.looks;
    this.#reportedAt = Date.now();
    this.#send(this.#callId, this.#sums.report(this.#page));
  }
}

function madeUp(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => (n % 36).toString(36)).join('');
}
