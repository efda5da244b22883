import { z } from 'zod';

/** Who asked that a number be called no more, or how that came in. */
export const dncSources = ['agent', 'customer', 'page', 'import', 'api'] as const;
export type DncSource = (typeof dncSources)[number];

/** A number that must not be called: everywhere, or by one campaign. */
export interface DncEntry {
  readonly id: number;
  readonly e164: string;
  /** Null: everywhere. */
  readonly campaignId: number | null;
  readonly reason: string;
  readonly source: DncSource;
  /** User id; null when the customer or the product did it. */
  readonly addedBy: number | null;
  readonly addedAt: number;
  /** Epoch ms from which it no longer holds; null: for good. */
  readonly expiresAt: number | null;
}

export interface DncAddition {
  readonly e164: string;
  readonly campaignId: number | null;
  readonly reason: string;
  readonly source: DncSource;
  readonly by: number | null;
  readonly at: number;
  readonly expiresAt?: number | null;
}

export interface DncRemoval {
  readonly e164: string;
  readonly campaignId: number | null;
  /** Required: somebody will ask why the number was called again. */
  readonly reason: string;
  readonly source: DncSource;
  readonly by: number | null;
  readonly at: number;
}

/** One line of what was done to the list. Lines are only ever added. */
export interface DncLogEntry {
  readonly id: number;
  readonly e164: string;
  readonly campaignId: number | null;
  readonly action: 'added' | 'removed';
  readonly reason: string;
  readonly source: DncSource;
  readonly userId: number | null;
  readonly at: number;
}

export const dncReason = z.string().trim().min(3).max(255);

/** Does an entry bear on a call of this campaign at this instant? */
export function bears(
  entry: Pick<DncEntry, 'campaignId' | 'expiresAt'>,
  campaignId: number | null,
  at: number,
): boolean {
  if (entry.expiresAt !== null && entry.expiresAt <= at) return false;
  return entry.campaignId === null || entry.campaignId === campaignId;
}
