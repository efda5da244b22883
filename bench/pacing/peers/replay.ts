import { uniform } from '../../../dialer/pacing/simulation/random.ts';
import { Tally } from './tally.ts';

const WINDOW_MS = 30 * 60_000;
const REPLAY_MS = 5 * 60_000;
const FACTORS = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 13];

/**
 * Impact-style: every five minutes the last half-hour is played again at several lines-per-free-agent factors, and the best
 * under the cap is kept; three quarters of it while the day is over the cap.
 */
export class ReplayDialer extends Tally {
  #cap: number;
  #factor = 1;
  #replayAt = 0;
  #calls: { at: number; live: boolean; ring: number }[] = [];
  #talks: { at: number; length: number }[] = [];
  #dialedAt = new Map<string, number>();
  #talkSince = new Map<string, number>();

  constructor(cap: number) {
    super();
    this.#cap = cap;
  }

  override observe(event: Parameters<Tally['observe']>[0]): void {
    super.observe(event);
    if (event.type === 'dialed') this.#dialedAt.set(event.callId, event.at);
    else if (event.type === 'answered' || event.type === 'failed' || event.type === 'machine') {
      const since = this.#dialedAt.get(event.callId);
      this.#dialedAt.delete(event.callId);
      if (since !== undefined)
        this.#calls.push({
          at: event.at,
          live: event.type === 'answered',
          ring: (event.at - since) / 1000,
        });
    } else if (event.type === 'connected') this.#talkSince.set(event.agentId, event.at);
    else if (event.type === 'agent' && event.state === 'idle') {
      const since = this.#talkSince.get(event.agentId);
      this.#talkSince.delete(event.agentId);
      if (since !== undefined) this.#talks.push({ at: event.at, length: (event.at - since) / 1000 });
    }
  }

  protected override wanted(now: number): number {
    if (now >= this.#replayAt) {
      this.#replayAt = now + REPLAY_MS;
      this.#choose(now);
    }
    const over = this.answers > 0 && this.abandonShare > this.#cap;
    const factor = over ? Math.max(1, 0.75 * this.#factor) : this.#factor;
    return Math.round(factor * (this.idle - this.waiting)) - this.ringing;
  }

  #choose(now: number): void {
    this.#calls = this.#calls.filter((call) => call.at >= now - WINDOW_MS);
    this.#talks = this.#talks.filter((talk) => talk.at >= now - WINDOW_MS);
    if (this.#calls.length < 20 || this.#talks.length < 5 || this.agents === 0) return;
    let best = { factor: 1, busy: -1 };
    for (const factor of FACTORS) {
      const { busy, share } = this.#play(factor, now);
      if (share <= this.#cap && busy > best.busy) best = { factor, busy };
    }
    this.#factor = best.factor;
  }

  /** Half an hour in steps of a second, drawn from what was seen. */
  #play(factor: number, now: number): { busy: number; share: number } {
    const agents = this.agents;
    const ends: number[] = [];
    let ringing: { end: number; live: boolean }[] = [];
    let answers = 0;
    let lost = 0;
    let busy = 0;
    let draw = 0;
    for (let t = 0; t < 1800; t++) {
      for (let k = ends.length - 1; k >= 0; k--) if (ends[k]! <= t) ends.splice(k, 1);
      const stay: typeof ringing = [];
      for (const call of ringing) {
        if (call.end > t) stay.push(call);
        else if (call.live) {
          answers++;
          if (ends.length < agents)
            ends.push(t + this.#talks[Math.floor(uniform(now, 2, draw++) * this.#talks.length)]!.length);
          else lost++;
        }
      }
      ringing = stay;
      for (let more = Math.round(factor * (agents - ends.length)) - ringing.length; more > 0; more--) {
        const call = this.#calls[Math.floor(uniform(now, 1, draw++) * this.#calls.length)]!;
        ringing.push({ end: t + call.ring, live: call.live });
      }
      busy += ends.length;
    }
    return { busy, share: answers > 0 ? lost / answers : 0 };
  }
}
