import type { App } from '../../../core/app.ts';
import {
  decideProposal,
  lockSubject,
  proposed,
  type DecisionOutcome,
  type ProposalRow,
  type Proposals,
} from '../../../core/four-eyes/four-eyes.ts';
import { formVersion, type RuleSetForm } from '../rules/rule-set.ts';
import { diffRules, loosens } from './rule-diff.ts';
import { carriedInto, comingAfter } from './rule-reversal.ts';
import type { RuleImpact, RuleVersion, RuleVersionState } from './rule-version.ts';

const noteLength = 255;

interface VersionRow extends ProposalRow {
  name: string;
  form: string;
  version: string;
  loosens: number;
  effective_at: number;
  note: string;
  impact: string | null;
  impact_job: string | null;
}

const proposals: Proposals<VersionRow> = {
  table: 'rule_versions',
  subject: 'name',
  collides: () => true,
  approved: (proposal, at) => ({ effective_at: Math.max(proposal.effective_at, at) }),
  // It would come into force after one that it was to come before, and take that back.
  carryOut: async ({ name, effective_at }, { to, at }, trx) =>
    to === 'refused' ||
    (await trx('rule_versions')
      .where({ name, state: 'approved' })
      .where('effective_at', '>', effective_at)
      .where('effective_at', '<=', at)
      .first('id')) === undefined,
};

export interface NewRuleVersion {
  readonly name: string;
  readonly form: RuleSetForm;
  /** What would hold from its instant on without it; not given for a set that was not there. */
  readonly before?: RuleSetForm;
  readonly loosens: boolean;
  readonly effectiveAt: number;
  readonly note: string;
  readonly by: number | null;
  readonly at: number;
}

export interface AddedRuleVersion {
  readonly id: number;
  readonly state: RuleVersionState;
  /**
   * Versions approved before, in force later, that would have loosened it again: written anew with it in them. Proposed:
   * that may loosen what the approved one holds.
   */
  readonly carriedInto: readonly (Pick<RuleVersion, 'id' | 'note' | 'effectiveAt' | 'state'> & {
    readonly replaces: RuleVersion;
  })[];
}

/** What of a version depends on the approved one that holds at its instant; undefined: it is not written yet. */
export type JudgeAgain = (
  holding: RuleSetForm | undefined,
) => Partial<Pick<NewRuleVersion, 'before' | 'loosens'>>;

type Decided = ReturnType<typeof proposed>;

export type RuleVersionStore = ReturnType<typeof createRuleVersionStore>;

/** All SQL for edited rule sets. Rows are added and decided, never changed or deleted. */
export function createRuleVersionStore({ db, bus }: Pick<App, 'db' | 'bus'>) {
  const table = () => db.knex<VersionRow>('rule_versions');

  /**
   * What tightens is approved as it is written, also in approved versions of later days that would loosen it again; what
   * loosens waits for somebody else, be it one of those. `judge` is asked once nobody else can write the set.
   */
  async function add(asked: NewRuleVersion, judge: JudgeAgain = () => ({})): Promise<AddedRuleVersion> {
    const { name, form, note, effectiveAt } = asked;
    const added = await db.transaction(async (trx): Promise<AddedRuleVersion> => {
      // Of a set that nobody has written yet there is no row to wait for.
      await trx('rule_set_locks').insert({ name }).onConflict('name').merge();
      const others = await lockSubject<VersionRow>(trx, 'rule_versions', { name });
      const approved = others.filter(({ state }) => state === 'approved').map(fromRow);
      const given = { ...asked, ...judge(holdingFrom(approved, effectiveAt)?.form) };
      const { before } = given;
      const decision = proposed(given);
      const insert = (rules: RuleSetForm, why: string, from: number, decision: Decided): Promise<number> => {
        const text = { name, form: JSON.stringify(rules), version: formVersion(rules), note: why };
        return db.insertId('rule_versions', { ...text, effective_at: from, ...decision }, trx);
      };
      const id = await insert(form, note, effectiveAt, decision);
      const carried: AddedRuleVersion['carriedInto'][number][] = [];
      const anew = (before && decision.state === 'approved' ? comingAfter(approved, effectiveAt) : [])
        .map((later) => ({ later, merged: carriedInto({ before: before!, form }, later.form) }))
        .filter((one): one is { later: RuleVersion; merged: RuleSetForm } => one.merged !== null)
        .map((one) => ({ ...one, waits: loosens(diffRules(one.later.form, one.merged)) }));
      // What is approved goes first: a proposal cannot be approved over a version that is newer than it.
      for (const { later, merged, waits } of anew.sort((a, b) => Number(a.waits) - Number(b.waits))) {
        const why = bothNotes(later.note, note);
        const decided = proposed({ ...given, loosens: waits });
        const place = { note: why, effectiveAt: later.effectiveAt, state: decided.state, replaces: later };
        carried.push({ id: await insert(merged, why, later.effectiveAt, decided), ...place });
      }
      return { id, state: decision.state, carriedInto: carried };
    });
    if (added.state === 'approved') bus.publish('rules.changed', { name });
    return added;
  }

  /** Approves or refuses. An approval comes into force no earlier than it is given. */
  async function decide(
    id: number,
    to: 'approved' | 'refused',
    given: { by: number; at: number; note: string },
  ): Promise<DecisionOutcome> {
    const outcome = await decideProposal<VersionRow>(db, proposals, { id, to, ...given });
    const version = outcome === 'done' && to === 'approved' ? await get(id) : null;
    if (version) bus.publish('rules.changed', { name: version.name });
    return outcome;
  }

  async function get(id: number): Promise<RuleVersion | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function ofName(name: string): Promise<RuleVersion[]> {
    return (await table().where({ name }).orderBy('id', 'desc')).map(fromRow);
  }

  async function waiting(): Promise<RuleVersion[]> {
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

  return { add, decide, get, ofName, proposed: waiting, approved, stamp, setImpactJob, setImpact };
}

/** Of those in force at an instant the one that came into force last. */
function holdingFrom(approved: readonly RuleVersion[], instant: number): RuleVersion | undefined {
  return approved
    .filter(({ effectiveAt }) => effectiveAt <= instant)
    .sort((a, b) => a.effectiveAt - b.effectiveAt || a.id - b.id)
    .at(-1);
}

/** As long as the column is. */
function bothNotes(first: string, second: string): string {
  const both = `${first} + ${second}`;
  return both.length <= noteLength ? both : `${both.slice(0, noteLength - 1)}…`;
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
