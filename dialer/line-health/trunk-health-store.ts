import type { App } from '../../core/app.ts';
import type { Sign, Verdict } from './judge.ts';
import { advanceHealth, unblemished, type HealthEvent, type TrunkHealth } from './trunk-health.ts';

interface HealthRow {
  trunk_id: number;
  state: string;
  reason: string | null;
  worse: string | null;
  since: number;
  until: number | null;
  times: number;
  counted_from: number;
  user_id: number | null;
  revision: number;
}

export type TrunkHealthStore = ReturnType<typeof createTrunkHealthStore>;

/** All SQL for the health of trunks. Every change is told on the bus as `trunk-health.changed`, and is in the audit. */
export function createTrunkHealthStore(app: Pick<App, 'db' | 'bus' | 'audit'>) {
  const { db } = app;

  /** Of trunks against which something speaks or has spoken, by id. */
  async function all(): Promise<Map<number, TrunkHealth>> {
    const rows = await db.knex<HealthRow>('trunk_health');
    return new Map(rows.map((row) => [row.trunk_id, fromRow(row)]));
  }

  async function get(trunkId: number): Promise<TrunkHealth> {
    const row = await db.knex<HealthRow>('trunk_health').where({ trunk_id: trunkId }).first();
    return row ? fromRow(row) : unblemished(trunkId);
  }

  /** Null: it does not go from the state that it was read in, or somebody else was first. */
  async function apply(
    health: TrunkHealth,
    event: HealthEvent,
    now: number,
    by: { ip?: string } = {},
  ): Promise<TrunkHealth | null> {
    const next = advanceHealth(health, event, now);
    if (!next) return null;
    const isMoved = await db.transaction(async (trx) => {
      const { trunkId: trunk_id, revision } = health;
      const row = toRow(next);
      if (revision > 0) {
        if ((await trx('trunk_health').where({ trunk_id, revision }).update(row)) !== 1) return false;
      } else {
        if (await trx('trunk_health').where({ trunk_id }).first('trunk_id')) return false;
        await trx('trunk_health').insert({ trunk_id, ...row });
      }
      const entity = {
        entity: 'trunks',
        entityId: trunk_id,
        userId: 'userId' in event ? event.userId : null,
      };
      await app.audit.record({ ...entity, ...by, action: actions[event.type], ...shown(event) }, trx);
      return true;
    });
    if (!isMoved) return null;
    app.bus.publish('trunk-health.changed', {});
    return next;
  }

  /**
   * That one is clearly worse and cannot be spared, with what speaks against it now, or null: no longer. True when that is
   * news; then it is told and in the audit as `apply` does.
   */
  async function setWorse(trunkId: number, reason: readonly Verdict[] | null, now: number): Promise<boolean> {
    const { worse, revision } = await get(trunkId);
    if (reason === null && worse === null) return false;
    const isNews = (reason === null) !== (worse === null);
    const written = reason && JSON.stringify({ since: worse?.since ?? now, reason });
    const isWritten = await db.transaction(async (trx) => {
      const row = { worse: written, revision: isNews ? revision + 1 : revision };
      // Somebody holds it, or it was kept out meanwhile: that was the last word.
      const rows = await trx('trunk_health').where({ trunk_id: trunkId, revision }).update(row);
      if (rows === 0) {
        if (revision > 0) return false;
        const fresh = toRow({ ...unblemished(trunkId), worse: null, revision: 1 });
        await trx('trunk_health').insert({ trunk_id: trunkId, ...fresh, worse: written });
      }
      if (!isNews) return true;
      const what = { entity: 'trunks', entityId: trunkId, userId: null };
      const action = reason ? 'trunk.worse-and-needed' : 'trunk.worse-no-more';
      await app.audit.record({ ...what, action, ...(reason && { after: shownReason(reason) }) }, trx);
      return true;
    });
    if (!isWritten || !isNews) return false;
    app.bus.publish('trunk-health.changed', {});
    return true;
  }

  /** Trunks in use that are clearly worse than the others and cannot be spared. */
  async function countWorse(): Promise<number> {
    const row = await db
      .knex('trunk_health as h')
      .join('trunks as t', 't.id', 'h.trunk_id')
      .where('t.enabled', 1)
      .whereNotNull('h.worse')
      .count({ n: '*' })
      .first();
    return Number(row?.['n'] ?? 0);
  }

  /**
   * Whether a campaign that runs would be left with less than half of the channels that it has now without the trunk;
   * `channels` are those of each trunk that works.
   */
  async function isNeeded(trunkId: number, channels: ReadonlyMap<number, number>): Promise<boolean> {
    const rows: { campaign_id: number; trunk_id: number }[] = await db
      .knex('campaign_trunks as own')
      .join('campaigns as c', 'c.id', 'own.campaign_id')
      .join('campaign_trunks as any', 'any.campaign_id', 'own.campaign_id')
      .where({ 'c.state': 'running', 'own.trunk_id': trunkId })
      .select('any.campaign_id', 'any.trunk_id');
    const own = channels.get(trunkId) ?? 0;
    const left = new Map<number, number>();
    for (const { campaign_id, trunk_id } of rows) {
      const more = trunk_id === trunkId ? 0 : (channels.get(trunk_id) ?? 0);
      left.set(campaign_id, (left.get(campaign_id) ?? 0) + more);
    }
    return [...left.values()].some((others) => others === 0 || others < own);
  }

  return { all, get, apply, setWorse, countWorse, isNeeded };
}

const actions: Readonly<Record<HealthEvent['type'], string>> = {
  condemn: 'trunk.quarantined',
  try: 'trunk.tried-again',
  clear: 'trunk.well-again',
  hold: 'trunk.held',
  release: 'trunk.released',
};

const fields: Readonly<Record<Sign, string>> = {
  answers: 'answerShare',
  short: 'shortCalls',
  late: 'lateRinging',
};

/** Shares in percent, as they are read. */
const percent = (share: number): number => Math.round(share * 1000) / 10;

function shown(event: HealthEvent): { after?: object } {
  return event.type === 'condemn' ? { after: shownReason(event.reason) } : {};
}

function shownReason(reason: readonly Verdict[]): object {
  const signs = reason.map(({ sign, own, expected }) => [
    fields[sign],
    `${percent(own.hits / own.of)} % (${own.hits}/${own.of}) ↔ ${percent(expected)} %`,
  ]);
  return Object.fromEntries(signs) as object;
}

const fromRow = (row: HealthRow): TrunkHealth => ({
  trunkId: row.trunk_id,
  state: row.state as TrunkHealth['state'],
  reason: row.reason ? (JSON.parse(row.reason) as Verdict[]) : [],
  since: row.since,
  worse: row.worse ? (JSON.parse(row.worse) as TrunkHealth['worse']) : null,
  until: row.until,
  times: row.times,
  countedFrom: row.counted_from,
  userId: row.user_id,
  revision: row.revision,
});

const toRow = (health: TrunkHealth): Omit<HealthRow, 'trunk_id'> => ({
  state: health.state,
  reason: health.reason.length > 0 ? JSON.stringify(health.reason) : null,
  since: health.since,
  worse: health.worse && JSON.stringify(health.worse),
  until: health.until,
  times: health.times,
  counted_from: health.countedFrom,
  user_id: health.userId,
  revision: health.revision,
});
