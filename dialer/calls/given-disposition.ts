import type { Campaign, Disposition, DispositionStore } from '../../campaigns/index.ts';
import { CommandRefused } from '../../core/bus/bus.ts';
import type { TimelineStore } from '../../crm/index.ts';
import type { Knex } from 'knex';
import type { DispositionGiven } from '../protocol.ts';
import type { AmdVerdictStore } from '../amd/index.ts';
import type { Call } from './call.ts';
import type { CallStore } from './call-store.ts';

/** Why the agent did not hand it in: the wrap-up ran out, or the agent was lost before the call ended. */
export type MissedBy = 'limit' | 'left';

/** What came of a call, as it is handed on. */
export interface GivenDisposition {
  readonly userId: number;
  /** Null: the wrap-up was missed, and no result could be taken for granted. */
  readonly dispositionId: number | null;
  readonly note: string;
  /** Not handed in by the agent: what was typed by then. */
  readonly missed?: MissedBy;
  /** Handed in after all, when something else had been taken for granted. */
  readonly late?: true;
  readonly callback: GivenCallback | null;
}

export interface GivenCallback {
  readonly dueAt: number;
  /** False: nobody has written down when; `dueAt` is a guess. */
  readonly timeAgreed: boolean;
  readonly mine: boolean;
  readonly e164: string | null;
  readonly note: string | null;
}

const longestCallbackMs = 366 * 86_400_000;

/** A callback that goes with this disposition, and can be kept. @throws CommandRefused */
export function checkCallback(
  { category }: Disposition,
  { callback }: DispositionGiven,
  call: { customerId: number | null } | undefined,
  now: number,
): void {
  if (!callback) {
    if (category === 'callback') throw new CommandRefused('callback-time-missing');
    return;
  }
  if (call?.customerId === null) throw new CommandRefused('callback-needs-customer');
  const ahead = callback.dueAt - now;
  if (ahead <= 0 || ahead > longestCallbackMs) throw new CommandRefused('callback-time-not-allowed');
  if (category === 'dnc') throw new CommandRefused('callback-time-not-allowed');
}

/** As it was handed in by the agent. */
export function givenByAgent({ userId, dispositionId, note, callback }: DispositionGiven): GivenDisposition {
  return {
    userId,
    dispositionId,
    note,
    callback: callback
      ? {
          dueAt: callback.dueAt,
          timeAgreed: true,
          mine: callback.mine,
          e164: callback.e164 ?? null,
          note: callback.note ?? null,
        }
      : null,
  };
}

export interface DispositionStores {
  readonly calls: CallStore;
  readonly amdVerdicts: Pick<AmdVerdictStore, 'found'>;
  readonly dispositions: DispositionStore;
  readonly timeline: TimelineStore;
}

/** Events and timeline of what was said of a call, in the transaction that has written it on the call. */
export async function writeDown(
  stores: DispositionStores,
  told: {
    call: Pick<Call, 'id' | 'campaignId' | 'userId' | 'customerId'>;
    campaign: Pick<Campaign, 'name'>;
    given: GivenDisposition;
    at: number;
  },
  trx: Knex.Transaction,
): Promise<void> {
  const { call, campaign, given, at } = told;
  const { dispositionId, note } = given;
  const disposition = dispositionId === null ? null : await stores.dispositions.get(dispositionId, trx);
  // Figures of sales and right parties are counted from this event; what nobody handed in is not among them.
  if (given.missed) await stores.calls.noteWrapupMissed(call, dispositionId, at, trx);
  else if (disposition) {
    await stores.calls.noteDisposed(call, disposition.id, at, trx);
    await stores.amdVerdicts.found(call.id, disposition.answeredBy, at, trx);
  }
  if (disposition) await stores.dispositions.markUsed(disposition, at, trx);
  const { customerId } = call;
  if (customerId === null) return;
  const entry = { customerId, at, userId: given.userId, callId: call.id };
  const marked = marksOf(given);
  if (disposition)
    await stores.timeline.append(
      {
        ...entry,
        kind: 'disposition',
        data: {
          code: disposition.code,
          category: disposition.category,
          names: disposition.names,
          campaignName: campaign.name,
          ...(note ? { note } : {}),
          ...marked,
        },
      },
      trx,
    );
  else if (note)
    await stores.timeline.append({ ...entry, kind: 'note', data: { text: note, ...marked } }, trx);
  if (!given.callback) return;
  const { dueAt, timeAgreed, mine, note: about } = given.callback;
  const data = { dueAt, mine, note: about, ...(timeAgreed ? {} : { timeAgreed }) };
  await stores.timeline.append({ ...entry, kind: 'callback', data }, trx);
}

/** How it came about, where the agent did not hand it in at the end of the call. */
function marksOf({ missed, late }: GivenDisposition): object {
  if (missed === 'limit') return { byLimit: true };
  if (missed === 'left') return { agentLost: true };
  return late ? { late } : {};
}
