import type { Knex } from 'knex';
import type { AnsweredBy } from '../../campaigns/index.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import { talkMsOf, type Call } from '../calls/call.ts';
import type { AmdVerdict, MachineMessageEnd } from './amd.ts';

export interface HeardVerdict {
  readonly callId: string;
  readonly campaignId: number;
  readonly at: number;
  readonly verdict: AmdVerdict;
  /** In the words of the switch. */
  readonly cause: string;
  readonly listenedMs: number;
  readonly isCheck: boolean;
  readonly message: MachineMessageEnd | null;
}

const longestCause = 60;

export type AmdVerdictStore = ReturnType<typeof createAmdVerdictStore>;

/** All SQL that writes what detection has made of a call, and what an agent has found there. */
export function createAmdVerdictStore() {
  /** Safe to repeat. */
  async function keep(heard: HeardVerdict, trx: Knex.Transaction): Promise<void> {
    try {
      await trx('amd_verdicts').insert({
        ...{ call_id: heard.callId, campaign_id: heard.campaignId, at: heard.at },
        ...{ verdict: heard.verdict, cause: heard.cause.slice(0, longestCause) },
        ...{ listened_ms: heard.listenedMs, is_check: heard.isCheck ? 1 : 0, message: heard.message },
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  async function messageEnded(callId: string, end: MachineMessageEnd, trx: Knex.Transaction): Promise<void> {
    await trx('amd_verdicts').where({ call_id: callId }).update({ message: end });
  }

  /** An agent has said who was there; of a call that detection did not listen to it is nothing to keep. */
  async function found(
    callId: string,
    answeredBy: AnsweredBy | null,
    wrappedUpAt: number,
    trx: Knex.Transaction,
  ): Promise<void> {
    const heard = await trx('amd_verdicts').where({ call_id: callId }).first('call_id');
    if (!heard) return;
    const row = await trx('calls').where({ id: callId }).first('connected_at', 'left_at', 'ended_at');
    const call = row && {
      connectedAt: time(row.connected_at),
      leftAt: time(row.left_at),
      endedAt: time(row.ended_at),
    };
    await trx('amd_verdicts')
      .where({ call_id: callId })
      .update({ answered_by: answeredBy, agent_ms: call ? agentMsOf(call, wrappedUpAt) : null });
  }

  return { keep, messageEnded, found };
}

const time = (value: number | string | null): number | null => (value === null ? null : Number(value));
/** A wrap-up that was handed in days later took no days. */
const longestWrapupMs = 30 * 60_000;

/** What the call has cost its agent: talk and wrap-up. */
export function agentMsOf(
  call: Pick<Call, 'connectedAt' | 'leftAt' | 'endedAt'>,
  wrappedUpAt: number,
): number {
  const over = call.leftAt ?? call.endedAt;
  const wrapupMs = over === null ? 0 : Math.max(0, wrappedUpAt - over);
  return talkMsOf(call) + (wrapupMs <= longestWrapupMs ? wrapupMs : 0);
}
