import { endInWords } from '../../../dialer/calls/cause.ts';
import type { AgentCall } from '../../../dialer/protocol.ts';
import { say } from '../shared/words.ts';

/** Causes that the outcome's own words tell already. */
const ordinaryCauses = new Set([0, 1, 16, 17, 19, 21, 28, 31]);

/** How a call ended, in an agent's words: `The customer's line is busy.` */
export function endingWords(call: AgentCall | null): string {
  if (!call?.outcome) return '';
  const { outcome, hangupCause } = call;
  if (outcome === 'answered') return say(`ending.answered-${call.endedBy ?? 'system'}`);
  const words = endInWords(outcome, hangupCause);
  if (words !== outcome) return say('ended.inWords', { text: say(`cause.${words}`) });
  const text = say(`ending.${outcome}`);
  if (hangupCause === null || ordinaryCauses.has(hangupCause)) return text;
  // The number helps whoever looks after the lines.
  return say('ended.cause', { text, cause: String(hangupCause) });
}
