import type { FloorAgentRow } from '../../../dialer/floor/floor-row.ts';
import { need } from '../shared/dom.ts';
import { Refused, send } from '../shared/http.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';
import { el, setText } from './elements.ts';

interface Choice {
  id: number;
  name: string;
  state: string;
  on: boolean;
}

/** For which campaigns an agent works, from now on. */
export class CampaignsDialog {
  readonly #dialog = need<HTMLDialogElement>('#fl-campaigns');
  readonly #title = need('#fl-campaigns-title');
  readonly #choices = need('[data-bind="choices"]', this.#dialog);
  readonly #error = need('[data-bind="move-error"]', this.#dialog);
  #agent: FloorAgentRow | null = null;
  #known: readonly Choice[] = [];

  constructor() {
    need('[data-close]', this.#dialog).addEventListener('click', () => this.#dialog.close());
    need('form', this.#dialog).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#save();
    });
  }

  async open(agent: FloorAgentRow): Promise<void> {
    try {
      const answer = await send<{ campaigns: Choice[] }>('GET', `/floor/agents/${agent.id}/campaigns`);
      this.#known = answer.campaigns;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return toast('danger', error.problem.detail);
    }
    this.#agent = agent;
    setText(this.#title, say('move.title', { agent: agent.name }));
    setText(this.#error, '');
    this.#choices.replaceChildren(
      ...this.#known.map(({ id, name, state, on }) => {
        const label = el('label', 'form-check');
        const box = el('input', 'form-check-input');
        box.type = 'checkbox';
        box.value = String(id);
        box.checked = on;
        label.append(box, ' ', el('span', 'form-check-label', `${name} (${state})`));
        return label;
      }),
    );
    if (this.#known.length === 0) setText(this.#error, say('move.none'));
    this.#dialog.showModal();
  }

  async #save(): Promise<void> {
    const agent = this.#agent;
    if (!agent) return;
    const chosen = new Set(
      [...this.#choices.querySelectorAll<HTMLInputElement>('input:checked')].map(({ value }) =>
        Number(value),
      ),
    );
    const change = {
      add: this.#known.flatMap(({ id, on }) => (!on && chosen.has(id) ? id : [])),
      remove: this.#known.flatMap(({ id, on }) => (on && !chosen.has(id) ? id : [])),
    };
    try {
      await send('POST', `/floor/agents/${agent.id}/campaigns`, change);
      this.#dialog.close();
      toast('success', say('move.done', { agent: agent.name }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setText(this.#error, error.problem.detail);
    }
  }
}
