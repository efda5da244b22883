import type { Clock } from '../../core/clock/clock.ts';
import {
  TelephonyError,
  type BridgeInfo,
  type ChannelInfo,
  type OriginateRequest,
  type Telephony,
  type TelephonyEvent,
} from '../../dialer/telephony/index.ts';

interface FakeChannel {
  up: boolean;
  bridgeId: string | null;
  music?: boolean;
}

type Untimed<E> = E extends unknown ? Omit<E, 'at'> : never;

/**
 * A switch in memory whose channels do what a test draws: nothing happens unless it says so, and every request may be
 * made to fail. For properties over many sequences of events, where a real one would be too slow.
 */
export class FakeSwitch implements Telephony {
  state: Telephony['state'] = 'connecting';
  readonly live = new Map<string, FakeChannel>();
  /** Requests that are to fail, counted down. */
  failing = 0;
  /** Events of channels that are to be told to nobody, counted down, and when the last one was. */
  losing = 0;
  lostAt = Number.NEGATIVE_INFINITY;
  /** What happens while the switch is asked one thing after the other: once so many requests more have been made. */
  readonly #happenings: { left: number; happen: () => void }[] = [];
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: TelephonyEvent) => void>();
  readonly #bridges = new Set<string>();
  /** Names of recordings under way, with the bridge each records. */
  readonly recordings = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  on(listener: (event: TelephonyEvent) => void) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: Untimed<TelephonyEvent>): void {
    if (this.losing > 0 && 'channelId' in event) {
      this.losing -= 1;
      this.lostAt = this.#clock.now();
      return;
    }
    for (const listener of [...this.#listeners])
      listener({ ...event, at: this.#clock.now() } as TelephonyEvent);
  }

  /** The channels that the nth of a kind can be chosen from. */
  channelsOf(prefix: string, up: boolean | null = null): string[] {
    return [...this.live].flatMap(([id, channel]) =>
      id.startsWith(prefix) && (up === null || channel.up === up) ? id : [],
    );
  }

  answerChannel(channelId: string): void {
    const channel = this.live.get(channelId);
    if (!channel || channel.up) return;
    channel.up = true;
    this.emit({ type: 'started', channelId, incoming: false, callerNumber: '', calledNumber: '' });
    this.emit({ type: 'answered', channelId });
  }

  end(channelId: string, cause: number, dialStatus: string | null = null): void {
    if (this.live.delete(channelId)) this.emit({ type: 'ended', channelId, cause, dialStatus });
  }

  /** The connection is cut; what the switch holds lives on unless it is `killed`. */
  drop(killed: boolean): void {
    if (this.state !== 'up') return;
    this.state = 'down';
    if (killed) {
      this.live.clear();
      this.#bridges.clear();
      this.recordings.clear();
    }
    this.emit({ type: 'down', why: 'test', notRunning: false });
  }

  comeBack(): void {
    if (this.state !== 'down') return;
    this.state = 'up';
    this.emit({ type: 'up' });
  }

  afterRequests(count: number, happen: () => void): void {
    this.#happenings.push({ left: count, happen });
  }

  #count(): void {
    for (const happening of [...this.#happenings])
      if (--happening.left === 0) {
        this.#happenings.splice(this.#happenings.indexOf(happening), 1);
        happening.happen();
      }
  }

  /** Another process is to connect. */
  awaitProcess(): void {
    this.state = 'connecting';
  }

  async #request(): Promise<void> {
    this.#count();
    await new Promise((resolve) => setImmediate(resolve));
    if (this.state !== 'up') throw new TelephonyError('unavailable', 'down');
    if (this.failing > 0) {
      this.failing -= 1;
      throw new TelephonyError('timeout', 'drawn to fail');
    }
  }

  async connect() {
    if (this.state !== 'connecting') return;
    this.state = 'up';
    this.emit({ type: 'up' });
  }
  async originate({ channelId }: OriginateRequest) {
    await this.#request();
    this.live.set(channelId, { up: false, bridgeId: null });
    // Events of a new channel may come before the answer to the request.
    if (channelId.startsWith('rw-agent')) this.#clock.after(200, () => this.answerChannel(channelId));
  }
  async hangup(channelId: string) {
    await this.#request();
    this.#clock.after(10, () => this.end(channelId, 16));
  }
  async createBridge(bridgeId: string) {
    await this.#request();
    this.#bridges.add(bridgeId);
  }
  async addToBridge(bridgeId: string, channelIds: string[]) {
    await this.#request();
    if (!this.#bridges.has(bridgeId)) throw new TelephonyError('not-found', 'no such bridge');
    for (const id of channelIds) {
      const channel = this.live.get(id);
      if (!channel) continue;
      channel.bridgeId = bridgeId;
      this.emit({ type: 'bridged', channelId: id, bridgeId });
    }
  }
  async removeFromBridge(bridgeId: string, channelIds: string[]) {
    await this.#request();
    for (const id of channelIds) {
      const channel = this.live.get(id);
      if (channel?.bridgeId === bridgeId) channel.bridgeId = null;
    }
  }
  async record(bridgeId: string, name: string) {
    await this.#request();
    if (!this.#bridges.has(bridgeId)) throw new TelephonyError('not-found', 'no such bridge');
    this.recordings.set(name, bridgeId);
  }
  async recordingState(name: string) {
    await this.#request();
    return this.recordings.has(name) ? ('goes-on' as const) : null;
  }
  async stopRecording(name: string) {
    await this.#request();
    if (this.recordings.delete(name))
      this.emit({ type: 'recording-finished', name, durationMs: 1, failed: false });
  }
  async destroyBridge(bridgeId: string) {
    await this.#request();
    this.#bridges.delete(bridgeId);
    for (const [name, recorded] of this.recordings) if (recorded === bridgeId) this.recordings.delete(name);
    for (const channel of this.live.values()) if (channel.bridgeId === bridgeId) channel.bridgeId = null;
  }
  async channels(): Promise<ChannelInfo[]> {
    await this.#request();
    const list = [...this.live].map(([channelId, { up }]) => ({
      ...{ channelId, name: channelId, up, inApp: true, callerNumber: '', createdAt: 0 },
    }));
    // The answer is on its way, and events may come before it.
    this.#count();
    return list;
  }
  async bridges(): Promise<BridgeInfo[]> {
    await this.#request();
    return [...this.#bridges].map((bridgeId) => ({
      bridgeId,
      channelIds: [...this.live].flatMap(([id, channel]) => (channel.bridgeId === bridgeId ? id : [])),
    }));
  }
  answer = () => this.#request();
  ring = () => this.#request();
  async hold(channelId: string, on: boolean) {
    await this.#request();
    const channel = this.live.get(channelId);
    if (channel) channel.music = on;
  }
  mute = () => this.#request();
  sendDtmf = () => this.#request();
  detectMachine = () => this.#request();
  awaitSilence = () => this.#request();
  musicOnHold = () => this.#request();
  play = () => this.#request();
  stopPlayback = () => this.#request();
  pauseRecording = () => this.#request();
  deleteRecording = () => this.#request();
  snoop = () => this.#request();
  removeEndpoint = () => this.#request();
  ping = () => this.#request();
  getVariable = async () => null;
  fetchRecording = async () => null;
  endpoints = async () => [];
  registrations = async () => new Map<string, never>();
  putEndpoint = async () => true;
  async close() {
    this.state = 'closed';
  }
}
