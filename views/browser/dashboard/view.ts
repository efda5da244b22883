import type { forReader } from '../../../reports/dashboard/dashboard-routes.ts';

/** What the server sends, as JSON. */
export type LiveView = ReturnType<typeof forReader>;

/** `reports:chart` in the reader's language. */
export interface Words {
  live: string;
  reconnecting: string;
  yes: string;
  no: string;
  lines: Record<string, string>;
  linesInFlight: string;
  launches: string;
  againAt: string;
  cap: string;
  budgetLeft: string;
  budgetSpent: string;
  noAnswersYet: string;
  windowDays: string;
  windowHours: string;
  rates: Record<'contact' | 'rightParty' | 'conversion' | 'answerWait' | 'attempts' | 'connected', string>;
  agentState: Record<string, string>;
  agentsSignedIn: string;
  noAgents: string;
  leadState: Record<string, string>;
  loaded: string;
  penetration: string;
  noLeads: string;
  outcome: Record<string, string>;
  callState: Record<string, string>;
  campaignState: Record<string, string>;
  noCalls: string;
  attempts: string;
  connected: string;
  abandoned: string;
  rate: string;
}
