/**
 * The port to a telephone switch: Asterisk by ARI, or the carrier simulator, which speaks ARI too.
 * Channel, bridge, playback and recording ids are chosen by the caller, so that a thing is registered before the
 * switch is told of it. An operation on a channel that has just hung up settles as done: "already gone" is normal.
 */
export interface Telephony {
  readonly state: 'connecting' | 'up' | 'down' | 'closed';
  /**
   * Connects, and keeps reconnecting until closed. Resolves at the first success; rejects only when closed before.
   * What keeps it out is told by a `down` event and by every operation, for example `unauthorized` for a wrong password.
   */
  connect(): Promise<void>;
  /** Events in the order of the switch. A listener that throws is contained and logged. */
  on(listener: (event: TelephonyEvent) => void): () => void;

  /**
   * Resolves when the switch has taken the call. @throws TelephonyError `unreachable-endpoint`, `timeout`, `unavailable`.
   * A call that timed out is hung up should it come to life after all.
   */
  originate(call: OriginateRequest): Promise<void>;
  answer(channelId: string): Promise<void>;
  /** `reason` is an ARI hang-up reason: normal, busy, congestion, no_answer … */
  hangup(channelId: string, reason?: string): Promise<void>;
  ring(channelId: string): Promise<void>;
  /** Music to the channel, silence from it. A `held` event follows. */
  hold(channelId: string, on: boolean): Promise<void>;
  mute(channelId: string, on: boolean): Promise<void>;
  sendDtmf(channelId: string, digits: string): Promise<void>;
  getVariable(channelId: string, name: string): Promise<string | null>;
  /** Starts answering-machine detection on an answered outgoing channel; an `amd` event follows, or its end. */
  detectMachine(channelId: string): Promise<void>;
  /** Waits until the other side has been silent for a moment, as after a beep; a `silence` event follows, or its end. */
  awaitSilence(channelId: string): Promise<void>;

  /** A bridge of that id that is there already will do. */
  createBridge(bridgeId: string, type: 'mixing' | 'holding'): Promise<void>;
  addToBridge(bridgeId: string, channelIds: string[]): Promise<void>;
  removeFromBridge(bridgeId: string, channelIds: string[]): Promise<void>;
  destroyBridge(bridgeId: string): Promise<void>;
  /** Music on hold (class null: off) for a holding bridge. */
  musicOnHold(bridgeId: string, on: boolean): Promise<void>;

  /** `media` is an ARI media URI: `sound:hello`, `recording:name`, `tone:ring`. */
  play(
    target: { channelId: string } | { bridgeId: string },
    media: string,
    playbackId: string,
  ): Promise<void>;
  stopPlayback(playbackId: string): Promise<void>;
  /** Records a bridge to `<name>.wav` in the switch's recording store. */
  record(bridgeId: string, name: string): Promise<void>;
  pauseRecording(name: string, on: boolean): Promise<void>;
  /** What the switch does under this name now; null: nothing. */
  recordingState(name: string): Promise<'goes-on' | 'paused' | null>;
  stopRecording(name: string): Promise<void>;
  /** The stored recording as WAV bytes; null when the switch has none of that name. */
  fetchRecording(name: string): Promise<NodeJS.ReadableStream | null>;
  deleteRecording(name: string): Promise<void>;
  /** A hidden ear on a channel; `whisper` lets it speak to that channel as well. */
  snoop(channelId: string, snoopId: string, options: { whisper: boolean }): Promise<void>;

  /** What the switch has now, for reconciliation after a lost connection. */
  channels(): Promise<ChannelInfo[]>;
  bridges(): Promise<BridgeInfo[]>;
  /** Endpoints the switch knows (`PJSIP/agent-7`) and whether each can be reached. */
  endpoints(): Promise<EndpointInfo[]>;
  /** Of the trunks that were put and register: how that goes, by name. Nothing of one of which the switch does not tell. */
  registrations(): Promise<ReadonlyMap<string, RegistrationState>>;

  /**
   * Makes or replaces a SIP endpoint on the switch; `false` when this switch takes none at run time (its files do).
   * What was put is put again when the switch comes back from a restart.
   */
  putEndpoint(endpoint: EndpointSpec): Promise<boolean>;
  removeEndpoint(name: string): Promise<void>;

  /** Rejects when the switch does not answer in time. */
  ping(): Promise<void>;
  /** Ends the connection; calls on the switch live on. May be called twice. */
  close(): Promise<void>;
}

