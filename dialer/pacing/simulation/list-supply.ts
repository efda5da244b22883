import { Agenda } from './agenda.ts';
import type { LeadList, Segment } from './scenario.ts';
import type { LeadSupply, PlayedLead, PlayedOutcome } from './traffic.ts';

/** One segment during a play. */
interface Pool {
  segment: Segment;
  /** Which opening is on, or comes next. */
  opening: number;
  /** Leads due at the start, by calls made before. */
  due: number[];
  dueCount: number;
  readonly dueAtFirst: number;
  /** Leads that have fallen due since, the first one first, from `head` on. */
  ready: PlayedLead[];
  head: number;
}

/**
 * The list of a play: leads by segment, retries at the delays of the campaign's rules. Due retries go before leads never
 * called, segments that are open by how many leads they hold, which is what dialling in the order of the list comes to.
 */
export class ListSupply implements LeadSupply {
  readonly #list: LeadList;
  readonly #pools: Pool[];
  readonly #waiting: PlayedLead[] = [];
  readonly #agenda = new Agenda();
  left = 0;

  constructor(list: LeadList) {
    this.#list = list;
    this.#pools = list.segments.map((segment) => {
      const dueAtFirst = segment.due.reduce((sum, count) => sum + count, 0);
      return {
        segment,
        opening: 0,
        due: [...segment.due],
        dueCount: dueAtFirst,
        dueAtFirst,
        ready: [],
        head: 0,
      };
    });
    list.segments.forEach((segment, index) => {
      this.left += this.#pools[index]!.dueCount;
      for (const { at, attempts, count } of segment.later) {
        this.left += count;
        for (let n = 0; n < count; n++) this.#defer({ segment: index, attempts, tries: null }, at);
      }
    });
  }

  ready(t: number): number {
    this.#wake(t);
    let sum = 0;
    for (const pool of this.#pools) if (isOpen(pool, t)) sum += size(pool);
    return sum;
  }

  take(t: number): PlayedLead | null {
    this.#wake(t);
    let best: Pool | null = null;
    let most = 0;
    // The fullest one by what is left of it: pools of one make-up empty together.
    for (const pool of this.#pools) {
      if (!isOpen(pool, t) || size(pool) === 0) continue;
      const part = pool.head < pool.ready.length ? 2 : pool.dueCount / pool.dueAtFirst;
      if (part > most) [best, most] = [pool, part];
    }
    if (!best) return null;
    this.left--;
    return best.head < best.ready.length ? shift(best) : this.#fresh(best);
  }

  ended(lead: PlayedLead, outcome: PlayedOutcome, t: number): void {
    const next = afterCall(this.#list, lead, outcome);
    if (!next) return;
    this.left++;
    this.#defer(next, t + this.#list.retries[outcome].delaySeconds);
  }

  /** Calls that are still to be made, by how many a lead needs after so many calls. */
  callsLeft(needed: readonly number[]): number {
    const of = (attempts: number): number => needed[Math.min(attempts, needed.length - 1)] ?? 0;
    let calls = 0;
    for (const pool of this.#pools) {
      pool.due.forEach((count, attempts) => (calls += count * of(attempts)));
      for (let n = pool.head; n < pool.ready.length; n++) calls += of(pool.ready[n]!.attempts);
    }
    const agenda = this.#agenda;
    while (agenda.size > 0) {
      agenda.pop();
      calls += of(this.#waiting[agenda.ref]!.attempts);
    }
    return calls;
  }

  #fresh(pool: Pool): PlayedLead {
    let attempts = pool.due.length - 1;
    while (pool.due[attempts] === 0) attempts--;
    pool.due[attempts]!--;
    pool.dueCount--;
    return { segment: this.#pools.indexOf(pool), attempts, tries: null };
  }

  #defer(lead: PlayedLead, at: number): void {
    this.#agenda.push(at, 0, this.#waiting.push(lead) - 1);
  }

  #wake(t: number): void {
    while (this.#agenda.next <= t) {
      this.#agenda.pop();
      const lead = this.#waiting[this.#agenda.ref]!;
      this.#pools[lead.segment]!.ready.push(lead);
    }
  }
}

/** The lead once a call to it ended so; null: it is done or exhausted. */
export function afterCall(list: LeadList, lead: PlayedLead, outcome: PlayedOutcome): PlayedLead | null {
  const attempts = lead.attempts + 1;
  const tries = { ...lead.tries, [outcome]: (lead.tries?.[outcome] ?? 0) + 1 };
  if (attempts >= list.maxAttempts || tries[outcome]! >= list.retries[outcome].attempts) return null;
  return { segment: lead.segment, attempts, tries };
}

const size = (pool: Pool): number => pool.dueCount + pool.ready.length - pool.head;

function shift(pool: Pool): PlayedLead {
  const lead = pool.ready[pool.head++]!;
  if (pool.head > 1024 && pool.head * 2 > pool.ready.length) {
    pool.ready.splice(0, pool.head);
    pool.head = 0;
  }
  return lead;
}

/** Time only goes on, so a look starts where the last one ended. */
function isOpen(pool: Pool, t: number): boolean {
  const { openings } = pool.segment;
  while (pool.opening < openings.length && openings[pool.opening]![1] <= t) pool.opening++;
  const opening = openings[pool.opening];
  return opening !== undefined && opening[0] <= t;
}
