import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { countUpTo, cursorAfter, partOf, type Order, type Part, type Slice } from '../../core/http/index.ts';
import type { GatePath, GateRequest, GateStage, Verdict } from './gate.ts';
import type { ReasonCode } from './reason.ts';

/** An answer of the gate as it is kept for evidence. Rows are only ever added. */
export interface StoredVerdict {
  readonly id: number;
  readonly at: number;
  readonly campaignId: number | null;
  readonly leadId: number | null;
  readonly customerId: number | null;
  readonly e164: string;
  readonly callId: string | null;
  readonly stage: GateStage;
  readonly path: GatePath;
  readonly decision: 'allow' | 'block';
  readonly reasonCode: ReasonCode;
  readonly ruleVersion: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly nextAllowedAt: number | null;
}

export interface VerdictFilter {
  readonly e164?: string;
  readonly numbers?: readonly string[];
  readonly leadId?: number;
  readonly campaignId?: number;
  readonly callId?: string;
  readonly decision?: 'allow' | 'block';
  readonly reasonCode?: string;
  readonly from?: number;
  readonly until?: number;
}

interface VerdictRow {
  id: number;
  at: number;
  campaign_id: number | null;
  lead_id: number | null;
  customer_id: number | null;
  e164: string;
  call_id: string | null;
  stage: string;
  path: string;
  decision: string;
  reason_code: string;
  rule_version: string;
  facts: string;
  next_allowed_at: number | null;
}

const newestFirst: readonly Order[] = [
  { column: 'at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
];

export type VerdictStore = ReturnType<typeof createVerdictStore>;

/** All SQL for stored verdicts. */
export function createVerdictStore({ db }: Pick<App, 'db'>) {
  const table = () => db.knex<VerdictRow>('gate_verdicts');

  async function save(answers: readonly { request: GateRequest; verdict: Verdict }[]): Promise<void> {
    await db.insertMany(
      'gate_verdicts',
      answers.map(({ request, verdict }) => toRow(request, verdict)),
    );
  }

  /** Newest first. The filter has to name numbers, a lead, a campaign or a call: each has its index. */
  async function list(filter: VerdictFilter, page: Part): Promise<Slice<StoredVerdict>> {
    const query = table().modify((q) => narrow(q, filter));
    const rows: VerdictRow[] = await partOf(query.clone(), newestFirst, page);
    return {
      rows: rows.map(fromRow),
      total: await countUpTo(db, query),
      next: cursorAfter(rows, page, ({ at, id }) => [at, id]),
    };
  }

  async function get(id: number): Promise<StoredVerdict | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** How often each reason was given by a campaign's gate since `from`: each lead's last answer counts once. */
  async function reasonsOf(campaignId: number, from: number): Promise<Map<ReasonCode, number>> {
    const last = db
      .knex('gate_verdicts')
      .where({ campaign_id: campaignId })
      .where('at', '>=', from)
      .whereNotNull('lead_id')
      .groupBy('lead_id')
      .max('id as id')
      .as('last');
    const rows: { reason_code: string; n: number | string }[] = await db
      .knex('gate_verdicts as v')
      .join(last, 'last.id', 'v.id')
      .groupBy('v.reason_code')
      .select('v.reason_code')
      .count('* as n');
    return new Map(rows.map((row) => [row.reason_code as ReasonCode, Number(row.n)]));
  }

  return { save, list, get, reasonsOf };
}

function narrow(query: Knex.QueryBuilder, filter: VerdictFilter): void {
  if (filter.e164 !== undefined) query.where({ e164: filter.e164 });
  if (filter.numbers) query.whereIn('e164', [...filter.numbers]);
  if (filter.leadId !== undefined) query.where({ lead_id: filter.leadId });
  if (filter.campaignId !== undefined) query.where({ campaign_id: filter.campaignId });
  if (filter.callId !== undefined) query.where({ call_id: filter.callId });
  if (filter.decision) query.where({ decision: filter.decision });
  if (filter.reasonCode) query.where({ reason_code: filter.reasonCode });
  if (filter.from !== undefined) query.where('at', '>=', filter.from);
  if (filter.until !== undefined) query.where('at', '<', filter.until);
}

function toRow(request: GateRequest, verdict: Verdict): Omit<VerdictRow, 'id'> {
  return {
    at: verdict.at,
    campaign_id: request.campaignId,
    lead_id: request.leadId ?? null,
    customer_id: request.customerId ?? null,
    e164: request.e164.slice(0, 20),
    call_id: request.callId ?? null,
    stage: request.stage,
    path: request.path,
    decision: verdict.decision,
    reason_code: verdict.reasonCode,
    rule_version: verdict.ruleVersion,
    facts: JSON.stringify(verdict.facts),
    next_allowed_at: verdict.nextAllowedAt,
  };
}

function fromRow(row: VerdictRow): StoredVerdict {
  return {
    id: row.id,
    at: row.at,
    campaignId: row.campaign_id,
    leadId: row.lead_id,
    customerId: row.customer_id,
    e164: row.e164,
    callId: row.call_id,
    stage: row.stage as GateStage,
    path: row.path as GatePath,
    decision: row.decision as StoredVerdict['decision'],
    reasonCode: row.reason_code as ReasonCode,
    ruleVersion: row.rule_version,
    facts: JSON.parse(row.facts) as Record<string, unknown>,
    nextAllowedAt: row.next_allowed_at,
  };
}
