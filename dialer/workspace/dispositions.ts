import type { Request } from 'express';
import type { z } from 'zod';
import type { App } from '../../core/app.ts';
import { inTime } from '../../core/database/in-time.ts';
import { HttpProblem, userOf } from '../../core/http/index.ts';
import { createTimelineStore, type TimelineStore } from '../../crm/index.ts';
import type { AnswerKeeper } from '../answers/index.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { DraftForm } from '../drafts/draft.ts';
import type { LateDispositions } from '../missed-wrapups/index.ts';
import type { AgentSnapshot, DispositionGiven } from '../protocol.ts';
import type { CallbackTimes } from './callback-times.ts';
import { readSnapshot } from './live-routes.ts';
import { dispositionGiven, type commandSchemas } from './commands.ts';
import type { OwnCall } from './own-call.ts';

interface DispositionParts {
  readonly drafts: DraftStore;
  readonly times: CallbackTimes;
  readonly late: LateDispositions;
  readonly ownCall: OwnCall;
  readonly answers: AnswerKeeper;
}

/** Handing in what came of a call, by whichever way it is sent. */
export class Dispositions {
  readonly #app: App;
  readonly #parts: DispositionParts;
  readonly #timeline: TimelineStore;

  constructor(app: App, parts: DispositionParts) {
    this.#app = app;
    this.#parts = parts;
    this.#timeline = createTimelineStore(app);
  }

  /**
   * Null: it stands, and the dialer does not say how the agent is. Done once: who hands in the same again, as no answer
   * came, is told that it stands. @throws HttpProblem 422, CommandRefused
   */
  async handIn(req: Request, input: z.output<typeof commandSchemas.dispose>): Promise<AgentSnapshot | null> {
    const { id: userId } = userOf(req);
    const given = dispositionGiven(userId, input);
    const kept = await this.#keepAnswers(userId, given.callId, input.script);
    let snapshot: AgentSnapshot | null;
    try {
      snapshot = await this.#handIn(given, input.late ?? false);
    } catch (error) {
      if (!(await this.#stands(given).catch(() => false))) throw error;
      snapshot = await this.#snapshot(userId);
    }
    if (kept) await this.#forget(userId, given.callId);
    return snapshot;
  }

  /** Of a call that somebody else goes on with. @throws CommandRefused */
  async addNote(req: Request, input: z.output<typeof commandSchemas.note>): Promise<AgentSnapshot> {
    const { id: userId } = userOf(req);
    const { script, ...note } = input;
    const snapshot = await this.#app.bus.request<AgentSnapshot>('agent.note', { ...note, userId });
    // Whoever goes on with the call says what counts.
    const kept = await this.#saved(input.callId, script, async (typed) => {
      const { answers } = this.#parts;
      const call = await this.#parts.ownCall.givenAway(input.callId);
      if (call) await answers.keepUnsaved({ ...call, userId }, typed, this.#app.clock.now());
      return call !== null;
    });
    if (kept) await this.#forget(userId, input.callId);
    return snapshot;
  }

  /** Before the disposition, so that none is handed on without its answers. Of a call that is done, they stand. */
  #keepAnswers(userId: number, callId: string, script: DraftForm | undefined): Promise<boolean> {
    return this.#saved(callId, script, async (typed) => {
      const call = await this.#parts.ownCall.stored(userId, callId);
      if (!call) return false;
      if (call.disposition_id !== null && call.wrapup_missed_at === null) return true;
      const { id, campaign_id: campaignId, customer_id: customerId } = call;
      await this.#parts.answers.keep({ id, campaignId, customerId, userId }, typed, this.#app.clock.now());
      return true;
    });
  }

  /**
   * Whether answers are saved. A database that does not take them in time keeps nobody in wrap-up: then they stay in the
   * draft, and the dialer saves them from there.
   */
  async #saved(
    callId: string,
    typed: DraftForm | undefined,
    save: (typed: DraftForm) => Promise<boolean>,
  ): Promise<boolean> {
    if (!typed?.scriptPath) return true;
    try {
      return await inTime(this.#app.clock, save(typed), () => false);
    } catch (error) {
      this.#app.log.warn({ err: error, callId }, 'answers of a call were not saved; they stay in its draft');
      return false;
    }
  }

  async #handIn(given: DispositionGiven, isLate: boolean): Promise<AgentSnapshot | null> {
    const { userId, callId, callback } = given;
    if (callback) await this.#parts.times.mustBeOpen(userId, callId, callback);
    if (!isLate) return this.#app.bus.request<AgentSnapshot>('agent.dispose', given);
    await this.#parts.late.handIn(given);
    return this.#snapshot(userId);
  }

  #snapshot(userId: number): Promise<AgentSnapshot | null> {
    return readSnapshot(this.#app, userId).catch(() => null);
  }

  /** Whether this very agent has said just that of the call, a callback's time included. */
  async #stands({ userId, callId, dispositionId, note, callback }: DispositionGiven): Promise<boolean> {
    const call = await this.#parts.ownCall.stored(userId, callId);
    if (call?.disposition_id !== dispositionId || call.wrapup_missed_at !== null) return false;
    if ((call.note ?? '') !== note) return false;
    if (!callback) return true;
    if (call.customer_id === null) return false;
    const told = await this.#timeline.of(call.customer_id, { kinds: ['callback'] });
    return told.some(
      ({ callId: of, data }) =>
        of === callId && data.dueAt === callback.dueAt && data.mine === callback.mine && !data.action,
    );
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
