import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import {
  decideProposal,
  lockSubject,
  type Decision,
  type DecisionOutcome,
  type ProposalRow,
} from '../../core/four-eyes/four-eyes.ts';

interface Row extends ProposalRow {
  campaign_id: number;
  before_set: string;
  rule_set: string;
  reason: string;
}

/** Rules that weaken what a campaign had, which somebody has chosen for it and somebody else has to agree to. */
export interface RuleProposal {
  readonly id: number;
  readonly campaignId: number;
  readonly before: string | null;
  readonly ruleSet: string;
  readonly reason: string;
  readonly proposedBy: number | null;
  readonly proposedAt: number;
}

const name = 'campaign_rule_proposals';

/** All SQL for proposals of rules; one of a campaign waits at a time. */
export function createRuleProposals({ db, bus }: Pick<App, 'db' | 'bus'>) {
  const table = () => db.knex<Row>(name);

  /** Takes the place of an earlier one that waits. */
  async function propose(
    given: Pick<RuleProposal, 'campaignId' | 'before' | 'ruleSet' | 'reason'>,
    { by, at }: { by: number; at: number },
  ): Promise<number> {
    const campaign = { campaign_id: given.campaignId };
    return db.transaction(async (trx) => {
      await lockSubject(trx, name, campaign, 'campaigns');
      await trx(name).where({ ...campaign, state: 'proposed' }).update({ state: 'replaced', decided_by: by, decided_at: at }); // prettier-ignore
      const rules = { before_set: given.before ?? '', rule_set: given.ruleSet, reason: given.reason };
      return db.insertId(name, { ...campaign, ...rules, state: 'proposed', proposed_by: by, proposed_at: at }, trx); // prettier-ignore
    });
  }

  async function decide(decision: Decision): Promise<DecisionOutcome> {
    const proposals = {
      ...{ table: name, subject: 'campaign_id' as const, parent: 'campaigns' },
      ...{ collides: () => false, carryOut },
    };
    const outcome = await decideProposal<Row>(db, proposals, decision);
    const decided = outcome === 'done' ? await table().where({ id: decision.id }).first('campaign_id') : null;
    if (decided) bus.publish('campaign.changed', { campaignId: decided.campaign_id });
    return outcome;
  }

  /** The rules take effect where the campaign still has those that it had. */
  async function carryOut(row: Row, { to, at }: Decision, trx: Knex.Transaction): Promise<boolean> {
    if (to === 'refused') return true;
    const rows = await trx('campaigns')
      .where({ id: row.campaign_id })
      .whereRaw("coalesce(rule_set, '') = ?", [row.before_set])
      .update({ rule_set: row.rule_set, revision: trx.raw('revision + 1'), updated_at: at });
    return rows === 1;
  }

  async function waiting(campaignId?: number): Promise<RuleProposal[]> {
    const rows = await table()
      .where({ state: 'proposed', ...(campaignId !== undefined && { campaign_id: campaignId }) })
      .orderBy('id');
    return rows.map((row) => ({
      ...{ id: row.id, campaignId: row.campaign_id, before: row.before_set || null, ruleSet: row.rule_set },
      ...{ reason: row.reason, proposedBy: row.proposed_by, proposedAt: row.proposed_at },
    }));
  }

  return { propose, decide, waiting };
}
