import type { Disposition } from '../../campaigns/index.ts';
import type { DraftForm } from '../drafts/draft.ts';
import type { GivenDisposition } from './actions.ts';

/**
 * What stands for a call whose wrap-up ran out: the result that was chosen, else the campaign's first for "no
 * decision", and the note as far as it was typed. "Do not call" that was chosen stands: who asked for it must not be
 * called again because a button was not pressed. A callback has no time yet, and is not taken for granted.
 */
export function missedWrapup(
  userId: number,
  draft: DraftForm,
  offered: readonly Disposition[],
): GivenDisposition {
  const chosen = offered.find(({ id }) => String(id) === draft.dispositionId);
  const usable = chosen && chosen.category !== 'callback' ? chosen : undefined;
  const standing = usable ?? offered.find(({ category, final }) => category === 'no_decision' && !final);
  return {
    userId,
    dispositionId: standing?.id ?? null,
    note: draft.note?.trim() ?? '',
    byLimit: true,
    callback: null,
  };
}
