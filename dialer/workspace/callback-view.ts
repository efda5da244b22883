import { DateTime } from 'luxon';
import type { App } from '../../core/app.ts';
import type { RequestContext } from '../../core/http/index.ts';
import type { CallbackStore } from '../../campaigns/callbacks/index.ts';
import type { CampaignStore } from '../../campaigns/campaigns/index.ts';
import type { CustomerStore } from '../../crm/index.ts';
import type { AgentSnapshot } from '../protocol.ts';
import { customerZones } from './zones.ts';

export interface CallbackRow {
  id: number;
  campaignId: number;
  campaignName: string;
  customerId: number;
  customerName: string;
  e164: string;
  dueAt: number;
  /** The customer's wall clock at that moment, where it is not the reader's. */
  theirTime: string | null;
  note: string | null;
  overdue: boolean;
  /** The agent is free to dial now. */
  canDial: boolean;
}

interface Stores {
  callbacks: CallbackStore;
  customers: CustomerStore;
  campaigns: CampaignStore;
}

/** An agent's open callbacks, the first due first, with what is needed to make the call. */
export async function callbackRows(
  app: App,
  { callbacks, customers, campaigns }: Stores,
  context: RequestContext,
  userId: number,
  snapshot: AgentSnapshot | null,
): Promise<CallbackRow[]> {
  const open = await callbacks.openOf(userId);
  const known = new Map(
    (await customers.getMany(open.map(({ customerId }) => customerId))).map((customer) => [
      customer.id,
      customer,
    ]),
  );
  const names = new Map(
    await Promise.all(
      [...new Set(open.map(({ campaignId }) => campaignId))].map(
        async (id) => [id, (await campaigns.get(id))?.name ?? ''] as const,
      ),
    ),
  );
  const now = app.clock.now();
  return open.map((callback) => {
    const customer = known.get(callback.customerId);
    const e164 = callback.e164 ?? customer?.phones[0]?.e164 ?? '';
    const zone = customerZones(e164, customer?.addressRegion ?? null)[0];
    return {
      id: callback.id,
      campaignId: callback.campaignId,
      campaignName: names.get(callback.campaignId) ?? '',
      customerId: callback.customerId,
      customerName: customer?.name ?? '',
      e164,
      dueAt: callback.dueAt,
      theirTime: zone ? theirTime(callback.dueAt, zone, context.zone) : null,
      note: callback.note,
      overdue: callback.dueAt <= now,
      canDial: e164 !== '' && mayDial(snapshot),
    };
  });
}

function theirTime(at: number, zone: string, readerZone: string): string | null {
  const theirs = DateTime.fromMillis(at, { zone });
  return theirs.offset === DateTime.fromMillis(at, { zone: readerZone }).offset
    ? null
    : theirs.toFormat('HH:mm');
}

/** A number is dialled by hand between calls, ready or paused; the dialer has the last word. */
export function mayDial(snapshot: AgentSnapshot | null): boolean {
  return snapshot !== null && (snapshot.state === 'ready' || snapshot.state === 'paused') && !snapshot.call;
}
