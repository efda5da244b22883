import type { TelephonyEvent } from '../telephony.ts';
import {
  amdResults,
  incomingCall,
  returnedFromAmd,
  returnedFromSilence,
  silenceHeard,
  snooping,
} from '../dialplan.ts';
import type { AriChannel, AriEvent } from './wire.ts';

/** Q.850 causes. */
const normalClearing = 16;
const noAnswerFromUser = 19;

/** The types that are translated; no others need be sent. */
export const translatedEvents = [
  'StasisStart',
  'StasisEnd',
  'ChannelStateChange',
  'Dial',
  'ChannelDestroyed',
  'ChannelDtmfReceived',
  'ChannelHold',
  'ChannelUnhold',
  'ChannelEnteredBridge',
  'ChannelLeftBridge',
  'PlaybackFinished',
  'RecordingFinished',
  'RecordingFailed',
  'DeviceStateChanged',
  'ApplicationReplaced',
] as const;

/** What is remembered of a channel between its events, until it is gone. */
interface ChannelMemory {
  /** Why it is in the application: its first Stasis argument. */
  reason: string;
  inStasis: boolean;
  up: boolean;
  told: Set<'ringing' | 'progress' | 'answered'>;
  dialStatus: string | null;
}

type Untimed<E> = E extends unknown ? Omit<E, 'at'> : never;
export type UntimedEvent = Untimed<TelephonyEvent>;

/** Turns ARI's events into the port's, each of them told once. */
export class Translator {
  readonly #channels = new Map<string, ChannelMemory>();
  /** Phones, as last told. */
  readonly #online = new Map<string, boolean>();

  /** How many channels are remembered. */
  get size(): number {
    return this.#channels.size;
  }

  /** Forgets every channel but these, after a time in which events were missed, and learns those it did not know. */
  reconcile(channels: readonly AriChannel[]): void {
    const ids = new Set(channels.map(({ id }) => id));
    for (const id of this.#channels.keys()) if (!ids.has(id)) this.#channels.delete(id);
    for (const channel of channels) {
      if (this.#channels.has(channel.id)) continue;
      const [, reason = ''] = (channel.dialplan?.app_data ?? '').split(',');
      const memory = this.#remember(channel.id);
      memory.reason = reason;
      memory.inStasis = channel.dialplan?.app_name === 'Stasis';
      memory.up = channel.state === 'Up';
      if (memory.up && memory.inStasis) memory.told.add('answered');
    }
  }

  translate(event: AriEvent): UntimedEvent[] {
    const channelId = event.channel?.id;
    switch (event.type) {
      case 'StasisStart':
        return this.#entered(event);
      case 'StasisEnd':
        return this.#left(channelId);
      case 'ChannelStateChange':
        return channelId ? this.#changed(channelId, event.channel?.state ?? '') : [];
      case 'Dial':
        return event.peer ? this.#dialled(event.peer.id, event.dialstatus ?? '') : [];
      case 'ChannelDestroyed':
        return channelId ? this.#destroyed(channelId, event.cause ?? 0, event.tech_cause) : [];
      case 'ChannelDtmfReceived':
        return channelId ? [{ type: 'dtmf', channelId, digit: event.digit ?? '' }] : [];
      case 'ChannelHold':
      case 'ChannelUnhold':
        return channelId ? [{ type: 'held', channelId, on: event.type === 'ChannelHold' }] : [];
      case 'ChannelEnteredBridge':
      case 'ChannelLeftBridge': {
        const bridgeId = event.bridge?.id;
        const type = event.type === 'ChannelEnteredBridge' ? 'bridged' : 'unbridged';
        return channelId && bridgeId ? [{ type, channelId, bridgeId }] : [];
      }
      case 'PlaybackFinished':
        return event.playback
          ? [
              {
                type: 'playback-finished',
                playbackId: event.playback.id,
                failed: event.playback.state === 'failed',
              },
            ]
          : [];
      case 'RecordingFinished':
      case 'RecordingFailed':
        return event.recording
          ? [
              {
                type: 'recording-finished',
                name: event.recording.name,
                durationMs: Math.round((event.recording.duration ?? 0) * 1000),
                failed: event.type === 'RecordingFailed',
              },
            ]
          : [];
      case 'DeviceStateChanged':
        return this.#deviceChanged(event.device_state);
      default:
        return [];
    }
  }

  #entered(event: AriEvent): UntimedEvent[] {
    const channel = event.channel;
    if (!channel) return [];
    const memory = this.#remember(channel.id);
    memory.inStasis = true;
    memory.up = channel.state === 'Up';
    const [reason, first, second] = event.args ?? [];
    const isBack = reason === returnedFromAmd || reason === returnedFromSilence;
    if (!isBack) memory.reason = reason ?? '';
    if (reason === returnedFromAmd) return [amdEvent(channel.id, first ?? '', second ?? '')];
    if (reason === returnedFromSilence)
      return [{ type: 'silence', channelId: channel.id, heard: first === silenceHeard }];
    const incoming = reason === incomingCall;
    return [
      {
        type: 'started',
        channelId: channel.id,
        incoming,
        callerNumber: channel.caller.number,
        calledNumber: incoming ? (first ?? channel.dialplan?.exten ?? '') : '',
      },
      ...this.#answeredIfSo(channel.id, memory),
    ];
  }

  /** Snoops and incoming calls leave only by ending, and Asterisk tells nothing more of them. */
  #left(channelId = ''): UntimedEvent[] {
    const memory = this.#channels.get(channelId);
    if (!memory) return [];
    memory.inStasis = false;
    return memory.reason === snooping || memory.reason === incomingCall
      ? this.#destroyed(channelId, normalClearing)
      : [];
  }

