import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createCallbackEnds } from './callback-end.ts';
import { leadWithHolder, leadsWithHolder } from './hopper-row.ts';
import type { createCustomersFilter } from './lead-filters.ts';
import type { createLeadHolds } from './lead-holds.ts';
import { unreserved, type LeadRow } from './lead-row.ts';
import type { Lead } from './lead.ts';
import { endIfListHasLeft, promised } from './other-lists.ts';

/** What the gate has said of a reserved lead: due again at `nextAt`; null: may not be called, and time does not cure it. */
export interface Aside {
  readonly id: number;
  readonly nextAt: number | null;
  readonly reason: string;
}

/** Makes room in the hopper: many leads that may not be called now, with some statements for each reason and time. */
export function createLeadsAside(
  app: Pick<App, 'db'>,
  holds: ReturnType<typeof createLeadHolds>,
  filterCustomers: ReturnType<typeof createCustomersFilter>,
) {
  const callbackEnds = createCallbackEnds(app);

  /** Those that this dialer has reserved, and that stand as they did; nothing moves once a call to one is up. */
  return async function setAsideMany(asides: readonly Aside[], by: string, now: number): Promise<void> {
    if (asides.length === 0) return;
    await app.db.transaction(async (trx) => {
      const ids = asides.map(({ id }) => id);
      const rows = await leadsWithHolder(trx, (query) => void query.whereIn('leads.id', ids));
      const leads = new Map(rows.map((row): [number, Lead] => [row.id, leadWithHolder(row)]));
      const groups = new Map<string, { ids: number[]; from: string; changes: object }>();
      for (const { id, nextAt, reason } of asides) {
        const lead = leads.get(id);
        if (lead?.state !== 'reserved' || lead.reservedBy !== by) continue;
        const changes =
          nextAt === null ? { state: 'blocked', state_reason: reason } : putOff(lead, nextAt, reason);
        const key = JSON.stringify([lead.reservedFrom, changes]);
        const group = groups.get(key) ?? { ids: [], from: lead.reservedFrom!, changes };
        group.ids.push(id);
        groups.set(key, group);
      }
      for (const { ids: some, from, changes } of groups.values())
        await trx<LeadRow>('leads')
          .whereIn('id', some)
          .where({ state: from })
          .modify((query) => holds.whereHeld(query, by))
          .update({ ...changes, updated_at: now, ...unreserved });
      const moved = [...groups.values()].flatMap((group) => group.ids);
      await endPromises(asides.filter(({ nextAt }) => nextAt === null), now, trx); // prettier-ignore
      // Those too that stand otherwise by now: left in its hopper, nobody would take them again.
      await holds.forget(ids, trx, by);
      const { moved: others } = await endIfListHasLeft(
        trx,
        (its) => its.whereIn('leads.id', moved).where({ 'leads.state': 'waiting' }),
        now,
      );
      await filterCustomers(others, now, trx);
    });
  };

  async function endPromises(blocked: readonly Aside[], now: number, trx: Knex.Transaction): Promise<void> {
    const ids = blocked.map(({ id }) => id);
    const rows: { id: number }[] = await trx('leads').whereIn('id', ids).where({ state: 'blocked' }).modify(promised).select('id'); // prettier-ignore
    for (const { id } of rows)
      await callbackEnds.blocked(id, blocked.find((one) => one.id === id)!.reason, now, trx);
  }
}

/** Somebody tried before its time: a promise, or the pause after an attempt, stays what it was. */
function putOff(lead: Lead, nextAt: number, reason: string): object {
  const state = lead.reservedFrom === 'callback' ? 'callback' : 'waiting';
  return lead.nextAt > nextAt ? { state } : { state, next_at: nextAt, state_reason: reason };
}
