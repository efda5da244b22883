import type { App } from '../../core/app.ts';
import type { Errands } from './errands.ts';

/** What is left undone is tried again after so long: each pause is twice the one before, up to the longest. */
const againMs = 60_000;
const longestMs = 3_600_000;
/** Most of a day; what the database has kept of it is found by the next start. */
const rounds = 24;

export interface FollowUp {
  /** What it is about: of one key one is under way, and another waits for it. */
  readonly key: string;
  /** The same work as what is under way by its key, found again in the database: not begun again. */
  readonly once?: true;
  readonly about: object;
  /** The lead that goes on by it. */
  readonly leadId: number | null;
  /** In their order, each at least once; one that fails does not keep the others from being done. */
  readonly steps: readonly (readonly [name: string, run: () => Promise<unknown>])[];
  /** Once all steps are done, and not before: what was kept of them may go. */
  readonly done?: () => Promise<unknown>;
  /** Nothing more will be done of it. */
  readonly over?: () => void;
}

/**
 * What follows from calls, until all of it is done. A step that the errands had to leave out is tried again later: what
 * a customer or an agent has said must not be lost by a fault of the moment.
 */
export class FollowUps {
  readonly #app: Pick<App, 'clock' | 'log'>;
  readonly #errands: Errands;
  readonly #underWay = new Map<string, FollowUp>();
  /** The last that has come of a key while another was under way. */
  readonly #waiting = new Map<string, FollowUp>();

  constructor(app: Pick<App, 'clock' | 'log'>, errands: Errands) {
    this.#app = app;
    this.#errands = errands;
  }

  add(followUp: FollowUp): void {
    if (this.#underWay.has(followUp.key)) {
      if (!followUp.once) this.#waiting.set(followUp.key, followUp);
      return;
    }
    this.#underWay.set(followUp.key, followUp);
    this.#run(followUp, new Map(followUp.steps), 1);
  }

  /** Leads of which it is not written yet what becomes of them. */
  *leadIds(): Iterable<number> {
    for (const followUps of [this.#underWay, this.#waiting])
      for (const { leadId } of followUps.values()) if (leadId !== null) yield leadId;
  }

  #run(followUp: FollowUp, open: Map<string, () => Promise<unknown>>, round: number): void {
    const { about, done } = followUp;
    let isDone = done === undefined;
    for (const [name, run] of open)
      this.#errands.add(name, about, async () => {
        await run();
        open.delete(name);
      });
    if (done)
      this.#errands.add('followed up', about, async () => {
        if (open.size > 0) return;
        await done();
        isDone = true;
      });
    const later = () => this.#later(followUp, open, round);
    const lookBack = async () => (open.size === 0 && isDone ? this.#over(followUp) : later());
    // Where there was no room for its steps, there is none to look back at them either.
    this.#errands.add('look back', about, lookBack, later);
  }

  #later(followUp: FollowUp, open: Map<string, () => Promise<unknown>>, round: number): void {
    const { clock, log } = this.#app;
    const left = [...open.keys()];
    if (round >= rounds) {
      log.error({ ...followUp.about, left }, 'what follows from this call could not be done');
      return this.#over(followUp);
    }
    const ms = Math.min(longestMs, againMs * 2 ** (round - 1));
    log.warn({ ...followUp.about, left, seconds: ms / 1000 }, 'what follows from this call is tried again');
    clock.after(ms, () => this.#run(followUp, open, round + 1));
  }

  #over(followUp: FollowUp): void {
    const { key } = followUp;
    this.#underWay.delete(key);
    const next = this.#waiting.get(key);
    this.#waiting.delete(key);
    // What is over for the one is not for the other.
    if (next) this.add(next);
    else followUp.over?.();
  }
}
