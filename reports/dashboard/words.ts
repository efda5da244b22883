import type { Translate } from '../../core/i18n/index.ts';
import { leadStates } from '../../campaigns/index.ts';
import { callStates } from '../../dialer/calls/call.ts';
import { agentStates } from '../../dialer/agents/agent.ts';
import { campaignStates } from '../../campaigns/index.ts';
import { outcomes } from '../metrics/figures.ts';

const plain = [
  'yes',
  'no',
  'linesInFlight',
  'cap',
  'budgetLeft',
  'budgetSpent',
  'noAnswersYet',
  'hungUpOn',
  'hungUpOnUnknown',
  'windowDays',
  'windowHours',
  'agentsSignedIn',
  'noAgents',
  'loaded',
  'penetration',
  'noLeads',
  'noCalls',
  'attempts',
  'connected',
  'abandoned',
  'seconds',
  'answersForecast',
  'answersActual',
  'freeForecast',
  'freeActual',
  'spent',
  'allowed',
  'asOf',
  'countedTo',
];
const lines = ['ringing', 'waiting', 'connected', 'announcing'];
const rates = ['contact', 'rightParty', 'conversion', 'answerWait', 'attempts', 'connected'];

const under = (group: string, names: readonly string[]) => names.map((name) => `${group}.${name}`);
const keys: readonly string[] = [
  ...plain,
  ...under('lines', lines),
  ...under('rates', rates),
  ...under('agentState', agentStates),
  ...under('leadState', leadStates),
  ...under('outcome', outcomes),
  ...under('callState', callStates),
  ...under('campaignState', campaignStates),
];

/** What the dashboard's script says, by key. Parameters stay in braces for the script to fill. */
export function dashboardWords(t: Translate): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, t(`reports:chart.${key}`, { skipInterpolation: true })]));
}
