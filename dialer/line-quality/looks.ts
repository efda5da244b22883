/** Between two looks of a page at its leg's statistics. */
export const lookMs = 2_000;
/** Below this many users are dissatisfied (ITU-T G.107, annex B). */
export const poorMos = 3.6;
/** From here on users are satisfied (ibidem). */
export const goodMos = 4;
