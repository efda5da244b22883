import type { CustomerBehaviour } from '../customers.ts';
import type { Carrier } from './carrier.ts';

/** A channel of the simulated switch. */
export interface SimChannel {
  id: string;
  name: string;
  state: 'Down' | 'Ring' | 'Ringing' | 'Up';
  caller: { name: string; number: string };
  connected: { name: string; number: string };
  exten: string;
  createdAt: number;
  app: string;
  appArgs: string[];
  inStasis: boolean;
  gone: boolean;
  variables: Map<string, string>;
  bridgeId: string | null;
  muted: boolean;
  music: boolean;
  carrier: Carrier | null;
  customer: CustomerBehaviour | null;
  /** For a snoop: the channel it listens to. */
  spiedOn: string | null;
  /** Undo for each thing that is still to happen to this channel. */
  pending: Set<() => void>;
}

export interface SimBridge {
  id: string;
  type: string;
  name: string;
  channels: Set<string>;
  music: boolean;
  createdAt: number;
}

export interface SimPlayback {
  id: string;
  media: string;
  target: string;
  cancel: () => void;
}

export interface SimRecording {
  name: string;
  bridgeId: string;
  startedAt: number;
  pausedAt: number | null;
  pausedMs: number;
}

export interface StoredRecording {
  name: string;
  durationMs: number;
}

export function channelJson(channel: SimChannel) {
  return {
    id: channel.id,
    name: channel.name,
    state: channel.state,
    protocol_id: '',
    caller: channel.caller,
    connected: channel.connected,
    accountcode: '',
    dialplan: {
      context: 'default',
      exten: channel.exten,
      priority: 1,
      app_name: channel.inStasis ? 'Stasis' : '',
      app_data: channel.inStasis ? [channel.app, ...channel.appArgs].join(',') : '',
    },
    creationtime: timestamp(channel.createdAt),
    language: 'en',
  };
}

export function bridgeJson(bridge: SimBridge) {
  return {
    id: bridge.id,
    technology: bridge.type === 'holding' ? 'holding_bridge' : 'simple_bridge',
    bridge_type: bridge.type,
    bridge_class: 'stasis',
    creator: 'Stasis',
    name: bridge.name,
    channels: [...bridge.channels],
    creationtime: timestamp(bridge.createdAt),
    video_mode: 'none',
  };
}

/** Asterisk's way to write a time: `2026-11-21T18:04:05.678+0000`. */
export function timestamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}
