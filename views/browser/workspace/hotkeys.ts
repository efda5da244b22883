import { actionKeys, type KeyAction } from '../../../dialer/workspace/keys.ts';
import { isTypingIn } from './dom.ts';
import { InterruptedTyping } from './interrupted-typing.ts';
import { makesText } from './option-key.ts';

const storageKey = 'ringwise.singleKeys';
/** Actions by KeyboardEvent.code: the place on the keyboard, whatever input method is on. */
const byCode = new Map<string, KeyAction>();
for (const [action, key] of Object.entries(actionKeys) as [KeyAction, string][])
  byCode.set(/^[A-Z]$/.test(key) ? `Key${key}` : key, action);

export interface HotkeyTargets {
  act(action: KeyAction): boolean;
  /** A digit, `*` or `#`; true when somebody had a use for it. */
  digit(digit: string): boolean;
}

/** Whether letters work alone. Off, they need Alt: for those whom single keys hinder (WCAG 2.1.4). */
export function singleKeys(): boolean {
  return localStorage.getItem(storageKey) !== 'off';
}

export function setSingleKeys(on: boolean): void {
  localStorage.setItem(storageKey, on ? 'on' : 'off');
}

/** Listens for keys on the page. In a field letters are text; with Alt they are keys everywhere. */
export function startHotkeys(targets: HotkeyTargets): InterruptedTyping {
  const interrupted = new InterruptedTyping();
  document.addEventListener('pointerdown', () => interrupted.over(), { capture: true });
  document.addEventListener('keydown', (event) => {
    const goesOn = interrupted.goesOn(event, performance.now());
    if (event.defaultPrevented || event.isComposing || event.metaKey || event.repeat) return;
    if (goesOn || document.querySelector('dialog[open]')) return;
    if (handle(event, targets)) event.preventDefault();
  });
  return interrupted;
}

function handle(event: KeyboardEvent, targets: HotkeyTargets): boolean {
  if (event.ctrlKey) return event.key === 'Enter' && targets.act('save');
  const typing = isTypingIn(event.target);
  if (event.altKey ? typing && makesText(event, navigator.platform) : typing || !singleKeys()) return false;
  if (event.key === '?' || event.key === '？') return targets.act('list');
  const digit = digitOf(event);
  if (digit) return targets.digit(digit);
  if (event.shiftKey) return false;
  if (event.code.startsWith('Arrow') && !event.altKey && usesArrows(event.target)) return false;
  const action = byCode.get(event.code);
  return action !== undefined && targets.act(action);
}

/** Arrows move in groups of radio buttons and through scrolled parts. */
function usesArrows(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    (target instanceof HTMLElement && target.tabIndex >= 0 && !isPlain(target))
  );
}

function isPlain(element: HTMLElement): boolean {
  return element instanceof HTMLButtonElement || element instanceof HTMLAnchorElement;
}

function digitOf(event: KeyboardEvent): string | null {
  if (event.key === '*' || event.key === '#') return event.key;
  if (event.shiftKey) return null;
  return /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? null;
}
