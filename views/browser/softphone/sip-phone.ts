import { echoExtension } from '../../../dialer/telephony/dialplan.ts';
import { Devices } from './devices.ts';
import { SipEcho } from './echo-call.ts';
import { Leg } from './leg.ts';
import { LevelMeter } from './level-meter.ts';
import { lostStatus } from './lost-line.ts';
import { MicrophoneError } from './microphone-error.ts';
import { openMicrophone, watchPermission } from './microphone.ts';
import { Observable } from './observable.ts';
import { OwnMicrophone } from './own-microphone.ts';
import {
  initialState,
  type DeviceKind,
  type EchoCall,
  type Phone,
  type PhoneConfig,
  type PhoneOptions,
  type PhoneState,
  type PhoneStatus,
  type PhoneWarning,
} from './phone.ts';
import { Ringer } from './ringer.ts';
import { SilenceWatch } from './silence-watch.ts';
import { SipLine } from './sip-line.ts';
import { Speaker } from './speaker.ts';
import { TabLock } from './tab-lock.ts';
import { UnheardWatch } from './unheard-watch.ts';

type WebrtcConfig = Extract<PhoneConfig, { kind: 'webrtc' }>;

/** The softphone: JsSIP over the switch's WebSocket, one leg, one microphone, held by one tab. */
export class SipPhone implements Phone {
  readonly devices: Devices;
  readonly #config: WebrtcConfig;
  readonly #options: PhoneOptions;
  readonly #state = new Observable<PhoneState>(initialState);
  readonly #lock: TabLock;
  readonly #meter = new LevelMeter();
  readonly #ringer = new Ringer();
  readonly #speaker = new Speaker((on) => this.#warn('autoplay', on));
  readonly #microphone: OwnMicrophone<MediaStream>;
  readonly #silence: SilenceWatch;
  readonly #unheard: UnheardWatch;
  #line: SipLine | null = null;
  #leg: Leg | null = null;
  #echo: SipEcho | null = null;
  /** What the line is doing, whatever the microphone is. */
  #lineStatus: PhoneStatus = 'starting';
  #opening = false;
  #wasRegistered = false;
  #triesSince = 0;

