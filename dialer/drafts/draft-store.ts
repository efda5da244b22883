import type { Database } from '../../core/database/database.ts';
import { readDraft, type DraftForm } from './draft.ts';

/** Drafts of calls that were never disposed of are kept this long. */
const keepMs = 30 * 24 * 3_600_000;

/** All SQL for `workspace_drafts`: what an agent has typed beside a call and not yet handed in. */
export class DraftStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  async get(userId: number, callId: string): Promise<DraftForm> {
    const row = (await this.#db
      .knex('workspace_drafts')
      .where({ user_id: userId, call_id: callId })
      .first('form')) as { form: string } | undefined;
    return row ? readDraft(JSON.parse(row.form)) : {};
  }

  /** Writes the whole form over what was there. */
  async put(userId: number, callId: string, form: DraftForm, now: number): Promise<void> {
    const key = { user_id: userId, call_id: callId };
    const row = { form: JSON.stringify(form), updated_at: now };
    if ((await this.#db.knex('workspace_drafts').where(key).update(row)) > 0) return;
    await this.#db
      .knex('workspace_drafts')
      .insert({ ...key, ...row })
      .onConflict(['call_id', 'user_id'])
      .merge();
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
