const dayMs = 86_400_000;

/** For how long sound is kept. `days` null: for ever. */
export interface RetentionRule {
  /** 0: where a campaign has none of its own, and for calls outside any. */
  readonly campaignId: number;
  readonly days: number | null;
  readonly revision: number;
  readonly changedBy: number | null;
  readonly changedAt: number | null;
}

export const retentionReaders = ['supervisor', 'manager', 'administrator'] as const;
export const retentionEditors = ['manager', 'administrator'] as const;
export const longestDays = 3_650;

/** Sound from before this instant goes; null: none. */
export function keptSince(days: number | null, now: number): number | null {
  return days === null ? null : now - days * dayMs;
}

export function isShorter(days: number | null, than: number | null): boolean {
  return days !== null && (than === null || days < than);
}