  constructor(config: WebrtcConfig, options: PhoneOptions) {
    this.#config = config;
    this.#options = options;
    this.devices = new Devices(
      (kind, id) => this.#useDevice(kind, id),
      () => this.#ringer.once(),
    );
    this.#lock = new TabLock(`ringwise-phone-${config.userId}`, {
      held: () => void this.#open(),
      elsewhere: () => {
        this.#close();
        this.#state.change({ status: 'elsewhere' });
      },
    });
    this.#microphone = new OwnMicrophone(openMicrophone, {
      use: async (stream) => {
        await this.#leg?.useMicrophone(stream);
        this.#echo?.stop();
        this.#meter.attach('microphone', stream);
      },
      away: (on) => this.#warn('device-gone', on),
      lost: () => this.#unheard.start(),
      back: () => this.#lock.held && this.#microphoneThere(),
      dead: (microphoneProblem) => {
        this.#state.change({ status: 'no-microphone', microphoneProblem });
        this.#unheard.start();
      },
    });
    this.#silence = new SilenceWatch(
      () => this.#meter.running && this.#state.value.leg === 'up' && !this.#state.value.muted,
      () => this.#meter.heard('microphone'),
      (silent) => this.#warn('silent-microphone', silent),
    );
    this.#unheard = new UnheardWatch({
      unheard: () => this.#line !== null && this.#microphone.dead,
      inCall: () => this.#leg !== null && options.inCall(),
      end: () => {
        this.#closeLine();
        // The browser still asks for one that stands in.
        if (this.#state.value.status !== 'no-microphone')
          this.#state.change({ status: 'no-microphone', microphoneProblem: 'blocked' });
      },
    });
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
      if (this.#line && !this.#leg) this.#reconnect();
      else if (this.#line) this.retry();
    });
    navigator.mediaDevices.addEventListener('devicechange', () => void this.#deviceChanged());
    void watchPermission((allowed) => {
      if (allowed && this.#state.value.status === 'no-microphone') this.retry();
    });
    await this.devices.useOutputs();
    if (this.#options.opensElsewhere()) return this.#state.change({ status: 'displaced' });
    this.#options.holding?.wants();
    this.#lock.acquire();
  }

  takeOver(): void {
    this.#options.holding?.wants();
    this.#lock.steal();
  }

  giveUp(): void {
    this.#lock.letGo();
    this.#close();
    this.#state.change({ status: 'displaced' });
  }

  isHere(): void {
    if (this.#state.value.status === 'displaced') this.#lock.acquire();
  }

  retry(): void {
    if (!this.#line) return void this.#open();
    if (this.#microphone.dead)
      void this.#useDevice('microphone', this.devices.chosen.microphone).catch(() => undefined);
    // Only a switch that answers is asked again: a WebSocket may look open and be dead, and the transport would sit out
    // its pause. A leg that still talks is worth more than a new line.
    const answers = this.#lineStatus === 'registered' || this.#lineStatus === 'refused';
    if (this.#leg) this.#line.retry();
    else if (!answers || !this.#line.retry()) this.#reconnect();
  }

  answer(): void {
    const { stream } = this.#microphone;
    if (!this.#leg || !stream || this.#microphone.dead) return;
    this.#ringer.stop();
    this.#leg.answer(stream, this.#config.iceServers);
  }

  mute(on: boolean): void {
    this.#microphone.mute(on);
    this.#state.change({ muted: on });
  }

  levels(): { microphone: number; speaker: number } {
    return { microphone: this.#meter.level('microphone'), speaker: this.#meter.level('speaker') };
  }

  echo(): EchoCall | null {
    const { stream } = this.#microphone;
    const line = this.#line;
    if (!stream || !line || this.#microphone.dead || this.#lineStatus !== 'registered') return null;
    this.#echo?.stop();
    const speaker = new Speaker((on) => this.#warn('autoplay', on));
    void speaker.useDevice(this.devices.chosen.speaker).catch(() => undefined);
    let echo: SipEcho | null = null;
    echo = new SipEcho({
      place: (events) => {
        const session = line.call(echoExtension, stream, this.#config.iceServers);
        return session && new Leg(session, events);
      },
      ...{ meter: this.#meter, speaker },
      over: () => {
        if (this.#echo === echo) this.#echo = null;
      },
    });
    return (this.#echo = echo);
  }

  stop(): void {
    this.#close();
    this.#lock.release();
    this.#state.change({ status: 'stopped' });
  }

  /** Microphone first: an agent who cannot be heard must not be rung. */
  async #open(): Promise<void> {
    if (this.#line || this.#opening || !this.#lock.held) return;
    this.#opening = true;
    this.#state.change({ status: 'starting', microphoneProblem: null });
    const problem = await this.#microphone.take(this.devices.chosen.microphone).then(
      (taken) => (taken ? null : 'closed'),
      (error: unknown) => (error instanceof MicrophoneError ? error.problem : 'failed'),
    );
    this.#opening = false;
    // Another tab may have taken the phone while the browser asked for the microphone, and given it back.
    if (problem === 'closed') return this.#open();
    if (!this.#lock.held) return;
    if (problem) this.#state.change({ status: 'no-microphone', microphoneProblem: problem });
    else this.#microphoneThere();
  }

  /** A phone that had none starts; one that has lost it is as good as its line. */
  #microphoneThere(): void {
    if (!this.#line) {
      this.#triesSince = performance.now();
      this.#state.change({ status: 'starting', microphoneProblem: null });
      this.#connect();
    } else if (this.#state.value.status === 'no-microphone')
      this.#state.change({ status: this.#lineStatus, microphoneProblem: null });
    void this.#deviceChanged();
  }

  #reconnect(): void {
    this.#line?.stop();
    this.#connect();
  }

  #connect(): void {
    this.#line = new SipLine(this.#config, {
      connecting: () => {
        if (this.#state.value.status === 'starting') this.#lineIs('connecting', null);
      },
      registered: () => {
        this.#wasRegistered = true;
        this.#lineIs('registered', null);
        this.#options.holding?.registered();
      },
      lost: (why, retryAt) => {
        const triedForMs = performance.now() - this.#triesSince;
        this.#lineIs(lostStatus(why, { wasRegistered: this.#wasRegistered, triedForMs }), retryAt);
      },
      dead: () => {
        if (!this.#leg) this.#reconnect();
      },
      invited: (session) => {
        // The dialer opens one leg for an agent: a second invitation means that it gave the first one up.
        this.#leg?.end();
        if (this.#microphone.dead) return void session.terminate();
        const leg: Leg = new Leg(session, {
          up: () => this.#legUp(leg),
          remote: (stream) => this.#hear(stream),
          quality: (quality) => this.#state.change({ quality }),
          silent: (on) => this.#warn('no-audio', on && this.#options.expectsSound()),
          switched: () => this.#microphone.enable(),
          ended: (bySwitch) => this.#legEnded(leg, bySwitch),
        });
        this.#leg = leg;
        this.#state.change({ leg: 'ringing' });
        if (this.#options.autoAnswer()) this.answer();
        else this.#ringer.start();
      },
    });
    this.#line.start();
  }

  #lineIs(status: PhoneStatus, retryAt: number | null): void {
    this.#lineStatus = status;
    this.#state.change({ retryAt, ...(this.#microphone.dead ? {} : { status }) });
  }

  #legUp(leg: Leg): void {
    if (this.#leg !== leg) return;
    this.#ringer.stop();
    this.#state.change({ leg: 'up' });
    this.#silence.start();
  }

  #legEnded(leg: Leg, endedBySwitch: boolean): void {
    if (this.#leg !== leg) return;
    this.#leg = null;
    this.#ringer.stop();
    this.#silence.stop();
    this.#meter.detach('speaker');
    this.#speaker.stop();
    this.#warn('no-audio', false);
    this.#warn('silent-microphone', false);
    this.#state.change({ leg: 'none', quality: null, endedBySwitch });
  }

  #hear(stream: MediaStream): void {
    this.#speaker.play(stream);
    this.#meter.attach('speaker', stream);
  }

  #wake(): void {
    this.#meter.wake();
    this.#speaker.wake();
  }

  async #deviceChanged(): Promise<void> {
    if (this.#state.value.status === 'no-microphone') return this.retry();
    const { microphones } = await this.devices.list();
    await this.#microphone.devicesChanged(new Set(microphones.map(({ id }) => id)));
    await this.devices.useOutputs();
  }

  async #useDevice(kind: DeviceKind, deviceId: string): Promise<void> {
    if (kind === 'ring') await this.#ringer.useDevice(deviceId);
    else if (kind === 'speaker') await this.#speaker.useDevice(deviceId);
    else if (this.#lock.held && (await this.#microphone.take(deviceId))) this.#microphoneThere();
  }

  #warn(warning: PhoneWarning, on: boolean): void {
    const { warnings } = this.#state.value;
    if (warnings.includes(warning) === on) return;
    const others = warnings.filter((each) => each !== warning);
    this.#state.change({ warnings: on ? [...others, warning] : others });
  }

  /** Ends the leg, and takes no other until the line is opened anew. */
  #closeLine(): void {
    this.#echo?.stop();
    this.#leg?.end();
    this.#line?.stop();
    this.#line = null;
    this.#unheard.stop();
    this.#silence.stop();
    this.#ringer.stop();
  }

  #close(): void {
    this.#closeLine();
    this.#microphone.close();
    this.#meter.detach('microphone');
    this.#state.change({ retryAt: null, endedBySwitch: false });
  }
}
