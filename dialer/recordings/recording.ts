export const recordingStates = ['recording', 'stored', 'failed', 'deleting', 'deleted'] as const;
export type RecordingState = (typeof recordingStates)[number];

export interface Recording {
  readonly id: number;
  readonly callId: string;
  /** On the switch. */
  readonly name: string;
  readonly state: RecordingState;
  /** Below the data folder. */
  readonly path: string | null;
  readonly durationMs: number | null;
  /** Bytes. */
  readonly size: number | null;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** Who talked in it: a call that was given to a second agent has two. */
  readonly userId: number | null;
  readonly campaignId: number | null;
  readonly customerId: number | null;
  readonly pauses: readonly RecordingPause[];
}

/** The customer was on hold, or the agent has paused it: there was something that nobody must hear later. */
export type PauseCause = 'hold' | 'agent';

/** A time in which nothing was recorded: the file goes on without it. Epoch milliseconds; `until` null: it lasts. */
export interface RecordingPause {
  readonly from: number;
  readonly until: number | null;
  readonly cause: PauseCause;
}

export function isPaused(pauses: readonly RecordingPause[]): boolean {
  return pauses.length > 0 && pauses.at(-1)!.until === null;
}

/** A pause that lasts already goes on; it is the agent's as soon as the agent has asked for it as well. */
export function beginPause(
  pauses: readonly RecordingPause[],
  cause: PauseCause,
  at: number,
): readonly RecordingPause[] {
  const last = pauses.at(-1);
  if (!last || last.until !== null) return [...pauses, { from: at, until: null, cause }];
  return cause === 'agent' && last.cause !== cause ? [...pauses.slice(0, -1), { ...last, cause }] : pauses;
}

export function endPause(pauses: readonly RecordingPause[], at: number): readonly RecordingPause[] {
  const last = pauses.at(-1);
  return last?.until === null ? [...pauses.slice(0, -1), { ...last, until: at }] : pauses;
}

/** Where a listener comes upon a pause: `atMs` of the file, and how long nothing was recorded. */
export interface Gap {
  readonly atMs: number;
  readonly ms: number;
  readonly cause: PauseCause;
}

export function gapsOf({ startedAt, pauses }: Pick<Recording, 'startedAt' | 'pauses'>): Gap[] {
  let before = 0;
  return pauses.flatMap(({ from, until, cause }) => {
    if (until === null) return [];
    const atMs = Math.max(0, from - startedAt - before);
    const ms = Math.max(0, until - from);
    before += ms;
    return [{ atMs, ms, cause }];
  });
}
