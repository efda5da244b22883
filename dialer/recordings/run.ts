import type { LiveCall } from '../engine/live-calls.ts';
import { isPaused, type PauseCause, type RecordingPause } from './recording.ts';

/**
 * `begins`: the switch has not answered the request to record. `unsure`: an earlier run has begun it, or the
 * answer was lost, and whether it goes on the switch was not asked yet. `waits`: it has ended by itself in a pause, and a new part begins when that is
 * over.
 */
type Phase = 'begins' | 'unsure' | 'goes-on' | 'waits';

/** A talk that is recorded: for what that is paused now, and when it was. */
export interface Run {
  readonly live: LiveCall;
  readonly causes: Set<PauseCause>;
  pauses: readonly RecordingPause[];
  phase: Phase;
  /** When it was begun, as far as is known. */
  readonly since: number;
  /** This run of the dialer has said itself whether it is paused; until then what an earlier one has said stands. */
  isOurs: boolean;
  /** What the switch was asked for and has not taken is asked for again. */
  insisting: boolean;
  /** Once it is known to go on, or not to: before that the switch may have nothing to pause, and says so of none. */
  begun: Promise<void>;
  /** Settles when all that the switch was asked for so far is answered. */
  turn: Promise<void>;
}

export function newRun(
  live: LiveCall,
  phase: Phase,
  since: number,
  pauses: readonly RecordingPause[] = [],
): Run {
  const causes = new Set<PauseCause>(isPaused(pauses) && pauses.at(-1)!.cause === 'agent' ? ['agent'] : []);
  return {
    live,
    causes,
    pauses,
    phase,
    since,
    isOurs: phase === 'begins',
    insisting: false,
    begun: Promise.resolve(),
    turn: Promise.resolve(),
  };
}

/** What its agent is told: nothing, while nobody knows. */
export function show({ live, causes, phase }: Run): void {
  live.recording = phase === 'unsure' ? 'off' : causes.size > 0 ? 'paused' : 'on';
  live.recordingPausedByAgent = phase !== 'unsure' && causes.has('agent');
}
