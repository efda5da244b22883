export const holdSubjects = ['recording', 'customer', 'campaign'] as const;
export type HoldSubject = (typeof holdSubjects)[number];

/** Keeps sound whatever retention says: of one recording, or of all of a customer or campaign, those to come included. */
export interface LegalHold {
  readonly id: number;
  readonly subject: HoldSubject;
  readonly subjectId: number;
  readonly reason: string;
  readonly placedBy: number | null;
  readonly placedAt: number;
  readonly releasedBy: number | null;
  readonly releasedAt: number | null;
  readonly releaseReason: string | null;
}

/** The table that a subject is a row of, as the audit names it. */
export const holdEntities: Readonly<Record<HoldSubject, string>> = {
  recording: 'recordings',
  customer: 'customers',
  campaign: 'campaigns',
};

export const holdPlacers = ['supervisor', 'manager', 'administrator'] as const;
export const holdReleasers = ['manager', 'administrator'] as const;
