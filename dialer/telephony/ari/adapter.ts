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
import {
  amdContext,
  applicationVariable,
  defaultApplication,
  originatedCall,
  snooping,
} from '../dialplan.ts';
import { AriConnection } from './connection.ts';
import { AriStatusError, toOriginateError, toTelephonyError } from './errors.ts';
import { ariGet } from './http.ts';
import { endpointObjects } from '../endpoint-objects.ts';
import { translatedEvents, Translator, type UntimedEvent } from './translate.ts';
import type { AriTimeouts } from './client.ts';
import type { AriBridge, AriChannel, AriEndpoint } from './wire.ts';

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

const usualTimeouts: AriTimeouts = { callMs: 5000, connectMs: 5000, pingMs: 10_000 };
/** How long a call that was given up may still turn up on the switch, and is then hung up. */
const disownedForMs = 120_000;
/** Bounds the length of a request line. */
const watchedAtOnce = 50;

/** The port to Asterisk, or to the simulator, by ARI. Does nothing until `connect`. */
export function createAriTelephony(options: AriOptions): Telephony {
  return new AriTelephony(options);
}

class AriTelephony implements Telephony {
  readonly #options: AriOptions;
  readonly #app: string;
  readonly #timeouts: AriTimeouts;
  readonly #connection: AriConnection;
  readonly #translator = new Translator();
  readonly #listeners = new Set<(event: TelephonyEvent) => void>();
  /** Originates that timed out: the call may still come to life, and nobody waits for it. */
  readonly #disowned = new Set<string>();
  /** Bridges by the recordings that run on them. */
  readonly #recordings = new Map<string, string>();

