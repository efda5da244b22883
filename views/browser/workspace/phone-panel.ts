import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { Phone, PhoneState } from '../softphone/index.ts';
import { phoneWarnings, type DeviceKind, type PhoneWarning } from '../softphone/phone.ts';
import { need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import type { Alert, Alerts } from './alerts.ts';
import { openDialog } from './dialogs.ts';
import { bound, setHidden, setText, showError } from './dom.ts';

/** Statuses in which the page's phone cannot take a leg, with whether waiting helps. */
const troubles: ReadonlySet<PhoneState['status']> = new Set([
  ...(['retrying', 'unreachable', 'refused', 'unavailable'] as const),
  ...(['no-microphone', 'unsupported', 'elsewhere', 'displaced'] as const),
]);

/** No leg can ring here meanwhile. */
const unregistered = new Set(['retrying', 'unreachable', 'refused']);

/** The page's phone on the screen: the chip in the bar, its dialog with devices and meters, its notices. */
export class PhonePanel {
  readonly #phone: Phone;
  readonly #alerts: Alerts;
  readonly #freshLeg: () => void;
  readonly #dialog = need<HTMLDialogElement>('#phone-dialog');
  #snapshot: AgentSnapshot | null = null;

  /** `freshLeg` has the dialer drop the leg there is and open another. */
  constructor(phone: Phone, alerts: Alerts, freshLeg: () => void) {
    this.#phone = phone;
    this.#alerts = alerts;
    this.#freshLeg = freshLeg;
    for (const select of this.#dialog.querySelectorAll<HTMLSelectElement>('[data-device]'))
      select.addEventListener('change', () => void this.#choose(select));
    need('[data-do="test-ring"]', this.#dialog).addEventListener('click', () => phone.devices?.testRing());
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#listDevices());
    phone.watch((state) => this.#draw(state));
    setInterval(() => this.#drawMeters(), 100);
  }

  open(): void {
    openDialog('phone');
    void this.#listDevices();
  }

  /** Why nobody may be connected to this phone, in words; null while it can talk, here or elsewhere. */
  obstacle(): string | null {
    const { state } = this.#phone;
    const cannotRing = this.#snapshot?.legMode === 'per-call' && unregistered.has(state.status);
    const cannotTalk = state.status === 'no-microphone' || state.status === 'unsupported';
    return cannotTalk || cannotRing ? troubleWords(state) : null;
  }

  follow(snapshot: AgentSnapshot): void {
    this.#snapshot = snapshot;
    this.#draw(this.#phone.state);
  }

  #draw(state: PhoneState): void {
    const chip = bound('phone');
    const status = this.#shown(state);
    // Who cannot reach the switch is told that, and not how the line was.
    const quality = unregistered.has(status) ? null : state.quality;
    chip.dataset.status = status;
    chip.dataset.grade = quality?.grade ?? '';
    const word = quality ? say(`phone.quality.${quality.grade}`) : say(`phone.${status}`);
    setText(bound('phone-word'), word);
    setHidden(bound('bars'), quality === null);
    chip.title = say(`phoneLong.${status}`);
    setText(bound('phone-status'), troubleWords(state));
    setHidden(bound('phone-devices'), this.#phone.devices === null);
    this.#drawQuality(state);
    this.#drawMute(state);
    this.#notices(state);
  }

  /** A switch is told of a phone when its agent signs in: until then it may well refuse it. */
  #shown({ status }: PhoneState): PhoneState['status'] {
    const signedOut = this.#snapshot?.state === 'signed-out';
    return signedOut && status === 'refused' ? 'stopped' : status;
  }

  #drawQuality({ quality }: PhoneState): void {
    setHidden(bound('phone-quality'), quality === null);
    if (!quality) return;
    const percent = (loss: number) => `${(loss * 100).toFixed(1)} %`;
    setText(bound('q-rtt'), quality.roundTripMs === null ? '–' : `${quality.roundTripMs} ms`);
    setText(bound('q-jitter'), `${quality.jitterMs} ms`);
    setText(
      bound('q-loss'),
      [quality.lossIn, quality.lossOut]
        .filter((loss) => loss !== null)
        .map(percent)
        .join(' / '),
    );
    setText(bound('q-mos'), quality.mos.toFixed(1));
  }

  #drawMute({ muted }: PhoneState): void {
    const button = bound<HTMLButtonElement>('mute');
    button.setAttribute('aria-pressed', String(muted));
    setText(bound('mute-label'), say(muted ? 'controls.unmute' : 'controls.mute'));
  }

  #notices(state: PhoneState): void {
    const signedIn = this.#snapshot !== null && this.#snapshot.state !== 'signed-out';
    const simulated = state.status === 'simulated';
    this.#alerts.set(
      'simulated',
      simulated ? { kind: 'info', text: say('phoneLong.simulated'), closable: true } : null,
    );
    this.#alerts.set(
      'phone',
      troubles.has(state.status) && (signedIn || blocksSignIn(state)) ? this.#trouble(state) : null,
    );
    for (const warning of phoneWarnings)
      this.#alerts.set(
        `phone-${warning}`,
        state.warnings.includes(warning) ? { kind: 'warning', ...this.#warning(warning) } : null,
      );
  }

  #warning(warning: PhoneWarning): Omit<Alert, 'kind'> {
    const text = say(`warning.${warning}`);
    // A telephone that is rung for each call has no leg that could be opened anew beside it.
    if (warning !== 'no-audio' || this.#snapshot?.legMode !== 'nailed') return { text };
    return { text, action: { label: say('phone.retry'), run: () => this.#freshLeg() } };
  }

  #trouble(state: PhoneState): Alert {
    // The browser that had it is gone as well: nothing rings anywhere until it is taken here.
    const isGoneThere = state.status === 'displaced' && this.#snapshot?.phone === 'lost';
    const text = isGoneThere ? say('phoneLong.displacedLost') : troubleWords(state);
    if (state.status === 'elsewhere' || state.status === 'displaced')
      return {
        kind: isGoneThere ? 'danger' : 'warning',
        text,
        action: { label: say('phone.takeOver'), run: () => this.#phone.takeOver() },
      };
    if (state.status === 'unsupported') return { kind: 'danger', text };
    return { kind: 'danger', text, action: { label: say('phone.retry'), run: () => this.#phone.retry() } };
  }

  #drawMeters(): void {
    if (document.hidden) return;
    const up = this.#phone.state.leg === 'up';
    setHidden(bound('meters'), !up);
    const inDialog = this.#dialog.open && this.#phone.devices !== null;
    if (!up && !inDialog) return;
    const levels = this.#phone.levels();
    for (const kind of ['microphone', 'speaker'] as const) {
      if (up) bound<HTMLMeterElement>(`meter-${kind}`).value = levels[kind];
      if (inDialog) bound<HTMLMeterElement>(`panel-meter-${kind}`).value = levels[kind];
    }
  }

  async #listDevices(): Promise<void> {
    const { devices } = this.#phone;
    if (!devices) return;
    const lists = await devices.list();
    const options = { microphone: lists.microphones, speaker: lists.speakers, ring: lists.speakers };
    for (const kind of ['microphone', 'speaker', 'ring'] as DeviceKind[]) {
      const select = need<HTMLSelectElement>(`[data-device="${kind}"]`, this.#dialog);
      const choices = [{ id: '', label: say('phone.defaultDevice') }, ...options[kind]];
      select.replaceChildren(
        ...choices.map(({ id, label }) => new Option(label, id, false, id === devices.chosen[kind])),
      );
      select.disabled = kind !== 'microphone' && !lists.canChooseSpeaker;
    }
    setHidden(bound('speaker-fixed'), lists.canChooseSpeaker);
  }

  async #choose(select: HTMLSelectElement): Promise<void> {
    try {
      await this.#phone.devices?.choose(select.dataset.device as DeviceKind, select.value);
      showError(this.#dialog, 'phone', '');
    } catch {
      showError(this.#dialog, 'phone', say('microphone.failed'));
      void this.#listDevices();
    }
  }
}

function troubleWords({ microphoneProblem, problem, status }: PhoneState): string {
  if (microphoneProblem) return say(`microphone.${microphoneProblem}`);
  return problem ?? say(`phoneLong.${status}`);
}

/** What keeps an agent from signing in at all is said before the attempt. */
function blocksSignIn({ status }: PhoneState): boolean {
  return ['no-microphone', 'unsupported', 'elsewhere', 'displaced', 'unavailable'].includes(status);
}
