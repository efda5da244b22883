import { localTime } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import type { RequestContext } from '../../core/http/index.ts';
import { formatDate } from '../../core/i18n/index.ts';
import type { CallbackStore } from '../../campaigns/callbacks/index.ts';
import type { CampaignStore } from '../../campaigns/campaigns/index.ts';
import type { CustomerStore } from '../../crm/index.ts';
import type { AgentSnapshot } from '../protocol.ts';
import { mayDial } from './bar.ts';
import { customerZones, zoneInWords } from './zones.ts';

export interface CallbackRow {
  id: number;
  campaignId: number;
  campaignName: string;
  customerId: number;
  customerName: string;
  e164: string;
  dueAt: number;
  /** False: nobody has written down when; `dueAt` is a guess until then. */
  timeAgreed: boolean;
  /** The customer's wall clock at that moment, where it is not the reader's. */
  theirTime: string | null;
  /** In which its time is agreed: the customer's, or the reader's where that is not known. */
  zone: string;
  zoneName: string;
  /** Wall clock there now agreed on; empty where none is. */
  wall: { date: string; time: string };
  today: string;
  note: string | null;
  overdue: boolean;
  /** It was tried at its time in vain, and is tried again then. */
  triedNext: number | null;
  /** Its campaign does not run, and its callbacks wait. */
  campaignRests: boolean;
  /** There is a number, and a campaign that runs. */
  callable: boolean;
  /** That, and the agent is free to dial now. */
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
  const theirCampaigns = new Map(
    await Promise.all(
      [...new Set(open.map(({ campaignId }) => campaignId))].map(
        async (id) => [id, await campaigns.get(id)] as const,
      ),
    ),
  );
  const now = app.clock.now();
  const retries = await callbacks.retriesOf(open.map(({ id }) => id));
  return open.map((callback) => {
    const retry = retries.get(callback.id) ?? 0;
    const campaign = theirCampaigns.get(callback.campaignId) ?? null;
    const customer = known.get(callback.customerId);
    const e164 = callback.e164 ?? customer?.phones[0]?.e164 ?? '';
    const theirs = customerZones(e164, customer?.addressRegion ?? null)[0];
    const zone = theirs ?? context.zone;
    const there = localTime(callback.dueAt, zone);
    const callable = e164 !== '' && campaign?.state === 'running';
    return {
      id: callback.id,
      campaignId: callback.campaignId,
      campaignName: campaign?.name ?? '',
      campaignRests: campaign?.state !== 'running',
      customerId: callback.customerId,
      customerName: customer?.name ?? '',
      e164,
      dueAt: callback.dueAt,
      timeAgreed: callback.timeAgreed,
      theirTime: theirs ? theirTime(callback.dueAt, theirs, context) : null,
      zone,
      zoneName: zoneInWords(zone, context, now),
      wall: callback.timeAgreed
        ? { date: there.toISODate()!, time: there.toFormat('HH:mm') }
        : { date: '', time: '' },
      today: localTime(now, zone).toISODate()!,
      note: callback.note,
      overdue: callback.timeAgreed && callback.dueAt <= now && retry <= now,
      triedNext: retry > now ? retry : null,
      callable,
      canDial: callable && mayDial(snapshot),
    };
  });
}

function theirTime(at: number, zone: string, context: RequestContext): string | null {
  const offset = (name: string) => localTime(at, name).offset;
  return offset(zone) === offset(context.zone) ? null : formatDate(at, 'datetime', context, zone);
}
