import { missedWrapup } from '../missed-wrapups/missed-wrapup.ts';
import type { DialerContext } from './context.ts';

/**
 * Keeps, as what is to be handed on, what agents had typed of calls that a dialer has left and nobody wraps up: who had
 * asked not to be called must not be, though the button was not pressed.
 */
export async function keepTyped(
  { stores, app }: Pick<DialerContext, 'stores' | 'app'>,
  dialer: { id: string; seenAt: number; isGone: boolean },
): Promise<void> {
  for (const call of await stores.calls.unsaid(dialer.id, dialer.seenAt, dialer.isGone)) {
    const { id: callId, userId, campaignId, customerId, leadId } = call;
    if (userId === null || campaignId === null) continue;
    const { form: draft } = await stores.drafts.get(userId, callId);
    const ofCampaign = await stores.dispositions.ofCampaign(campaignId);
    const offered = ofCampaign.length > 0 ? ofCampaign : await stores.dispositions.all({ activeOnly: true });
    const at = Math.max(dialer.seenAt, call.endedAt ?? 0);
    const given = missedWrapup({ userId, customerId, draft, offered, missed: 'left', at });
    const lead = leadId === null ? null : await stores.leads.get(leadId);
    const holdsLead = lead?.state === 'dialing' && lead.reservedBy === dialer.id;
    await app.db.transaction((trx) =>
      stores.givenDispositions.keep({ callId, given, holdsLead, at }, dialer.id, trx),
    );
  }
}
