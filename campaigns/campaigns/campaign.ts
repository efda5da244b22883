import type { AmdSettings } from './amd-settings.ts';
import type { LeadFilter } from '../leads/lead-filter.ts';
import type { RetryRules } from '../leads/outcome.ts';
import type { CallingHours, HoursWindow } from './hours.ts';

export const campaignModes = ['preview', 'progressive', 'power', 'predictive'] as const;
export type CampaignMode = (typeof campaignModes)[number];

export const campaignStates = ['draft', 'running', 'paused', 'stopped', 'finished'] as const;
export type CampaignState = (typeof campaignStates)[number];

/** `finish`: the last lead is done. A stopped or finished campaign may run again. */
export type CampaignEvent = 'start' | 'pause' | 'stop' | 'finish';

/** The one table of what may become of a campaign. */
export const campaignTransitions: Readonly<
  Record<CampaignState, Partial<Record<CampaignEvent, CampaignState>>>
> = {
  draft: { start: 'running' },
  running: { pause: 'paused', stop: 'stopped', finish: 'finished' },
  paused: { start: 'running', stop: 'stopped' },
  stopped: { start: 'running' },
  finished: { start: 'running' },
};

/** Languages that scripts and messages can be written in: BCP 47. */
export const contentLanguages = ['en', 'zh-CN', 'zh-TW', 'yue', 'ja', 'ko', 'es', 'fr', 'de'] as const;
export type ContentLanguage = (typeof contentLanguages)[number];

/** What an abandoned customer hears: who called, and how to be called no more. */
export interface Identification {
  /** Words by language, spoken or recorded. */
  readonly words: Readonly<Record<string, string>>;
  /** The key that puts the caller's number on the DNC list; null: none offered. */
  readonly optOutDigit: string | null;
}

/** What answering machines are told after their greeting; no words: nothing, they are hung up on. */
export interface MachineMessage {
  /** By language. */
  readonly words: Readonly<Record<string, string>>;
}

/** Everything of a campaign that its page edits. Rates are fractions, times milliseconds. */
export interface CampaignSettings {
  readonly name: string;
  readonly mode: CampaignMode;
  /** ISO 3166-1 alpha-2. */
  readonly defaultCountry: string;
  /** IANA zone of dashboards and reports; calling hours are in the customer's own. */
  readonly zone: string;
  /** E.164 or a number as the trunk wants it; null: the trunk's own. */
  readonly callerId: string | null;
  /** Trunks of the rank of the one above them in the campaign's order: calls are shared by weight among these. */
  readonly sharedTrunkIds: readonly number[];
  /** Of whose numbers each call shows the one nearest to its customer; null: `callerId`. */
  readonly numberPoolId: number | null;
  readonly abandonCap: number;
  readonly abandonWindowMs: number;
  readonly answerGraceMs: number;
  readonly ringTimeoutMs: number;
  /** Lines an agent in mode `power`. */
  readonly powerRatio: number;
  readonly maxLinesPerAgent: number;
  readonly wrapupLimitMs: number;
  readonly previewLimitMs: number;
  readonly amd: boolean;
  readonly amdSettings: AmdSettings;
  readonly machineMessage: MachineMessage;
  readonly recording: boolean;
  /** 1 is served first, 9 last, when campaigns share agents or lines. */
  readonly priority: number;
  /** Share among campaigns of one priority, 1 to 10. */
  readonly weight: number;
  readonly maxAttempts: number;
  /** How often one number of a customer is dialled at the most; null: no limit of its own. */
  readonly attemptsPerNumber: number | null;
  /** Parts of the customer's day between which attempts change. */
  readonly dayParts: readonly HoursWindow[];
  /** An agent's own callback is anyone's once it has been due for so long and that agent is not at work; null: never. */
  readonly callbackHandoverMs: number | null;
  readonly hours: CallingHours;
  /** Which leads are dialled; null: all. */
  readonly leadFilter: LeadFilter | null;
  readonly retryRules: RetryRules;
  /** A script of its own that is read step by step; null: the text of `script`. */
  readonly scriptId: number | null;
  /** Language → text with merge fields. */
  readonly script: Readonly<Record<string, string>>;
  readonly identification: Identification;
  /** Names of rule sets joined by `+`; null: chosen by the number's country. */
  readonly ruleSet: string | null;
}

export interface Campaign extends CampaignSettings {
  readonly id: number;
  readonly state: CampaignState;
  /** Leads of these kinds are not dialled: there are successes enough among them. */
  readonly quotasMet: readonly LeadFilter[];
  /** Since when detection runs as it does now, and is measured; null: since before that was written down. */
  readonly amdSince: number | null;
  /** When detection has switched itself off; null: it has not, or somebody has decided on it since. */
  readonly amdOffAt: number | null;
  readonly revision: number;
  readonly createdBy: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number | null;
  readonly archivedAt: number | null;
}

export function campaignAfter(state: CampaignState, event: CampaignEvent): CampaignState | null {
  return campaignTransitions[state][event] ?? null;
}
