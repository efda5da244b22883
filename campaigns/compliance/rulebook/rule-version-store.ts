import type { App } from '../../../core/app.ts';
import { formVersion, type RuleSetForm } from '../rules/rule-set.ts';
import type { RuleImpact, RuleVersion, RuleVersionState } from './rule-version.ts';

interface VersionRow {
  id: number;
  name: string;
  form: string;
  version: string;
  state: string;
  loosens: number;
  effective_at: number;
  note: string;
  proposed_by: number | null;
  proposed_at: number;
  decided_by: number | null;
  decided_at: number | null;
  decision_note: string | null;
  impact: string | null;
  impact_job: string | null;
}

export interface NewRuleVersion {
  readonly name: string;
  readonly form: RuleSetForm;
  readonly loosens: boolean;
  readonly effectiveAt: number;
  readonly note: string;
  readonly by: number | null;
  readonly at: number;
}

export type RuleVersionStore = ReturnType<typeof createRuleVersionStore>;

/** All SQL for edited rule sets. Rows are added and decided, never changed or deleted. */
export function createRuleVersionStore({ db, bus }: Pick<App, 'db' | 'bus'>) {
  const table = () => db.knex<VersionRow>('rule_versions');

  /** What tightens is approved as it is written; what loosens waits for somebody else. */
  async function add(given: NewRuleVersion): Promise<{ id: number; state: RuleVersionState }> {
    const state = given.loosens ? 'proposed' : 'approved';
    const id = await db.insertId('rule_versions', {
      name: given.name,
      form: JSON.stringify(given.form),
      version: formVersion(given.form),
      state,
      loosens: given.loosens ? 1 : 0,
      effective_at: given.effectiveAt,
      note: given.note,
      proposed_by: given.by,
      proposed_at: given.at,
      decided_by: state === 'approved' ? given.by : null,
      decided_at: state === 'approved' ? given.at : null,
    });
    if (state === 'approved') bus.publish('rules.changed', { name: given.name });
    return { id, state };
  }

  /**
   * Approves or refuses a proposal. An approval comes into force no earlier than it is given. Answers why not when it
   * was decided before, by whoever proposed it, or when the set was changed after the proposal: approving it would
   * silently take that change back.
   */
  async function decide(
    id: number,
    decision: 'approved' | 'refused',
    { by, at, note }: { by: number; at: number; note: string },
  ): Promise<'done' | 'decided-before' | 'own-proposal' | 'changed-since'> {
    const before = await get(id);
    if (before?.state !== 'proposed') return 'decided-before';
    if (decision === 'approved') {
      if (before.proposedBy === by) return 'own-proposal';
      const others = table().where({ name: before.name, state: 'approved' });
      const newer = others.where((either) =>
        either.where('id', '>', id).orWhere('decided_at', '>', before.proposedAt),
      );
      if (await newer.first('id')) return 'changed-since';
    }
    const rows = await table()
      .where({ id, state: 'proposed' })
      .update({
        ...{ state: decision, decided_by: by, decided_at: at, decision_note: note },
        ...(decision === 'approved' ? { effective_at: Math.max(before.effectiveAt, at) } : {}),
      });
    if (rows !== 1) return 'decided-before';
    bus.publish('rules.changed', { name: before.name });
    return 'done';
  }

  async function get(id: number): Promise<RuleVersion | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function ofName(name: string): Promise<RuleVersion[]> {
    return (await table().where({ name }).orderBy('id', 'desc')).map(fromRow);
  }

  async function proposed(): Promise<RuleVersion[]> {
    return (await table().where({ state: 'proposed' }).orderBy('id')).map(fromRow);
  }

  async function approved(): Promise<RuleVersion[]> {
    const rows = await table()
      .where({ state: 'approved' })
      .orderBy([{ column: 'effective_at' }, { column: 'id' }]);
    return rows.map(fromRow);
  }

  /** Differs whenever `approved` would. */
  async function stamp(): Promise<string> {
    const [row] = (await table()
      .where({ state: 'approved' })
      .select(db.knex.raw('count(*) as n, max(id) as last, max(decided_at) as decided'))) as unknown as {
      n: number;
      last: number | null;
      decided: number | null;
    }[];
    return `${row?.n} ${row?.last} ${row?.decided}`;
  }

  async function setImpactJob(id: number, job: string): Promise<void> {
    await table().where({ id }).update({ impact_job: job, impact: null });
  }

  async function setImpact(id: number, impact: RuleImpact): Promise<void> {
    await table()
      .where({ id })
      .update({ impact: JSON.stringify(impact) });
  }

  return { add, decide, get, ofName, proposed, approved, stamp, setImpactJob, setImpact };
}

function fromRow(row: VersionRow): RuleVersion {
  return {
    id: row.id,
    name: row.name,
    form: JSON.parse(row.form) as RuleSetForm,
    version: row.version,
    state: row.state as RuleVersionState,
    loosens: row.loosens === 1,
    effectiveAt: row.effective_at,
    note: row.note,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
    decisionNote: row.decision_note,
    impact: row.impact === null ? null : (JSON.parse(row.impact) as RuleImpact),
    impactJob: row.impact_job,
  };
}
