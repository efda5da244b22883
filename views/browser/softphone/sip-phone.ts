import { Devices } from './devices.ts';
import { Leg } from './leg.ts';
import { LevelMeter } from './level-meter.ts';
import { lostStatus } from './lost-line.ts';
import { MicrophoneError, openMicrophone, watchPermission } from './microphone.ts';
import { Observable } from './observable.ts';
import {
  initialState,
  type DeviceKind,
  type Phone,
  type PhoneConfig,
  type PhoneDevices,
  type PhoneState,
  type PhoneStatus,
} from './phone.ts';
import { Ringer } from './ringer.ts';
import { SilenceWatch } from './silence-watch.ts';
import { SipLine, type SipLineEvents } from './sip-line.ts';
import { TabLock } from './tab-lock.ts';

type WebrtcConfig = Extract<PhoneConfig, { kind: 'webrtc' }>;

export interface SipPhoneOptions {
  /** Whether an incoming leg is taken without a word: always for a nailed-up leg, and when a call is to be rejoined. */
  autoAnswer(): boolean;
  /** Whether there is somebody to be heard now. Between calls the switch sends nothing. */
  expectsSound(): boolean;
}

/** The softphone: JsSIP over the switch's WebSocket, one leg, one microphone, held by one tab. */
export class SipPhone implements Phone {
  readonly devices: PhoneDevices;
  readonly #config: WebrtcConfig;
  readonly #options: SipPhoneOptions;
  readonly #state = new Observable<PhoneState>(initialState);
  readonly #lock: TabLock;
  readonly #meter = new LevelMeter();
  readonly #ringer = new Ringer();
  readonly #speaker = new Audio();
  readonly #silence: SilenceWatch;
  #line: SipLine | null = null;
  #leg: Leg | null = null;
  #microphone: MediaStream | null = null;
  #opening = false;
  #wasRegistered = false;
  #triesSince = 0;

