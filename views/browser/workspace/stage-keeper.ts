import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { stageOf } from '../../../dialer/workspace/bar.ts';
import { isAtWork } from './dom.ts';
import type { Stage } from './stage.ts';

/** Callbacks come due while nothing else happens, and during calls. */
const idleRefreshMs = 60_000;
/** A list that is being loaded changes its campaigns many times, and every agent's page hears of each. */
const campaignsMs = { least: 500, spread: 4_500 };
/** What came of a call is written behind it. */
const settleMs = 2000;

/**
 * Which fragment the middle of the page shows: what the state calls for, or, between calls, a call whose wrap-up was
 * missed and that the agent has opened. A customer who comes takes its place; what was typed stays kept.
 */
export class StageKeeper {
  readonly #stage: Stage;
  #late: string | null = null;
  #campaignsTimer: ReturnType<typeof setTimeout> | null = null;

  /** `inCall` is told where the time comes to look again and a customer is on the screen. */
  constructor(stage: Stage, inCall: () => void) {
    this.#stage = stage;
    // Handed in elsewhere meanwhile: there is nothing left to enter.
    stage.onGone((path) => {
      if (path === this.#late) this.closeLate();
    });
    setInterval(() => {
      if (stage.path === 'idle') this.refreshIdle();
      else if (!document.hidden) inCall();
    }, idleRefreshMs);
  }

  follow(snapshot: AgentSnapshot, before: AgentSnapshot | null): void {
    const path = stageOf(snapshot);
    if (path !== null && path !== 'idle') this.#late = null;
    if (path !== null) this.#stage.show(this.#late ?? path);
    // Figures and callbacks between calls are of the moment they were fetched; a pause begun later makes them old.
    if (before && path === 'idle' && before.state !== snapshot.state) this.refreshIdle();
    const left = before?.parked?.some(({ callId }) => !snapshot.parked?.some((one) => one.callId === callId));
    // Whose customer has hung up while parked is asked what came of it.
    if (left || (before?.state === 'wrapup' && snapshot.state !== 'wrapup'))
      setTimeout(() => this.refreshIdle(), settleMs);
  }

  /** Those that the agent is on may be others now. */
  campaignsChanged(): void {
    this.#campaignsTimer ??= setTimeout(
      () => {
        this.#campaignsTimer = null;
        this.refreshIdle();
      },
      campaignsMs.least + Math.random() * campaignsMs.spread,
    );
  }

  openLate(callId: string): void {
    this.#late = `late/${callId}`;
    this.#stage.show(this.#late);
  }

  closeLate(): void {
    if (this.#late === null) return;
    this.#late = null;
    this.#stage.show('idle');
  }

  /** Not while somebody is at work in it: what is typed would be lost, and the place where it is read. */
  refreshIdle(): void {
    const unused = () => !isAtWork(this.#stage.root);
    if (!document.hidden && unused()) this.#stage.refreshIf('idle', unused);
  }
}
