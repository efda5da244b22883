/** How a supervisor is with an agent's call. */
export const monitorModes = ['listen', 'whisper', 'barge', 'take-over'] as const;
/**
 * `listen`: hears both; `whisper`: is heard by the agent as well; `barge`: is in the talk; `take-over`: has the talk in
 * the agent's place, who hears on, as what comes of it is theirs to write down.
 */
export type MonitorMode = (typeof monitorModes)[number];

export const monitorStates = ['calling', 'joining', 'on', 'ended'] as const;
/** `calling`: the supervisor's phone rings; `joining`: the switch is asked for what was chosen. */
export type MonitorState = (typeof monitorStates)[number];

export type MonitorEnd =
  /** The supervisor did. */
  | 'stopped'
  | 'call-over'
  /** The agent's phone is gone, or somebody else has the call. */
  | 'agent-gone'
  /** The supervisor's phone was not picked up, or is gone; or their page is. */
  | 'phone-gone'
  /** The agent began to ask somebody, and the customer is with neither. */
  | 'consulting'
  | 'switch-refused';

export type MonitorEvent =
  | { type: 'phone-up' }
  | { type: 'joined' }
  | { type: 'choose'; mode: MonitorMode }
  | { type: 'end'; why: MonitorEnd };

export interface Monitor {
  readonly id: string;
  /** Raised by each event: of two views of one monitor, which is the later. */
  readonly step: number;
  /** The supervisor; each is with one call at most. */
  readonly by: number;
  readonly userId: number;
  readonly callId: string;
  readonly mode: MonitorMode;
  readonly state: MonitorState;
  readonly since: number;
  readonly ended: MonitorEnd | null;
}

/** Every legal transition. */
export const monitorTransitions: Readonly<
  Record<MonitorState, Partial<Record<MonitorEvent['type'], MonitorState>>>
> = {
  calling: { 'phone-up': 'joining', choose: 'calling', end: 'ended' },
  joining: { joined: 'on', choose: 'joining', end: 'ended' },
  on: { choose: 'joining', end: 'ended' },
  ended: {},
};

/** Takes a monitor through one event; null where it does not fit. `at` is epoch milliseconds. */
export function advanceMonitor(monitor: Monitor, event: MonitorEvent, at: number): Monitor | null {
  const to = monitorTransitions[monitor.state][event.type];
  if (!to) return null;
  return {
    ...monitor,
    step: monitor.step + 1,
    state: to,
    mode: event.type === 'choose' ? event.mode : monitor.mode,
    ended: event.type === 'end' ? event.why : null,
    since: to === monitor.state ? monitor.since : at,
  };
}

/** What a supervisor's page is told of, on topic `monitor.<by>`. */
export interface MonitorView extends Monitor {
  /** The simulator answers in the supervisor's place: nothing is heard. */
  readonly simulated: boolean;
}

export const monitorTopic = (by: number): string => `monitor.${by}`;
