import { need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import type { Alerts } from './alerts.ts';
import { openDialog } from './dialogs.ts';
import { bound, fetchPart, setHidden, setText } from './dom.ts';

const listUrl = '/workspace/callbacks?part=list';

/**
 * The agent's callbacks in a dialog, as leaving the page for their list would hang up the phone; how many there are to
 * see to stands in the bar, and a notice tells of those without a time.
 */
export class CallbacksDialog {
  readonly #alerts: Alerts;

  constructor(alerts: Alerts) {
    this.#alerts = alerts;
    this.tell(need('#workspace').dataset);
  }

  open(): Promise<void> {
    openDialog('callbacks');
    return this.read();
  }

  /** What there is to see to, as the server wrote it on a part of the page. */
  tell({ callbacksDue, undated }: DOMStringMap): void {
    if (callbacksDue === undefined) return;
    setText(bound('callbacks-due'), callbacksDue);
    setHidden(bound('callbacks-due'), callbacksDue === '0');
    const action = { label: say('callbacks.setTime'), run: () => void this.open() };
    this.#alerts.set('undated', undated ? { kind: 'warning', text: undated, action } : null);
  }

  /** Looks what is due now, where the middle of the page shows a customer and not the callbacks. */
  async look(): Promise<void> {
    const list = await fetchPart(listUrl).catch(() => null);
    this.tell((list?.firstElementChild as HTMLElement | null)?.dataset ?? {});
  }

  async read(): Promise<void> {
    const list = need('#callbacks-dialog [data-bind="callback-list"]');
    list.setAttribute('aria-busy', 'true');
    try {
      list.replaceChildren(await fetchPart(listUrl));
      this.tell((list.firstElementChild as HTMLElement | null)?.dataset ?? {});
    } catch {
      list.textContent = say('live.failed');
    } finally {
      list.removeAttribute('aria-busy');
    }
  }
}
