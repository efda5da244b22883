/** What a list would do, and what its file was like. */
export interface ScrubChange {
  /** The list in force that it would replace, and how many of its numbers would stay. */
  readonly replaced: { readonly numbers: number; readonly kept: number } | null;
  readonly lines: number;
  readonly refused: number;
  /** Lines that take a number away, in a file that was not said to hold changes. */
  readonly removals: number;
}

/** Why somebody else has to look at a list before it comes into force. */
export type ScrubDoubt =
  | { readonly code: 'fewer'; readonly kept: number; readonly before: number }
  | { readonly code: 'refused'; readonly refused: number; readonly lines: number }
  | { readonly code: 'removals'; readonly count: number };

/** From one edition of a register to the next a few of a hundred numbers go, never one of ten. */
const keptAtLeast = 0.9;
const refusedAtMost = { lines: 20, share: 0.05 };

/** A file of changes taken for a whole list, a wrong file, one that was cut off: each would let numbers be called. */
export function doubtsOf({ replaced, lines, refused, removals }: ScrubChange): ScrubDoubt[] {
  const doubts: ScrubDoubt[] = [];
  if (replaced && replaced.kept < keptAtLeast * replaced.numbers)
    doubts.push({ code: 'fewer', kept: replaced.kept, before: replaced.numbers });
  if (refused > refusedAtMost.lines && refused > refusedAtMost.share * lines)
    doubts.push({ code: 'refused', refused, lines });
  if (removals > 0) doubts.push({ code: 'removals', count: removals });
  return doubts;
}
