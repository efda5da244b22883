import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { formatDuration } from '../../../core/i18n/duration.ts';
import { barView, callControls, type BarView, type NextAction } from '../../../dialer/workspace/bar.ts';
import { keyLabel, type KeyAction } from '../../../dialer/workspace/keys.ts';
import { need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import { bound, setHidden, setText } from './dom.ts';
import { consultWords } from './consult-words.ts';
import { endingWords } from './ending.ts';
import type { Truth } from './truth.ts';

export interface PauseCodeInfo {
  id: number;
  name: string;
  limitMinutes: number | null;
}

/** A double click takes less. */
const settleMs = 600;

const keyOf: Partial<Record<NextAction, KeyAction>> = {
  ready: 'ready',
  pause: 'pause',
  answer: 'answer',
  'preview-dial': 'preview-dial',
  hangup: 'hangup',
  save: 'save',
  'take-back': 'hold',
};

/** The top bar: state in one word, its time, the one next action; and the row of call controls under it. */
export class Bar {
  readonly #truth: Truth;
  #pauseCodes: readonly PauseCodeInfo[];
  readonly #root = need('.ws-bar');
  #leg: 'none' | 'ringing' | 'up' = 'none';
  #onDesk = false;
  #view: BarView | null = null;
  #changedAt = -Infinity;
  /** The longest time seen to be left of the current limit: the full length of its bar. */
  #fullMs = 0;

  constructor(truth: Truth, pauseCodes: readonly PauseCodeInfo[]) {
    this.#truth = truth;
    this.#pauseCodes = pauseCodes;
    truth.watch(() => this.draw());
    setInterval(() => this.#tick(), 250);
  }

  get view(): BarView | null {
    return this.#view;
  }

  /** False for a moment after the big button has come to mean something else. */
  get settled(): boolean {
    return performance.now() - this.#changedAt > settleMs;
  }

  /** `onDesk`: the leg is a telephone's, which this page cannot answer. */
  setLeg(leg: 'none' | 'ringing' | 'up', onDesk: boolean): void {
    if (leg === this.#leg && onDesk === this.#onDesk) return;
    this.#leg = leg;
    this.#onDesk = onDesk;
    this.draw();
  }

  knowPauses(codes: readonly PauseCodeInfo[]): void {
    this.#pauseCodes = codes;
    this.#tick();
  }

  draw(): void {
    const { snapshot } = this.#truth;
    if (!snapshot) return;
    const before = this.#view;
    const view = (this.#view = barView(snapshot, this.#leg));
    if (view.word !== before?.word || view.until !== before.until) this.#fullMs = 0;
    this.#root.dataset.tone = view.tone;
    this.#root.dataset.word = view.word;
    setText(bound('word'), say(`state.${view.word}`));
    for (const icon of this.#root.querySelectorAll<HTMLElement>('[data-icon]'))
      setHidden(icon, icon.dataset.icon !== view.word);
    this.#drawNext(view);
    this.#drawControls(snapshot);
    this.#tick();
  }

  /** It is seen on the button as well. */
  #settle(button: HTMLButtonElement): void {
    this.#changedAt = performance.now();
    const show = () => button.toggleAttribute('data-settling', !this.settled);
    show();
    setTimeout(show, settleMs + 1);
  }

  #drawNext(view: BarView): void {
    const button = bound<HTMLButtonElement>('next');
    setHidden(button, view.action === null);
    if (!view.action) return;
    const { action: meant } = button.dataset;
    if (meant !== view.action) {
      // A key or second click still under way for what the button meant must not hang up on who has just come, nor hand
      // in the call that the first has ended.
      if (meant || view.destructive) this.#settle(button);
      if (view.destructive) button.blur();
    }
    button.dataset.action = view.action;
    button.classList.toggle('btn-danger', view.destructive);
    button.classList.toggle('btn-primary', !view.destructive);
    const letsGo = view.word === 'three-way' && view.action === 'take-back';
    setText(bound('next-label'), say(letsGo ? 'controls.letGo' : `action.${view.action}`));
    const key = keyOf[view.action];
    setText(bound('next-key'), key ? keyLabel(key) : keyLabel('next-action'));
    setHidden(need('[data-do="pause-open"]'), view.action === 'pause' || view.word === 'signed-out');
  }

  #drawControls(snapshot: AgentSnapshot): void {
    const controls = callControls(snapshot);
    const wrapup = snapshot.state === 'wrapup';
    const talking = controls.mute;
    setHidden(bound('conference'), !controls.conference);
    bound('conference').setAttribute('aria-pressed', String(controls.threeWay));
    setText(bound('conference-label'), say(controls.threeWay ? 'controls.aside' : 'controls.conference'));
    setHidden(bound('take-back'), !controls.takeBack);
    setText(bound('take-back-label'), say(controls.threeWay ? 'controls.letGo' : 'controls.takeBack'));
    setText(bound('complete-label'), say(controls.threeWay ? 'controls.leave' : 'controls.complete'));
    setHidden(bound('complete'), !controls.complete);
    const consult = talking ? consultWords(snapshot.call) : '';
    setHidden(bound('consult-text'), consult === '');
    setText(bound('consult-text'), consult);
    setHidden(bound('controls'), !talking && !wrapup);
    for (const name of ['mute', 'hold', 'park', 'record', 'transfer', 'consult', 'keypad'] as const) {
      const button = bound<HTMLButtonElement>(name);
      // Only the tab with the leg has the microphone; a telephone is muted on the desk.
      const elsewhere = name === 'mute' && this.#leg !== 'up' && !snapshot.simulatedPhone;
      const isShown = name === 'keypad' || controls[name];
      setHidden(button, !talking || elsewhere || !isShown);
      button.disabled = !controls[name];
    }
    setHidden(bound('extend'), !wrapup);
    setText(bound('hold-label'), say(controls.held ? 'controls.unhold' : 'controls.hold'));
    bound('hold').setAttribute('aria-pressed', String(controls.held));
    const byAgent = snapshot.call?.recordingPausedByAgent === true;
    setText(bound('record-label'), say(byAgent ? 'controls.recordResume' : 'controls.recordPause'));
    bound('record').setAttribute('aria-pressed', String(byAgent));
    if (!controls.keypad) setHidden(need('#ws-keypad'), true);
    const recording = snapshot.call?.recording;
    const shown = talking && recording !== undefined && recording !== 'off';
    setHidden(bound('recording'), !shown);
    if (!shown) return;
    bound('recording').dataset.recording = recording;
    setText(bound('recording-word'), say(byAgent ? 'recording.pausedByAgent' : `recording.${recording}`));
  }

  #tick(): void {
    const { snapshot } = this.#truth;
    const view = this.#view;
    if (!snapshot || !view) return;
    const now = this.#truth.now();
    // How long somebody has been away says nothing, and the first time it would count from the account's making.
    setText(bound('timer'), view.word === 'signed-out' ? '' : formatDuration(now - view.since));
    setText(bound('note'), this.#note(snapshot, view, now));
    const until = bound('until');
    setHidden(until, view.until === null);
    if (view.until === null) return;
    const left = view.until - now;
    this.#fullMs = Math.max(this.#fullMs, left, 1);
    const progress = need<HTMLProgressElement>('progress', until);
    progress.value = Math.max(0, left) / this.#fullMs;
    until.classList.toggle('ws-soon', left < 10_000);
    setText(bound('until-text'), say('bar.left', { time: formatDuration(Math.max(0, left)) }));
  }

  /** The second line: why paused, what comes after, how the call ended. */
  #note(snapshot: AgentSnapshot, view: BarView, now: number): string {
    const then = snapshot.nextPauseCodeId === null ? '' : this.#nameOf(snapshot.nextPauseCodeId);
    const after = then ? say('bar.then', { what: then }) : '';
    switch (view.word) {
      case 'paused':
        return this.#pauseNote(snapshot, now);
      case 'wrapup':
        return [endingWords(snapshot.call), after].filter(Boolean).join(' ');
      case 'ready':
        return '';
      case 'ringing':
        return this.#onDesk ? say('bar.pickUp') : campaignName(snapshot);
      default:
        return [campaignName(snapshot), after].filter(Boolean).join(' · ');
    }
  }

  #pauseNote(snapshot: AgentSnapshot, now: number): string {
    const code = this.#pauseCodes.find(({ id }) => id === snapshot.pauseCodeId);
    const reason = code?.name ?? (snapshot.pauseReason ? say(`pauseReason.${snapshot.pauseReason}`) : '');
    const over = code?.limitMinutes ? now - snapshot.since - code.limitMinutes * 60_000 : 0;
    return over > 0 ? say('bar.pauseOver', { reason, time: formatDuration(over) }) : reason;
  }

  #nameOf(id: number): string {
    return this.#pauseCodes.find((code) => code.id === id)?.name ?? '';
  }
}

function campaignName(snapshot: AgentSnapshot): string {
  const id = snapshot.call?.campaignId ?? snapshot.preview?.campaignId;
  return snapshot.campaigns.find((campaign) => campaign.id === id)?.name ?? '';
}
