import type { Database } from '../../core/database/database.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import { readDraft, type Draft, type DraftSaved } from './draft.ts';

/** Drafts of calls that were never disposed of are kept this long. */
const keepMs = 30 * 24 * 3_600_000;

/** All SQL for `workspace_drafts`: what an agent has typed beside a call and not yet handed in. */
export class DraftStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  async get(userId: number, callId: string): Promise<Draft> {
    const row = (await this.#db
      .knex('workspace_drafts')
      .where({ user_id: userId, call_id: callId })
      .first('form', 'revision')) as { form: string; revision: number } | undefined;
    return row
      ? { revision: row.revision, form: readDraft(JSON.parse(row.form)) }
      : { revision: 0, form: {} };
  }

  /**
   * Writes the whole form over the draft of that revision. Where another page has saved since, nothing is written:
   * `kept` is false and the answer holds what stands there.
   */
  async save(userId: number, callId: string, next: Draft, now: number): Promise<DraftSaved> {
    const key = { user_id: userId, call_id: callId };
    const row = { form: JSON.stringify(next.form), updated_at: now };
    const revision = next.revision + 1;
    const kept =
      next.revision === 0
        ? await this.#insert({ ...key, ...row, revision })
        : (await this.#db
            .knex('workspace_drafts')
            .where({ ...key, revision: next.revision })
            .update({ ...row, revision })) === 1;
    return kept ? { kept, revision, form: next.form } : { kept, ...(await this.get(userId, callId)) };
  }

  async #insert(row: object): Promise<boolean> {
    try {
      await this.#db.knex('workspace_drafts').insert(row);
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /** The call was disposed of: its draft goes, and with it those the agent has forgotten for a month. */
  async remove(userId: number, callId: string, now: number): Promise<void> {
    await this.#db
      .knex('workspace_drafts')
      .where({ user_id: userId })
      .where((which) => which.where({ call_id: callId }).orWhere('updated_at', '<', now - keepMs))
      .delete();
  }
}