export interface OriginateRequest {
  channelId: string;
  /** For example `PJSIP/+14155550123@trunk-3` or `PJSIP/agent-7`. */
  endpoint: string;
  /** E.164 or as the trunk wants it; empty, and without a name, for withheld. */
  callerId: string;
  callerName?: string;
  /** Seconds to ring before giving up are derived from this. */
  ringTimeoutMs: number;
  /** Channel variables, set before the call leaves. */
  variables?: Record<string, string>;
  /** SIP headers of the first message, by name. */
  headers?: Record<string, string>;
  /** Codecs in order, comma-separated Asterisk names; the endpoint's own when absent. */
  formats?: string;
}

export interface ChannelInfo {
  channelId: string;
  /** Asterisk's own name, `PJSIP/agent-7-00000012`. */
  name: string;
  up: boolean;
  /** Ours to command; while its dialplan detects machines it is not. */
  inApp: boolean;
  callerNumber: string;
  createdAt: number;
}

export interface BridgeInfo {
  bridgeId: string;
  channelIds: string[];
}

export interface EndpointInfo {
  /** `PJSIP/agent-7` */
  endpoint: string;
  online: boolean;
}

/** `unregistered`: no answer has come yet, or none comes any more. */
export type RegistrationState = 'registered' | 'unregistered' | 'rejected';

export type EndpointSpec =
  | { kind: 'webrtc-agent'; name: string; password: string }
  | {
      kind: 'trunk';
      name: string;
      host: string;
      port: number;
      transport: 'udp' | 'tcp' | 'tls';
      username: string | null;
      password: string | null;
      register: boolean;
      /** From shows the user name; the caller ID stands in P-Asserted-Identity alone. */
      loginInFrom: boolean;
      codecs: string[];
    };

/** What happened on the switch. `at` is the app clock's time of arrival, epoch milliseconds. */
export type TelephonyEvent =
  /** A channel entered our application: an answered outgoing leg, or an incoming call (then `incoming`). */
  | {
      type: 'started';
      at: number;
      channelId: string;
      incoming: boolean;
      callerNumber: string;
      calledNumber: string;
    }
  | { type: 'ringing'; at: number; channelId: string }
  /** Early media. */
  | { type: 'progress'; at: number; channelId: string }
  | { type: 'answered'; at: number; channelId: string }
  /** Answering-machine detection is done. */
  | { type: 'amd'; at: number; channelId: string; result: 'human' | 'machine' | 'unsure'; cause: string }
  /** The other side has been silent, or (`heard` false) would not be. */
  | { type: 'silence'; at: number; channelId: string; heard: boolean }
  | { type: 'dtmf'; at: number; channelId: string; digit: string }
  | { type: 'held'; at: number; channelId: string; on: boolean }
  /**
   * The channel is gone. `cause` is the Q.850 code, `dialStatus` Asterisk's word for an unanswered one. Ask the cause
   * first: a number that nobody has is 1 and NOANSWER, one that nobody picks up 19 and NOANSWER. `sipStatus` is what the
   * other side answered instead of taking the call; a switch of an older version does not tell it.
   */
  | {
      type: 'ended';
      at: number;
      channelId: string;
      cause: number;
      dialStatus: string | null;
      sipStatus?: number;
    }
  | { type: 'bridged'; at: number; channelId: string; bridgeId: string }
  | { type: 'unbridged'; at: number; channelId: string; bridgeId: string }
  | { type: 'playback-finished'; at: number; playbackId: string; failed: boolean }
  | { type: 'recording-finished'; at: number; name: string; durationMs: number; failed: boolean }
  | { type: 'endpoint'; at: number; endpoint: string; online: boolean }
  /** The connection came (again): reconcile before trusting anything. */
  | { type: 'up'; at: number }
  /** `notRunning`: nothing listens where the switch was, so its calls are gone, and not only the way to it. */
  | { type: 'down'; at: number; why: string; notRunning: boolean };

export type TelephonyFault =
  | 'unreachable-endpoint'
  | 'timeout'
  | 'unavailable'
  | 'not-running'
  | 'unauthorized'
  | 'not-found'
  | 'refused';

export class TelephonyError extends Error {
  readonly fault: TelephonyFault;
  constructor(fault: TelephonyFault, message: string) {
    super(message);
    this.name = 'TelephonyError';
    this.fault = fault;
  }
}
