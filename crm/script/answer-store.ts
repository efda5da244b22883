import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import type { Answer } from './answer.ts';
import type { QuestionKind } from './script.ts';

/** Which version was read in a call. */
export interface Reading {
  readonly callId: string;
  readonly versionId: number;
  readonly campaignId: number | null;
  readonly at: number;
  /** When its answers were saved last; null: they are a draft. */
  readonly savedAt: number | null;
}

/** What the answers of a call belong to. */
export interface AnswersOf {
  readonly callId: string;
  readonly campaignId: number | null;
  readonly customerId: number | null;
  readonly scriptId: number;
  readonly versionId: number;
  readonly userId: number | null;
  readonly at: number;
}

export interface StoredAnswer extends Answer {
  readonly versionId: number;
}

interface ReadingRow {
  call_id: string;
  version_id: number;
  campaign_id: number | null;
  at: number;
  saved_at: number | null;
}

interface AnswerRow {
  step_id: string;
  kind: string;
  value: string | null;
  number: number | null;
  text: string | null;
  version_id: number;
}

const readingFromRow = (row: ReadingRow): Reading => ({
  callId: row.call_id,
  versionId: row.version_id,
  campaignId: row.campaign_id,
  at: row.at,
  savedAt: row.saved_at,
});

export const answerFromRow = (row: AnswerRow): StoredAnswer => ({
  stepId: row.step_id,
  kind: row.kind as QuestionKind,
  value: row.value,
  number: row.number,
  text: row.text,
  versionId: row.version_id,
});

export type AnswerStore = ReturnType<typeof createAnswerStore>;

/** All SQL for what was read in calls and answered there; reports add theirs. */
export function createAnswerStore(app: Pick<App, 'db'>) {
  const { db } = app;

  async function reading(callId: string, trx: Knex | Knex.Transaction = db.knex): Promise<Reading | null> {
    const row = (await trx('script_readings').where({ call_id: callId }).first()) as ReadingRow | undefined;
    return row ? readingFromRow(row) : null;
  }

  /** The version that this call goes by: the first that was opened in it stays. */
  async function open(
    callId: string,
    versionId: number,
    campaignId: number | null,
    at: number,
  ): Promise<Reading> {
    const known = await reading(callId);
    if (known) return known;
    try {
      const row = { call_id: callId, version_id: versionId, campaign_id: campaignId, at };
      await db.knex('script_readings').insert(row);
      return { callId, versionId, campaignId, at, savedAt: null };
    } catch (error) {
      const other = isDuplicate(error) && (await reading(callId));
      if (!other) throw error;
      return other;
    }
  }

  async function of(callId: string, trx: Knex | Knex.Transaction = db.knex): Promise<StoredAnswer[]> {
    const rows = (await trx('script_answers').where({ call_id: callId }).orderBy('id')) as AnswerRow[];
    return rows.map(answerFromRow);
  }

  /** Marks them as saved, and keeps everybody else who would save them waiting until this transaction ends. */
  async function claim(callId: string, at: number, trx: Knex.Transaction): Promise<boolean> {
    return (await trx('script_readings').where({ call_id: callId }).update({ saved_at: at })) === 1;
  }

  /** These in the place of those that there were. */
  async function replace(answers: readonly Answer[], about: AnswersOf, trx: Knex.Transaction): Promise<void> {
    await trx('script_answers').where({ call_id: about.callId }).delete();
    const rows = answers.map(({ stepId, kind, value, number, text }) => ({
      ...{ call_id: about.callId, campaign_id: about.campaignId, customer_id: about.customerId },
      ...{ script_id: about.scriptId, version_id: about.versionId, user_id: about.userId, at: about.at },
      ...{ step_id: stepId, kind, value, number, text },
    }));
    await db.insertMany('script_answers', rows, trx);
  }

  return { reading, open, of, claim, replace };
}
