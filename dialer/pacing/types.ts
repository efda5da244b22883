/** Times are epoch milliseconds, rates are fractions. */
export interface PacingSettings {
  mode: PacingMode;
  /** 0.03: at most 3 % of live-answered calls. */
  abandonCap: number;
  /** The cap holds over this rolling window. */
  abandonWindowMs: number;
  /** A live answer meets an agent within this, or is abandoned. */
  answerGraceMs: number;
  ringTimeoutMs: number;
  /** Bound on lines dialling or ringing for each signed-in agent. */
  maxLinesPerAgent: number;
  /** Mode `power`: lines for each free agent. */
  powerRatio?: number;
}

export type PacingMode = 'progressive' | 'power' | 'predictive';

export type AgentPacingState = 'idle' | 'talking' | 'wrapup' | 'away';

export type PacingEvent =
  | { type: 'dialed'; at: number; callId: string; answerProbability?: number }
  /** A live person. */
  | { type: 'answered'; at: number; callId: string }
  | { type: 'machine'; at: number; callId: string }
  /** Busy, no answer, congestion, cancelled … */
  | { type: 'failed'; at: number; callId: string; cause: string }
  | { type: 'connected'; at: number; callId: string; agentId: string }
  | { type: 'abandoned'; at: number; callId: string }
  /** It counted as connected, and its agent was not there: it was abandoned. Also after its end. */
  | { type: 'unmet'; at: number; callId: string }
  /** A connected call's talk ended. */
  | { type: 'ended'; at: number; callId: string }
  | { type: 'agent'; at: number; agentId: string; state: AgentPacingState };

export interface PacingLimits {
  /** Lines free now. */
  lines?: number;
  /** Leads that may be called now. */
  leads?: number;
  /** Leads that are to be called at all, now or later, if they are few: what they cannot earn back is not spent ahead. */
  leadsLeft?: number;
  /** People among those hung up on as machines inside the window, by estimate, where the law counts them as abandoned. */
  hungUpOn?: number;
  /**
   * When dialling ends today, if known: what is left of the budget of a window of a day or less is used up to then. Without it,
   * eight hours after the day's first event, or the window if that is shorter.
   */
  closesAt?: number;
}

/** Stable codes for pages and logs; the human-readable line is `PacingDecision.reason`. */
export type PacingReason =
  /** Launched as many as the forecast and the price of the budget ask for. */
  | 'pacing'
  /** Enough lines ring for the agents who are or will be free. */
  | 'enough-ringing'
  | 'no-agents'
  | 'no-leads'
  | 'no-lines'
  /** `maxLinesPerAgent` binds. */
  | 'lines-per-agent'
  /** The abandonment budget does not cover overdialling: one line for each free agent. */
  | 'budget-spent'
  /** Overdialling cannot pay here (one agent, nearly every call answered …): one line for each free agent. */
  | 'no-gain'
  /** Mode `progressive`: one line for each free agent. */
  | 'progressive'
  /** Mode `power`: a fixed ratio. */
  | 'power';

/** What a decision rests on; pages localise from here. */
export interface PacingFacts {
  agents: number;
  idle: number;
  /** Live answers that wait for an agent now. */
  waiting: number;
  ringing: number;
  /** Agents expected to become free while a call launched now rings. */
  expectedFree: number;
  /** Live answers expected from the lines that ring now. */
  expectedAnswers: number;
  /** Lines that should ring now, before limits. */
  wanted: number;
  answerProbability: number;
  /** Mean seconds from dialling to a live answer. */
  ringSeconds: number;
  /** Mean seconds of talk and wrap-up. */
  handleSeconds: number;
  /** Live answers (connected or abandoned) and abandoned calls inside the window. */
  answers: number;
  abandoned: number;
  /** Calls that may still be abandoned inside the window, calls in flight not yet counted. */
  budgetLeft: number;
  /** Worst case of abandoned calls from what is in flight. */
  budgetAtRisk: number;
  /** The price of an abandoned call, in seconds of agents' talk. */
  price: number;
  /** The limit that bound the decision, if one did. */
  limit: 'lines' | 'leads' | 'lines-per-agent' | 'budget' | null;
}

export interface PacingDecision {
  launch: number;
  /** What was really done: a predictive campaign that falls back says `progressive`. */
  mode: PacingMode;
  /** One line for people. */
  reason: string;
  code: PacingReason;
  facts: PacingFacts;
}

/** Live answers of a time before the events that a pacer is told: they count in its window. */
export interface PastAnswers {
  at: number;
  connected: number;
  abandoned: number;
}

export interface Pacer {
  observe(event: PacingEvent): void;
  decide(now: number, limits?: PacingLimits): PacingDecision;
}
