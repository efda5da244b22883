import { need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import type { Alerts } from './alerts.ts';
import { openDialog } from './dialogs.ts';
import { bound, fetchPart, isAtWork, setHidden, setText } from './dom.ts';

const listUrl = '/workspace/callbacks?part=list';

/**
 * The agent's callbacks in a dialog, as leaving the page for their list would hang up the phone; how many there are to
 * see to stands in the bar, and a notice tells of those without a time.
 */
export class CallbacksDialog {
  readonly #alerts: Alerts;
  readonly #listed: () => void;

  /** `listed` is told when the list has been written anew. */
  constructor(alerts: Alerts, listed: () => void) {
    this.#alerts = alerts;
    this.#listed = listed;
    this.tell(need('#workspace').dataset);
  }

  async open(): Promise<void> {
    const inUse = need<HTMLDialogElement>('#callbacks-dialog').open;
    openDialog('callbacks');
    if (!inUse) await this.#read();
  }

  /** What there is to see to, as the server wrote it on a part of the page. */
  tell({ callbacksDue, undated }: DOMStringMap): void {
    if (callbacksDue === undefined) return;
    setText(bound('callbacks-due'), callbacksDue);
    setHidden(bound('callbacks-due'), callbacksDue === '0');
    const action = { label: say('callbacks.setTime'), run: () => void this.open() };
    this.#alerts.set('undated', undated ? { kind: 'warning', text: undated, action } : null);
  }

  /** Looks what is due now; an open list is written anew, unless somebody is at work in it. */
  async look(): Promise<void> {
    const part = await fetchPart(listUrl).catch(() => null);
    if (!part) return;
    this.tell((part.firstElementChild as HTMLElement | null)?.dataset ?? {});
    const list = need('#callbacks-dialog [data-bind="callback-list"]');
    if (!need<HTMLDialogElement>('#callbacks-dialog').open || isAtWork(list)) return;
    list.replaceChildren(part);
    this.#listed();
  }

  async #read(): Promise<void> {
    const list = need('#callbacks-dialog [data-bind="callback-list"]');
    list.setAttribute('aria-busy', 'true');
    try {
      list.replaceChildren(await fetchPart(listUrl));
      this.#listed();
      this.tell((list.firstElementChild as HTMLElement | null)?.dataset ?? {});
    } catch {
      list.textContent = say('live.failed');
    } finally {
      list.removeAttribute('aria-busy');
    }
  }
}
