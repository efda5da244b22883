import type { Clock } from '../../../core/clock/clock.ts';
import type { Logger } from '../../../core/log/log.ts';
import type {
  BridgeInfo,
  ChannelInfo,
  EndpointInfo,
  EndpointSpec,
  OriginateRequest,
  Telephony,
  TelephonyEvent,
} from '../telephony.ts';
import { TelephonyError } from '../telephony.ts';
import { amdContext, defaultApplication, silenceContext, snooping } from '../dialplan.ts';
import { AriConnection } from './connection.ts';
import { toOriginateError } from './errors.ts';
import { DisownedCalls } from './disowned.ts';
import { EndpointKeeper } from './endpoint-keeper.ts';
import { ariRequest } from './http.ts';
import { AriOperations } from './operations.ts';
import { readRegistrations } from './registrations.ts';
import { originateParams } from './originate.ts';
import { translatedEvents, Translator, type UntimedEvent } from './translate.ts';
import { usualTimeouts, type AriTimeouts } from './client.ts';
import type { AriBridge, AriChannel, AriRecording } from './wire.ts';

export interface AriOptions {
  /** Where ARI's HTTP server is, for example `http://127.0.0.1:8088`. */
  url: string;
  user: string;
  password: string;
  /** The ARI application name; one process owns it. */
  app?: string;
  clock: Clock;
  log: Logger;
  /** In the machine's time, not the clock's. */
  timeouts?: Partial<AriTimeouts>;
}

/** The port to Asterisk, or to the simulator, by ARI. Does nothing until `connect`. */
export function createAriTelephony(options: AriOptions): Telephony {
  return new AriTelephony(options);
}

class AriTelephony implements Telephony {
  readonly #options: AriOptions;
  readonly #app: string;
  readonly #timeouts: AriTimeouts;
  readonly #connection: AriConnection;
  readonly #operations: AriOperations;
  readonly #keeper: EndpointKeeper;
  readonly #translator = new Translator();
  readonly #listeners = new Set<(event: TelephonyEvent) => void>();
  readonly #disowned: DisownedCalls;
  /** Bridges by the recordings that run on them. */
  readonly #recordings = new Map<string, string>();

