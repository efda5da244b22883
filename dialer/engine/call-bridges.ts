import { agentBridgeId } from './live-agents.ts';
import type { LiveCall, LiveCalls } from './live-calls.ts';

/** The bridge in which a customer talks with somebody outside. */
export function talkBridgeId(callId: string): string {
  return `rw-talk-${callId}`;
}

/** The bridge that a call's leg belongs into now; null: none, it hears music or nothing. */
export function bridgeOf({ call }: LiveCall, calls: LiveCalls): string | null {
  const { id, state, userId, parentId } = call;
  if (parentId !== null) {
    if (state !== 'connected') return null;
    if (calls.get(parentId)?.call.state === 'outside') return talkBridgeId(parentId);
    return userId === null ? null : agentBridgeId(userId);
  }
  if (state === 'outside') return talkBridgeId(id);
  // Whoever is asked meanwhile is in the agent's bridge, and is not to be heard by the customer.
  if (state === 'held' && calls.aside(id)) return null;
  return (state === 'connected' || state === 'held') && userId !== null ? agentBridgeId(userId) : null;
}
