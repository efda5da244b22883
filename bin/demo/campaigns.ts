import {
  defaultCampaign,
  defaultRetryRules,
  type CampaignDraft,
  type RetryRules,
} from '../../campaigns/index.ts';
import { demoScripts, demoWords } from './words.ts';

/** Who looks at a demo looks for minutes: whoever did not answer is tried again within the hour. */
const demoRetryRules: RetryRules = {
  ...defaultRetryRules,
  machine: { ...defaultRetryRules.machine, attempts: 6, delayMinutes: 40 },
  'no-answer': { ...defaultRetryRules['no-answer'], attempts: 6, delayMinutes: 20 },
  busy: { ...defaultRetryRules.busy, attempts: 6, delayMinutes: 5 },
  'hung-up': { ...defaultRetryRules['hung-up'], attempts: 3, delayMinutes: 60 },
};

/** What runs in the demo. */
export function demoCampaigns(parts: {
  trunkId: number;
  dispositionIds: readonly number[];
  robotIds: readonly number[];
  agentId: number;
  scriptId: number;
}): { list: 'latin' | 'chinese'; draft: CampaignDraft }[] {
  const common = {
    ...defaultCampaign,
    callerId: '+12125550142',
    // From eight to nine in the evening, every day, is lawful under the federal rules that most of the demo is under;
    // the gate closes earlier where a state or country does. As the customers live around the globe, some of them may
    // be called at any hour of the week.
    hours: demoWords.hours,
    retryRules: demoRetryRules,
    maxAttempts: 8,
    trunkIds: [parts.trunkId],
    dispositionIds: parts.dispositionIds,
  };
  return [
    {
      list: 'latin',
      draft: {
        ...common,
        name: 'Fibre upgrade',
        mode: 'predictive',
        zone: 'America/New_York',
        scriptId: parts.scriptId,
        amd: true,
        // More than a firm would: who looks at a demo looks for minutes.
        machineMessage: { words: demoWords.machineMessage },
        amdSettings: { ...defaultCampaign.amdSettings, checkShare: 0.3 },
        identification: { words: demoWords.identification, optOutDigit: '9' },
        agentIds: [...parts.robotIds.slice(0, 8), parts.agentId],
      },
    },
    {
      list: 'chinese',
      draft: {
        ...common,
        name: '秋茶会员回访',
        mode: 'progressive',
        zone: 'America/Los_Angeles',
        script: demoScripts.tea,
        identification: { words: demoWords.identification, optOutDigit: '9' },
        agentIds: [...parts.robotIds.slice(8), parts.agentId],
      },
    },
  ];
}
