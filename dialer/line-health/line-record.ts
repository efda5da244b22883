import { randomBytes } from 'node:crypto';
import type { App } from '../../core/app.ts';
import { createLineResultStore, type LineKind, type WrittenResult } from './line-result-store.ts';
import { noCalls, shortMs, withOutcome, type LineOutcome } from './line-result.ts';
import type { Call, CallEvent } from '../calls/call.ts';

/** How long the spans are by which calls are counted. */
export const spanMs: Readonly<Record<LineKind, number>> = { trunk: 5 * 60_000, number: 3_600_000 };

const writeEveryMs = 10_000;
const forgetEveryMs = 3_600_000;
/** No call that began in a span is still without a result so long after its end. */
const overAfterMs = 30 * 60_000;

/** A call on the trunk that it went to first. */
interface Leg {
  readonly trunkId: number;
  readonly at: number;
  ringMs: number | null;
  isAnswered: boolean;
}

interface Counted {
  result: WrittenResult;
  isWritten: boolean;
}

/** Counts what comes of calls on the trunk they go to first, and with each number of a pool, and writes it down every few seconds. */
export class LineRecord {
  readonly #app: Pick<App, 'clock' | 'log'>;
  readonly #store: ReturnType<typeof createLineResultStore>;
  readonly #run = randomBytes(8).toString('hex');
  readonly #legs = new Map<string, Leg>();
  readonly #counted = new Map<string, Counted>();
  #writing: Promise<void> | null = null;
  #forgottenAt = Number.NEGATIVE_INFINITY;

  constructor(app: Pick<App, 'clock' | 'log' | 'db'>) {
    this.#app = app;
    this.#store = createLineResultStore(app);
  }

  begin(): () => void {
    return this.#app.clock.every(writeEveryMs, () => void this.write());
  }

  /** Every transition of a call. Calls beside a customer's say nothing: somebody is asked, or waits for a colleague. */
  moved(call: Call, number: string | null, event: CallEvent['type'] | 'create', at: number): void {
    if (call.direction !== 'out' || call.parentId !== null || call.campaignId === null) return;
    // What another trunk has refused is answered less anywhere: it would speak against whichever comes next.
    if (event === 'redial') this.#legs.delete(call.id);
    if (event === 'dial' && call.trunkId !== null)
      this.#legs.set(call.id, { trunkId: call.trunkId, at, ringMs: null, isAnswered: false });
    const leg = this.#legs.get(call.id);
    if (!leg) return;
    if (event === 'ringing') leg.ringMs ??= at - leg.at;
    if (event === 'answer' || event === 'detect') {
      leg.isAnswered = true;
      this.#count(call, leg, number, { type: 'answered', ringMs: leg.ringMs });
    }
    if (event !== 'end') return;
    this.#legs.delete(call.id);
    if (leg.isAnswered && isHungUpAtOnce(call)) this.#count(call, leg, number, { type: 'short' });
  }

  /** The network has ended the call on its trunk; `words` say why. Whatever the product ends itself is not counted. */
  unanswered(call: Call, number: string | null, words: string): void {
    const leg = this.#legs.get(call.id);
    if (!leg || leg.isAnswered) return;
    this.#legs.delete(call.id);
    this.#count(call, leg, number, { type: 'unanswered', words, ringMs: leg.ringMs });
  }

  #count(call: Call, leg: Leg, number: string | null, outcome: LineOutcome): void {
    this.#add('trunk', String(leg.trunkId), call, leg, outcome);
    if (number !== null) this.#add('number', number, call, leg, outcome);
  }

  #add(kind: LineKind, subject: string, { campaignId }: Call, leg: Leg, outcome: LineOutcome): void {
    const at = leg.at - (leg.at % spanMs[kind]);
    const key = `${kind} ${subject} ${campaignId} ${at}`;
    const before = this.#counted.get(key)?.result ?? {
      kind,
      subject,
      campaignId: campaignId!,
      at,
      ...noCalls,
    };
    this.#counted.set(key, { result: { ...before, ...withOutcome(before, outcome) }, isWritten: false });
  }

  /** Calls never wait for it; what the database does not take now is written with the next. */
  write(): Promise<void> {
    return (this.#writing ??= this.#write().finally(() => (this.#writing = null)));
  }

  async #write(): Promise<void> {
    const now = this.#app.clock.now();
    const fresh = [...this.#counted.values()].filter(({ isWritten }) => !isWritten);
    for (const counted of fresh) counted.isWritten = true;
    try {
      await this.#store.write(
        this.#run,
        fresh.map(({ result }) => result),
      );
      for (const [key, { result, isWritten }] of this.#counted)
        if (isWritten && result.at + spanMs[result.kind] + overAfterMs < now) this.#counted.delete(key);
      if (now - this.#forgottenAt >= forgetEveryMs) {
        this.#forgottenAt = now;
        await this.#store.forget(now);
      }
    } catch (error) {
      for (const counted of fresh) counted.isWritten = false;
      this.#app.log.warn({ error: String(error) }, 'what came of calls on the trunks is not written yet');
    }
  }
}

/** The customer has gone before anything could be said: no voice came through, or nobody had picked up at all. */
function isHungUpAtOnce({ answeredAt, endedAt, endedBy, outcome }: Call): boolean {
  if (answeredAt === null || endedAt === null || endedBy !== 'customer') return false;
  // Who waited for an agent in vain had a reason of their own.
  return outcome !== 'abandoned' && endedAt - answeredAt < shortMs;
}
