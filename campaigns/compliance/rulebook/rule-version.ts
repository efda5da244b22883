import { z } from 'zod';
import type { RuleSetForm } from '../rules/rule-set.ts';

export type RuleVersionState = 'proposed' | 'approved' | 'refused';

/** A rule set as somebody wrote it, from an instant on. The shipped one holds before the first of them. */
export interface RuleVersion {
  readonly id: number;
  readonly name: string;
  readonly form: RuleSetForm;
  /** Same text, same rules. */
  readonly version: string;
  readonly state: RuleVersionState;
  /** Lets a call through that the version before it blocks: somebody else has to approve it. */
  readonly loosens: boolean;
  readonly effectiveAt: number;
  readonly note: string;
  readonly proposedBy: number | null;
  readonly proposedAt: number;
  readonly decidedBy: number | null;
  readonly decidedAt: number | null;
  readonly decisionNote: string | null;
  readonly impact: RuleImpact | null;
  readonly impactJob: string | null;
}

/** What a version would do to the leads of today. */
export interface RuleImpact {
  readonly at: number;
  readonly leads: number;
  /** Leads whose answer differs in at least one of the next 24 hours. */
  readonly changed: number;
  /** Leads that may be called in each of the next 24 hours, before and after. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** From one answer to another at this moment, most frequent first. */
  readonly moves: readonly { readonly from: string; readonly to: string; readonly count: number }[];
  readonly examples: readonly {
    readonly leadId: number;
    readonly campaignId: number;
    readonly customerId: number;
    readonly from: string;
    readonly to: string;
  }[];
}

export const versionNote = z.string().trim().min(3).max(255);
export const ruleSetName = z
  .string()
  .trim()
  .regex(/^[a-z0-9]{2,5}\.[a-z0-9_]{2,40}$/);
