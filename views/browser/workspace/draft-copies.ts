import type { Draft, DraftForm } from '../../../dialer/drafts/draft.ts';

/** What one page typed and the server has not acknowledged, with the draft it was typed over. */
export interface DraftCopy {
  base: Draft;
  form: DraftForm;
}

/** Two pages of one browser keep theirs side by side. */
const page = Math.random().toString(36).slice(2);
const prefixOf = (callId: string): string => `ringwise.draft.${callId}.`;

export function storeCopy(callId: string, copy: DraftCopy): void {
  try {
    localStorage.setItem(prefixOf(callId) + page, JSON.stringify(copy));
  } catch {
    // Storage full or forbidden: the server's copy has to do.
  }
}

export function forgetCopy(callId: string): void {
  try {
    localStorage.removeItem(prefixOf(callId) + page);
  } catch {
    // Nothing was kept there either.
  }
}

/** The copies of every page that was beside this call; they are taken, and gone from the browser. */
export function takeCopies(callId: string): DraftCopy[] {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefixOf(callId)));
    const texts = keys.map((key) => localStorage.getItem(key));
    for (const key of keys) localStorage.removeItem(key);
    return texts.flatMap((text) => (text ? [JSON.parse(text) as DraftCopy] : []));
  } catch {
    return [];
  }
}
