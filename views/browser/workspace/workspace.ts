import type { OffsetsAhead } from '../../../core/time/local-time.ts';
import type { PhoneHolder } from '../../../dialer/phone-holders/phone-holder.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { WorkspaceCommand } from '../../../dialer/workspace/command-names.ts';
import type { KeyAction } from '../../../dialer/workspace/keys.ts';
import type { PhoneState } from '../softphone/index.ts';
import { need, pageData } from '../shared/dom.ts';
import { localClock } from '../shared/local-clock.ts';
import { say } from '../shared/words.ts';
import { Alerts } from './alerts.ts';
import { Attention } from './attention.ts';
import { Bar, type PauseCodeInfo } from './bar.ts';
import { CallbacksDialog } from './callbacks-dialog.ts';
import { startCallbackForms } from './callback-forms.ts';
import { Commands } from './commands.ts';
import { Dialling } from './dialling.ts';
import { closeDialog, makeWay, onReason, openDialog, startDialogs } from './dialogs.ts';
import { DispositionForm } from './disposition-form.ts';
import { bound, setHidden } from './dom.ts';
import { setSingleKeys, singleKeys, startHotkeys } from './hotkeys.ts';
import { startIdentifyForms } from './identify-form.ts';
import { Keypad } from './keypad.ts';
import { LineCheck } from './line-check.ts';
import { watchLostPhone } from './lost-phone.ts';
import { showMessages, showMonitors } from './messages.ts';
import { Mute } from './mute.ts';
import { Narrator } from './narrator.ts';
import { ownPhone, rejoins } from './own-phone.ts';
import { ParkedStrip } from './parked.ts';
import { PauseDialog } from './pause-dialog.ts';
import { PhonePanel } from './phone-panel.ts';
import { PhoneSettings } from './phone-settings.ts';
import { LineRecord } from './line-record.ts';
import { keepPhoneOnLinks } from './links.ts';
import { Reading } from '../shared/reading.ts';
import { ScriptSteps } from './script-steps.ts';
import { sendLineNow, sendLineReport } from './send-line-report.ts';
import { StageKeeper } from './stage-keeper.ts';
import { Stage } from './stage.ts';
import { watchSwitch } from './switch-away.ts';
import { TransferDialog } from './transfer-dialog.ts';
import { Truth } from './truth.ts';

/** Commands that bring a customer to this phone. */
const callsFor: ReadonlySet<WorkspaceCommand> = new Set(['ready', 'preview-dial', 'dial', 'take-up']);

/** Statuses in which a phone does better to try again than to wait. */
const idlePhones: ReadonlySet<PhoneState['status']> = new Set([
  ...(['unavailable', 'connecting', 'refused', 'retrying', 'unreachable', 'no-microphone'] as const),
]);

interface PageData {
  userId: number;
  snapshot: AgentSnapshot | null;
  pauseCodes: PauseCodeInfo[];
  phoneHolder: PhoneHolder | null;
}

