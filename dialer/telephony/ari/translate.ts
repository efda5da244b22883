import type { TelephonyEvent } from '../telephony.ts';
import { incomingCall, returnedFromAmd } from '../dialplan.ts';
import type { AriEvent } from './wire.ts';

/** What is remembered of a channel between its events, until it is gone. */
interface ChannelMemory {
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

  /** How many channels are remembered. */
  get size(): number {
    return this.#channels.size;
  }

  /** Forgets every channel but these, after a time in which events were missed. */
  keepOnly(channelIds: ReadonlySet<string>): void {
    for (const id of this.#channels.keys()) if (!channelIds.has(id)) this.#channels.delete(id);
  }

  translate(event: AriEvent): UntimedEvent[] {
    const channelId = event.channel?.id;
    switch (event.type) {
      case 'StasisStart':
        return this.#entered(event);
      case 'StasisEnd':
        this.#left(channelId);
        return [];
      case 'ChannelStateChange':
        return channelId ? this.#changed(channelId, event.channel?.state ?? '') : [];
      case 'Dial':
        return event.peer && 'id' in event.peer ? this.#dialled(event.peer.id, event.dialstatus ?? '') : [];
      case 'ChannelDestroyed':
        return channelId ? this.#destroyed(channelId, event.cause ?? 0) : [];
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
      case 'PeerStatusChange':
      case 'ContactStatusChange':
      case 'EndpointStateChange':
        return endpointEvent(event);
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
    if (reason === returnedFromAmd) return [amdEvent(channel.id, first ?? '', second ?? '')];
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

  #left(channelId = ''): void {
    const memory = this.#channels.get(channelId);
    if (memory) memory.inStasis = false;
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

  #destroyed(channelId: string, cause: number): UntimedEvent[] {
    const dialStatus = this.#channels.get(channelId)?.dialStatus ?? null;
    this.#channels.delete(channelId);
    return [{ type: 'ended', channelId, cause, dialStatus }];
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
      memory = { inStasis: false, up: false, told: new Set(), dialStatus: null };
      this.#channels.set(channelId, memory);
    }
    return memory;
  }
}

const amdResults: Record<string, 'human' | 'machine'> = { HUMAN: 'human', MACHINE: 'machine' };

function amdEvent(channelId: string, status: string, cause: string): UntimedEvent {
  return { type: 'amd', channelId, result: amdResults[status] ?? 'unsure', cause };
}

function endpointEvent(event: AriEvent): UntimedEvent[] {
  const { endpoint } = event;
  if (!endpoint) return [];
  const status = event.contact_info?.contact_status;
  const online = status ? status !== 'Unreachable' && status !== 'Removed' : endpoint.state === 'online';
  return [{ type: 'endpoint', endpoint: `${endpoint.technology}/${endpoint.resource}`, online }];
}
