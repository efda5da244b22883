import { need } from '../shared/dom.ts';
import { asProblem, inTime, Refused } from '../shared/http.ts';

/** The element that shows the value of that name. */
export function bound<E extends HTMLElement = HTMLElement>(name: string, within: ParentNode = document): E {
  return need<E>(`[data-bind="${name}"]`, within);
}

/** Writes only what has changed: an unchanged live region must stay silent. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element: HTMLElement, hidden: boolean): void {
  if (element.hidden !== hidden) element.hidden = hidden;
}

const textTypes = new Set([
  'text',
  'tel',
  'search',
  'email',
  'url',
  'number',
  'password',
  'date',
  'time',
  'datetime-local',
]);

/** Whether keys typed there make text: then they are nobody else's. */
export function isTypingIn(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) return textTypes.has(target.type);
  return target instanceof HTMLElement && target.isContentEditable;
}

/** Whether somebody is at work there: has the focus in it, or typed what is not saved yet. */
export function isAtWork(root: HTMLElement): boolean {
  if (root.contains(document.activeElement)) return true;
  const fields = [...root.querySelectorAll<HTMLInputElement>('input:not([type="hidden"]), textarea')];
  return fields.some(({ value, defaultValue }) => value !== defaultValue);
}

/** Shows what is wrong beside the field it is about; an empty text clears it. */
export function showError(within: ParentNode, name: string, text: string): void {
  const place = within.querySelector<HTMLElement>(`[data-error="${name}"]`);
  if (!place) return;
  place.textContent = text;
  if (place.classList.contains('notice')) place.hidden = text === '';
  if (text !== '') place.scrollIntoView({ block: 'nearest' });
}

/** A part of the page, rendered by the server. @throws Refused where the server has none */
export async function fetchPart(url: string): Promise<DocumentFragment> {
  const template = document.createElement('template');
  template.innerHTML = await inTime(async (signal) => {
    const response = await fetch(url, { signal, headers: { 'hx-request': 'true' } });
    if (!response.ok) throw new Refused(asProblem(null, response.status));
    return response.text();
  });
  return template.content;
}