  #changed(channelId: string, state: string): UntimedEvent[] {
    const memory = this.#remember(channelId);
    if (state === 'Ringing') return this.#once(channelId, memory, 'ringing');
    if (state !== 'Up') return [];
    memory.up = true;
    return this.#answeredIfSo(channelId, memory);
  }

  #dialled(channelId: string, dialStatus: string): UntimedEvent[] {
    if (dialStatus === '') return [];
    const memory = this.#remember(channelId);
    if (dialStatus === 'RINGING') return this.#once(channelId, memory, 'ringing');
    if (dialStatus === 'PROGRESS') return this.#once(channelId, memory, 'progress');
    if (dialStatus !== 'PROCEEDING' && dialStatus !== 'ANSWER') memory.dialStatus = dialStatus;
    return [];
  }

  #destroyed(channelId: string, cause: number, techCause = 0): UntimedEvent[] {
    const memory = this.#channels.get(channelId);
    this.#channels.delete(channelId);
    // A hang-up of the other side without a Reason header comes as 0.
    if (memory?.up)
      return [{ type: 'ended', channelId, cause: cause === 0 ? normalClearing : cause, dialStatus: null }];
    // When the ring time is over Asterisk gives the cause alone.
    const dialStatus = memory?.dialStatus ?? (cause === noAnswerFromUser ? 'NOANSWER' : null);
    const answered = techCause >= 300 ? { sipStatus: techCause } : {};
    return [{ type: 'ended', channelId, cause, dialStatus, ...answered }];
  }

  #deviceChanged(device: AriEvent['device_state']): UntimedEvent[] {
    if (!device) return [];
    const online = !awayStates.has(device.state);
    if (this.#online.get(device.name) === online) return [];
    this.#online.set(device.name, online);
    return [{ type: 'endpoint', endpoint: device.name, online }];
  }

  #answeredIfSo(channelId: string, memory: ChannelMemory): UntimedEvent[] {
    return memory.up && memory.inStasis ? this.#once(channelId, memory, 'answered') : [];
  }

  #once(channelId: string, memory: ChannelMemory, type: 'ringing' | 'progress' | 'answered'): UntimedEvent[] {
    if (memory.told.has(type) || memory.told.has('answered')) return [];
    memory.told.add(type);
    return [{ type, channelId }];
  }

  #remember(channelId: string): ChannelMemory {
    let memory = this.#channels.get(channelId);
    if (!memory) {
      memory = { reason: '', inStasis: false, up: false, told: new Set(), dialStatus: null };
      this.#channels.set(channelId, memory);
    }
    return memory;
  }
}

const awayStates = new Set(['UNAVAILABLE', 'INVALID', 'UNKNOWN']);

function amdEvent(channelId: string, status: string, cause: string): UntimedEvent {
  return { type: 'amd', channelId, result: amdResults[status] ?? 'unsure', cause };
}
