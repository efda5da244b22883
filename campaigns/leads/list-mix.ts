import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import { emptyHopper } from './hopper-feed.ts';
import { heldLeadIds } from './hopper-row.ts';
import { createWantedChanges, reorderJob, wantChange } from './wanted-changes.ts';

/*
 * Leads that were never dialled are due at once, so their `next_at` is free to say in which turn they come: with each
 * lead of a list its turn goes on by a step, the shorter the heavier the list weighs. Taken in the order of their turns,
 * as in weighted fair queueing, leads of lists of one priority come mixed by weight, at no cost when they are reserved.
 */

/** Of a list with weight 1. Ten million leads of it stay far below any instant since 1971, and so are always due. */
const step = 1_000;
const batchSize = 2_000;
export const heaviest = 100;

interface JoinedRow {
  campaign_id: number;
  list_id: number;
  priority: number;
  weight: number;
  turn: number;
}

export interface Place {
  readonly priority: number;
  readonly weight: number;
}

const joined = (trx: Knex | Knex.Transaction, campaignId: number, listId: number) =>
  trx<JoinedRow>('campaign_lists').where({ campaign_id: campaignId, list_id: listId });

/** Holds a list's place on a campaign until the transaction ends. False: it is not on the campaign. */
export async function lockPlace(trx: Knex.Transaction, campaignId: number, listId: number): Promise<boolean> {
  return (await joined(trx, campaignId, listId).forUpdate().first('turn')) !== undefined;
}

/**
 * Lines up the next `count` new leads of a list behind those it has, or beside where the other lists stand now.
 * Returns their priority and turns; null: the list is not on the campaign.
 */
export async function takeTurns(
  trx: Knex.Transaction,
  { campaignId, listId, count }: { campaignId: number; listId: number; count: number },
): Promise<{ priority: number; turns: number[] } | null> {
  const row = await joined(trx, campaignId, listId).forUpdate().first('priority', 'weight', 'turn');
  if (!row) return null;
  const start = Math.max(row.turn, await turnNow(trx, campaignId, row.priority));
  const turns = Array.from({ length: count }, (_, place) => turnOf(start, place, row.weight));
  await joined(trx, campaignId, listId).update({ turn: turnOf(start, count, row.weight) });
  return { priority: row.priority, turns };
}

/** Of leads that came one by one, and go before all others of their priority. */
const noTurn = 0;

const turnOf = (start: number, place: number, weight: number) => start + Math.round((place * step) / weight);

/** Where dialling of a priority stands: the turn of the next lead, or, where there is none, the last that was given. */
async function turnNow(trx: Knex | Knex.Transaction, campaignId: number, priority: number): Promise<number> {
  const next: { next_at: number } | undefined = await trx('leads')
    .where({ campaign_id: campaignId, state: 'new', priority })
    .where('next_at', '>', noTurn)
    .orderBy('next_at')
    .first('next_at');
  if (next) return next.next_at;
  const last = (await trx('campaign_lists')
    .where({ campaign_id: campaignId, priority })
    .max({ turn: 'turn' })
    .first()) as { turn: number | null } | undefined;
  return Math.max(Number(last?.turn ?? 0), noTurn + 1);
}

