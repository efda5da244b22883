/** A call is one attempt at one number, from the decision to dial until both legs are gone. */
export type CallState =
  /** Registered, passed the gate, not yet given to the switch. */
  | 'created'
  | 'dialing'
  | 'ringing'
  /** Answered; answering-machine detection is listening. */
  | 'detecting'
  /** A live person hears silence until an agent is there. */
  | 'waiting'
  /** Customer and agent share a bridge. */
  | 'connected'
  | 'held'
  /** No agent within the grace: the identification message plays. */
  | 'announcing'
  | 'ended';

/** What the network or the end of the call says; every ended call has exactly one. */
export type CallOutcome =
  | 'answered'
  | 'abandoned'
  | 'machine'
  | 'busy'
  | 'no-answer'
  | 'congestion'
  | 'unallocated'
  | 'rejected'
  | 'failed'
  | 'cancelled';
