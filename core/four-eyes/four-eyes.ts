import type { Knex } from 'knex';
import type { Database } from '../database/database.ts';

/** Columns of a table whose rows loosen something, and therefore wait until somebody else has approved them. */
export interface ProposalRow {
  id: number;
  state: string;
  proposed_by: number | null;
  proposed_at: number;
  decided_by: number | null;
  decided_at: number | null;
  decision_note: string | null;
}

export interface Decision {
  readonly id: number;
  readonly to: 'approved' | 'refused';
  readonly by: number;
  readonly at: number;
  readonly note: string;
}

export type DecisionOutcome = 'done' | 'decided-before' | 'own-proposal' | 'changed-since';

/** Proposals of one table. */
export interface Proposals<Row extends ProposalRow> {
  readonly table: string;
  /** The column that says what a row changes. */
  readonly subject: keyof Row & string;
  /** The table that `subject` names a row of, locked before the proposals: the first of a subject has no other to wait for. */
  readonly parent?: string;
  /** Whether what came to hold after the proposal concerns the same: approving would silently take it back. */
  collides(proposal: Row, newer: Row): boolean;
  /** Further columns of an approved row. */
  approved?(proposal: Row, at: number): Partial<Row>;
  /**
   * Does what was decided where that is more than a row that holds, in the same transaction. False: something else has
   * come to hold since, and nothing is decided.
   */
  carryOut?(proposal: Row, decision: Decision, trx: Knex.Transaction): Promise<boolean>;
}

/**
 * Approves or refuses, all in one transaction: of two decisions on one subject the second sees the first. Answers why
 * not when it was decided before, by whoever proposed it, or when the same was changed after the proposal.
 */
export async function decideProposal<Row extends ProposalRow>(
  db: Database,
  proposals: Proposals<Row>,
  decision: Decision,
): Promise<DecisionOutcome> {
  const { table, subject, parent, collides, approved, carryOut } = proposals;
  const { id, to, by, at, note } = decision;
  return db.transaction(async (trx) => {
    const asked = (await trx(table).where({ id }).first(subject)) as Row | undefined;
    if (!asked) return 'decided-before';
    const rows = await lockSubject<Row>(trx, table, { [subject]: asked[subject] }, parent);
    const proposal = rows.find((row) => row.id === id);
    if (proposal?.state !== 'proposed') return 'decided-before';
    if (to === 'approved') {
      if (proposal.proposed_by === by) return 'own-proposal';
      const newer = rows.filter(
        (row) => row.state === 'approved' && (row.id > id || (row.decided_at ?? 0) > proposal.proposed_at),
      );
      if (newer.some((row) => collides(proposal, row))) return 'changed-since';
    }
    if (carryOut && !(await carryOut(proposal, decision, trx))) return 'changed-since';
    await trx(table)
      .where({ id })
      .update({
        ...{ state: to, decided_by: by, decided_at: at, decision_note: note },
        ...(to === 'approved' ? approved?.(proposal, at) : {}),
      });
    return 'done';
  });
}

/** All that was proposed of a subject; nobody else decides on it, or adds to it, until the transaction ends. */
export async function lockSubject<Row>(
  trx: Knex.Transaction,
  table: string,
  which: object,
  parent?: string,
): Promise<Row[]> {
  if (parent)
    await trx(parent)
      .where({ id: Object.values(which)[0] as number })
      .forUpdate()
      .first('id');
  return (await trx(table).where(which).orderBy('id').forUpdate()) as Row[];
}

/** Columns of a new row: what loosens waits for somebody else, the rest holds as it is written. */
export function proposed({ loosens, by, at }: { loosens: boolean; by: number | null; at: number }) {
  const state = loosens ? ('proposed' as const) : ('approved' as const);
  const decided = loosens ? { decided_by: null, decided_at: null } : { decided_by: by, decided_at: at };
  return { state, loosens: loosens ? 1 : 0, proposed_by: by, proposed_at: at, ...decided };
}