/** Priority and weight of the lists of a campaign, which its leads follow by a job. */
export function createListMix(app: App) {
  const { db, clock } = app;
  const wanted = createWantedChanges(app);

  /** Returns the lists that changed; those that are not on the campaign are left out. */
  async function change(
    campaignId: number,
    places: ReadonlyMap<number, Place>,
  ): Promise<{ listId: number; before: Place; after: Place }[]> {
    const changes = await db.transaction(async (trx) => {
      const changed = [];
      for (const [listId, after] of places) {
        const row = await joined(trx, campaignId, listId).forUpdate().first('priority', 'weight');
        if (!row || (row.priority === after.priority && row.weight === after.weight)) continue;
        await joined(trx, campaignId, listId).update({ priority: after.priority, weight: after.weight });
        changed.push({ listId, before: { priority: row.priority, weight: row.weight }, after });
      }
      const others = changed.length > 0 ? await neverLinedUp(trx, campaignId, changed) : [];
      for (const { listId, from } of [...changed.map(reorderOf), ...others])
        await wantChange({ kind: 'reorder', campaignId, listId, from }, trx);
      return changed;
    });
    if (changes.length === 0) return changes;
    await wanted.queue(campaignId);
    app.bus.publish('campaign.changed', { campaignId });
    return changes;
  }

  /** Leads with a priority of their own keep it. May run twice, and be stopped anywhere. */
  async function run(job: RunningJob<Reorder>): Promise<void> {
    const { campaignId, listId, from } = job.data;
    await wanted.carryOut({ kind: 'reorder', campaignId, listId, from }, () => reorder(job));
  }

  async function reorder(job: RunningJob<Reorder>): Promise<boolean> {
    const { campaignId } = job.data;
    for (;;) {
      const place = await begin(job.data);
      if (!place) return true;
      const followed = await follow(job, place);
      if (followed === 'stopped') return false;
      if (followed === 'done') break;
    }
    await emptyHopper(db, campaignId);
    app.bus.publish('campaign.changed', { campaignId });
    return true;
  }

  async function begin({ campaignId, listId }: Reorder): Promise<LinedUp | null> {
    return db.transaction(async (trx) => {
      const row = await joined(trx, campaignId, listId).forUpdate().first('priority', 'weight');
      if (!row) return null;
      const start = await turnNow(trx, campaignId, row.priority);
      await joined(trx, campaignId, listId).update({ turn: start });
      return { ...row, start };
    });
  }

  /** `replaced`: the list has left, or got another place, since: what is left follows that. */
  async function follow(
    { data, signal }: RunningJob<Reorder>,
    place: LinedUp,
  ): Promise<'done' | 'stopped' | 'replaced'> {
    const { campaignId, listId, from } = data;
    let [after, turn] = [0, place.start];
    for (;;) {
      if (signal.aborted) return 'stopped';
      const leads: Waiting[] = await db
        .knex('leads')
        .where({ campaign_id: campaignId, list_id: listId })
        .whereIn('priority', [from, place.priority])
        .where('id', '>', after)
        .orderBy('id')
        .limit(batchSize)
        .select('id', 'state', 'priority');
      if (leads.length === 0) return 'done';
      after = leads.at(-1)!.id;
      const next = await db.transaction(async (trx) => {
        const row = await joined(trx, campaignId, listId).forUpdate().first('priority', 'weight');
        if (row?.priority !== place.priority || row.weight !== place.weight) return null;
        await move(trx, data, place, leads.filter(({ priority }) => priority !== place.priority)); // prettier-ignore
        return lineUp(trx, data, place, { leads: leads.filter(({ state }) => state === 'new'), start: turn }); // prettier-ignore
      });
      if (next === null) return 'replaced';
      turn = next;
    }
  }

  async function move(
    trx: Knex.Transaction,
    { listId, from }: Reorder,
    { priority }: Place,
    leads: readonly Waiting[],
  ): Promise<void> {
    if (leads.length === 0) return;
    const ids = leads.map(({ id }) => id);
    await trx('leads').whereIn('id', ids).where({ list_id: listId, priority: from }).update({ priority, updated_at: clock.now() }); // prettier-ignore
  }

  /** Between the first and the last of them turns go by the id, which is as even as the list was written. */
  async function lineUp(
    trx: Knex.Transaction,
    { campaignId, listId }: Reorder,
    { weight }: Place,
    { leads, start }: { leads: readonly Waiting[]; start: number },
  ): Promise<number> {
    const first = leads[0]?.id;
    if (first === undefined) return start;
    const end = turnOf(start, leads.length, weight);
    const each = (end - start) / (leads.at(-1)!.id - first + 1);
    await joined(trx, campaignId, listId).update({ turn: end });
    await trx('leads')
      .whereIn(
        'id',
        leads.map(({ id }) => id),
      ) // prettier-ignore
      .where({ list_id: listId, state: 'new' })
      // A dialer holds these as they stand; those that came one by one go before all.
      .whereNotIn('id', heldLeadIds(trx, campaignId))
      .where((its) => void its.where('next_at', '>', noTurn).orWhereExists(cameByImport(trx)))
      .update({
        next_at: trx.raw('? + round((id - ?) * ?)', [start, first, each]),
        updated_at: clock.now(),
      });
    return end;
  }

  const define = () => app.jobs.define<Reorder>(reorderJob, run);
  return { change, run, define };
}

/** Of a lead: its customer came onto the list by a file, with many others. */
function cameByImport(trx: Knex | Knex.Transaction): Knex.QueryBuilder {
  return trx('list_members')
    .whereRaw('list_members.list_id = leads.list_id and list_members.customer_id = leads.customer_id')
    .whereNotNull('list_members.import_id')
    .select(trx.raw('1'));
}

/** Lists that a version has brought which knew no turns: their leads would all go before one that is lined up. */
async function neverLinedUp(
  trx: Knex.Transaction,
  campaignId: number,
  changed: readonly { listId: number }[],
): Promise<{ listId: number; from: number }[]> {
  const others: Pick<JoinedRow, 'list_id' | 'priority'>[] = await trx('campaign_lists')
    .where({ campaign_id: campaignId })
    .whereNotIn(
      'list_id',
      changed.map(({ listId }) => listId),
    ) // prettier-ignore
    .whereExists(
      trx('leads')
        .whereRaw('leads.campaign_id = campaign_lists.campaign_id and leads.list_id = campaign_lists.list_id')
        .whereRaw('leads.priority = campaign_lists.priority')
        .where({ 'leads.state': 'new', 'leads.next_at': noTurn })
        .whereExists(cameByImport(trx))
        .select(trx.raw('1')),
    )
    .select('list_id', 'priority');
  return others.map(({ list_id, priority }) => ({ listId: list_id, from: priority }));
}

const reorderOf = ({ listId, before }: { listId: number; before: Place }) => ({ listId, from: before.priority }); // prettier-ignore

/** A list's place on its campaign, and the turn with which its leads begin. */
type LinedUp = Place & { readonly start: number };

interface Waiting {
  readonly id: number;
  readonly state: string;
  readonly priority: number;
}

interface Reorder {
  campaignId: number;
  listId: number;
  /** Priority that its leads had. */
  from: number;
}
