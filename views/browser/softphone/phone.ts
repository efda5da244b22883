/** Where the agent's phone is, and whether it could take a leg now. */
export type PhoneStatus =
  /** The simulator answers in the agent's place: no sound, nothing to connect. */
  | 'simulated'
  /** A telephone on the desk; this page has no part in its sound. */
  | 'desk'
  /** Another tab of this browser holds the phone. */
  | 'elsewhere'
  /** Another browser of this user's holds the phone. */
  | 'displaced'
  | 'starting'
  /** How it is reached could not be read; tried again by itself. */
  | 'unavailable'
  /** The WebSocket to the switch is being opened. */
  | 'connecting'
  | 'registered'
  /** The WebSocket or the registration was lost; tried again by itself. */
  | 'retrying'
  /** The WebSocket to the switch could not be opened since the page was; tried again by itself. */
  | 'unreachable'
  /** The switch does not take our name and password. */
  | 'refused'
  | 'no-microphone'
  /** No WebRTC in this browser, or the page did not come over HTTPS. */
  | 'unsupported'
  | 'stopped';

export type LegStatus = 'none' | 'ringing' | 'up';

/** Why there is no microphone. Each has words that say what to do. */
export type MicrophoneProblem = 'blocked' | 'missing' | 'busy' | 'insecure' | 'failed';

/** What went wrong or is odd while the phone works. */
export const phoneWarnings = ['autoplay', 'silent-microphone', 'device-gone', 'no-audio'] as const;
export type PhoneWarning = (typeof phoneWarnings)[number];

export interface PhoneState {
  status: PhoneStatus;
  leg: LegStatus;
  muted: boolean;
  /** In words, what stands against it where that is not told by the status. */
  problem: string | null;
  /** The switch itself ended the last leg, and may have rung elsewhere since; not where it broke off here. */
  endedBySwitch: boolean;
  microphoneProblem: MicrophoneProblem | null;
  warnings: readonly PhoneWarning[];
  /** When the next try is due, epoch ms of the browser; while there is no registration. */
  retryAt: number | null;
  quality: LineQuality | null;
}

export interface LineQuality {
  /** Milliseconds; null when the other side has not reported yet. */
  roundTripMs: number | null;
  jitterMs: number;
  /** Fractions of the packets since the last look, in both directions. */
  lossIn: number;
  lossOut: number | null;
  /** Estimated mean opinion score, 1 to 4.5. */
  mos: number;
  grade: 'good' | 'fair' | 'poor';
}

/** One phone for the page, whatever stands behind it. */
export interface Phone {
  readonly state: PhoneState;
  /** Called at once with the state, and after each change. */
  watch(listener: (state: PhoneState) => void): () => void;
  start(): Promise<void>;
  /** Takes the phone over from another tab or browser. */
  takeOver(): void;
  /** Another browser has it: closes the line here, until it is taken over or comes back to this browser. */
  giveUp(): void;
  /** It is in this browser again, in whichever tab. */
  isHere(): void;
  /** Tries again at once: after the microphone was allowed, or when somebody does not want to wait. */
  retry(): void;
  answer(): void;
  mute(on: boolean): void;
  /** Levels from 0 to 1, for meters; asked for as often as they are drawn. */
  levels(): { microphone: number; speaker: number };
  readonly devices: PhoneDevices | null;
  /** A call over the switch to oneself; null where this page has no line that could be tested now. */
  echo(): EchoCall | null;
  /** Ends the leg and the registration. */
  stop(): void;
}

/** A test call: the agent hears their own voice, by way of the switch. */
export interface EchoCall {
  watch(listener: (state: EchoState) => void): () => void;
  stop(): void;
}

export interface EchoState {
  step: 'calling' | 'talking' | 'over' | 'failed';
  /** Whether the microphone has given sound since the call was answered, and whether any has come back. */
  spoke: boolean;
  heard: boolean;
  quality: LineQuality | null;
}

export interface PhoneDevices {
  list(): Promise<DeviceLists>;
  readonly chosen: DeviceChoice;
  choose(kind: DeviceKind, deviceId: string): Promise<void>;
  /** Lets the chosen ring device be heard for a moment. */
  testRing(): void;
}

export type DeviceKind = 'microphone' | 'speaker' | 'ring';
/** Device ids; an empty one is the system's default. */
export type DeviceChoice = Record<DeviceKind, string>;

export interface DeviceLists {
  microphones: { id: string; label: string }[];
  speakers: { id: string; label: string }[];
  /** False where the browser cannot choose an output. */
  canChooseSpeaker: boolean;
}

/** What a phone of the page asks of what is going on. */
export interface PhoneOptions {
  /** Whether an incoming leg is taken without a word: always for a nailed-up leg, and when a call is to be rejoined. */
  autoAnswer(): boolean;
  /** Whether there is somebody to be heard now. Between calls the switch sends nothing. */
  expectsSound(): boolean;
  /** Whether a customer is with the agent now, or held for them. */
  inCall(): boolean;
  /** Which of the user's browsers has the phone; null where that is of no matter. */
  holding: { wants(): void; registered(): void } | null;
  /** Whether another browser has it, and keeps it when this page opens. */
  opensElsewhere(): boolean;
}

/** What GET /workspace/phone answers. */
export type PhoneConfig =
  | { kind: 'simulated' }
  | { kind: 'desk'; endpoint: string }
  | {
      kind: 'webrtc';
      uri: string;
      password: string;
      wsUrl: string;
      iceServers: { urls: string | string[]; username?: string; credential?: string }[];
      autoAnswer: boolean;
      userId: number;
    };

export const initialState: PhoneState = {
  status: 'starting',
  leg: 'none',
  muted: false,
  problem: null,
  endedBySwitch: false,
  microphoneProblem: null,
  warnings: [],
  retryAt: null,
  quality: null,
};
