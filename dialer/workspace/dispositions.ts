import type { Request } from 'express';
import type { z } from 'zod';
import type { App } from '../../core/app.ts';
import { HttpProblem, userOf } from '../../core/http/index.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { DraftForm } from '../drafts/draft.ts';
import type { AgentSnapshot } from '../protocol.ts';
import type { CallbackTimes } from './callback-times.ts';
import { dispositionGiven, type commandSchemas } from './commands.ts';

/** Handing in what came of a call, by whichever way it is sent. */
export class Dispositions {
  readonly #app: App;
  readonly #parts: { drafts: DraftStore; times: CallbackTimes };

  constructor(app: App, parts: { drafts: DraftStore; times: CallbackTimes }) {
    this.#app = app;
    this.#parts = parts;
  }

  /** @throws HttpProblem 422, CommandRefused */
  async handIn(req: Request, input: z.output<typeof commandSchemas.dispose>): Promise<AgentSnapshot> {
    const { id: userId } = userOf(req);
    const given = dispositionGiven(userId, input);
    if (given.callback) await this.#parts.times.mustBeOpen(userId, given.callId, given.callback);
    const snapshot = await this.#app.bus.request<AgentSnapshot>('agent.dispose', given);
    await this.#forget(userId, given.callId);
    return snapshot;
  }

  /** What a form lacks that could not even be read. */
  incomplete(draft: DraftForm): HttpProblem {
    if (!draft.dispositionId) return new HttpProblem(422, 'disposition-missing');
    return new HttpProblem(422, 'callback-time-invalid');
  }

  /** The disposition stands, whether its draft could be cleared away or not. */
  async #forget(userId: number, callId: string): Promise<void> {
    try {
      await this.#parts.drafts.remove(userId, callId, this.#app.clock.now());
    } catch (error) {
      this.#app.log.warn({ err: error, callId }, 'draft of a finished call was not removed');
    }
  }
}
