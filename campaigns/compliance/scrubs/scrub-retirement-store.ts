import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import {
  decideProposal,
  lockSubject,
  type Decision,
  type DecisionOutcome,
  type ProposalRow,
} from '../../../core/four-eyes/four-eyes.ts';
import { createScrubStore } from './scrub-store.ts';

interface Row extends ProposalRow {
  list_id: number;
  reason: string;
}

export interface ScrubRetirement {
  readonly id: number;
  readonly listId: number;
  readonly reason: string;
  readonly proposedBy: number | null;
}

const name = 'scrub_retirements';

/** All SQL for lists that somebody would retire: all that they hold could be called, so two have to say so. */
export function createScrubRetirements(app: Pick<App, 'db' | 'bus'>) {
  const { db, bus } = app;
  const store = createScrubStore(app);

  /** False: the list is not in force, or somebody has proposed it already. */
  async function propose(
    { listId, reason }: Pick<ScrubRetirement, 'listId' | 'reason'>,
    { by, at }: { by: number; at: number },
  ): Promise<boolean> {
    return db.transaction(async (trx) => {
      const rows = await lockSubject<Row>(trx, name, { list_id: listId }, 'scrub_lists');
      const list = await trx('scrub_lists').where({ id: listId, state: 'active' }).first('id');
      if (!list || rows.some(({ state }) => state === 'proposed')) return false;
      const asked = { list_id: listId, reason, state: 'proposed', proposed_by: by, proposed_at: at };
      await db.insertId(name, asked, trx);
      return true;
    });
  }

  async function decide(decision: Decision): Promise<DecisionOutcome> {
    const proposals = {
      ...{ table: name, subject: 'list_id' as const, parent: 'scrub_lists' },
      ...{ collides: () => false, carryOut },
    };
    const outcome = await decideProposal<Row>(db, proposals, decision);
    if (outcome === 'done') bus.publish('scrubs.changed', {});
    return outcome;
  }

  /** False where another list has taken its place meanwhile. */
  async function carryOut({ list_id }: Row, { to, at }: Decision, trx: Knex.Transaction): Promise<boolean> {
    return to === 'refused' || store.retire(list_id, at, trx);
  }

  /** Those that wait, by their lists; what somebody would retire that is not in force any more is settled. */
  async function waiting(): Promise<Map<number, ScrubRetirement>> {
    const rows: Row[] = await db
      .knex(name)
      .join('scrub_lists', 'scrub_lists.id', `${name}.list_id`)
      .where({ [`${name}.state`]: 'proposed', 'scrub_lists.state': 'active' })
      .select(`${name}.*`);
    return new Map(rows.map((row) => [row.list_id, fromRow(row)]));
  }

  return { propose, decide, waiting };
}

function fromRow({ id, list_id, reason, proposed_by }: Row): ScrubRetirement {
  return { id, listId: list_id, reason, proposedBy: proposed_by };
}
