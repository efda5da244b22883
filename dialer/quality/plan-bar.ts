import type { Plan } from './plan-store.ts';

/** Why a plan that is on draws nothing. */
export type PlanBar = 'reviewer-gone' | 'sheet-archived';

export function barOf(
  { reviewerId, sheetId }: Pick<Plan, 'reviewerId' | 'sheetId'>,
  reviewersNow: readonly { readonly id: number }[],
  sheets: readonly { readonly id: number; readonly archivedAt: number | null }[],
): PlanBar | null {
  if (!reviewersNow.some(({ id }) => id === reviewerId)) return 'reviewer-gone';
  return sheets.some(({ id, archivedAt }) => id === sheetId && archivedAt === null) ? null : 'sheet-archived';
}