  constructor(options: AriOptions) {
    this.#options = options;
    this.#app = options.app ?? defaultApplication;
    this.#timeouts = { ...usualTimeouts, ...options.timeouts };
    this.#connection = new AriConnection(options, this.#app, this.#timeouts, options.log, {
      event: (event) => {
        if (event.channel && this.#disowned.has(event.channel.id)) this.#dropDisowned(event.channel.id);
        if (event.recording?.state === 'done' || event.recording?.state === 'failed')
          this.#recordings.delete(event.recording.name);
        for (const translated of this.#translator.translate(event)) this.#emit(translated);
      },
      up: () => {
        this.#emit({ type: 'up' });
        void this.#afterConnecting();
      },
      down: (why) => this.#emit({ type: 'down', why }),
    });
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
    const { channelId, endpoint, formats } = call;
    const withheld = call.callerId === '' && !call.callerName;
    try {
      await this.#connection.call('channels', 'originate', {
        channelId,
        endpoint,
        app: this.#app,
        appArgs: originatedCall,
        callerId: callerIdText(call),
        timeout: Math.max(1, Math.ceil(call.ringTimeoutMs / 1000)),
        ...(formats ? { formats } : {}),
        variables: {
          [applicationVariable]: this.#app,
          ...(withheld ? { 'CALLERID(pres)': 'prohib' } : {}),
          ...call.variables,
        },
      });
    } catch (error) {
      if (error instanceof TelephonyError && error.fault !== 'refused') this.#disown(channelId);
      throw toOriginateError(error);
    }
  }

  answer(channelId: string) {
    return this.#onChannel(channelId, 'answer');
  }

  hangup(channelId: string, reason = 'normal') {
    return this.#onChannel(channelId, 'hangup', { reason });
  }

  ring(channelId: string) {
    return this.#onChannel(channelId, 'ring');
  }

  /** Music to that channel, and silence from it, whatever bridge it is in. */
  async hold(channelId: string, on: boolean) {
    if (on) await this.#onChannel(channelId, 'startMoh');
    await this.mute(channelId, on);
    if (!on) await this.#onChannel(channelId, 'stopMoh');
    this.#emit({ type: 'held', channelId, on });
  }

  mute(channelId: string, on: boolean) {
    return this.#onChannel(channelId, on ? 'mute' : 'unmute', { direction: 'in' });
  }

  sendDtmf(channelId: string, digits: string) {
    return this.#onChannel(channelId, 'sendDTMF', { dtmf: digits });
  }

  async getVariable(channelId: string, name: string) {
    const found = await this.#orGone(
      this.#connection.call<{ value: string }>('channels', 'getChannelVar', { channelId, variable: name }),
      'channels.getChannelVar',
    );
    return found?.value ?? null;
  }

  detectMachine(channelId: string) {
    return this.#onChannel(channelId, 'continueInDialplan', {
      context: amdContext,
      extension: 's',
      priority: 1,
    });
  }

  /** A bridge of that id that is there already will do. */
  async createBridge(bridgeId: string, type: 'mixing' | 'holding') {
    await this.#doOrGone('bridges', 'createWithId', { bridgeId, type }, [409]);
  }

  addToBridge(bridgeId: string, channelIds: string[]) {
    return this.#membership('addChannel', bridgeId, channelIds);
  }

  removeFromBridge(bridgeId: string, channelIds: string[]) {
    return this.#membership('removeChannel', bridgeId, channelIds);
  }

  /** Recordings of the bridge end first: Asterisk ends them with it too, but then tells nobody. */
  async destroyBridge(bridgeId: string) {
    for (const [name, recorded] of [...this.#recordings])
      if (recorded === bridgeId) await this.stopRecording(name);
    await this.#doOrGone('bridges', 'destroy', { bridgeId });
  }

  async musicOnHold(bridgeId: string, on: boolean) {
    await this.#doOrGone('bridges', on ? 'startMoh' : 'stopMoh', { bridgeId }, on ? [] : [409]);
  }

  async play(
    target: { channelId: string } | { bridgeId: string },
    media: string,
    playbackId: string,
  ): Promise<void> {
    if ('bridgeId' in target) await this.#doOrGone('bridges', 'playWithId', { ...target, media, playbackId });
    else await this.#onChannel(target.channelId, 'playWithId', { media, playbackId });
  }

  async stopPlayback(playbackId: string) {
    await this.#doOrGone('playbacks', 'stop', { playbackId });
  }

  async record(bridgeId: string, name: string) {
    this.#recordings.set(name, bridgeId);
    try {
      await this.#do('bridges', 'record', { bridgeId, name, format: 'wav', ifExists: 'overwrite' });
    } catch (error) {
      this.#recordings.delete(name);
      throw error;
    }
  }

  async pauseRecording(name: string, on: boolean) {
    await this.#doOrGone('recordings', on ? 'pause' : 'unpause', { recordingName: name }, [409]);
  }

  async stopRecording(name: string) {
    await this.#doOrGone('recordings', 'stop', { recordingName: name });
  }

  async fetchRecording(name: string) {
    const path = `/recordings/stored/${encodeURIComponent(name)}/file`;
    return this.#orGone(ariGet(this.#options, path, this.#timeouts.callMs), 'recordings.getStoredFile');
  }

  async deleteRecording(name: string) {
    await this.#doOrGone('recordings', 'deleteStored', { recordingName: name });
  }

  snoop(channelId: string, snoopId: string, options: { whisper: boolean }) {
    return this.#onChannel(channelId, 'snoopChannelWithId', {
      snoopId,
      spy: 'both',
      whisper: options.whisper ? 'out' : 'none',
      app: this.#app,
      appArgs: snooping,
    });
  }

  async channels(): Promise<ChannelInfo[]> {
    const found = await this.#do<AriChannel[]>('channels', 'list');
    return found.map((channel) => ({
      channelId: channel.id,
      name: channel.name,
      up: channel.state === 'Up',
      callerNumber: channel.caller.number,
      createdAt: Date.parse(channel.creationtime),
    }));
  }

  async bridges(): Promise<BridgeInfo[]> {
    const found = await this.#do<AriBridge[]>('bridges', 'list');
    return found.map((bridge) => ({ bridgeId: bridge.id, channelIds: [...bridge.channels] }));
  }

  async endpoints(): Promise<EndpointInfo[]> {
    const found = await this.#do<AriEndpoint[]>('endpoints', 'list');
    return found.map(({ technology, resource, state }) => ({
      endpoint: `${technology}/${resource}`,
      online: state === 'online',
    }));
  }

  async putEndpoint(endpoint: EndpointSpec) {
    for (const { configClass, objectType, id, fields } of endpointObjects(endpoint)) {
      try {
        await this.#connection.call('asterisk', 'updateObject', { configClass, objectType, id, fields });
      } catch (error) {
        // 403 and 404: sorcery.conf names no wizard for it that takes objects at run time.
        if (error instanceof AriStatusError && [403, 404].includes(error.status)) return false;
        throw toTelephonyError(error, 'asterisk.updateObject');
      }
    }
    await this.#watch([`PJSIP/${endpoint.name}`]);
    return true;
  }

  async removeEndpoint(name: string) {
    for (const { configClass, objectType, id } of endpointObjects(anyTrunk(name)).reverse())
      await this.#doOrGone('asterisk', 'deleteObject', { configClass, objectType, id }, [403]);
  }

  async ping() {
    await this.#do('asterisk', 'ping');
  }

  async #do<T = void>(resource: string, operation: string, params: object = {}): Promise<T> {
    try {
      return await this.#connection.call<T>(resource, operation, params);
    } catch (error) {
      throw toTelephonyError(error, `${resource}.${operation}`);
    }
  }

  /** `alsoGone` are statuses that mean, for this operation, that there is nothing left to do. */
  async #doOrGone(resource: string, operation: string, params: object, alsoGone: number[] = []) {
    const call = this.#connection.call(resource, operation, params);
    await this.#orGone(call, `${resource}.${operation}`, alsoGone);
  }

  async #orGone<T>(call: Promise<T>, operation: string, alsoGone: number[] = []): Promise<T | null> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof AriStatusError && [404, ...alsoGone].includes(error.status)) return null;
      throw toTelephonyError(error, operation);
    }
  }

  /** Between hanging up and being gone a channel answers 409 or 412; it is asked for again to tell the two apart. */
  async #onChannel(channelId: string, operation: string, params: object = {}): Promise<void> {
    try {
      await this.#connection.call('channels', operation, { channelId, ...params });
    } catch (error) {
      if (error instanceof AriStatusError) {
        if (error.status === 404) return;
        if ([409, 412, 422].includes(error.status) && !(await this.#isAlive(channelId))) return;
      }
      throw toTelephonyError(error, `channels.${operation}`);
    }
  }

  /** ARI refuses the whole list when one of its channels has gone; the others are then moved one by one. */
  async #membership(operation: 'addChannel' | 'removeChannel', bridgeId: string, channelIds: string[]) {
    const move = (channel: string) => this.#connection.call('bridges', operation, { bridgeId, channel });
    try {
      await move(channelIds.join(','));
    } catch (error) {
      if (!(error instanceof AriStatusError)) throw toTelephonyError(error, `bridges.${operation}`);
      if (error.status === 404 && operation === 'removeChannel') return;
      if (error.status === 404) throw toTelephonyError(error, `bridges.${operation}`);
      // 422: it is not in that bridge.
      if (error.status === 422 && operation === 'removeChannel' && channelIds.length === 1) return;
      const alive: string[] = [];
      for (const id of channelIds) if (await this.#isAlive(id)) alive.push(id);
      if (alive.length === 0) return;
      if (alive.length === channelIds.length && alive.length === 1)
        throw toTelephonyError(error, `bridges.${operation}`);
      for (const id of alive) await this.#membership(operation, bridgeId, [id]);
    }
  }

  async #isAlive(channelId: string): Promise<boolean> {
    const channel = await this.#orGone(
      this.#connection.call('channels', 'get', { channelId }),
      'channels.get',
    );
    return channel !== null;
  }

  #disown(channelId: string): void {
    this.#disowned.add(channelId);
    setTimeout(() => this.#disowned.delete(channelId), disownedForMs).unref();
    this.#dropDisowned(channelId);
  }

  #dropDisowned(channelId: string): void {
    this.hangup(channelId).catch((error: unknown) =>
      this.#options.log.debug({ err: error, channelId }, 'a call that was given up could not be hung up yet'),
    );
  }

  async #afterConnecting(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#hearOnly(translatedEvents);
      this.#translator.reconcile(await this.#do<AriChannel[]>('channels', 'list'));
      await this.#watch((await this.endpoints()).map(({ endpoint }) => endpoint));
    } catch (error) {
      log.warn({ err: error }, 'telephony is up, but could not be asked what it has');
    }
  }

  /** Of what Asterisk tells of a call, half is about variables and dialplan steps: it need not be sent. */
  async #hearOnly(types: readonly string[]): Promise<void> {
    const filter = { allowed: types.map((type) => ({ type })) };
    await this.#do('applications', 'filter', { applicationName: this.#app, filter });
  }

  /**
   * Has phones watched for coming and going, by their device state: a subscription to the endpoint itself would
   * bring every event of its calls a second time. Trunks are not watched, as their state changes with each call.
   */
  async #watch(endpoints: string[]): Promise<void> {
    const phones = endpoints.filter((name) => name.startsWith('PJSIP/') && !name.startsWith('PJSIP/trunk-'));
    for (let from = 0; from < phones.length; from += watchedAtOnce)
      await this.#do('applications', 'subscribe', {
        applicationName: this.#app,
        eventSource: phones
          .slice(from, from + watchedAtOnce)
          .map((name) => `deviceState:${name}`)
          .join(','),
      });
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

function callerIdText({ callerId, callerName }: OriginateRequest): string {
  const name = callerName?.replace(/["<>\\\p{Cc}]/gu, '');
  return name ? `"${name}" <${callerId}>` : callerId;
}

function anyTrunk(name: string): EndpointSpec {
  return {
    kind: 'trunk',
    name,
    host: 'none',
    port: 5060,
    transport: 'udp',
    username: 'none',
    password: 'none',
    register: true,
    codecs: [],
  };
}
