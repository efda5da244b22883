import type { Clock } from '../../../core/clock/clock.ts';
import { incomingCall } from '../dialplan.ts';
import { Carrier, type CarrierLimits } from './carrier.ts';
import { SimProblem } from './problem.ts';
import {
  bridgeJson,
  channelJson,
  timestamp,
  type SimBridge,
  type SimChannel,
  type SimPlayback,
  type SimRecording,
  type StoredRecording,
} from './wire-types.ts';

/** Sends an event to the application that a channel belongs to; to every connected one when there is none. */
const silenceMs = 4_000;

export type Send = (event: Record<string, unknown>, app: string | null) => void;

/** Everything the simulated switch holds. The routes and the people on the lines act on it. */
export class SimulatedSwitch {
  readonly clock: Clock;
  readonly channels = new Map<string, SimChannel>();
  readonly bridges = new Map<string, SimBridge>();
  readonly playbacks = new Map<string, SimPlayback>();
  readonly recordings = new Map<string, SimRecording>();
  readonly stored = new Map<string, StoredRecording>();
  readonly carriers = new Map<string, Carrier>();
  /** `PJSIP/agent-1` → reachable. */
  readonly phones = new Map<string, boolean>();
  readonly #send: Send;
  #serial = 0;

  constructor(clock: Clock, send: Send) {
    this.clock = clock;
    this.#send = send;
  }

  addCarrier(name: string, limits: CarrierLimits): Carrier {
    const known = this.carriers.get(name);
    if (known) return known;
    const carrier = new Carrier(name, limits, this.clock);
    this.carriers.set(name, carrier);
    return carrier;
  }

  channel(id: string): SimChannel {
    const channel = this.channels.get(id);
    if (!channel) throw new SimProblem(404, 'Channel not found');
    return channel;
  }

  bridge(id: string): SimBridge {
    const bridge = this.bridges.get(id);
    if (!bridge) throw new SimProblem(404, 'Bridge not found');
    return bridge;
  }

  createChannel(
    details: Partial<SimChannel> & { id: string; app: string },
    technology: string,
    base: string,
  ): SimChannel {
    if (this.channels.has(details.id))
      throw new SimProblem(409, 'Channel with given unique ID already exists');
    const channel: SimChannel = {
      name: `${technology}/${base}-${(++this.#serial).toString(16).padStart(8, '0')}`,
      state: 'Down',
      caller: { name: '', number: '' },
      connected: { name: '', number: '' },
      exten: 's',
      createdAt: this.clock.now(),
      appArgs: [],
      inStasis: false,
      gone: false,
      variables: new Map(),
      bridgeId: null,
      muted: false,
      music: false,
      carrier: null,
      customer: null,
      spiedOn: null,
      pending: new Set(),
      ...details,
    };
    this.channels.set(channel.id, channel);
    this.emit(channel, 'ChannelCreated');
    return channel;
  }

