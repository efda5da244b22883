import type { App } from '../../core/app.ts';
import type { RequestContext } from '../../core/http/index.ts';
import type { CampaignStore } from '../../campaigns/campaigns/index.ts';
import type { DispositionStore } from '../../campaigns/dispositions/index.ts';
import type { CustomerStore } from '../../crm/index.ts';
import { talkMsOf } from '../calls/call.ts';
import type { MissedWrapupStore } from '../missed-wrapups/index.ts';

export interface MissedRow {
  id: string;
  endedAt: number;
  talkMs: number;
  customerName: string;
  e164: string;
  campaignName: string;
  /** What stands for the call meanwhile; null: nothing does. */
  stands: string | null;
}

interface Stores {
  missed: MissedWrapupStore;
  customers: CustomerStore;
  campaigns: CampaignStore;
  dispositions: DispositionStore;
}

/** Calls of an agent's own that wait for their disposition, the latest first. */
export async function missedRows(
  app: App,
  { missed, customers, campaigns, dispositions }: Stores,
  { locale }: RequestContext,
  userId: number,
): Promise<MissedRow[]> {
  const calls = await missed.ofAgent(userId, app.clock.now());
  if (calls.length === 0) return [];
  const [known, all] = await Promise.all([
    customers.getMany(calls.flatMap(({ customerId }) => customerId ?? [])),
    dispositions.all(),
  ]);
  const nameOf = new Map(known.map(({ id, name }) => [id, name]));
  const standing = new Map(all.map(({ id, names }) => [id, names[locale] || names.en]));
  return Promise.all(
    calls.map(async (call) => ({
      id: call.id,
      endedAt: call.endedAt,
      talkMs: talkMsOf(call),
      customerName: call.customerId === null ? '' : (nameOf.get(call.customerId) ?? ''),
      e164: call.e164,
      campaignName: call.campaignId === null ? '' : ((await campaigns.get(call.campaignId))?.name ?? ''),
      stands: call.dispositionId === null ? null : (standing.get(call.dispositionId) ?? null),
    })),
  );
}
