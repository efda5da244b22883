import type { FloorAgentRow } from '../../../dialer/floor/floor-row.ts';
import { need } from '../shared/dom.ts';
import { Refused, send } from '../shared/http.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';
import { setText } from './elements.ts';

/** Writes to one agent, a campaign's agents or all. What was typed stays until it is sent. */
export class MessageDialog {
  readonly #dialog = need<HTMLDialogElement>('#fl-message');
  readonly #form = need<HTMLFormElement>('form', this.#dialog);
  readonly #to = need<HTMLSelectElement>('[name="to"]', this.#dialog);
  readonly #text = need<HTMLTextAreaElement>('[name="text"]', this.#dialog);
  readonly #mustRead = need<HTMLInputElement>('[name="mustRead"]', this.#dialog);
  readonly #error = need('#fl-message-error');
  readonly #campaigns: () => Readonly<Record<number, string>>;
  #sending = false;

  constructor(campaigns: () => Readonly<Record<number, string>>) {
    this.#campaigns = campaigns;
    need('[data-do="message-all"]').addEventListener('click', () => this.open(null));
    need('[data-close]', this.#dialog).addEventListener('click', () => this.#dialog.close());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  open(agent: FloorAgentRow | null): void {
    this.#to.replaceChildren(
      ...(agent ? [new Option(agent.name, `agent:${agent.id}`)] : []),
      new Option(say('message.all'), 'all:'),
      ...Object.entries(this.#campaigns()).map(
        ([id, campaign]) => new Option(say('message.ofCampaign', { campaign }), `campaign:${id}`),
      ),
    );
    setText(this.#error, '');
    this.#dialog.showModal();
    this.#text.focus();
  }

  async #send(): Promise<void> {
    const text = this.#text.value.trim();
    if (text === '') return setText(this.#error, say('message.empty'));
    if (this.#sending) return;
    this.#sending = true;
    const [to = '', id = ''] = this.#to.value.split(':');
    const message = { to, text, mustRead: this.#mustRead.checked, ...(id ? { id: Number(id) } : {}) };
    try {
      const { readers } = await send<{ readers: number }>('POST', '/floor/messages', message);
      this.#form.reset();
      this.#dialog.close();
      toast('success', say('message.done', { count: readers }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setText(this.#error, error.problem.detail);
    } finally {
      this.#sending = false;
    }
  }
}
