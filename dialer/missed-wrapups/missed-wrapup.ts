import type { Disposition } from '../../campaigns/index.ts';
import { agreedTime, type DraftForm } from '../drafts/draft.ts';
import type { GivenCallback, GivenDisposition, MissedBy } from '../calls/given-disposition.ts';

/** A customer who wants to be called, nobody knows when, was there at this time of the day. */
const guessedMs = 24 * 3_600_000;

export interface MissedWrapup {
  userId: number;
  customerId: number | null;
  draft: DraftForm;
  offered: readonly Disposition[];
  missed: MissedBy;
  at: number;
}

/** What the columns hold of a call's note and of a callback's; what two pages wrote together may be longer. */
const longestNote = 2_000;
const longestCallbackNote = 500;

/** For so long an agent is offered to say what came of a call after all. */
export const lateForMs = 7 * 24 * 3_600_000;

/**
 * What stands for a call whose agent has not said what came of it, until they do: the result that was chosen, else the campaign's first for "no
 * decision", and the note as far as it was typed. "Do not call" that was chosen stands: who asked for it must not be
 * called again because a button was not pressed. So does a callback, with the time that was typed; without one it is
 * the agent's own until the time is written down. Only a callback to nobody known cannot be kept.
 */
export function missedWrapup(given: MissedWrapup): GivenDisposition {
  const { userId, customerId, draft, offered, missed, at } = given;
  const chosen = offered.find(({ id }) => String(id) === draft.dispositionId);
  const usable = chosen?.category === 'callback' && customerId === null ? undefined : chosen;
  const standing = usable ?? offered.find(({ category, final }) => category === 'no_decision' && !final);
  return {
    userId,
    dispositionId: standing?.id ?? null,
    note: cut(draft.note?.trim() ?? '', longestNote),
    missed,
    callback: standing?.category === 'callback' ? callbackOf(draft, at) : null,
  };
}

/** The draft keeps the rest. No half of a character stays behind. */
const cut = (text: string, length: number): string => text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');

function callbackOf(draft: DraftForm, at: number): GivenCallback {
  const typed = agreedTime(draft);
  const agreed = typed !== null && typed > at ? typed : null;
  return {
    dueAt: agreed ?? at + guessedMs,
    timeAgreed: agreed !== null,
    mine: agreed === null || draft.callbackMine !== 'false',
    e164: draft.callbackPhone || null,
    note: cut(draft.callbackNote?.trim() ?? '', longestCallbackNote) || null,
  };
}
