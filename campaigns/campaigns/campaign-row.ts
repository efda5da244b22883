import { defaultAmdSettings, type AmdSettings } from './amd-settings.ts';
import type { LeadFilter } from '../leads/lead-filter.ts';
import { withDefaults, type RetryRules } from '../leads/outcome.ts';
import type {
  Campaign,
  CampaignMode,
  CampaignSettings,
  CampaignState,
  Identification,
  MachineMessage,
} from './campaign.ts';
import { defaultHours, type CallingHours, type HoursWindow } from './hours.ts';

/** A campaign as the table holds it. */
export interface CampaignRow {
  id: number;
  name: string;
  state: string;
  mode: string;
  default_country: string;
  zone: string;
  caller_id: string | null;
  shared_trunks: string | null;
  number_pool_id: number | null;
  abandon_cap: number;
  abandon_window_ms: number;
  answer_grace_ms: number;
  ring_timeout_ms: number;
  power_ratio: number;
  max_lines_per_agent: number;
  wrapup_limit_ms: number;
  preview_limit_ms: number;
  amd: number;
  amd_settings: string | null;
  amd_since: number | null;
  amd_off_at: number | null;
  machine_message: string | null;
  recording: number;
  priority: number;
  weight: number;
  max_attempts: number;
  attempts_per_number: number | null;
  day_parts: string;
  callback_handover_ms: number | null;
  hours: string;
  lead_filter: string | null;
  quotas_met: string | null;
  retry_rules: string;
  script_id: number | null;
  script: string;
  identification: string;
  rule_set: string | null;
  revision: number;
  created_by: number | null;
  created_at: number;
  updated_at: number;
  started_at: number | null;
  archived_at: number | null;
}

export function campaignFromRow(row: CampaignRow): Campaign {
  return {
    id: row.id,
    name: row.name,
    state: row.state as CampaignState,
    mode: row.mode as CampaignMode,
    defaultCountry: row.default_country,
    zone: row.zone,
    callerId: row.caller_id,
    sharedTrunkIds: row.shared_trunks ? (JSON.parse(row.shared_trunks) as number[]) : [],
    numberPoolId: row.number_pool_id,
    abandonCap: row.abandon_cap / 10_000,
    abandonWindowMs: row.abandon_window_ms,
    answerGraceMs: row.answer_grace_ms,
    ringTimeoutMs: row.ring_timeout_ms,
    powerRatio: row.power_ratio / 100,
    maxLinesPerAgent: row.max_lines_per_agent,
    wrapupLimitMs: row.wrapup_limit_ms,
    previewLimitMs: row.preview_limit_ms,
    amd: row.amd === 1,
    amdSettings: amdSettingsOf(row),
    amdSince: row.amd_since === null ? null : Number(row.amd_since),
    amdOffAt: row.amd_off_at === null ? null : Number(row.amd_off_at),
    machineMessage: row.machine_message ? (JSON.parse(row.machine_message) as MachineMessage) : { words: {} },
    recording: row.recording === 1,
    priority: row.priority,
    weight: row.weight,
    maxAttempts: row.max_attempts,
    attemptsPerNumber: row.attempts_per_number,
    dayParts: JSON.parse(row.day_parts) as readonly HoursWindow[],
    callbackHandoverMs: row.callback_handover_ms,
    hours: { ...defaultHours, ...(JSON.parse(row.hours) as Partial<CallingHours>) },
    leadFilter: row.lead_filter ? (JSON.parse(row.lead_filter) as LeadFilter) : null,
    quotasMet: row.quotas_met ? (JSON.parse(row.quotas_met) as LeadFilter[]) : [],
    retryRules: withDefaults(JSON.parse(row.retry_rules) as Partial<RetryRules>),
    scriptId: row.script_id,
    script: JSON.parse(row.script) as Record<string, string>,
    identification: JSON.parse(row.identification) as Identification,
    ruleSet: row.rule_set || null,
    revision: row.revision,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    archivedAt: row.archived_at,
  };
}

export function amdSettingsOf({ amd_settings }: Pick<CampaignRow, 'amd_settings'>): AmdSettings {
  return { ...defaultAmdSettings, ...(JSON.parse(amd_settings ?? '{}') as Partial<AmdSettings>) };
}

/** The columns that settings fill. */
export function settingsToRow(settings: CampaignSettings): Partial<CampaignRow> {
  return {
    name: settings.name,
    mode: settings.mode,
    default_country: settings.defaultCountry,
    zone: settings.zone,
    caller_id: settings.callerId,
    shared_trunks: settings.sharedTrunkIds.length > 0 ? JSON.stringify(settings.sharedTrunkIds) : null,
    number_pool_id: settings.numberPoolId,
    abandon_cap: Math.round(settings.abandonCap * 10_000),
    abandon_window_ms: settings.abandonWindowMs,
    answer_grace_ms: settings.answerGraceMs,
    ring_timeout_ms: settings.ringTimeoutMs,
    power_ratio: Math.round(settings.powerRatio * 100),
    max_lines_per_agent: settings.maxLinesPerAgent,
    wrapup_limit_ms: settings.wrapupLimitMs,
    preview_limit_ms: settings.previewLimitMs,
    amd: settings.amd ? 1 : 0,
    amd_settings: JSON.stringify(settings.amdSettings),
    machine_message: JSON.stringify(settings.machineMessage),
    recording: settings.recording ? 1 : 0,
    priority: settings.priority,
    weight: settings.weight,
    max_attempts: settings.maxAttempts,
    attempts_per_number: settings.attemptsPerNumber,
    day_parts: JSON.stringify(settings.dayParts),
    callback_handover_ms: settings.callbackHandoverMs,
    hours: JSON.stringify(settings.hours),
    lead_filter: settings.leadFilter && JSON.stringify(settings.leadFilter),
    retry_rules: JSON.stringify(settings.retryRules),
    script_id: settings.scriptId,
    script: JSON.stringify(settings.script),
    identification: JSON.stringify(settings.identification),
    rule_set: settings.ruleSet,
  };
}