  constructor(config: WebrtcConfig, options: SipPhoneOptions) {
    this.#config = config;
    this.#options = options;
    this.devices = new Devices(
      (kind, id) => this.#useDevice(kind, id),
      () => this.#ringer.once(),
    );
    this.#lock = new TabLock(`ringwise-phone-${config.userId}`, {
      held: () => void this.#open(),
      elsewhere: () => this.#yield(),
    });
    this.#silence = new SilenceWatch(
      () => this.#meter.running && this.#state.value.leg === 'up' && !this.#state.value.muted,
      () => this.#meter.heard('microphone'),
      (silent) => this.#warn('silent-microphone', silent),
    );
    this.#speaker.autoplay = true;
  }

  get state(): PhoneState {
    return this.#state.value;
  }

  watch(listener: (state: PhoneState) => void): () => void {
    return this.#state.watch(listener);
  }

  async start(): Promise<void> {
    if (typeof RTCPeerConnection === 'undefined' || !window.isSecureContext) {
      this.#state.change({ status: 'unsupported', microphoneProblem: 'insecure' });
      return;
    }
    // A first key or click lets sound out where the browser had held it back.
    for (const gesture of ['pointerdown', 'keydown']) window.addEventListener(gesture, () => this.#wake());
    window.addEventListener('pagehide', () => this.stop());
    window.addEventListener('online', () => {
      if (this.#line) this.retry();
    });
    navigator.mediaDevices.addEventListener('devicechange', () => void this.#deviceChanged());
    void watchPermission((allowed) => {
      if (allowed && this.#state.value.status === 'no-microphone') this.retry();
    });
    await this.#useDevice('speaker', this.devices.chosen.speaker).catch(() => undefined);
    await this.#useDevice('ring', this.devices.chosen.ring).catch(() => undefined);
    this.#lock.acquire();
  }

  takeOver(): void {
    this.#lock.steal();
  }

  retry(): void {
    if (!this.#line) return void this.#open();
    // The transport would sit out its pause; a new line opens its WebSocket now. A leg that still talks is worth more.
    if (this.#line.retry() || this.#leg) return;
    this.#line.stop();
    this.#connect();
  }

  answer(): void {
    if (!this.#leg || !this.#microphone) return;
    this.#ringer.stop();
    this.#leg.answer(this.#microphone, this.#config.iceServers);
  }

  mute(on: boolean): void {
    this.#leg?.mute(on);
    this.#state.change({ muted: on });
  }

  levels(): { microphone: number; speaker: number } {
    return { microphone: this.#meter.level('microphone'), speaker: this.#meter.level('speaker') };
  }

  stop(): void {
    this.#close();
    this.#lock.release();
    this.#state.change({ status: 'stopped' });
  }

  /** Microphone first: an agent who cannot be heard must not be rung. */
  async #open(): Promise<void> {
    if (this.#line || this.#opening) return;
    this.#opening = true;
    try {
      this.#state.change({ status: 'starting', microphoneProblem: null });
      await this.#takeMicrophone(this.devices.chosen.microphone);
      this.#triesSince = performance.now();
      this.#connect();
    } catch (error) {
      const problem = error instanceof MicrophoneError ? error.problem : 'failed';
      this.#state.change({ status: 'no-microphone', microphoneProblem: problem });
    } finally {
      this.#opening = false;
    }
  }

  #connect(): void {
    this.#line = new SipLine(this.#config, {
      connecting: () => {
        if (this.#state.value.status === 'starting') this.#state.change({ status: 'connecting' });
      },
      registered: () => {
        this.#wasRegistered = true;
        this.#state.change({ status: 'registered', retryAt: null });
      },
      lost: (why, retryAt) => this.#state.change({ status: this.#lostStatus(why), retryAt }),
      invited: (session) => {
        // The dialer opens one leg for an agent: a second invitation means that it gave the first one up.
        this.#leg?.end();
        const leg: Leg = new Leg(session, {
          up: () => this.#legUp(leg),
          remote: (stream) => this.#hear(stream),
          quality: (quality) => this.#state.change({ quality }),
          silent: (on) => this.#warn('no-audio', on && this.#options.expectsSound()),
          ended: () => this.#legEnded(leg),
        });
        this.#leg = leg;
        this.#state.change({ leg: 'ringing' });
        if (this.#options.autoAnswer()) this.answer();
        else this.#ringer.start();
      },
    });
    this.#line.start();
  }

  #lostStatus(why: Parameters<SipLineEvents['lost']>[0]): PhoneStatus {
    const triedForMs = performance.now() - this.#triesSince;
    return lostStatus(why, { wasRegistered: this.#wasRegistered, triedForMs });
  }

  #legUp(leg: Leg): void {
    if (this.#leg !== leg) return;
    this.#ringer.stop();
    if (this.#state.value.muted) leg.mute(true);
    this.#state.change({ leg: 'up' });
    this.#silence.start();
  }

  #legEnded(leg: Leg): void {
    if (this.#leg !== leg) return;
    this.#leg = null;
    this.#ringer.stop();
    this.#silence.stop();
    this.#meter.detach('speaker');
    this.#speaker.srcObject = null;
    const { warning } = this.#state.value;
    this.#state.change({
      leg: 'none',
      quality: null,
      warning: warning === 'no-audio' || warning === 'silent-microphone' ? null : warning,
    });
  }

  #hear(stream: MediaStream): void {
    this.#speaker.srcObject = stream;
    this.#meter.attach('speaker', stream);
    this.#play();
  }

  #play(): void {
    this.#speaker.play().then(
      () => this.#warn('autoplay', false),
      (error: unknown) => this.#warn('autoplay', error instanceof Error && error.name === 'NotAllowedError'),
    );
  }

  #wake(): void {
    this.#meter.wake();
    if (this.#state.value.warning === 'autoplay') this.#play();
  }

  async #takeMicrophone(deviceId: string): Promise<void> {
    const stream = await openMicrophone(deviceId);
    await this.#leg?.useMicrophone(stream);
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#microphone = stream;
    this.#meter.attach('microphone', stream);
    if (this.#state.value.muted) this.#leg?.mute(true);
    for (const track of stream.getAudioTracks())
      track.addEventListener('ended', () => void this.#microphoneGone(stream));
    this.#warn('device-gone', false);
  }

  /** The headset was pulled out: the system's default takes its place, and the agent is told. */
  async #microphoneGone(stream: MediaStream): Promise<void> {
    if (this.#microphone !== stream) return;
    await this.#takeMicrophone('').catch(() => undefined);
    this.#warn('device-gone', true);
  }

  async #deviceChanged(): Promise<void> {
    if (this.#state.value.status === 'no-microphone') return this.retry();
    if (this.#state.value.warning !== 'device-gone') return;
    const { microphones } = await this.devices.list();
    const wanted = this.devices.chosen.microphone;
    if (microphones.some(({ id }) => id === wanted))
      await this.#takeMicrophone(wanted).catch(() => undefined);
  }

  async #useDevice(kind: DeviceKind, deviceId: string): Promise<void> {
    if (kind === 'microphone') await this.#takeMicrophone(deviceId);
    else if (kind === 'ring') await this.#ringer.useDevice(deviceId);
    else if ('setSinkId' in this.#speaker) await this.#speaker.setSinkId(deviceId);
  }

  #warn(warning: NonNullable<PhoneState['warning']>, on: boolean): void {
    if (on) this.#state.change({ warning });
    else if (this.#state.value.warning === warning) this.#state.change({ warning: null });
  }

  #yield(): void {
    this.#close();
    this.#state.change({ status: 'elsewhere' });
  }

  #close(): void {
    this.#leg?.end();
    this.#line?.stop();
    this.#line = null;
    this.#silence.stop();
    this.#ringer.stop();
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#microphone = null;
    this.#meter.detach('microphone');
    this.#state.change({ retryAt: null });
  }
}
