import type { AgentCall } from '../../../dialer/protocol.ts';
import { say } from '../shared/words.ts';

/** Causes that the words alone do not tell: the number helps whoever looks after the lines. */
const ordinaryCauses = new Set([0, 16, 17, 19, 31]);

/** How a call ended, in an agent's words: `The customer's line is busy.` */
export function endingWords(call: AgentCall | null): string {
  if (!call?.outcome) return '';
  const key = call.outcome === 'answered' ? `answered-${call.endedBy ?? 'system'}` : call.outcome;
  const text = say(`ending.${key}`);
  const { hangupCause } = call;
  if (call.outcome === 'answered' || hangupCause === null || ordinaryCauses.has(hangupCause)) return text;
  return say('ended.cause', { text, cause: String(hangupCause) });
}