/** The agent's page: puts its parts together and says which key and button does what. */
export class Workspace {
  readonly #data = pageData<PageData>() ?? {
    ...{ userId: 0, snapshot: null, pauseCodes: [], phoneHolder: null },
  };
  readonly #truth = new Truth();
  readonly #commands = new Commands(this.#truth);
  readonly #alerts = new Alerts();
  readonly #callbacks = new CallbacksDialog(this.#alerts, () => this.#dialling.draw());
  readonly #attention = new Attention();
  readonly #parked = new ParkedStrip(this.#truth, this.#commands, this.#attention);
  readonly #narrator = new Narrator(this.#truth);
  readonly #bar = new Bar(this.#truth, this.#data.pauseCodes);
  readonly #stage = new Stage(need('#workspace').dataset.stage ?? 'idle');
  readonly #keeper = new StageKeeper(this.#stage, () => void this.#callbacks.look());
  readonly #keypad = new Keypad(this.#commands, this.#truth);
  readonly #dialling = new Dialling(this.#commands, this.#truth);
  readonly #transfers = new TransferDialog(this.#commands, this.#truth);
  readonly #pauses = new PauseDialog(this.#commands, this.#bar);
  #form: DispositionForm | null = null;
  #steps: ScriptSteps | Reading | null = null;
  readonly #phoneSettings = new PhoneSettings();
  readonly #phone = ownPhone({
    ...{ truth: this.#truth, commands: this.#commands, settings: this.#phoneSettings },
    holder: this.#data.phoneHolder,
  });
  readonly #lineCheck = new LineCheck(this.#phone);
  readonly #lineRecord = new LineRecord(sendLineReport, sendLineNow);
  readonly #mute = new Mute(this.#phone, this.#data.userId);
  /** A leg that carries nothing is dropped, and another opened. */
  readonly #panel = new PhonePanel(
    this.#phone,
    this.#alerts,
    () => void this.#commands.run('sign-in', { fresh: true }),
  );

  async start(): Promise<void> {
    startDialogs();
    this.#stage.onMounted((root, path) => this.#mounted(root, path));
    this.#stage.onEarlyNote((text, hadFocus) => this.#form?.addToNote(text, hadFocus));
    this.#stage.onCleared(() => {
      this.#form?.close();
      [this.#form, this.#steps] = [null, null];
    });
    this.#truth.watch((snapshot, before) => this.#follow(snapshot, before));
    watchSwitch(this.#truth, this.#alerts);
    watchLostPhone(this.#truth, this.#alerts, () => void this.#signIn());
    this.#truth.watchDrafts((news) => this.#form?.receive(news));
    this.#truth.watchCampaigns(() => this.#keeper.campaignsChanged());
    showMessages(this.#truth, this.#alerts);
    this.#truth.watchSilence((silent) =>
      this.#alerts.set('silent', silent ? { kind: 'warning', text: say('live.silent') } : null),
    );
    if (this.#data.snapshot) this.#truth.apply(this.#data.snapshot);
    else this.#alerts.set('silent', { kind: 'warning', text: say('live.silent') });
    this.#listen();
    addEventListener('pagehide', () => this.#lineRecord.tell());
    // Back out of the browser's page cache its stream and its phone are closed: the page is read anew.
    addEventListener('pageshow', (event) => {
      if (event.persisted) location.reload();
    });
    this.#truth.start();
    setInterval(() => this.#tick(), 500);
    this.#commands.refuseFor((name) => (callsFor.has(name) ? this.#panel.obstacle() : null));
    this.#phone.watch((state) => this.#followPhone(state));
    await this.#phone.start();
  }

  #follow(snapshot: AgentSnapshot, before: AgentSnapshot | null): void {
    makeWay(snapshot, before);
    this.#keeper.follow(snapshot, before);
    this.#form?.follow(snapshot);
    this.#panel.follow(snapshot);
    this.#lineCheck.follow(snapshot);
    this.#lineRecord.follow(snapshot);
    this.#mute.follow(snapshot);
    this.#attention.follow(snapshot, before);
    showMonitors(snapshot, this.#alerts);
    if (snapshot.state === 'wrapup' && before?.state !== 'wrapup') this.#keypad.close();
  }

  #mounted(root: HTMLElement, path: string): void {
    this.#form?.close();
    const columns = root.querySelector<HTMLElement>('[data-stage]');
    const form = root.querySelector<HTMLFormElement>('#disposition');
    this.#form =
      form &&
      new DispositionForm(form, columns?.dataset.zone ?? 'UTC', {
        commands: this.#commands,
        truth: this.#truth,
        done: () => this.#keeper.closeLate(),
      });
    const reading = root.querySelector<HTMLFormElement>('form[data-reading]');
    this.#steps = reading
      ? new Reading(reading, (disposition) => this.#form?.suggest(disposition))
      : new ScriptSteps(root, path);
    if (columns) this.#callbacks.tell(columns.dataset);
    startIdentifyForms(root, () => this.#stage.refreshIf(path));
    if (this.#truth.snapshot) this.#form?.follow(this.#truth.snapshot);
    root.querySelector('[data-do="skip-open"]')?.addEventListener('click', () => openDialog('skip'));
    this.#dialling.draw();
    this.#narrator.popped(root, path);
    this.#tick();
  }

  #tick(): void {
    const now = this.#truth.now();
    for (const element of document.querySelectorAll<HTMLElement>('[data-clock]')) {
      // The server's offsets of that clock.
      const text = localClock('en', JSON.parse(element.dataset.clock!) as OffsetsAhead)(now);
      if (element.textContent !== text) element.textContent = text;
    }
    if (this.#truth.snapshot) this.#form?.watchLimit(this.#truth.snapshot);
  }

  #listen(): void {
    const onClick: Record<string, (element: HTMLElement) => unknown> = {
      next: () => this.#bar.settled && this.#next(),
      'pause-open': () => void this.#pauses.open(),
      pause: ({ dataset }) => this.#pauses.take(Number(dataset.code)),
      'dial-open': () => this.#dialling.open(),
      'callbacks-open': () => void this.#callbacks.open(),
      'phone-open': () => this.#panel.open(),
      'keys-open': () => void openDialog('keys'),
      mute: () => this.#mute.toggle(),
      hold: () => void this.#hold(),
      park: () => void this.#onCall('park'),
      record: () => void this.#record(),
      'transfer-open': () => void this.#transfers.open('transfer'),
      'consult-open': () => void this.#transfers.open('consult'),
      conference: () => void this.#conference(),
      'take-back': () => void this.#onCall('take-back'),
      complete: () => void this.#onCall('complete'),
      keypad: () => this.#keypad.toggle(),
      extend: () => void openDialog('extend'),
      'late-open': ({ dataset }) => this.#keeper.openLate(dataset.call ?? ''),
      'late-close': () => this.#keeper.closeLate(),
      'sign-out': () => void this.#commands.run('sign-out').then((done) => done && closeDialog('phone')),
      notify: () => void this.#attention.allow(),
    };
    document.addEventListener('click', (event) => {
      const element = (event.target as HTMLElement).closest<HTMLElement>('[data-do]');
      const act = element && onClick[element.dataset.do!];
      if (!act) return;
      event.preventDefault();
      act(element);
    });
    startCallbackForms(() => {
      this.#dialling.draw();
      this.#keeper.refreshIdle();
      void this.#callbacks.look();
    });
    onReason('skip', (reason) => this.#skip(reason), say('dialog.reasonMissing'));
    onReason('extend', (reason) => this.#extend(reason), say('dialog.reasonMissing'));
    const box = bound<HTMLInputElement>('single-keys');
    box.checked = singleKeys();
    box.addEventListener('change', () => setSingleKeys(box.checked));
    const typing = startHotkeys({ act: (action) => this.#act(action), digit: (digit) => this.#digit(digit) });
    this.#stage.onInterrupted(() => typing.begin(performance.now()));
    keepPhoneOnLinks(() => this.#truth.snapshot !== null && this.#truth.snapshot.state !== 'signed-out');
  }

  /** What a key does; false where it has no meaning now, and belongs to the browser. */
  #act(action: KeyAction): boolean {
    const { snapshot } = this.#truth;
    const next = this.#bar.view?.action ?? null;
    const only = (allowed: boolean, run: () => unknown) => {
      if (allowed) void run();
      return allowed;
    };
    const visible = (name: string) => !bound(name).hidden && !bound('controls').hidden;
    switch (action) {
      case 'next-action':
        return only(next !== null && next !== 'hangup', () => this.#next());
      case 'ready':
        return only(next === 'ready', () => this.#commands.run('ready'));
      case 'pause':
        return only(snapshot !== null && snapshot.state !== 'signed-out', () => this.#pauses.open());
      case 'dial':
        return only(true, () => this.#dialling.open());
      case 'callbacks':
        return only(true, () => this.#callbacks.open());
      case 'mute':
        return only(visible('mute'), () => this.#mute.toggle());
      case 'hold':
        if (visible('take-back')) return only(true, () => this.#onCall('take-back'));
        return only(visible('hold'), () => this.#hold());
      case 'park':
        return only(visible('park'), () => this.#onCall('park'));
      case 'take-up':
        return this.#parked.takeFirst();
      case 'transfer':
      case 'consult':
        return only(visible(action), () => this.#transfers.open(action));
      case 'conference':
        return only(visible('conference'), () => this.#conference());
      case 'complete':
        return only(visible('complete'), () => this.#onCall('complete'));
      case 'record':
        return only(visible('record'), () => this.#record());
      case 'keypad':
        return only(visible('keypad'), () => this.#keypad.toggle());
      case 'hangup':
        return only(next === 'hangup' && this.#bar.settled, () => this.#next());
      case 'answer':
        return only(next === 'answer', () => this.#phone.answer());
      case 'preview-dial':
        return only(next === 'preview-dial', () => this.#next());
      case 'preview-skip':
        return only(next === 'preview-dial', () => openDialog('skip'));
      case 'note':
        if (this.#form === null) return this.#stage.focusEarlyNote();
        return only(true, () => this.#form?.focusNote());
      case 'save':
        return only(this.#form !== null, () => this.#form?.handIn());
      case 'extend':
        return only(next === 'save', () => openDialog('extend'));
      case 'step-next':
        return this.#steps?.move(1) ?? false;
      case 'step-back':
        return this.#steps?.move(-1) ?? false;
      case 'question':
        return this.#steps instanceof Reading && this.#steps.focusQuestion();
      case 'phone':
        return only(true, () => this.#panel.open());
      case 'list':
        return only(true, () => openDialog('keys'));
    }
  }

  #digit(digit: string): boolean {
    return this.#keypad.press(digit) || (this.#form?.choose(digit) ?? false);
  }

  #next(): void {
    const { snapshot } = this.#truth;
    switch (this.#bar.view?.action) {
      case 'sign-in':
        return void this.#signIn();
      case 'ready':
        return void this.#commands.run('ready');
      case 'pause':
        return void this.#pauses.open();
      case 'answer':
        return this.#phone.answer();
      case 'preview-dial':
        return void this.#commands.run('preview-dial', { leadId: snapshot?.preview?.leadId });
      case 'hangup':
        return void this.#commands.run('hangup', { callId: snapshot?.call?.id });
      case 'take-back':
        return void this.#onCall('take-back');
      case 'save':
        return void this.#form?.handIn();
    }
  }

  async #signIn(): Promise<void> {
    // Who signs in here wants the phone here.
    if (this.#phone.state.status === 'displaced') this.#phone.takeOver();
    if (await this.#commands.run('sign-in')) await this.#phoneSettings.renew();
    // The switch may have learned of this phone only now.
    if (idlePhones.has(this.#phone.state.status)) this.#phone.retry();
  }

  async #hold(): Promise<void> {
    const call = this.#truth.snapshot?.call;
    if (call) await this.#commands.run('hold', { callId: call.id, on: call.state !== 'held' });
  }

  async #record(): Promise<void> {
    const call = this.#truth.snapshot?.call;
    if (call) await this.#commands.run('record', { callId: call.id, on: call.recordingPausedByAgent });
  }

  async #conference(): Promise<void> {
    const call = this.#truth.snapshot?.call;
    if (call) await this.#commands.run('conference', { callId: call.id, on: !call.threeWay });
  }

  async #onCall(command: 'take-back' | 'complete' | 'park'): Promise<void> {
    const call = this.#truth.snapshot?.call;
    if (call) await this.#commands.run(command, { callId: call.id });
  }

  async #skip(reason: string): Promise<string | null> {
    const leadId = this.#truth.snapshot?.preview?.leadId;
    const refused = leadId ? await this.#commands.attempt('preview-skip', { leadId, reason }) : null;
    return refused?.problem.detail ?? null;
  }

  async #extend(reason: string): Promise<string | null> {
    const callId = this.#truth.snapshot?.call?.id;
    const refused = callId ? await this.#commands.attempt('extend-wrapup', { callId, reason }) : null;
    return refused?.problem.detail ?? null;
  }

  #followPhone(state: PhoneState): void {
    if (state.leg === 'ringing' && !rejoins(this.#truth.snapshot)) this.#attention.ringing();
    this.#phoneSettings.follow(state);
    this.#lineRecord.take(state.quality);
    this.#bar.setLeg(state.leg, state.status === 'desk');
    setHidden(bound('meters'), state.leg !== 'up');
  }
}
