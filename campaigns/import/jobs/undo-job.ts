import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import type { RunningJob } from '../../../core/jobs/jobs.ts';
import { createCustomerStore, createTimelineStore, type CustomerChange } from '../../../crm/index.ts';
import { createCampaignStore } from '../../campaigns/index.ts';
import { createCustomersFilter } from '../../leads/lead-filters.ts';
import { createWantedChanges } from '../../leads/wanted-changes.ts';
import { createListStore } from '../../lists/index.ts';
import { createImportRelations } from '../import-relations-store.ts';
import { createImportRowsStore } from '../import-rows-store.ts';
import type { TakenRow } from '../row-runs.ts';
import { createImportStore } from '../import-store.ts';
import type { Import } from '../import.ts';
import { createFailures } from './failures.ts';
import type { ImportJobData } from './import-job.ts';

const batchSize = 500;

/**
 * Takes an import back, batch by batch: its leads, its places on the list, the customers it made, and what it changed of
 * others. A customer who was dialled, edited or otherwise worked with since stays as it is and is counted.
 */
export function createUndoJob(app: App) {
  const { db, clock } = app;
  const store = createImportStore(app);
  const relations = createImportRelations(app);
  const kept = createImportRowsStore(app);
  const customers = createCustomerStore(app, createCustomersFilter(app));
  const timeline = createTimelineStore(app);
  const lists = createListStore(app);
  const campaigns = createCampaignStore(app);
  const wanted = createWantedChanges(app);
  const failed = createFailures(app);

  return async function undo(job: RunningJob<ImportJobData>): Promise<void> {
    let found = await store.stillOf(job.id, job.data.importId, 'undoing');
    if (!found) return;
    const total = Math.max(1, found.committed?.taken ?? 1);
    const pace = { startedAt: clock.now(), from: (found.undone?.back ?? 0) + (found.undone?.kept ?? 0) };
    const listName = (await lists.get(found.listId))?.name ?? '';
    try {
      for (;;) {
        if (job.signal.aborted) return;
        const current: Import = found;
        const rows = await kept.takenRows(current.id, current.undone?.upTo ?? 0, batchSize);
        if (rows.length === 0) break;
        const undone = await db.transaction(async (trx) => {
          // A job whose lock ran out runs twice: of the two the first takes these rows back.
          const upTo = await store.undoneUpTo(current.id, trx);
          if (upTo !== (current.undone?.upTo ?? 0)) throw new NotMine();
          const left = await takeBack(current, listName, rows, trx);
          const before = current.undone ?? { back: 0, kept: 0, upTo: 0 };
          const after = { back: before.back + rows.length - left, kept: before.kept + left, upTo: rows.at(-1)!.number }; // prettier-ignore
          const { checked, committed, rowsDone } = current;
          const step = { state: 'undoing' as const, before: rowsDone, rowsDone, jobId: job.id };
          const mine = await store.advance(current.id, step, { checked, committed, undone: after, pace }, clock.now(), trx); // prettier-ignore
          if (!mine) throw new NotMine();
          return after;
        });
        found = { ...current, undone };
        await job.progress(((undone.back + undone.kept) / total) * 100);
      }
      // Before it is over: whoever takes up a job that was cut off here does it again.
      await leaveEmptyList(found);
      await store.move(found.id, 'undone', clock.now());
    } catch (error) {
      if (!(error instanceof NotMine)) await failed(found, error, job);
    }
  };

  /** Returns how many rows could not be taken back. */
  async function takeBack(
    item: Import,
    listName: string,
    rows: readonly TakenRow[],
    trx: Knex.Transaction,
  ): Promise<number> {
    const ids = [...new Set(rows.map(({ customerId }) => customerId))];
    const dialled = new Set(await relations.dialledOf(item.listId, ids, trx));
    const free = ids.filter((id) => !dialled.has(id));
    await relations.handOver(item, free, trx);
    await lists.removeMembers(item.listId, free, item.id, trx);
    await relations.removeLeads(item.listId, free, clock.now(), trx);
    await relations.removeConsents(free, item, trx);
    const made = new Set(rows.filter(({ created }) => created).map(({ customerId }) => customerId));
    const worked = new Set(await relations.workedWith(item.id, free, trx));
    const gone = free.filter((id) => made.has(id) && !worked.has(id));
    await customers.removeMany(gone, trx);
    const unmerged = await restore(item, rows, dialled, trx);
    const removed = new Set(gone);
    await timeline.appendMany(
      free
        .filter((id) => !removed.has(id))
        .map((customerId) => ({
          customerId,
          at: clock.now(),
          kind: 'import' as const,
          data: { importId: item.id, listId: item.listId, listName, fileName: item.fileName, undone: true },
        })),
      trx,
    );
    return rows.filter(
      ({ customerId, created }) =>
        dialled.has(customerId) || (created ? worked.has(customerId) : unmerged.has(customerId)),
    ).length;
  }

  /** Gives merged customers their fields back. Returns those whom somebody has edited since. */
  async function restore(
    item: Import,
    rows: readonly TakenRow[],
    dialled: ReadonlySet<number>,
    trx: Knex.Transaction,
  ): Promise<Set<number>> {
    const merges = await kept.mergesOf(item.id, rows[0]!.number, rows.at(-1)!.number, trx);
    const current = new Map(
      (await customers.getMany(merges.map(({ customerId }) => customerId), trx)).map((one) => [one.id, one]), // prettier-ignore
    );
    const edited = new Set<number>();
    const changes: CustomerChange[] = [];
    for (const { customerId, revision, fields } of merges) {
      const before = current.get(customerId);
      if (!before || dialled.has(customerId)) continue;
      if (before.revision === revision) changes.push({ before, fields });
      else edited.add(customerId);
    }
    await customers.updateMany(changes, clock.now(), trx);
    return edited;
  }

  /** A list that was made for the file and holds nobody any more goes out of sight. */
  async function leaveEmptyList({ listId, options }: Import): Promise<void> {
    const list = await lists.get(listId);
    if (list?.size !== 0 || !options.newListName) return;
    for (const { id } of await lists.campaignsOf(listId)) {
      await campaigns.detachList(id, listId);
      await wanted.queue(id);
    }
    await lists.archive(listId, true, clock.now());
  }
}

class NotMine extends Error {}
