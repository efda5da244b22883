import { C, UA } from 'jssip';
import type { IncomingRTCSessionEvent, RTCSessionEvent } from 'jssip/lib/UA';
import type { RTCSession } from 'jssip/lib/RTCSession';
import { BackOff } from './back-off.ts';
import { SipSocket } from './sip-socket.ts';

export interface SipLineConfig {
  uri: string;
  password: string;
  wsUrl: string;
}

export interface SipLineEvents {
  connecting(): void;
  registered(): void;
  /** The connection or the registration is gone; `retryAt` is when it is tried again (null: the transport decides). */
  lost(why: 'connection' | 'refused' | 'failed', retryAt: number | null): void;
  /** The WebSocket is open, but nothing comes back through it. */
  dead(): void;
  invited(session: RTCSession): void;
}

/** A registration lasts this long; the refresh at half of it also finds a WebSocket that is open but dead. */
const registerSeconds = 60;
/** However long the switch was away, a phone that waits longer than this keeps its agent from customers. */
const recoverWithinSeconds = 4;
/** A switch that has just started refuses all phones until it has been told of them. */
const triesBeforeRefused = 3;

/** The registration at the switch: WebSocket, REGISTER, and coming back after either was lost. */
export class SipLine {
  readonly #ua: UA;
  readonly #events: SipLineEvents;
  readonly #backOff = new BackOff(1_500, 15_000);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refusals = 0;
  #stopped = false;

  constructor(config: SipLineConfig, events: SipLineEvents) {
    this.#events = events;
    this.#ua = new UA({
      sockets: [new SipSocket(config.wsUrl)],
      uri: config.uri,
      password: config.password,
      register: true,
      register_expires: registerSeconds,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: recoverWithinSeconds,
      user_agent: 'Ringwise',
    });
    this.#listen();
  }

  start(): void {
    this.#ua.start();
  }

  /** Registers now, without waiting for the next try. False where the WebSocket itself is down. */
  retry(): boolean {
    clearTimeout(this.#timer);
    if (this.#stopped || !this.#ua.isConnected()) return false;
    this.#ua.register();
    return true;
  }

  /** Calls an extension of the switch. Null where the line is down. */
  call(extension: string, mediaStream: MediaStream, iceServers: RTCIceServer[]): RTCSession | null {
    if (this.#stopped || !this.#ua.isRegistered()) return null;
    const mediaConstraints = { audio: true, video: false };
    return this.#ua.call(extension, { mediaStream, mediaConstraints, pcConfig: { iceServers } });
  }

  /** Hangs up, unregisters and closes. What can be sent is sent at once, so this works while the page is closing. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#ua.stop();
  }

  #listen(): void {
    const ua = this.#ua;
    ua.on('connecting', () => this.#unlessStopped(() => this.#events.connecting()));
    ua.on('disconnected', () => this.#unlessStopped(() => this.#events.lost('connection', null)));
    ua.on('registered', () =>
      this.#unlessStopped(() => {
        this.#backOff.reset();
        this.#refusals = 0;
        clearTimeout(this.#timer);
        this.#events.registered();
      }),
    );
    ua.on('registrationFailed', ({ cause }) =>
      this.#unlessStopped(() => {
        // Without a connection the transport brings the registration back by itself.
        if (!ua.isConnected()) return;
        const refused = cause === C.causes.AUTHENTICATION_ERROR || cause === C.causes.REJECTED;
        this.#refusals = refused ? this.#refusals + 1 : 0;
        const pause = this.#backOff.next();
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.retry(), pause);
        this.#events.lost(this.#refusals > triesBeforeRefused ? 'refused' : 'failed', Date.now() + pause);
        if (cause === C.causes.REQUEST_TIMEOUT) this.#events.dead();
      }),
    );
    ua.on('newRTCSession', (event: RTCSessionEvent) => {
      if (isIncoming(event)) this.#unlessStopped(() => this.#events.invited(event.session));
    });
  }

  #unlessStopped(work: () => void): void {
    if (!this.#stopped) work();
  }
}

function isIncoming(event: RTCSessionEvent): event is IncomingRTCSessionEvent {
  return (event.originator as string) === 'remote';
}
