import type { App } from '../../core/app.ts';
import type { AnsweredCall } from '../answers/index.ts';
import { createMissedWrapupStore, type MissedCall, type MissedWrapupStore } from '../missed-wrapups/index.ts';
import type { AgentCall, AgentSnapshot } from '../protocol.ts';

/** `done`: it was the agent's and has been disposed of. */
export type Standing = 'open' | 'done' | 'not-yours';

/** How long the dialer may take to say whose call it is before the database is asked instead. */
const askMs = 1500;

/** Whose call it is. The dialer knows best; while it does not answer, the database's word counts. */
export class OwnCall {
  readonly #app: App;
  readonly #missed: MissedWrapupStore;
  constructor(app: App) {
    this.#app = app;
    this.#missed = createMissedWrapupStore(app);
  }

  /** The agent's call as the dialer has it; null when it is not on it (any more), or the dialer does not answer. */
  async live(userId: number, callId: string): Promise<AgentCall | null> {
    try {
      const snapshot = await this.#app.bus.request<AgentSnapshot>(
        'agent.snapshot',
        { userId },
        { timeoutMs: askMs },
      );
      return snapshot.call?.id === callId ? snapshot.call : null;
    } catch {
      return null;
    }
  }

  async standing(userId: number, callId: string): Promise<Standing> {
    if (await this.live(userId, callId)) return 'open';
    const row = await this.stored(userId, callId);
    if (!row) return 'not-yours';
    return row.disposition_id === null || row.wrapup_missed_at !== null ? 'open' : 'done';
  }

  /** The agent's call, if it waits for its disposition after all. */
  missed(userId: number, callId: string): Promise<MissedCall | null> {
    return this.#missed.get(userId, callId, this.#app.clock.now());
  }

  /** A call that somebody else goes on with; the dialer has said that this agent had it. */
  async givenAway(callId: string): Promise<AnsweredCall | null> {
    const row = (await this.#app.db.knex('calls').where({ id: callId }).first(storedColumns)) as
      StoredCall | undefined; // prettier-ignore
    return row
      ? { id: row.id, campaignId: row.campaign_id, customerId: row.customer_id, userId: null }
      : null;
  }

  /** The stored call, if it is this agent's. */
  async stored(userId: number, callId: string): Promise<StoredCall | null> {
    const row = (await this.#app.db
      .knex('calls')
      .where({ id: callId, user_id: userId })
      .first(storedColumns)) as StoredCall | undefined;
    return row ?? null;
  }
}

const storedColumns = [
  ...['id', 'campaign_id', 'lead_id', 'customer_id', 'e164', 'direction', 'disposition_id'],
  ...['wrapup_missed_at', 'note'],
];

export interface StoredCall {
  id: string;
  campaign_id: number | null;
  lead_id: number | null;
  customer_id: number | null;
  e164: string | null;
  direction: string;
  disposition_id: number | null;
  wrapup_missed_at: number | null;
  note: string | null;
}
