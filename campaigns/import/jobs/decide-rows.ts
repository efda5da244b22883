import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { createCustomerStore, type Customer } from '../../../crm/index.ts';
import type { Import, ImportOptions } from '../import.ts';
import { createImportRelations } from '../import-relations-store.ts';
import { FirstSeen, hashOf, keyOfDigits } from '../judging/first-seen.ts';
import type { GoodRow, JudgedRow } from '../judging/judge-file.ts';
import { mergeFields } from '../merge-fields.ts';
import type { ReadRow } from '../read-row.ts';
import { isBarred, type RepeatVerdict, type Verdict } from '../verdict.ts';
import type { ImportPlace } from './import-place.ts';
import { createRowBars } from './row-bars.ts';

/** A row with its verdict, which the file and the database give together. */
export interface DecidedRow {
  readonly number: number;
  readonly judged: JudgedRow;
  readonly verdict: Verdict;
  /** A RowReason; null where the verdict says all. */
  readonly reason: string | null;
  readonly detail: string;
  /** Comes onto the list. */
  readonly taken: boolean;
  /** No customer is known for it: one is made. */
  readonly created: boolean;
  /** What it says; null where it is left out. */
  readonly row: ReadRow | null;
  readonly known: Customer | null;
}

/** Which ids of the firm's customers were given, without keeping them: a file may give a million. */
export class GivenIds {
  readonly #customers = new FirstSeen();
  readonly #given = new FirstSeen();

  /** Whether that customer was given another one. */
  isAnother(customerId: number, externalId: string): boolean {
    return (
      this.#customers.get(...keyOfDigits(customerId)) !== undefined &&
      this.#given.get(...hashOf(`${customerId} ${externalId}`)) === undefined
    );
  }

  set(customerId: number, externalId: string): void {
    this.#customers.set(...keyOfDigits(customerId), 1);
    this.#given.set(...hashOf(`${customerId} ${externalId}`), 1);
  }
}

export const dayMs = 86_400_000;

/** Gives rows their verdicts: the file's own, then what the database knows of their customers and numbers. */
export function createRowDecider(app: App) {
  const customers = createCustomerStore(app);
  const relations = createImportRelations(app);
  const barsOf = createRowBars(app);

  /** `given`: ids that earlier rows gave, or would have given, to customers who had none. It is added to. */
  return async function decide(
    item: Import,
    place: ImportPlace,
    batch: readonly JudgedRow[],
    given: GivenIds,
    trx?: Knex.Transaction,
  ): Promise<DecidedRow[]> {
    const { options } = item;
    const good = batch.filter((row): row is GoodRow => row.row !== null);
    const keys = good.map(({ row }) => row.key);
    const candidates = await customers.candidates(keys, options.matchBy, trx);
    const takenIds =
      options.matchBy === 'phone'
        ? await relations.ownersOfExternalIds(keys, trx)
        : new Map<string, number>();
    const ids = [...new Set(candidates.flat().map(({ id }) => id))];
    const repeats = await repeatsOf(item, place, ids, trx);
    const barOf = await barsOf(place, good, candidates, trx);
    let index = -1;
    const decideGood = (row: GoodRow): DecidedRow => {
      index += 1;
      const mine = row.row.key.externalId;
      // Somebody to whom an earlier row gave an id of the firm's is not meant by a row with another.
      const known = candidates[index]!.find(({ id }) => !mine || !given.isAnother(id, mine)) ?? null;
      const owner = takenIds.get(mine ?? '');
      if (owner !== undefined && owner !== known?.id)
        return leftOut(row, { verdict: 'refused', reason: 'id-taken', detail: '' });
      const repeat = known ? repeats.get(known.id) : undefined;
      const verdict: Verdict = repeat ?? barOf(index, known) ?? (known ? 'merged' : 'new');
      const taken = !repeat && !(isBarred(verdict) && options.barred === 'leave-out');
      if (known && taken && mine && !known.externalId && givesId(known, row, options))
        given.set(known.id, mine);
      return {
        number: row.number,
        judged: row,
        verdict,
        reason: null,
        detail: '',
        taken,
        created: taken && known === null,
        row: row.row,
        known,
      };
    };
    return batch.map((row) => (row.row ? decideGood(row) : leftOut(row, row)));
  };

  /** Which known customers are where a row is left out for. */
  async function repeatsOf(
    { id: importId, listId, options }: Import,
    { campaignIds, rules }: ImportPlace,
    ids: readonly number[],
    trx?: Knex.Transaction,
  ): Promise<Map<number, RepeatVerdict>> {
    const found = new Map<number, RepeatVerdict>();
    if (ids.length === 0 || options.repeats === 'file') return found;
    const note = (verdict: RepeatVerdict, some: readonly number[]) => {
      for (const id of some) if (!found.has(id)) found.set(id, verdict);
    };
    if (listId > 0) note('on-list', await relations.onListBefore(listId, importId, ids, trx));
    if (options.repeats !== 'list') note('in-campaign', await relations.inCampaigns(campaignIds, ids, trx));
    if (options.repeats === 'days')
      note('recent', await relations.leadsSince(rules.at - options.days * dayMs, ids, trx));
    if (options.repeats === 'system') note('known', ids);
    return found;
  }
}

const givesId = (known: Customer, { row }: GoodRow, options: ImportOptions): boolean =>
  mergeFields(known, row.fields, options).externalId !== null;

function leftOut(
  judged: JudgedRow,
  { verdict, reason, detail }: Pick<DecidedRow, 'verdict' | 'reason' | 'detail'>,
): DecidedRow {
  const { number } = judged;
  return { number, judged, verdict, reason, detail, taken: false, created: false, row: null, known: null };
}
