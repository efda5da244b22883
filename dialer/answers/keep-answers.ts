import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createCustomersFilter } from '../../campaigns/leads/index.ts';
import {
  answersIn,
  createAnswerStore,
  createCustomerStore,
  createScriptStore,
  createTimelineStore,
  sameAnswers,
  toldAnswers,
  type Answer,
  type ScriptVersion,
  type TypedAnswers,
} from '../../crm/index.ts';
import { savedFields } from './saved-fields.ts';

/** Whose call it was, and of whom. */
export interface AnsweredCall {
  readonly id: string;
  readonly campaignId: number | null;
  readonly customerId: number | null;
  readonly userId: number | null;
}

/** A customer whom somebody else changes in the same moment is read and written anew. */
const tries = 3;

class ChangedMeanwhile extends Error {}

export type AnswerKeeper = ReturnType<typeof createAnswerKeeper>;

/**
 * Answers that were given in a call: kept as rows, told on the customer's timeline, and saved into the fields of the
 * customer that the script names, all of it in one transaction and, however often it is asked for, once.
 */
export function createAnswerKeeper(app: Pick<App, 'db' | 'bus' | 'audit'>) {
  const store = createAnswerStore(app);
  const scripts = createScriptStore(app);
  const timeline = createTimelineStore(app);
  const customers = createCustomerStore(app, createCustomersFilter(app));

  /** `typed`: the fields of the draft. False: no script was read in this call. */
  async function keep(call: AnsweredCall, typed: TypedAnswers, at: number): Promise<boolean> {
    const reading = await store.reading(call.id);
    const version = reading && (await scripts.version(reading.versionId));
    if (!version) return false;
    const answers = answersIn(version.content, typed);
    for (let round = 1; ; round += 1)
      try {
        await app.db.transaction((trx) => write(call, version, answers, at, trx));
        return true;
      } catch (error) {
        if (!(error instanceof ChangedMeanwhile) || round === tries) throw error;
      }
  }

  /** Of a call whose agent has not handed it in: what had been typed by then, unless answers were saved already. */
  async function keepUnsaved(call: AnsweredCall, typed: TypedAnswers, at: number): Promise<void> {
    const reading = await store.reading(call.id);
    if (reading && reading.savedAt === null) await keep(call, typed, at);
  }

  async function write(
    call: AnsweredCall,
    version: ScriptVersion,
    answers: readonly Answer[],
    at: number,
    trx: Knex.Transaction,
  ): Promise<void> {
    await store.claim(call.id, at, trx);
    const before = await store.of(call.id, trx);
    if (sameAnswers(before, answers)) return;
    const { id: callId, campaignId, customerId, userId } = call;
    const { id: versionId, scriptId } = version;
    await store.replace(answers, { callId, campaignId, customerId, userId, scriptId, versionId, at }, trx);
    if (customerId === null || answers.length === 0) return;
    const told = {
      scriptName: version.name,
      version: version.version,
      answers: toldAnswers(version.content, answers),
    };
    await timeline.append({ customerId, at, kind: 'answers', userId, callId, data: told }, trx);
    await saveFields(call, customerId, savedFields(version.content, answers), at, trx);
  }

  async function saveFields(
    { userId }: AnsweredCall,
    customerId: number,
    fields: Record<string, string>,
    at: number,
    trx: Knex.Transaction,
  ): Promise<void> {
    const customer = Object.keys(fields).length > 0 ? await customers.get(customerId, trx) : null;
    if (!customer) return;
    const { id, revision, createdAt: _c, updatedAt: _u, ...known } = customer;
    const custom = { ...customer.custom, ...fields };
    const saved = await customers.update(id, revision, { ...known, custom }, at, trx);
    if (!saved.saved) {
      if (saved.reason === 'changed-meanwhile') throw new ChangedMeanwhile();
      return;
    }
    if (saved.changed.length === 0) return;
    await timeline.append({ customerId: id, at, kind: 'edit', userId, data: { fields: saved.changed } }, trx);
    const change = { before: { custom: customer.custom }, after: { custom } };
    await app.audit.record(
      { userId, action: 'customer.changed', entity: 'customers', entityId: id, ...change },
      trx,
    );
  }

  return { keep, keepUnsaved };
}
