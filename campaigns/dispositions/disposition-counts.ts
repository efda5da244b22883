import type { Disposition } from './disposition.ts';

/** Figures that a disposition given to a call adds one to. */
export type DispositionFigure = 'disposed' | 'rightParty' | 'sales';

/** What one disposition counts as, for whoever adds up `disposed` events: reports, and an agent's own day. */
export function countsAs(
  disposition: Pick<Disposition, 'category' | 'rightParty'> | null,
): readonly DispositionFigure[] {
  const figures: DispositionFigure[] = ['disposed'];
  if (disposition?.rightParty) figures.push('rightParty');
  if (disposition?.category === 'sale') figures.push('sales');
  return figures;
}
