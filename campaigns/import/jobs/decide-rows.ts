import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { createCustomerStore, type Customer } from '../../../crm/index.ts';
import { createConsentStore, createScrubIndex } from '../../compliance/index.ts';
import { consentFacts } from '../../compliance/consents/consent.ts';
import { bears, createDncStore } from '../../dnc/index.ts';
import type { Import, ImportOptions } from '../import.ts';
import { createImportRelations } from '../import-relations-store.ts';
import { createCallableCheck, type Bar, type CallableRules } from '../judging/callable.ts';
import { FirstSeen, hashOf, keyOfDigits } from '../judging/first-seen.ts';
import type { GoodRow, JudgedRow } from '../judging/judge-file.ts';
import { mergeFields } from '../merge-fields.ts';
import type { ReadRow } from '../read-row.ts';
import { isBarred, type RepeatVerdict, type Verdict } from '../verdict.ts';
import type { ImportPlace } from './import-place.ts';

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
  const dnc = createDncStore(app);
  const relations = createImportRelations(app);
  const ledger = createConsentStore(app);
  const official = createScrubIndex(app);
  const checks = new WeakMap<CallableRules, ReturnType<typeof createCallableCheck>>();

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
    const barred = await onDnc(place, keys, trx);
    const barOf = await barsOnRecord(place, good, ids, trx);
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
      const verdict: Verdict = repeat ?? (barred.has(index) ? 'dnc' : null) ?? barOf(index, known?.id ?? null) ?? (known ? 'merged' : 'new'); // prettier-ignore
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

  /** What the ledger of consents and the national lists change of the verdicts that the rows alone give. */
  async function barsOnRecord(
    { rules }: ImportPlace,
    good: readonly GoodRow[],
    ids: readonly number[],
    trx?: Knex.Transaction,
  ): Promise<(index: number, customerId: number | null) => Bar> {
    const byItself = (index: number) => good[index]!.bar;
    const numbers = good.map(({ row }) => row.key.phones[0]!.e164);
    const listed = (await official.lookUp(numbers, trx)).map((found) => found.listed);
    const lines = (await ledger.isEmpty(trx)) ? [] : await ledger.linesOf(ids, numbers, trx);
    if (lines.length === 0 && !listed.includes(true)) return byItself;
    const check = checks.get(rules) ?? createCallableCheck(rules);
    checks.set(rules, check);
    const byNumber = grouped(lines, ({ e164 }) => e164);
    const byCustomer = grouped(lines, ({ customerId }) => customerId);
    return (index, customerId) => {
      const { row, bar } = good[index]!;
      const e164 = numbers[index]!;
      const ofCustomer = customerId === null ? [] : (byCustomer.get(customerId) ?? []);
      const mine = [...new Set([...(byNumber.get(e164) ?? []), ...ofCustomer])];
      if (!listed[index] && mine.length === 0) return bar;
      const written = consentFacts(mine, { e164, customerId, at: rules.at });
      const { kinds, transactionAt, inquiryAt, everRevoked, optInWritten } = written;
      const consents = everRevoked ? kinds : [...row.consents, ...kinds];
      return check(row.fields, consents, { listed: listed[index]!, transactionAt, inquiryAt, optInWritten });
    };
  }

  /** Places of rows whose first number may not be called by anybody, or by the campaigns in question. */
  async function onDnc(
    { campaignIds, rules }: ImportPlace,
    keys: readonly ReadRow['key'][],
    trx?: Knex.Transaction,
  ): Promise<Set<number>> {
    const places = new Set<number>();
    if (await dnc.isEmpty(trx)) return places;
    const first = ({ phones }: ReadRow['key']) => phones[0]!.e164;
    const entries = await dnc.entriesOf(keys.map(first), trx);
    if (entries.size === 0) return places;
    const callers = campaignIds.length > 0 ? campaignIds : [null];
    for (const [index, row] of keys.entries()) {
      const mine = entries.get(first(row)) ?? [];
      if (callers.every((id) => mine.some((entry) => bears(entry, id, rules.at)))) places.add(index);
    }
    return places;
  }
}

const givesId = (known: Customer, { row }: GoodRow, options: ImportOptions): boolean =>
  mergeFields(known, row.fields, options).externalId !== null;

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function leftOut(
  judged: JudgedRow,
  { verdict, reason, detail }: Pick<DecidedRow, 'verdict' | 'reason' | 'detail'>,
): DecidedRow {
  const { number } = judged;
  return { number, judged, verdict, reason, detail, taken: false, created: false, row: null, known: null };
}
