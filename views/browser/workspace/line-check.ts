import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { Phone } from '../softphone/index.ts';
import type { EchoCall, EchoState } from '../softphone/phone.ts';
import { need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import { bound, setHidden, setText } from './dom.ts';

/** While a customer may come, nobody talks to themselves. */
const quietStates: ReadonlySet<AgentSnapshot['state']> = new Set(['signed-out', 'paused']);

/** The test call of the phone's dialog: one hears oneself, and is told what works and what does not. */
export class LineCheck {
  readonly #phone: Phone;
  readonly #button = need<HTMLButtonElement>('[data-do="line-check"]');
  #call: EchoCall | null = null;
  #isQuiet = false;

  constructor(phone: Phone) {
    this.#phone = phone;
    this.#button.addEventListener('click', () => (this.#call ? this.#call.stop() : this.#start()));
    need<HTMLDialogElement>('#phone-dialog').addEventListener('close', () => this.#call?.stop());
    phone.watch(() => this.#draw());
  }

  follow({ state }: AgentSnapshot): void {
    this.#isQuiet = quietStates.has(state);
    if (!this.#isQuiet) this.#call?.stop();
    this.#draw();
  }

  #start(): void {
    const call = this.#phone.echo();
    if (!call) return;
    this.#call = call;
    call.watch((state) => {
      if (state.step === 'over' || state.step === 'failed') this.#call = null;
      this.#tell(state);
      this.#draw();
    });
  }

  #draw(): void {
    const { status } = this.#phone.state;
    setHidden(bound('line-check'), this.#phone.devices === null);
    this.#button.disabled = this.#call === null && (!this.#isQuiet || status !== 'registered');
    setText(bound('line-check-label'), say(this.#call ? 'lineCheck.stop' : 'lineCheck.start'));
    setText(bound('line-check-help'), say(this.#isQuiet ? 'lineCheck.help' : 'lineCheck.pauseFirst'));
  }

  #tell({ step, spoke, heard, quality }: EchoState): void {
    const results = bound('line-check-results');
    setHidden(results, step === 'calling' || step === 'failed');
    setText(bound('line-check-step'), say(`lineCheck.${step}`));
    const muted = this.#phone.state.muted;
    const line = quality && `lineCheck.line.${quality.grade}`;
    const lines: [ok: boolean, text: string][] = [
      [spoke, say(spoke ? 'lineCheck.spoke' : muted ? 'lineCheck.muted' : 'lineCheck.notSpoke')],
      [heard, say(heard ? 'lineCheck.heard' : 'lineCheck.notHeard')],
    ];
    if (quality && line)
      lines.push([
        quality.grade !== 'poor',
        say(line, { ms: String(quality.roundTripMs ?? '–'), mos: quality.mos.toFixed(1) }),
      ]);
    results.replaceChildren(
      ...lines.map(([ok, text]) => {
        const item = document.createElement('li');
        // While it goes on, what has not been heard yet is no fault.
        item.dataset.check = ok ? 'ok' : step === 'over' ? 'bad' : 'open';
        item.textContent = text;
        return item;
      }),
    );
  }
}
