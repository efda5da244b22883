import type { AmdVerdict } from '../amd/index.ts';
import type { AnnounceReason, CallOutcome, EndedBy } from '../calls/call.ts';
import type { GivenDisposition } from '../calls/given-disposition.ts';
import type { AlsoWritten } from './journal.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';

export interface Ending {
  /** When it ended, where that was missed. */
  at?: number;
  also?: AlsoWritten;
}

/** What the parts of the engine ask of each other. Each is safe to ask of a call that has just ended. */
export interface Actions {
  /** The one way in which a call ends: legs dropped, agent told, lead and timeline handed on. */
  end(live: LiveCall, reported: CallOutcome, by: EndedBy, cause?: number | null, given?: Ending): void;
  /** Dials over the next trunk that takes the call; ends it when none does. */
  dial(live: LiveCall): Promise<void>;
  /** A person is on the line and wants an agent. */
  personWaits(live: LiveCall): void;
  /** What detection has made of who picked up. `at`: since when a person waits, where that was missed. */
  detected(live: LiveCall, result: AmdVerdict, cause: string, at?: number): void;
  /** Detection listens to this call, and does not for ever. */
  watchDetection(live: LiveCall): void;
  /** Plays the identification message to a person whom no agent will meet, and hangs up; its agent is free again. */
  announce(live: LiveCall, reason: AnnounceReason): void;
  /** The agent's leg has gone in the middle of something; `soundlessSince`: from then on it had brought no sound. */
  phoneLost(agent: LiveAgent, soundlessSince?: number): void;
  /** The agent's leg is up again. */
  phoneBack(agent: LiveAgent): void;
  /** Hands an ended call's outcome, and what the agent gave it, to lead, customer and reports. */
  settle(live: LiveCall, given: GivenDisposition | null, at?: number): void;
}
