import type { App } from '../../../core/app.ts';
import type { ReasonCode } from '../reason.ts';
import { overrideHoldsMs, type Override } from './override.ts';

const lookupBatch = 400;

interface OverrideRow {
  id: number;
  e164: string;
  campaign_id: number | null;
  reason: string;
  reason_code: string;
  granted_by: number;
  granted_at: number;
  expires_at: number;
  used_at: number | null;
  call_id: string | null;
  used_reason_code: string | null;
  withdrawn_at: number | null;
  withdrawn_by: number | null;
}

export type OverrideStore = ReturnType<typeof createOverrideStore>;

/** All SQL for overrides. Each is used at most once. */
export function createOverrideStore({ db }: Pick<App, 'db'>) {
  const table = () => db.knex<OverrideRow>('gate_overrides');

  type Granted = Pick<Override, 'e164' | 'campaignId' | 'reason' | 'reasonCode'>;
  async function grant(given: Granted, by: number, now: number) {
    return db.insertId('gate_overrides', {
      ...{
        e164: given.e164,
        campaign_id: given.campaignId,
        reason: given.reason,
        reason_code: given.reasonCode,
      },
      ...{ granted_by: by, granted_at: now, expires_at: now + overrideHoldsMs },
    });
  }

  /**
   * By number and campaign (`overrideKey`) the oldest override that can still be used, or that one of these calls has
   * used already.
   */
  async function open(
    numbers: readonly string[],
    now: number,
    callIds: readonly string[] = [],
  ): Promise<Map<string, Override>> {
    const found = new Map<string, Override>();
    const wanted = [...new Set(numbers)];
    for (let from = 0; from < wanted.length; from += lookupBatch) {
      const rows = await table()
        .whereIn('e164', wanted.slice(from, from + lookupBatch))
        .where('expires_at', '>', now)
        .where((free) => free.whereNull('used_at').orWhereIn('call_id', [...callIds]))
        .whereNull('withdrawn_at')
        .orderBy('id', 'desc');
      for (const one of rows.map(fromRow)) found.set(overrideKey(one), one);
    }
    return found;
  }

  /** False when another call has it, or it was withdrawn. The same call keeps it when it is dialled over another trunk. */
  async function use(given: { id: number; callId: string | null; reasonCode: ReasonCode; now: number }) {
    const rows = await table()
      .where({ id: given.id })
      .where('expires_at', '>', given.now)
      .where((free) => {
        free.whereNull('used_at');
        if (given.callId !== null) free.orWhere('call_id', given.callId);
      })
      .whereNull('withdrawn_at')
      .update({ used_at: given.now, call_id: given.callId, used_reason_code: given.reasonCode });
    return rows === 1;
  }

  async function withdraw(id: number, by: number, now: number): Promise<boolean> {
    const rows = await table()
      .where({ id })
      .whereNull('used_at')
      .whereNull('withdrawn_at')
      .update({ withdrawn_at: now, withdrawn_by: by });
    return rows === 1;
  }

  async function get(id: number): Promise<Override | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Newest first. */
  async function list(limit = 200): Promise<Override[]> {
    return (await table().orderBy('id', 'desc').limit(limit)).map(fromRow);
  }

  async function within(from: number, until: number): Promise<Override[]> {
    return (await table().where('granted_at', '>=', from).where('granted_at', '<', until).orderBy('id')).map(
      fromRow,
    );
  }

  /** The leads of a campaign whose customers have this number. */
  async function leadsWithNumber(
    campaignId: number,
    e164: string,
  ): Promise<{ id: number; customerId: number }[]> {
    const rows: { id: number; customer_id: number }[] = await db
      .knex('customer_phones')
      .join('leads', 'leads.customer_id', 'customer_phones.customer_id')
      .where({ 'customer_phones.e164': e164, 'leads.campaign_id': campaignId })
      .distinct('leads.id as id', 'leads.customer_id as customer_id')
      .orderBy('id')
      .limit(lookupBatch);
    return rows.map(({ id, customer_id }) => ({ id, customerId: customer_id }));
  }

  return { grant, leadsWithNumber, open, use, withdraw, get, list, within };
}

export function overrideKey({ e164, campaignId }: Pick<Override, 'e164' | 'campaignId'>): string {
  return `${campaignId ?? 0} ${e164}`;
}

function fromRow(row: OverrideRow): Override {
  return {
    id: row.id,
    e164: row.e164,
    campaignId: row.campaign_id,
    reason: row.reason,
    reasonCode: row.reason_code as ReasonCode,
    grantedBy: row.granted_by,
    grantedAt: row.granted_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    callId: row.call_id,
    usedReasonCode: row.used_reason_code as ReasonCode | null,
    withdrawnAt: row.withdrawn_at,
    withdrawnBy: row.withdrawn_by,
  };
}
