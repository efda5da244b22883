import type { ScrubList } from './scrub-list.ts';

type Areas = ScrubList['areas'];

/** What a list would do, and what its file was like. */
export interface ScrubChange {
  readonly areas: Areas;
  /** The list of its name that is in force, or was the last to be. */
  readonly before: {
    readonly areas: Areas;
    /** Numbers of the edition from which is counted what was taken away, and how many of them would stay. */
    readonly numbers: number;
    readonly kept: number;
  } | null;
  readonly lines: number;
  readonly refused: number;
  /** Lines that take a number away, in a file that was not said to hold changes. */
  readonly removals: number;
}

/** Why somebody else has to look at a list before it comes into force. */
export type ScrubDoubt =
  | { readonly code: 'fewer'; readonly kept: number; readonly before: number }
  | { readonly code: 'wider'; readonly areas: string; readonly before: string }
  | { readonly code: 'wholeCountry'; readonly before: string }
  | { readonly code: 'refused'; readonly refused: number; readonly lines: number }
  | { readonly code: 'removals'; readonly count: number };

/** From one edition of a register to the next a few of a hundred numbers go, never one of ten. */
const keptAtLeast = 0.9;
const refusedAtMost = { lines: 20, share: 0.05 };

/**
 * A file of changes taken for a whole list, a wrong file, one that was cut off: each would let numbers be called. So
 * would a list that says it speaks of more than its register does: who is not in it counts as compared.
 */
export function doubtsOf({ areas, before, lines, refused, removals }: ScrubChange): ScrubDoubt[] {
  const doubts: ScrubDoubt[] = [];
  if (before && before.kept < keptAtLeast * before.numbers)
    doubts.push({ code: 'fewer', kept: before.kept, before: before.numbers });
  const wider = before && widening(areas, before.areas);
  if (wider) doubts.push(wider);
  if (refused > refusedAtMost.lines && refused > refusedAtMost.share * lines)
    doubts.push({ code: 'refused', refused, lines });
  if (removals > 0) doubts.push({ code: 'removals', count: removals });
  return doubts;
}

function widening(areas: Areas, before: Areas): ScrubDoubt | null {
  if (before.length === 0) return null;
  if (areas.length === 0) return { code: 'wholeCountry', before: before.join(' ') };
  const more = areas.filter((area) => !before.some((known) => area.startsWith(known)));
  return more.length > 0 ? { code: 'wider', areas: more.join(' '), before: before.join(' ') } : null;
}
