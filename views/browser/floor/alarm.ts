import { need } from '../shared/dom.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';

type Kind = 'sound' | 'colour';

const notes = [880, 660];
const noteSeconds = 0.14;

/** Sound and colour for what needs somebody. Each can be switched off, and stays so in this browser. */
export class Alarm {
  readonly #root: HTMLElement;
  readonly #status = need('[data-bind="say"]');
  #audio: AudioContext | null = null;
  #rungAt = 0;

  constructor(root: HTMLElement) {
    this.#root = root;
    for (const kind of ['sound', 'colour'] as const) {
      this.#button(kind).addEventListener('click', () => this.#turn(kind, !this.#isOn(kind)));
      this.#show(kind);
    }
    // A browser lets no page sound before somebody has touched it.
    addEventListener('pointerdown', () => this.#wake(), { once: true });
    addEventListener('keydown', () => this.#wake(), { once: true });
  }

  /** Says it, and sounds once for all that comes together. */
  raise(texts: readonly string[]): void {
    if (texts.length === 0) return;
    this.#status.textContent = texts.join(' ');
    if (this.#isOn('sound') && performance.now() - this.#rungAt > 2_000) this.#ring();
  }

  #isOn(kind: Kind): boolean {
    const kept = localStorage.getItem(`floor.${kind}`);
    return kept === null ? kind === 'colour' : kept === 'on';
  }

  #turn(kind: Kind, on: boolean): void {
    localStorage.setItem(`floor.${kind}`, on ? 'on' : 'off');
    this.#show(kind);
    if (kind !== 'sound' || !on) return;
    this.#wake();
    this.#ring();
  }

  #show(kind: Kind): void {
    const on = this.#isOn(kind);
    this.#button(kind).setAttribute('aria-pressed', String(on));
    if (kind === 'colour') this.#root.classList.toggle('fl-alarming', on);
  }

  #button(kind: Kind): HTMLButtonElement {
    return need<HTMLButtonElement>(`[data-alarm="${kind}"]`, this.#root);
  }

  #wake(): void {
    if (!this.#isOn('sound')) return;
    this.#audio ??= new AudioContext();
    void this.#audio.resume();
  }

  #ring(): void {
    this.#audio ??= new AudioContext();
    const audio = this.#audio;
    if (audio.state === 'suspended' && !navigator.userActivation.hasBeenActive)
      return toast('warning', say('sound.blocked'));
    this.#rungAt = performance.now();
    notes.forEach((frequency, index) => {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const from = audio.currentTime + index * noteSeconds;
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.15, from);
      volume.gain.exponentialRampToValueAtTime(0.001, from + noteSeconds);
      tone.connect(volume).connect(audio.destination);
      tone.start(from);
      tone.stop(from + noteSeconds);
    });
  }
}
