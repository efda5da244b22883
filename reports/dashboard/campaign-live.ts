import type { OffsetsAhead } from '../../core/time/local-time.ts';
import { abandonCapExceeded, type Abandonment, type HungUpOn } from '../../campaigns/compliance/index.ts';
import type { AgentState } from '../../dialer/agents/agent.ts';
import type { CallOutcome, CallState } from '../../dialer/calls/call.ts';
import type { PacingView } from '../../dialer/protocol.ts';
import type { Figures } from '../metrics/figures.ts';

/** Everything the dashboard of one campaign shows, as of `at`. Times are epoch ms, rates are fractions or null. */
export interface CampaignLive {
  at: number;
  campaign: {
    id: number;
    name: string;
    state: string;
    mode: string;
    zone: string;
    /** Of that zone's clock, for the times that the page shows. */
    offsets: OffsetsAhead;
    abandonCap: number;
    abandonWindowMs: number;
  };
  agents: AgentRow[];
  /** Calls in flight by state. */
  lines: Record<Exclude<CallState, 'ended'>, number>;
  /** Since midnight in the campaign's zone. */
  today: Figures;
  todayFrom: number;
  /** Over the campaign's rolling abandonment window. */
  window: {
    connected: number;
    abandoned: number;
    /** Where the campaign's law counts people hung up on as machines: part of what follows. Null: it does not. */
    hungUpOn: HungUpOn | null;
    rate: number | null;
    budgetLeft: number;
    owed: number;
  };
  leads: { loaded: number; attempted: number; byState: Record<string, number> };
  series: SeriesPoint[];
  /** The window's account at the end of each five-minute span of today. */
  budget: BudgetPoint[];
  /** Means by five minutes: what the dialer expected, and what came true. */
  hindsight: HindsightPoint[];
  lastCalls: LastCall[];
  /** What happened up to here is in `today`, `window`, `series` and `budget`: `at`, unless the rollups are behind. */
  countedTo: number;
  /** Null when the dialer does not answer. */
  pacing: PacingView | null;
}

export interface AgentRow {
  userId: number;
  name: string;
  state: AgentState;
  since: number;
  callId: string | null;
}

export interface SeriesPoint {
  /** Start of a five-minute span. */
  at: number;
  attempts: number;
  connected: number;
  abandoned: number;
}

export interface BudgetPoint {
  at: number;
  abandoned: number;
  /** Calls that may be abandoned by the cap: a part of the live answers. */
  allowed: number;
}

export interface HindsightPoint {
  at: number;
  answersForecast: number;
  answersActual: number;
  freeForecast: number;
  freeActual: number;
}

export interface LastCall {
  id: string;
  at: number;
  customerId: number | null;
  customer: string | null;
  e164: string | null;
  state: CallState;
  outcome: CallOutcome | null;
  agent: string | null;
  talkMs: number | null;
  disposition: Record<string, string> | null;
}

/** How many calls in a row must be connected before the rate is at or under `cap` again. */
export function connectionsOwed({ connected, abandoned }: Abandonment, cap: number): number {
  if (!abandonCapExceeded({ connected, abandoned }, cap)) return 0;
  return Math.ceil(abandoned / cap - connected - abandoned - 1e-9);
}
