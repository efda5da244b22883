import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import {
  decideProposal,
  type Decision,
  type DecisionOutcome,
  type ProposalRow,
} from '../../../core/four-eyes/four-eyes.ts';
import type { ScrubDoubt } from './scrub-doubts.ts';
import { createScrubStore, type ScrubCounts } from './scrub-store.ts';

interface Row extends ProposalRow {
  list_id: number;
  replaces: number | null;
  doubts: string;
}

export interface ScrubProposal {
  readonly id: number;
  readonly listId: number;
  readonly doubts: readonly ScrubDoubt[];
  readonly proposedBy: number | null;
  readonly open: boolean;
  readonly decidedBy: number | null;
  readonly decisionNote: string | null;
}

/** All SQL for lists that wait for somebody else. */
export function createScrubProposals(app: Pick<App, 'db' | 'bus'>) {
  const { db, bus } = app;
  const store = createScrubStore(app);
  const table = (at: Knex | Knex.Transaction = db.knex) => at<Row>('scrub_proposals');

  /** A list that is all there waits. `gone` when it was stopped. */
  async function propose(
    listId: number,
    given: {
      readonly replaces: number | null;
      readonly counts: ScrubCounts;
      readonly doubts: readonly ScrubDoubt[];
      readonly by: number | null;
      readonly now: number;
    },
  ): Promise<'done' | 'gone'> {
    return db.transaction(async (trx) => {
      if (!(await store.move(listId, 'loading', 'proposed', given.counts, trx))) return 'gone';
      const row = {
        ...{
          list_id: listId,
          replaces: given.replaces,
          doubts: JSON.stringify(given.doubts),
          state: 'proposed',
        },
        ...{ proposed_by: given.by, proposed_at: given.now },
      };
      await db.insertId('scrub_proposals', row, trx);
      return 'done';
    });
  }

  async function decide(decision: Decision): Promise<DecisionOutcome> {
    const proposals = {
      table: 'scrub_proposals',
      subject: 'list_id' as const,
      collides: () => false,
      carryOut,
    };
    const outcome = await decideProposal<Row>(db, proposals, decision);
    if (outcome === 'done') bus.publish('scrubs.changed', {});
    return outcome;
  }

  async function carryOut(proposal: Row, { to, at }: Decision, trx: Knex.Transaction): Promise<boolean> {
    const { list_id: listId, replaces } = proposal;
    if (to === 'refused') return store.move(listId, 'proposed', 'refused', { retired_at: at }, trx);
    return (await store.activate(listId, { from: 'proposed', replaces, now: at }, trx)) === 'done';
  }

  async function ofLists(listIds: readonly number[]): Promise<Map<number, ScrubProposal>> {
    const rows = await table().whereIn('list_id', [...listIds]);
    return new Map(rows.map((row) => [row.list_id, fromRow(row)]));
  }

  async function countOpen(): Promise<number> {
    const [row] = (await table().where({ state: 'proposed' }).count({ n: '*' })) as { n: number }[];
    return Number(row?.n ?? 0);
  }

  return { propose, decide, ofLists, countOpen };
}

function fromRow(row: Row): ScrubProposal {
  return {
    ...{ id: row.id, listId: row.list_id, doubts: JSON.parse(row.doubts) as ScrubDoubt[] },
    ...{ proposedBy: row.proposed_by, open: row.state === 'proposed' },
    ...{ decidedBy: row.decided_by, decisionNote: row.decision_note },
  };
}
