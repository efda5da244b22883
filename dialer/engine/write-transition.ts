import type { App } from '../../core/app.ts';
import type { CallStore } from '../calls/call-store.ts';
import type { Call, CallEvent, CallState } from '../calls/call.ts';
import type { CallTransition } from '../protocol.ts';
import type { AlsoWritten, Journal } from './journal.ts';

export type WrittenEvent = CallEvent | { type: 'create' } | { type: 'identified' };

/** Hands what has become of a call to the journal: its row, its event, and who is told. */
export function writeTransition(
  parts: {
    readonly journal: Journal;
    readonly calls: CallStore;
    readonly bus: App['bus'];
    readonly dialerId: string;
  },
  call: Call,
  before: Call | null,
  event: WrittenEvent,
  at: number,
  also?: AlsoWritten,
): void {
  const { journal, calls, bus, dialerId } = parts;
  const transition = transitionOf(call, before?.state ?? null, event.type, at);
  journal.append({
    subject: `call ${call.id}`,
    also,
    write: (trx) => (before ? calls.save(call, before.state, trx) : calls.insert(call, dialerId, trx)),
    isLacking: (trx) => calls.lacks(call, trx),
    eventTable: 'call_events',
    event: {
      call_id: call.id,
      at,
      from_state: before?.state ?? null,
      to_state: call.state,
      event: event.type,
      campaign_id: call.campaignId,
      user_id: call.userId,
      data: eventData(call, event, before),
    },
    written: () => bus.publish('call.transition', transition),
  });
}

export function transitionOf(call: Call, from: CallState | null, event: string, at: number): CallTransition {
  const { id: callId, state: to, direction, campaignId, leadId, customerId, e164, userId, outcome } = call;
  const { parkSlot } = call;
  return { callId, at, from, to, event, direction, campaignId, leadId, customerId, e164, userId, outcome, parkSlot }; // prettier-ignore
}

/** What an event's row says besides the transition: JSON, or null. */
function eventData(call: Call, event: WrittenEvent, before: Call | null): string | null {
  if (event.type === 'end')
    return JSON.stringify({ outcome: call.outcome, by: call.endedBy, cause: call.hangupCause });
  if (event.type === 'dial' || event.type === 'redial')
    return JSON.stringify({ trunkId: call.trunkId, callerId: call.callerId });
  if (event.type === 'park') return JSON.stringify({ slot: event.slot });
  if (event.type === 'human' || event.type === 'check' || event.type === 'message')
    return JSON.stringify({ amd: call.amd, cause: event.cause });
  if (event.type === 'transfer' || event.type === 'consult') return JSON.stringify({ userId: event.userId });
  if (event.type === 'unmet')
    return JSON.stringify({ connectedAt: before?.connectedAt, userId: before?.userId });
  if (event.type === 'announce') return JSON.stringify({ reason: event.reason });
  return null;
}