  /** An event about a channel, in Asterisk's shape. */
  emit(channel: SimChannel, type: string, more: Record<string, unknown> = {}): void {
    this.#send(
      {
        type,
        timestamp: timestamp(this.clock.now()),
        application: channel.app,
        channel: channelJson(channel),
        ...more,
      },
      channel.app,
    );
  }

  emitDial(channel: SimChannel, dialstatus: string): void {
    const event = { type: 'Dial', timestamp: timestamp(this.clock.now()), application: channel.app };
    this.#send(
      {
        ...event,
        dialstatus,
        forward: '',
        dialstring: channel.name.slice('PJSIP/'.length),
        peer: channelJson(channel),
      },
      channel.app,
    );
  }

  announce(type: string, more: Record<string, unknown>): void {
    this.#send({ type, timestamp: timestamp(this.clock.now()), ...more }, null);
  }

  /** A phone comes or goes. */
  changePhone(endpoint: string, online: boolean): void {
    this.phones.set(endpoint, online);
    this.announce('DeviceStateChanged', {
      device_state: { name: endpoint, state: online ? 'NOT_INUSE' : 'UNAVAILABLE' },
    });
  }

  /** Something that happens to a channel later, unless it has gone by then. */
  later(channel: SimChannel, ms: number, task: () => void): void {
    const forget = () => void channel.pending.delete(cancel);
    const cancel = this.clock.after(ms, () => {
      forget();
      if (!channel.gone) task();
    });
    channel.pending.add(cancel);
  }

  changeState(channel: SimChannel, state: SimChannel['state']): void {
    if (channel.state === state) return;
    channel.state = state;
    this.emit(channel, 'ChannelStateChange');
  }

  enterStasis(channel: SimChannel, args: string[]): void {
    channel.inStasis = true;
    this.emit(channel, 'StasisStart', { args });
  }

  leaveStasis(channel: SimChannel): void {
    if (!channel.inStasis) return;
    channel.inStasis = false;
    this.emit(channel, 'StasisEnd');
  }

  join(bridge: SimBridge, channel: SimChannel): void {
    if (channel.bridgeId === bridge.id) return;
    this.part(channel);
    channel.bridgeId = bridge.id;
    bridge.channels.add(channel.id);
    this.emit(channel, 'ChannelEnteredBridge', { bridge: bridgeJson(bridge) });
  }

  part(channel: SimChannel): void {
    if (channel.bridgeId === null) return;
    const bridge = this.bridges.get(channel.bridgeId);
    channel.bridgeId = null;
    if (!bridge) return;
    bridge.channels.delete(channel.id);
    this.emit(channel, 'ChannelLeftBridge', { bridge: bridgeJson(bridge) });
    this.watchSilence(bridge.id);
  }

  /** The channel is over: everything that hangs on it ends first, in Asterisk's order. */
  destroyChannel(channel: SimChannel, cause: number, sipStatus?: number): void {
    if (channel.gone) return;
    channel.gone = true;
    for (const cancel of channel.pending) cancel();
    channel.pending.clear();
    for (const playback of [...this.playbacks.values()])
      if (playback.target === `channel:${channel.id}`) this.finishPlayback(playback);
    this.part(channel);
    this.leaveStasis(channel);
    channel.carrier?.release();
    this.channels.delete(channel.id);
    // Of the end of snoops and incoming calls Asterisk tells nothing but that they left.
    if (channel.spiedOn === null && channel.appArgs[0] !== incomingCall)
      this.emit(channel, 'ChannelDestroyed', {
        ...{ cause, cause_txt: '' },
        ...(sipStatus === undefined ? {} : { tech_cause: sipStatus }),
      });
    for (const other of [...this.channels.values()])
      if (other.spiedOn === channel.id) this.destroyChannel(other, 16);
  }

  finishPlayback(playback: SimPlayback, state: 'done' | 'failed' = 'done'): void {
    if (!this.playbacks.delete(playback.id)) return;
    playback.cancel();
    this.announce('PlaybackFinished', { playback: playbackJson(playback, state) });
  }

  /** As app.c of Asterisk does: a recorder that gets no sound waits for it twice two seconds, and closes its file. */
  watchSilence(bridgeId: string): void {
    const isSilent = () =>
      ![...this.channels.values()].some((one) => one.bridgeId === bridgeId && !one.music);
    if (!isSilent()) return;
    const running = [...this.recordings.values()].filter((one) => one.bridgeId === bridgeId);
    if (running.length > 0)
      this.clock.after(silenceMs, () => {
        if (isSilent()) for (const recording of running) this.finishRecording(recording);
      });
  }

  finishRecording(recording: SimRecording, { told = true } = {}): void {
    if (!this.recordings.delete(recording.name)) return;
    const now = this.clock.now();
    const paused = recording.pausedMs + (recording.pausedAt === null ? 0 : now - recording.pausedAt);
    const durationMs = Math.max(0, now - recording.startedAt - paused);
    this.stored.set(recording.name, { name: recording.name, durationMs });
    if (!told) return;
    this.announce('RecordingFinished', {
      recording: {
        name: recording.name,
        format: 'wav',
        state: 'done',
        target_uri: `bridge:${recording.bridgeId}`,
        duration: Math.round(durationMs / 1000),
      },
    });
  }

  /** Nothing happens any more: every timer is stopped. */
  stop(): void {
    for (const channel of this.channels.values()) {
      channel.gone = true;
      for (const cancel of channel.pending) cancel();
    }
    for (const playback of this.playbacks.values()) playback.cancel();
  }
}

export function playbackJson(playback: SimPlayback, state: string) {
  return { id: playback.id, media_uri: playback.media, target_uri: playback.target, language: 'en', state };
}
