import type { Knex } from 'knex';
import { leadStates, type LeadState } from './lead.ts';

/** Leads of one state and priority lie side by side in the index `leads_due_tried`, by `next_at` and id. */
export interface Bucket {
  readonly campaignId: number;
  readonly state: LeadState;
  readonly priority: number;
}

/** How many leads of a bucket there are, how many of them have been called, and how many are due. */
export interface BucketCount extends Bucket {
  readonly count: number;
  readonly attempted: number;
  readonly due: number;
}

/** Leads that one statement goes through: embedded, nothing else is done meanwhile, and calls wait. */
const usualRange = 10_000;

type Query = Knex.QueryBuilder;

/** Ranges of the index that hold the leads of a bucket, up to `size` in each, in their order. */
export async function* rangesOf(
  knex: Knex,
  { campaignId, state, priority }: Bucket,
  size = usualRange,
): AsyncGenerator<() => Query> {
  const all = (): Query => knex('leads').where({ campaign_id: campaignId, state, priority });
  let last: { next_at: number; id: number } | undefined;
  for (;;) {
    if (last) {
      const { next_at, id } = last;
      const together: Query = all().where({ next_at }).where('id', '>', id);
      const end = (await together.clone().orderBy('id').offset(size - 1).first('id')) as { id: number } | undefined; // prettier-ignore
      if (end) together.where('id', '<=', end.id);
      yield () => together.clone();
      if (end) {
        last = { next_at, id: end.id };
        continue;
      }
    }
    const later: Query = last ? all().where('next_at', '>', last.next_at) : all();
    last = (await later.clone().orderBy(['next_at', 'id']).offset(size - 1).first('next_at', 'id')) as typeof last; // prettier-ignore
    if (last) {
      // Those due at that moment may be many more than fit.
      later.where('next_at', '<', last.next_at);
      last = { next_at: last.next_at, id: 0 };
    }
    yield () => later.clone();
    if (!last) return;
  }
}

/** Buckets that hold leads: one look into the index for each, and for each state. */
export async function bucketsOf(
  knex: Knex,
  campaignId: number,
  states: readonly LeadState[] = leadStates,
): Promise<Bucket[]> {
  const found: Bucket[] = [];
  for (const state of states)
    for (let above = -1; ;) {
      const next = (await knex('leads')
        .where({ campaign_id: campaignId, state })
        .where('priority', '>', above)
        .min({ priority: 'priority' })
        .first()) as { priority: number | null };
      if (next.priority === null) break;
      above = next.priority;
      found.push({ campaignId, state, priority: above });
    }
  return found;
}

/** A short list is counted at one moment; leads of a long one may go on while they are counted. */
export async function countBuckets(
  knex: Knex,
  campaignId: number,
  now: number,
  size = usualRange,
): Promise<BucketCount[]> {
  const first = knex('leads').where({ campaign_id: campaignId }).select('id').limit(size + 1).as('first'); // prettier-ignore
  const [{ n }] = (await knex.from(first).count({ n: '*' })) as [{ n: number | string }];
  if (Number(n) <= size) {
    const rows: (CountRow & { state: LeadState; priority: number })[] = await knex('leads')
      .where({ campaign_id: campaignId })
      .groupBy('state', 'priority')
      .select('state', 'priority')
      .modify(counted, knex, now);
    return rows.map(({ state, priority, ...row }) => ({ campaignId, state, priority, ...added([row]) }));
  }
  const counts: BucketCount[] = [];
  for (const bucket of await bucketsOf(knex, campaignId)) {
    const rows: CountRow[] = [];
    for await (const range of rangesOf(knex, bucket, size))
      rows.push(...((await range().modify(counted, knex, now)) as CountRow[]));
    counts.push({ ...bucket, ...added(rows) });
  }
  return counts;
}

interface CountRow {
  n: number | string;
  attempted: number | string | null;
  due: number | string | null;
}

function counted(query: Query, knex: Knex, now: number): void {
  void query
    .count({ n: '*' })
    .select(
      knex.raw('sum(case when attempts > 0 then 1 else 0 end) as attempted'),
      knex.raw('sum(case when next_at <= ? then 1 else 0 end) as due', [now]),
    );
}

function added(rows: readonly CountRow[]): Pick<BucketCount, 'count' | 'attempted' | 'due'> {
  const sum = (key: keyof CountRow) => rows.reduce((total, row) => total + Number(row[key] ?? 0), 0);
  return { count: sum('n'), attempted: sum('attempted'), due: sum('due') };
}

/** Customers with a lead of the campaign, from one id up to another, `size` of them in each range, in their order. */
export async function* customerRanges(
  knex: Knex,
  campaignId: number,
  size: number,
  chosen: (leads: Knex.QueryBuilder) => void = () => {},
): AsyncGenerator<{ from: number; to: number }> {
  for (let from = 0; ;) {
    const found: { customer_id: number }[] = await knex('leads')
      .where({ campaign_id: campaignId })
      .where('customer_id', '>=', from)
      .modify(chosen)
      .orderBy('customer_id')
      .limit(size)
      .select('customer_id');
    const to = found.at(-1)?.customer_id;
    if (to === undefined) return;
    yield { from, to };
    from = to + 1;
  }
}