  constructor(options: AriOptions) {
    this.#options = options;
    this.#app = options.app ?? defaultApplication;
    this.#timeouts = { ...usualTimeouts, ...options.timeouts };
    this.#connection = new AriConnection(options, this.#app, this.#timeouts, options.log, {
      event: (event) => {
        this.#disowned.seen(event.channel?.id);
        if (event.recording?.state === 'done' || event.recording?.state === 'failed')
          this.#recordings.delete(event.recording.name);
        for (const translated of this.#translator.translate(event)) this.#emit(translated);
      },
      up: () => {
        this.#emit({ type: 'up' });
        void this.#afterConnecting();
      },
      down: (why, notRunning) => this.#emit({ type: 'down', why, notRunning }),
    });
    this.#operations = new AriOperations(this.#connection);
    this.#disowned = new DisownedCalls((channelId) => {
      this.hangup(channelId).catch((error: unknown) =>
        options.log.debug({ err: error, channelId }, 'a call that was given up could not be hung up yet'),
      );
    });
    this.#keeper = new EndpointKeeper(this.#app, this.#connection, this.#operations, options.log);
  }

  get state() {
    return this.#connection.state;
  }

  connect() {
    return this.#connection.connect();
  }

  async close() {
    this.#connection.close();
  }

  on(listener: (event: TelephonyEvent) => void) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async originate(call: OriginateRequest) {
    try {
      await this.#connection.call('channels', 'originate', originateParams(call, this.#app));
    } catch (error) {
      const unknownFate = error instanceof TelephonyError;
      if (unknownFate) this.#disowned.add(call.channelId);
      throw toOriginateError(error);
    }
  }

  answer(channelId: string) {
    return this.#operations.onChannel(channelId, 'answer');
  }

  hangup(channelId: string, reason = 'normal') {
    return this.#operations.onChannel(channelId, 'hangup', { reason });
  }

  ring(channelId: string) {
    return this.#operations.onChannel(channelId, 'ring');
  }

  /** Music to that channel, and silence from it, whatever bridge it is in. */
  async hold(channelId: string, on: boolean) {
    try {
      for (const [operation, params] of holdSteps(on))
        if (!(await this.#operations.tryOnChannel(channelId, operation, params))) return;
    } catch (error) {
      // What was not done whole is not left half done: they would hear music and be heard, or be mute in a talk.
      if (on)
        for (const [operation, params] of holdSteps(false))
          await this.#operations.tryOnChannel(channelId, operation, params).catch(() => {});
      throw error;
    }
    this.#emit({ type: 'held', channelId, on });
  }

  mute(channelId: string, on: boolean) {
    return this.#operations.onChannel(channelId, on ? 'mute' : 'unmute', { direction: 'in' });
  }

  sendDtmf(channelId: string, digits: string) {
    return this.#operations.onChannel(channelId, 'sendDTMF', { dtmf: digits });
  }

  async getVariable(channelId: string, name: string) {
    const found = await this.#operations.orGone(
      this.#connection.call<{ value: string }>('channels', 'getChannelVar', { channelId, variable: name }),
      'channels.getChannelVar',
    );
    return found?.value ?? null;
  }

  detectMachine(channelId: string) {
    return this.#operations.onChannel(channelId, 'continueInDialplan', {
      context: amdContext,
      extension: 's',
      priority: 1,
    });
  }

  awaitSilence(channelId: string) {
    return this.#operations.onChannel(channelId, 'continueInDialplan', {
      context: silenceContext,
      extension: 's',
      priority: 1,
    });
  }

  /** A bridge of that id that is there already will do. */
  async createBridge(bridgeId: string, type: 'mixing' | 'holding') {
    await this.#operations.doOrGone('bridges', 'createWithId', { bridgeId, type }, [409]);
  }

  addToBridge(bridgeId: string, channelIds: string[]) {
    return this.#operations.membership('addChannel', bridgeId, channelIds);
  }

  removeFromBridge(bridgeId: string, channelIds: string[]) {
    return this.#operations.membership('removeChannel', bridgeId, channelIds);
  }

  /** Recordings of the bridge end first: Asterisk ends them with it too, but then tells nobody. */
  async destroyBridge(bridgeId: string) {
    for (const [name, recorded] of [...this.#recordings])
      if (recorded === bridgeId) await this.stopRecording(name);
    // 409: it is on its way to be gone.
    await this.#operations.doOrGone('bridges', 'destroy', { bridgeId }, [409]);
  }

  async musicOnHold(bridgeId: string, on: boolean) {
    await this.#operations.doOrGone('bridges', on ? 'startMoh' : 'stopMoh', { bridgeId }, on ? [] : [409]);
  }

  async play(
    target: { channelId: string } | { bridgeId: string },
    media: string,
    playbackId: string,
  ): Promise<void> {
    if ('bridgeId' in target)
      await this.#operations.doOrGone('bridges', 'playWithId', { ...target, media, playbackId });
    else await this.#operations.onChannel(target.channelId, 'playWithId', { media, playbackId });
  }

  async stopPlayback(playbackId: string) {
    await this.#operations.doOrGone('playbacks', 'stop', { playbackId });
  }

  async record(bridgeId: string, name: string) {
    this.#recordings.set(name, bridgeId);
    try {
      await this.#operations.do('bridges', 'record', {
        bridgeId,
        name,
        format: 'wav',
        ifExists: 'overwrite',
      });
    } catch (error) {
      this.#recordings.delete(name);
      throw error;
    }
  }

  /** Asterisk takes what is so already, and refuses where it has not begun yet: then it is not paused. */
  async pauseRecording(name: string, on: boolean) {
    await this.#operations.doOrGone('recordings', on ? 'pause' : 'unpause', { recordingName: name });
  }

  async recordingState(name: string) {
    const asked = this.#connection.call<AriRecording>('recordings', 'getLive', { recordingName: name });
    const found = await this.#operations.orGone(asked, 'recordings.getLive');
    if (found?.state === 'paused') return 'paused' as const;
    return found && ['queued', 'recording'].includes(found.state) ? ('goes-on' as const) : null;
  }

  async stopRecording(name: string) {
    await this.#operations.doOrGone('recordings', 'stop', { recordingName: name });
    // Told or not: of one that ended while the link was away nobody hears.
    this.#recordings.delete(name);
  }

  async fetchRecording(name: string) {
    const path = `/recordings/stored/${encodeURIComponent(name)}/file`;
    return this.#operations.orGone(
      ariRequest(this.#options, { path, timeoutMs: this.#timeouts.callMs }),
      'recordings.getStoredFile',
    );
  }

  async deleteRecording(name: string) {
    await this.#operations.doOrGone('recordings', 'deleteStored', { recordingName: name });
  }

  snoop(channelId: string, snoopId: string, options: { whisper: boolean }) {
    return this.#operations.onChannel(channelId, 'snoopChannelWithId', {
      snoopId,
      spy: 'both',
      whisper: options.whisper ? 'out' : 'none',
      app: this.#app,
      appArgs: snooping,
    });
  }

  async channels(): Promise<ChannelInfo[]> {
    const found = await this.#operations.do<AriChannel[]>('channels', 'list');
    return found.map((channel) => ({
      channelId: channel.id,
      name: channel.name,
      up: channel.state === 'Up',
      inApp: channel.dialplan?.app_name === 'Stasis',
      callerNumber: channel.caller.number,
      createdAt: Date.parse(channel.creationtime),
    }));
  }

  async bridges(): Promise<BridgeInfo[]> {
    const found = await this.#operations.do<AriBridge[]>('bridges', 'list');
    return found.map((bridge) => ({ bridgeId: bridge.id, channelIds: [...bridge.channels] }));
  }

  endpoints(): Promise<EndpointInfo[]> {
    return this.#keeper.list();
  }

  async registrations() {
    const asked = readRegistrations(this.#options, this.#timeouts.callMs);
    return this.#keeper.registrationsIn((await this.#operations.orGone(asked, 'metrics', [401, 403])) ?? []);
  }

  putEndpoint(endpoint: EndpointSpec) {
    return this.#keeper.put(endpoint);
  }

  removeEndpoint(name: string) {
    return this.#keeper.remove(name);
  }

  async ping() {
    await this.#operations.do('asterisk', 'ping');
  }

  async #afterConnecting(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#hearOnly(translatedEvents);
      const channels = await this.#operations.do<AriChannel[]>('channels', 'list');
      this.#translator.reconcile(channels);
      for (const { id } of channels) this.#disowned.seen(id);
      await this.#keeper.restore();
    } catch (error) {
      log.warn({ err: error }, 'telephony is up, but could not be asked what it has');
    }
  }

  /** Of what Asterisk tells of a call, half is about variables and dialplan steps: it need not be sent. */
  async #hearOnly(types: readonly string[]): Promise<void> {
    const filter = { allowed: types.map((type) => ({ type })) };
    await this.#operations.do('applications', 'filter', { applicationName: this.#app, filter });
  }

  #emit(event: UntimedEvent): void {
    const timed = { ...event, at: this.#options.clock.now() } as TelephonyEvent;
    for (const listener of [...this.#listeners]) {
      try {
        listener(timed);
      } catch (error) {
        this.#options.log.error({ err: error, event: event.type }, 'a listener to telephony events failed');
      }
    }
  }
}

function holdSteps(on: boolean) {
  return [
    [on ? 'startMoh' : 'stopMoh', {}],
    [on ? 'mute' : 'unmute', { direction: 'in' }],
  ] as const;
}
