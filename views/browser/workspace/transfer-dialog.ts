import type { Colleague } from '../../../dialer/protocol.ts';
import { need } from '../shared/dom.ts';
import { Refused, send } from '../shared/http.ts';
import { say } from '../shared/words.ts';
import type { Commands } from './commands.ts';
import { closeDialog, openDialog } from './dialogs.ts';
import { bound, setText, showError } from './dom.ts';
import type { Truth } from './truth.ts';

type Way = 'transfer' | 'consult';

/** To whom the customer goes, or who is asked: a colleague who is free, by a click or a digit, or a number. */
export class TransferDialog {
  readonly #commands: Commands;
  readonly #truth: Truth;
  readonly #dialog = need<HTMLDialogElement>('#transfer-dialog');
  readonly #field = need<HTMLInputElement>('input[name="number"]', this.#dialog);
  #way: Way = 'transfer';
  #callId = '';

  constructor(commands: Commands, truth: Truth) {
    this.#commands = commands;
    this.#truth = truth;
    need('form', this.#dialog).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#go({ number: this.#field.value });
    });
    // The customer may hang up, or the agent's phone be lost, while somebody is looked for.
    truth.watch((snapshot) => {
      if (this.#dialog.open && (snapshot.call?.id !== this.#callId || snapshot.state !== 'on-call'))
        this.#dialog.close();
    });
  }

  async open(way: Way): Promise<void> {
    const { call } = this.#truth.snapshot ?? {};
    if (!call) return;
    this.#way = way;
    this.#callId = call.id;
    const isBlind = way === 'transfer';
    setText(bound('transfer-title'), say(isBlind ? 'transfer.blindTitle' : 'transfer.consultTitle'));
    setText(bound('transfer-now'), say(isBlind ? 'transfer.blindNow' : 'transfer.consultNow'));
    bound('colleagues').replaceChildren();
    this.#field.value = '';
    openDialog('transfer');
    try {
      const url = `/workspace/colleagues?callId=${encodeURIComponent(call.id)}`;
      const { colleagues } = await send<{ colleagues: Colleague[] }>('GET', url);
      this.#list(colleagues);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      showError(this.#dialog, 'transfer', error.problem.detail);
    }
  }

  #list(colleagues: readonly Colleague[]): void {
    const free = colleagues.filter(({ isFree }) => isFree);
    const list = bound('colleagues');
    if (free.length === 0) return setText(list, say('transfer.nobody'));
    list.replaceChildren(
      ...free.map(({ userId, name, isOnCampaign }, index) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'btn';
        button.append(isOnCampaign ? name : say('transfer.elsewhere', { name }));
        if (index < 9) {
          button.dataset.digitKey = String(index + 1);
          const key = document.createElement('kbd');
          key.textContent = String(index + 1);
          button.append(' ', key);
        }
        button.addEventListener('click', () => void this.#go({ colleagueId: userId }));
        return button;
      }),
    );
    // Digits are for who is listed, unless a number is being typed already.
    if (this.#field.value === '') need('button', list).focus();
  }

  async #go(to: { colleagueId: number } | { number: string }): Promise<void> {
    const campaignId = this.#truth.snapshot?.call?.campaignId;
    const refused = await this.#commands.attempt(this.#way, { callId: this.#callId, campaignId, ...to });
    if (refused && !this.#dialog.open) return this.#commands.tell(refused);
    showError(this.#dialog, 'transfer', refused?.problem.fields?.number ?? refused?.problem.detail ?? '');
    if (!refused) closeDialog('transfer');
  }
}
