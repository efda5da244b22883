export type AgentState =
  | 'signed-out'
  | 'paused'
  | 'ready'
  /** A preview is on the screen, or a call is being set up for this agent alone. */
  | 'reserved'
  | 'on-call'
  | 'wrapup';

/** The agent's audio leg: none, being set up, up, or lost without being asked for. */
export type PhoneState = 'none' | 'ringing' | 'up' | 'lost';
