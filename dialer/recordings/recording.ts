export const recordingStates = ['recording', 'stored', 'failed', 'deleted'] as const;
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
}
