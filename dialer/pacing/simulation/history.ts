import type { Pacer, PacingEvent, PastAnswers } from '../types.ts';
import { uniform } from './random.ts';
import type { Scenario } from './scenario.ts';
import { fateOf, type Traffic } from './traffic.ts';

/** Live answers that are told to a pacer of its past: enough to learn from, and as little work as possible. */
const TOLD_ANSWERS = 150;
const PAST_MS = 3_600_000;
/** Everything told ended so long before the start, as agents may have been in their state since then. */
const PAUSE_MS = 3_600_000;

/** How many live answers a pacer is told one by one; the rest of the account it is told as a sum. */
const toldOf = ({ account }: Scenario): number =>
  Math.max(0, Math.min(TOLD_ANSWERS, account.answers - account.abandoned));

const spanOf = ({ settings }: Scenario): number =>
  Math.max(60_000, Math.min(PAST_MS, settings.abandonWindowMs / 4));

/** What of the window's account is not told call by call. */
export function pastAnswers(scenario: Scenario): PastAnswers[] {
  const { answers, abandoned } = scenario.account;
  const at = scenario.start - PAUSE_MS - spanOf(scenario) - 1;
  return answers > 0 ? [{ at, connected: answers - abandoned - toldOf(scenario), abandoned }] : [];
}

/** Tells a new pacer what the real one knows at the start of the play: how calls end, and how long they take. */
export function tellPast(pacer: Pacer, scenario: Scenario, traffic: Traffic, seed: number): void {
  const { start } = scenario;
  const answers = toldOf(scenario);
  if (answers === 0) return;
  const latest = start - PAUSE_MS;
  const span = spanOf(scenario);
  const p = Math.max(0.01, traffic.answerProbability(0, null));
  const calls = Math.ceil(answers / p);
  const events: PacingEvent[] = [];
  let told = 0;
  for (let call = 0; call < calls * 3 && told < answers; call++) {
    const dialedAt = latest - span + Math.round((span * Math.min(call, calls)) / calls);
    const callId = `past-${call}`;
    const { kind, after } = fateOf(traffic, p, seed ^ 0x5a5a, call);
    const at = dialedAt + Math.round(after * 1000);
    events.push({ type: 'dialed', at: dialedAt, callId });
    if (kind === 'machine') events.push({ type: 'machine', at, callId });
    else if (kind !== 'answer') events.push({ type: 'failed', at, callId, cause: 'failed' });
    else {
      events.push({ type: 'answered', at, callId });
      told++;
      const [u, v] = [uniform(seed, 12, call), uniform(seed, 13, call)];
      const ended = at + Math.round(1000 * traffic.talk(0)(u, v));
      const wrapped = ended + Math.round(1000 * (traffic.wrapup?.(v, u) ?? 0));
      events.push({ type: 'connected', at, callId, agentId: callId });
      events.push({ type: 'ended', at: ended, callId });
      events.push({ type: 'agent', at: wrapped, agentId: callId, state: 'idle' });
      events.push({ type: 'agent', at: wrapped, agentId: callId, state: 'away' });
    }
  }
  const order = events.map((event, index) => ({ event, index }));
  order.sort((a, b) => a.event.at - b.event.at || a.index - b.index);
  for (const { event } of order) pacer.observe({ ...event, at: Math.min(event.at, start - 1) });
}
