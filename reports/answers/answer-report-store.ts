import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { countUpTo, cursorAfter, partOf, type Cursor, type Total } from '../../core/http/index.ts';
import {
  answerFromRow,
  createScriptStore,
  type Answer,
  type ScriptStep,
  type ScriptVersion,
} from '../../crm/index.ts';

export interface AnswerFilter {
  readonly campaignId: number;
  /** Epoch ms, the first inclusive and the second not. */
  readonly from?: number;
  readonly until?: number;
  readonly stepId?: string;
}

/** One question as it was answered over all its versions. */
export interface CountedQuestion {
  readonly scriptId: number;
  readonly scriptName: string;
  readonly stepId: string;
  /** As it is written in the newest version that asks it. */
  readonly step: ScriptStep;
  /** Calls in which it was answered. */
  readonly calls: number;
  /** Calls that gave each value, most first; what was written freely has none. */
  readonly values: readonly { readonly value: string; readonly calls: number }[];
  /** Of numbers. */
  readonly numbers: { readonly least: number; readonly most: number; readonly mean: number } | null;
}

export interface ReportedAnswer extends Answer {
  readonly id: number;
  readonly at: number;
  readonly callId: string;
  readonly customerId: number | null;
  readonly customer: string | null;
  readonly agent: string | null;
  readonly versionId: number;
}

interface CountRow {
  script_id: number;
  step_id: string;
  value: string | null;
  calls: number | string;
}

interface SumRow {
  script_id: number;
  step_id: string;
  calls: number | string;
  least: number | null;
  most: number | null;
  mean: number | null;
}

type AnswerRow = Parameters<typeof answerFromRow>[0] & {
  id: number;
  at: number;
  call_id: string;
  customer_id: number | null;
  customer: string | null;
  agent: string | null;
};

/** A read model: what customers of a campaign have answered. */
export function createAnswerReport(app: Pick<App, 'db' | 'audit'>) {
  const { db } = app;
  const scripts = createScriptStore(app);

  const chosen = ({ campaignId, from, until, stepId }: AnswerFilter): Knex.QueryBuilder =>
    db
      .knex('script_answers as a')
      .where('a.campaign_id', campaignId)
      .modify((query) => {
        if (from !== undefined) void query.where('a.at', '>=', from);
        if (until !== undefined) void query.where('a.at', '<', until);
        if (stepId !== undefined) void query.where('a.step_id', stepId);
      });

  /** In the order of the scripts and of their steps. */
  async function counted(filter: AnswerFilter): Promise<CountedQuestion[]> {
    const counts = (await chosen(filter)
      .groupBy('a.script_id', 'a.step_id', 'a.value')
      .select('a.script_id', 'a.step_id', 'a.value')
      .count({ calls: '*' })) as CountRow[];
    if (counts.length === 0) return [];
    const sums = (await chosen(filter)
      .groupBy('a.script_id', 'a.step_id')
      .select('a.script_id', 'a.step_id')
      .countDistinct({ calls: 'a.call_id' })
      .min({ least: 'a.number' })
      .max({ most: 'a.number' })
      .avg({ mean: 'a.number' })) as SumRow[];
    const questions = await Promise.all(
      [...new Set(sums.map(({ script_id }) => script_id))].map((id) => asked(id)),
    );
    return questions.flat().flatMap(({ version, step }) => {
      const own = (row: { script_id: number; step_id: string }) => row.script_id === version.scriptId && row.step_id === step.id; // prettier-ignore
      const sum = sums.find(own);
      if (!sum) return [];
      const { least, most, mean } = sum;
      return [
        {
          ...{ scriptId: version.scriptId, scriptName: version.name, stepId: step.id, step },
          calls: Number(sum.calls),
          values: counts
            .filter((row) => own(row) && row.value !== null)
            .map(({ value, calls }) => ({ value: value!, calls: Number(calls) }))
            .sort((a, b) => b.calls - a.calls || (a.value < b.value ? -1 : 1)),
          numbers: least === null ? null : { least, most: Number(most), mean: Number(mean) },
        },
      ];
    });
  }

  /** Every question that a script has asked: first those of the newest version, in its order. */
  async function asked(scriptId: number): Promise<{ version: ScriptVersion; step: ScriptStep }[]> {
    const found = new Map<string, { version: ScriptVersion; step: ScriptStep }>();
    for (const version of await scripts.versionsOf(scriptId))
      for (const step of version.content.steps)
        if (step.question && !found.has(step.id)) found.set(step.id, { version, step });
    return [...found.values()];
  }

  /** Newest first. */
  async function page(
    filter: AnswerFilter,
    part: { limit: number; offset: number; after: Cursor | null },
  ): Promise<{ rows: ReportedAnswer[]; total: Total; next: Cursor | null }> {
    const order = (['a.at', 'a.id'] as const).map((column) => ({ column, direction: 'desc' as const }));
    const rows = (await partOf(
      chosen(filter)
        .leftJoin('customers as c', 'c.id', 'a.customer_id')
        .leftJoin('users as u', 'u.id', 'a.user_id')
        .select('a.*', 'c.name as customer', 'u.name as agent'),
      order,
      part,
    )) as AnswerRow[];
    return {
      rows: rows.map(({ id, at, call_id, customer_id, customer, agent, ...row }) => ({
        ...answerFromRow(row),
        ...{ id, at, callId: call_id, customerId: customer_id, customer, agent },
      })),
      total: await countUpTo(db, chosen(filter)),
      next: cursorAfter(rows, part, ({ at, id }) => [at, id]),
    };
  }

  return { counted, page, versions: scripts.versionsById };
}
