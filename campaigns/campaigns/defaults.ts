import { defaultAmdSettings } from './amd-settings.ts';
import { defaultRetryRules } from '../leads/outcome.ts';
import type { CampaignSettings } from './campaign.ts';
import { defaultHours } from './hours.ts';

const dayMs = 24 * 3_600_000;

/** What a new campaign starts with: lawful nearly everywhere, and working without a change. */
export const defaultCampaign: CampaignSettings = {
  name: '',
  mode: 'predictive',
  defaultCountry: 'US',
  zone: 'UTC',
  callerId: null,
  sharedTrunkIds: [],
  numberPoolId: null,
  abandonCap: 0.03,
  abandonWindowMs: 30 * dayMs,
  answerGraceMs: 2_000,
  ringTimeoutMs: 25_000,
  powerRatio: 1.5,
  maxLinesPerAgent: 5,
  wrapupLimitMs: 60_000,
  previewLimitMs: 60_000,
  amd: false,
  amdSettings: defaultAmdSettings,
  machineMessage: { words: {} },
  recording: true,
  priority: 5,
  weight: 1,
  maxAttempts: 5,
  attemptsPerNumber: null,
  dayParts: [],
  callbackHandoverMs: 30 * 60_000,
  hours: defaultHours,
  leadFilter: null,
  retryRules: defaultRetryRules,
  scriptId: null,
  script: {},
  identification: { words: {}, optOutDigit: '9' },
  ruleSet: null,
};
