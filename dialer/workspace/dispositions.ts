import type { Request } from 'express';
import type { z } from 'zod';
import type { App } from '../../core/app.ts';
import { inTime } from '../../core/database/in-time.ts';
import { HttpProblem, userOf } from '../../core/http/index.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { DraftForm } from '../drafts/draft.ts';
import type { LateDispositions } from '../missed-wrapups/index.ts';
import type { AgentSnapshot, DispositionGiven } from '../protocol.ts';
import type { CallbackTimes } from './callback-times.ts';
import { readSnapshot } from './live-routes.ts';
import { dispositionGiven, type commandSchemas } from './commands.ts';

interface DispositionParts {
  readonly drafts: DraftStore;
  readonly times: CallbackTimes;
  readonly late: LateDispositions;
}

/** Handing in what came of a call, by whichever way it is sent. */
export class Dispositions {
  readonly #app: App;
  readonly #parts: DispositionParts;

  constructor(app: App, parts: DispositionParts) {
    this.#app = app;
    this.#parts = parts;
  }

  /** Null: it stands, and the dialer does not say how the agent is. @throws HttpProblem 422, CommandRefused */
  async handIn(req: Request, input: z.output<typeof commandSchemas.dispose>): Promise<AgentSnapshot | null> {
    const { id: userId } = userOf(req);
    const given = dispositionGiven(userId, input);
    if (given.callback) await this.#parts.times.mustBeOpen(userId, given.callId, given.callback);
    const snapshot = input.late
      ? await this.#handInLate(given)
      : await this.#app.bus.request<AgentSnapshot>('agent.dispose', given);
    await this.#forget(userId, given.callId);
    return snapshot;
  }

  async #handInLate(given: DispositionGiven): Promise<AgentSnapshot | null> {
    await this.#parts.late.handIn(given);
    return readSnapshot(this.#app, given.userId).catch(() => null);
  }

  /** What a form lacks that could not even be read. */
  incomplete(draft: DraftForm): HttpProblem {
    if (!draft.dispositionId) return new HttpProblem(422, 'disposition-missing');
    return new HttpProblem(422, 'callback-time-invalid');
  }

  /** The disposition stands, whether its draft could be cleared away or not. */
  async #forget(userId: number, callId: string): Promise<void> {
    try {
      const { clock } = this.#app;
      await inTime(clock, this.#parts.drafts.remove(userId, callId, clock.now()), () => undefined);
    } catch (error) {
      this.#app.log.warn({ err: error, callId }, 'draft of a finished call was not removed');
    }
  }
}
