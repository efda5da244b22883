import { endInWords } from '../../../dialer/calls/cause.ts';
import type { AgentCall } from '../../../dialer/protocol.ts';
import { say } from '../shared/words.ts';

/** Who is asked, and how that goes: `Asking Bob: talking`; '' where nobody is. */
export function consultWords(call: AgentCall | null): string {
  if (!call) return '';
  if (call.askedBy && call.threeWay) return say('consult.threeWayAsked', { name: call.askedBy.name });
  if (call.askedBy) return say('consult.askedBy', { name: call.askedBy.name });
  const { consult } = call;
  if (!consult) return '';
  const who = consult.name ?? consult.phone;
  if (call.threeWay) return say('consult.threeWay', { who });
  if (consult.state === 'connected') return say('consult.talks', { who });
  if (consult.state !== 'ended') return say('consult.rings', { who });
  const rest = say(call.state === 'held' ? 'consult.onHold' : 'consult.withYou');
  if (consult.connectedAt !== null) return say('consult.over', { who, rest });
  if (consult.name !== null) return say('consult.unreached', { who, rest });
  const outcome = consult.outcome ?? 'failed';
  const words = endInWords(outcome, consult.hangupCause);
  const why = say(words === outcome ? `outcome.${outcome}` : `cause.${words}`);
  return say('consult.failed', { who, why, rest });
}
