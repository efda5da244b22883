import { goodMos, poorMos } from '../../../dialer/line-quality/looks.ts';
import type { LineQuality } from './phone.ts';

/** The entries of an RTCStatsReport that are looked at, with what is read of them. */
export interface StatsEntry {
  type: string;
  kind?: string;
  state?: string;
  nominated?: boolean;
  /** Seconds. */
  jitter?: number;
  packetsLost?: number;
  packetsReceived?: number;
  fractionLost?: number;
  /** Seconds. */
  roundTripTime?: number;
  currentRoundTripTime?: number;
  /** Answers to the questions that the browser asks of the other side all the time. */
  responsesReceived?: number;
  /** Of sound and of reports; some browsers count no answers. */
  bytesReceived?: number;
}

export interface Counted {
  received: number;
  lost: number;
  /** All that has come from the other side, sound or not: where it stops growing, nobody is there. */
  signs: number;
}

/**
 * Line quality from WebRTC statistics. Loss is counted since `before`, so that an old burst does not stay on the
 * screen. A leg that waits alone in its bridge gets no packets: then the round trip is all there is to tell. Null as
 * long as there is not even that.
 */
export function readQuality(
  entries: Iterable<StatsEntry>,
  before: Counted | null,
): { quality: LineQuality; counted: Counted } | null {
  let inbound: StatsEntry | null = null;
  let remote: StatsEntry | null = null;
  let pair: StatsEntry | null = null;
  for (const entry of entries) {
    if (entry.type === 'inbound-rtp' && entry.kind !== 'video') inbound = entry;
    else if (entry.type === 'remote-inbound-rtp' && entry.kind !== 'video') remote = entry;
    else if (entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded') pair = entry;
  }
  const seconds = remote?.roundTripTime ?? pair?.currentRoundTripTime;
  if (!inbound?.packetsReceived && seconds === undefined) return null;
  const counted = {
    received: inbound?.packetsReceived ?? 0,
    lost: Math.max(0, inbound?.packetsLost ?? 0),
    signs: (inbound?.packetsReceived ?? 0) + (pair?.responsesReceived ?? 0) + (pair?.bytesReceived ?? 0),
  };
  const received = counted.received - (before?.received ?? 0);
  const lost = Math.max(0, counted.lost - (before?.lost ?? 0));
  const lossIn = received + lost > 0 ? lost / (received + lost) : 0;
  const lossOut = remote?.fractionLost ?? null;
  const roundTripMs = seconds === undefined ? null : Math.round(seconds * 1000);
  const jitterMs = Math.round((inbound?.jitter ?? 0) * 1000);
  const mos = estimateMos(roundTripMs ?? 0, jitterMs, Math.max(lossIn, lossOut ?? 0));
  return { quality: { roundTripMs, jitterMs, lossIn, lossOut, mos, grade: gradeOf(mos) }, counted };
}

/** Looks without a sign of the other side: browsers ask it every few seconds, 15 at the most. */
const deadLooks = 8;
/**
 * The switch itself ends a leg that brings it nothing for ten seconds (`rtp_timeout` of an agent's endpoint). Here signs
 * of it may be 15 s apart while it is there.
 */
const givenUpAfterMs = 20_000;

/** Follows one leg's statistics, look by look. */
export class LineWatch {
  #counted: Counted | null = null;
  #withoutSign = 0;
  #signAt: number;

  /** Times are by the clock on the wall, which goes on while a computer sleeps. */
  constructor(now: number) {
    this.#signAt = now;
  }

  /** Nothing has come for so long that the switch has ended the leg. An agent who waits hears nothing, and is there. */
  givenUp(now: number): boolean {
    return now - this.#signAt > givenUpAfterMs;
  }

  /**
   * `quality` null: nothing comes from the other side any more, and the last figures say nothing; undefined: there is
   * nothing to tell yet. `hears`: packets with sound have come since the last look.
   */
  look(
    entries: Iterable<StatsEntry>,
    now: number,
  ): { quality: LineQuality | null | undefined; hears: boolean } {
    const before = this.#counted;
    const result = readQuality(entries, before);
    if (result) this.#counted = result.counted;
    const hasSign = (result?.counted.signs ?? 0) > (before?.signs ?? 0);
    this.#withoutSign = hasSign ? 0 : this.#withoutSign + 1;
    if (hasSign) this.#signAt = now;
    return {
      quality: this.#withoutSign >= deadLooks ? null : result?.quality,
      hears: (result?.counted.received ?? 0) > (before?.received ?? 0),
    };
  }
}

/**
 * Mean opinion score after the E-model of ITU-T G.107 in its usual short form: delay counts with twice the jitter
 * (what a jitter buffer adds) and 10 ms for the codec, each per cent of loss costs 2.5 points of R.
 */
export function estimateMos(roundTripMs: number, jitterMs: number, loss: number): number {
  const latency = roundTripMs / 2 + jitterMs * 2 + 10;
  const delayed = latency < 160 ? 93.2 - latency / 40 : 93.2 - (latency - 120) / 10;
  const r = Math.max(0, Math.min(93.2, delayed - loss * 100 * 2.5));
  const mos = 1 + 0.035 * r + 0.000007 * r * (r - 60) * (100 - r);
  return Math.round(Math.max(1, Math.min(4.5, mos)) * 10) / 10;
}

export function gradeOf(mos: number): LineQuality['grade'] {
  if (mos >= goodMos) return 'good';
  return mos >= poorMos ? 'fair' : 'poor';
}
