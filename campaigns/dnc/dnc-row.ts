import type { DncEntry, DncLogEntry, DncSource } from './dnc.ts';

export interface DncRow {
  id: number;
  e164: string;
  campaign_id: number;
  reason: string;
  source: string;
  added_by: number | null;
  added_at: number;
  expires_at: number | null;
}

export interface DncLogRow {
  id: number;
  e164: string;
  campaign_id: number;
  action: string;
  reason: string;
  source: string;
  user_id: number | null;
  at: number;
}

/** `campaign_id` of entries that hold everywhere: a NULL would not be unique beside the number. */
export const everywhere = 0;

export function dncFromRow(row: DncRow): DncEntry {
  return {
    id: row.id,
    e164: row.e164,
    campaignId: row.campaign_id === everywhere ? null : row.campaign_id,
    reason: row.reason,
    source: row.source as DncSource,
    addedBy: row.added_by,
    addedAt: row.added_at,
    expiresAt: row.expires_at,
  };
}

export function dncLogFromRow(row: DncLogRow): DncLogEntry {
  return {
    id: row.id,
    e164: row.e164,
    campaignId: row.campaign_id === everywhere ? null : row.campaign_id,
    action: row.action as DncLogEntry['action'],
    reason: row.reason,
    source: row.source as DncSource,
    userId: row.user_id,
    at: row.at,
  };
}
