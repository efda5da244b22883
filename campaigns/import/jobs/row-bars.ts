import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import type { Customer } from '../../../crm/index.ts';
import { createConsentStore, createScrubIndex } from '../../compliance/index.ts';
import { consentFacts, type Consent } from '../../compliance/consents/consent.ts';
import { bears, createDncStore } from '../../dnc/index.ts';
import { createCallableCheck, type Bar, type CallableRules } from '../judging/callable.ts';
import type { GoodRow } from '../judging/judge-file.ts';
import type { ImportPlace } from './import-place.ts';

/** What is on record about some numbers and customers, as far as a call depends on it. */
interface Records {
  readonly dnc: ReadonlySet<string>;
  readonly listed: ReadonlySet<string>;
  readonly ofNumber: ReadonlyMap<string, readonly Consent[]>;
  readonly ofCustomer: ReadonlyMap<number, readonly Consent[]>;
}

/** Says of the rows of a batch, by their places, what bars every number that their customer would have. */
export type RowBars = (place: number, known: Customer | null) => Bar;

export function createRowBars(app: App) {
  const dnc = createDncStore(app);
  const ledger = createConsentStore(app);
  const official = createScrubIndex(app);
  const checks = new WeakMap<CallableRules, ReturnType<typeof createCallableCheck>>();

  /** `candidates`: whom each row may mean. */
  return async function barsOf(
    place: ImportPlace,
    good: readonly GoodRow[],
    candidates: readonly (readonly Customer[])[],
    trx?: Knex.Transaction,
  ): Promise<RowBars> {
    const { rules } = place;
    const check = checks.get(rules) ?? createCallableCheck(rules);
    checks.set(rules, check);
    const ids = [...new Set(candidates.flat().map(({ id }) => id))];
    const firsts = good.map(({ row }) => row.key.phones[0]!.e164);
    const first = await recordsOf(place, firsts, ids, trx);
    const firstBar = (index: number, customerId: number | null) =>
      barOf(first, good[index]!, firsts[index]!, customerId);
    // The dialer takes a customer's next number where one may never be called: so many more are looked up, and no others.
    const others = good.flatMap((row, index) => {
      const whom = candidates[index]!;
      const barred = [null, ...whom.map(({ id }) => id)].some((id) => firstBar(index, id) !== null);
      return barred ? [null, ...whom].flatMap((one) => numbersOf(row, one).slice(1)) : [];
    });
    const more = others.length > 0 ? await recordsOf(place, [...new Set(others)], ids, trx) : null;

    return (index, known) => {
      const row = good[index]!;
      const bar = firstBar(index, known?.id ?? null);
      if (bar === null || more === null) return bar;
      const isFree = (e164: string) => barOf(more, row, e164, known?.id ?? null) === null;
      return numbersOf(row, known).slice(1).some(isFree) ? null : bar;
    };

    function barOf(
      { dnc: barred, listed, ofNumber, ofCustomer }: Records,
      { row, bar }: GoodRow,
      e164: string,
      customerId: number | null,
    ): Bar {
      if (barred.has(e164)) return 'dnc';
      const isFirst = e164 === row.key.phones[0]!.e164;
      const its = customerId === null ? [] : (ofCustomer.get(customerId) ?? []);
      const mine = [...new Set([...(ofNumber.get(e164) ?? []), ...its])];
      if (!listed.has(e164) && mine.length === 0)
        return isFirst ? bar : check(e164, row.fields.addressRegion, row.consents);
      const written = consentFacts(mine, { e164, customerId, at: rules.at });
      const { kinds, transactionAt, inquiryAt, everRevoked, optInWritten } = written;
      const consents = everRevoked ? kinds : [...row.consents, ...kinds];
      const record = { listed: listed.has(e164), transactionAt, inquiryAt, optInWritten };
      return check(e164, row.fields.addressRegion, consents, record);
    }
  };

  async function recordsOf(
    place: ImportPlace,
    numbers: readonly string[],
    ids: readonly number[],
    trx?: Knex.Transaction,
  ): Promise<Records> {
    const found = await official.lookUp(numbers, trx);
    const lines = (await ledger.isEmpty(trx)) ? [] : await ledger.linesOf(ids, numbers, trx);
    return {
      dnc: await onDnc(place, numbers, trx),
      listed: new Set(numbers.filter((_, index) => found[index]!.listed)),
      ofNumber: grouped(lines, ({ e164 }) => e164),
      ofCustomer: grouped(lines, ({ customerId }) => customerId),
    };
  }

  /** Numbers that may not be called by anybody, or by the campaigns in question. */
  async function onDnc(
    { campaignIds, rules }: ImportPlace,
    numbers: readonly string[],
    trx?: Knex.Transaction,
  ): Promise<Set<string>> {
    const entries = (await dnc.isEmpty(trx)) ? new Map<string, never[]>() : await dnc.entriesOf(numbers, trx);
    const callers = campaignIds.length > 0 ? campaignIds : [null];
    return new Set(
      [...entries].flatMap(([e164, mine]) =>
        callers.every((id) => mine.some((entry) => bears(entry, id, rules.at))) ? [e164] : [],
      ),
    );
  }
}

/** The row's own and those that its customer has already. */
function numbersOf({ row }: GoodRow, known: Customer | null): string[] {
  const all = [...row.key.phones, ...(known?.phones ?? [])];
  return [...new Set(all.map(({ e164 }) => e164))];
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K | null): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
