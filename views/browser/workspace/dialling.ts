import type { Commands } from './commands.ts';
import { closeDialog, openDialog } from './dialogs.ts';
import { showError } from './dom.ts';
import { e164Of } from './e164.ts';
import { need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';

/** Dialling by hand: a number typed, or a callback chosen from the list. */
export class Dialling {
  readonly #commands: Commands;
  readonly #dialog = need<HTMLDialogElement>('#dial-dialog');

  constructor(commands: Commands) {
    this.#commands = commands;
    need('form', this.#dialog).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#dialTyped();
    });
    document.addEventListener('click', (event) => {
      const button = (event.target as HTMLElement).closest<HTMLElement>('[data-do="dial-callback"]');
      if (button) void this.#dialCallback(button);
    });
  }

  open(): void {
    openDialog('dial');
    const field = need<HTMLInputElement>('input[name="number"]', this.#dialog);
    field.focus();
    field.select();
  }

  async #dialTyped(): Promise<void> {
    const field = need<HTMLInputElement>('input[name="number"]', this.#dialog);
    const campaignId = Number(need<HTMLSelectElement>('select[name="campaignId"]', this.#dialog).value);
    if (!campaignId) return showError(this.#dialog, 'dial', say('dial.noCampaign'));
    const e164 = e164Of(field.value);
    const typed = e164 ? { e164 } : { number: field.value };
    const refused = await this.#commands.attempt('dial', { campaignId, ...typed });
    showError(this.#dialog, 'dial', refused?.problem.detail ?? '');
    if (refused) return field.focus();
    field.value = '';
    closeDialog('dial');
  }

  async #dialCallback(button: HTMLElement): Promise<void> {
    const { callback, campaign, customer, e164 } = button.dataset;
    const done = await this.#commands.run('dial', {
      campaignId: Number(campaign),
      callbackId: Number(callback),
      customerId: Number(customer),
      e164,
    });
    if (done) need<HTMLDialogElement>('#callbacks-dialog').close();
  }
}
