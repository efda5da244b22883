import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nobody } from '../../campaigns/leads/hopper-row.ts';
import type { House } from './house.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Rows that come and go with what is under way. What the firm keeps of calls for good grows, and is checked by its sums. */
const transient: Readonly<Record<string, (knex: House['product']['app']['db']['knex']) => Counted>> = {
  'live calls': (knex) => knex('calls').whereNot({ state: 'ended' }),
  'leads in a call': (knex) => knex('leads').where({ state: 'dialing' }),
  hopper: (knex) => knex('hopper'),
  'hopper blocks': (knex) => knex('hopper_blocks'),
  'leads held': (knex) =>
    knex('hopper').whereIn('block', knex('hopper_blocks').whereNot({ held_by: nobody }).select('id')),
  'hopper feeds': (knex) => knex('hopper_feeds'),
  'agent sessions': (knex) => knex('agent_sessions'),
  dialers: (knex) => knex('dialers'),
  'jobs to do': (knex) => knex('jobs').whereIn('state', ['waiting', 'running']),
  'given dispositions': (knex) => knex('given_dispositions'),
  'opt-outs': (knex) => knex('opt_outs'),
  'set aside': (knex) => knex('unwritten_transitions'),
  'made customers': (knex) => knex('made_customers'),
  drafts: (knex) => knex('workspace_drafts'),
  'lead changes': (knex) => knex('lead_changes_wanted'),
  'recordings under way': (knex) => knex('recordings').where({ state: 'recording' }),
  'recordings on the switch': (knex) => knex('recordings').where({ on_switch: 1 }),
  'number locks': (knex) => knex('number_locks'),
  'sign-ins': (knex) => knex('sessions'),
  'rate limits': (knex) => knex('rate_limits'),
};
type Counted = import('knex').Knex.QueryBuilder;

/** Kept for a while and then dropped: they grow for that while, and are shown. */
const keptForAWhile = ['line_results', 'pacing_hindsight', 'jobs'];

export interface Measure {
  readonly at: number;
  /** After a collection, without compiled code, which goes on being made for hours. */
  readonly heapMb: number;
  readonly rssMb: number;
  /** Timers of the app's clock. */
  readonly timers: number;
  readonly handles: number;
  readonly calls: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly kept: Readonly<Record<string, number>>;
}

export async function measure({ product, clock, simulator }: House): Promise<Measure> {
  const { knex } = product.app.db;
  const count = async (query: Counted) => Number((await query.count({ n: '*' }).first()).n);
  const rows: Record<string, number> = {};
  for (const [name, query] of Object.entries(transient)) rows[name] = await count(query(knex));
  const { channelsNow, bridgesNow, recordingsNow } = simulator.stats();
  Object.assign(rows, {
    'channels of the switch': channelsNow,
    'bridges of the switch': bridgesNow,
    'recordings by the switch': recordingsNow,
  });
  const kept: Record<string, number> = {};
  for (const table of keptForAWhile) kept[table] = await count(knex(table));
  const calls = await count(knex('calls'));
  collect();
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const code = getHeapCodeStatistics();
  const heap = heapUsed - code.code_and_metadata_size - code.bytecode_and_metadata_size;
  return {
    ...{ at: clock.now(), heapMb: heap / 1e6, rssMb: rss / 1e6, timers: clock.timers },
    ...{ handles: process.getActiveResourcesInfo().length, calls, rows, kept },
  };
}
