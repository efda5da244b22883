import { setText } from './dom.ts';
import { need } from '../shared/dom.ts';

export interface Alert {
  kind: 'info' | 'warning' | 'danger';
  text: string;
  action?: { label: string; run: () => void };
  /** Can be put away; it stays away in this browser tab. */
  closable?: boolean;
}

/** Notices above the work that stay as long as what they tell of. Each has a name and is there once. */
export class Alerts {
  readonly #root = need('[data-bind="alerts"]');
  readonly #shown = new Map<string, HTMLElement>();

  set(name: string, alert: Alert | null): void {
    const shown = this.#shown.get(name);
    if (!alert || this.#wasClosed(name, alert)) {
      shown?.remove();
      this.#shown.delete(name);
      return;
    }
    const element = shown ?? this.#create(name);
    element.className = `alert alert-${alert.kind} ws-alert`;
    element.setAttribute('role', alert.kind === 'danger' ? 'alert' : 'status');
    setText(element.querySelector('span')!, alert.text);
    this.#buttons(element, name, alert);
  }

  #create(name: string): HTMLElement {
    const element = document.createElement('div');
    element.append(document.createElement('span'));
    this.#root.append(element);
    this.#shown.set(name, element);
    return element;
  }

  #buttons(element: HTMLElement, name: string, alert: Alert): void {
    const wanted = `${alert.action?.label ?? ''}|${alert.closable ? 'x' : ''}`;
    if (element.dataset.buttons === wanted) return;
    element.dataset.buttons = wanted;
    for (const button of element.querySelectorAll('button')) button.remove();
    if (alert.action) element.append(button('btn btn-sm', alert.action.label, alert.action.run));
    if (!alert.closable) return;
    const close = button('btn-close', '', () => {
      sessionStorage.setItem(`ringwise.closed.${name}`, alert.text);
      this.set(name, null);
    });
    close.setAttribute(
      'aria-label',
      document.querySelector<HTMLElement>('#keys-dialog [data-close]')?.textContent ?? '×',
    );
    element.append(close);
  }

  #wasClosed(name: string, alert: Alert): boolean {
    return Boolean(alert.closable) && sessionStorage.getItem(`ringwise.closed.${name}`) === alert.text;
  }
}

function button(className: string, label: string, run: () => void): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = className;
  element.textContent = label;
  element.addEventListener('click', run);
  return element;
}
