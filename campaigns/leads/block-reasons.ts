import { blockReasons } from '../compliance/reason.ts';
import { filteredReason, quotaReason } from './lead-filter.ts';

/** What a change of facts may cure: consent, lists, address, numbers, rules. What an agent said is not among them. */
export const curable: readonly string[] = [...blockReasons, 'no-phone'];

/** `state_reason` of a lead whose customer has asked, by a key, to be called no more. */
export const optedOutReason = 'opt-out';

/** What a campaign has decided for itself. A promised callback is kept whatever that is. */
export const campaignsOwn: readonly string[] = [filteredReason, quotaReason];

/** `state_reason` of blocked leads that no agent has blocked. */
export const blockedByNobody: readonly string[] = [...curable, ...campaignsOwn];
