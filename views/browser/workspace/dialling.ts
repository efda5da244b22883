import { mayDial } from '../../../dialer/workspace/bar.ts';
import type { Commands } from './commands.ts';
import { closeDialog, openDialog } from './dialogs.ts';
import { showError } from './dom.ts';
import { e164Of } from './e164.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { Truth } from './truth.ts';
import { need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';

/** Dialling by hand: a number typed, or a callback chosen from the list. */
export class Dialling {
  readonly #commands: Commands;
  readonly #truth: Truth;
  readonly #dialog = need<HTMLDialogElement>('#dial-dialog');
  /** The dialog from which a number is on its way. */
  #underWay: HTMLDialogElement | null = null;

  constructor(commands: Commands, truth: Truth) {
    this.#commands = commands;
    this.#truth = truth;
    truth.watch((snapshot) => this.#follow(snapshot));
    need('form', this.#dialog).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#dialTyped();
    });
    document.addEventListener('click', (event) => {
      const button = (event.target as HTMLElement).closest<HTMLElement>('[data-do="dial-callback"]');
      if (button) void this.#dialCallback(button);
    });
  }

  /** What can be called from a list now: the server wrote it for the moment in which it was fetched. */
  draw(): void {
    const { snapshot } = this.#truth;
    if (!snapshot) return;
    for (const button of document.querySelectorAll<HTMLButtonElement>('[data-do="dial-callback"]'))
      button.disabled = button.dataset.callable === undefined || !mayDial(snapshot);
  }

  open(): void {
    openDialog('dial');
    this.#listCampaigns();
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
    this.#underWay = this.#dialog;
    const refused = await this.#commands.attempt('dial', { campaignId, ...typed });
    this.#underWay = null;
    if (refused && !this.#dialog.open) return this.#commands.tell(refused);
    const { fields = {}, detail = '' } = refused?.problem ?? {};
    showError(this.#dialog, 'dial', fields.number ?? fields.e164 ?? detail);
    field.setAttribute('aria-invalid', String(refused !== null));
    if (refused) return field.focus();
    field.value = '';
    closeDialog('dial');
  }

  async #dialCallback(button: HTMLElement): Promise<void> {
    const { callback, campaign, customer, e164 } = button.dataset;
    const dialog = need<HTMLDialogElement>('#callbacks-dialog');
    this.#underWay = dialog;
    const done = await this.#commands.run('dial', {
      campaignId: Number(campaign),
      callbackId: Number(callback),
      customerId: Number(customer),
      e164,
    });
    this.#underWay = null;
    if (done) dialog.close();
  }

  #follow(snapshot: AgentSnapshot): void {
    this.draw();
    if (this.#dialog.open) this.#listCampaigns();
    // The agent's own phone may ring first: it cannot be answered under a dialog.
    if (this.#underWay?.open && snapshot.state === 'reserved') this.#underWay.close();
  }

  /** Campaigns come and go while the page stays. */
  #listCampaigns(): void {
    const { snapshot } = this.#truth;
    if (!snapshot) return;
    const select = need<HTMLSelectElement>('select[name="campaignId"]', this.#dialog);
    const { campaigns } = snapshot;
    const listed = [...select.options].map(({ value, text }) => `${value} ${text}`);
    // A list that somebody has open is left alone while it is right.
    if (String(listed) === String(campaigns.map(({ id, name }) => `${id} ${name}`))) return;
    const chosen = select.value;
    select.replaceChildren(
      ...campaigns.map(({ id, name }) => new Option(name, String(id), false, String(id) === chosen)),
    );
  }
}
