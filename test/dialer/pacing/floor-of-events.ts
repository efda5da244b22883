import {
  createPacer,
  type Pacer,
  type PacingEvent,
  type PacingSettings,
} from '../../../dialer/pacing/index.ts';

export const nine = Date.UTC(2026, 0, 5, 9);

export const settings: PacingSettings = {
  mode: 'predictive',
  abandonCap: 0.03,
  abandonWindowMs: 86_400_000,
  answerGraceMs: 2_000,
  ringTimeoutMs: 30_000,
  maxLinesPerAgent: 10,
};

/** A pacer with `agents` free at nine o'clock. */
export function pacerWith(agents: number, changed: Partial<PacingSettings> = {}): Pacer {
  const pacer = createPacer({ ...settings, ...changed });
  for (let a = 0; a < agents; a++)
    pacer.observe({ type: 'agent', at: nine, agentId: `a${a}`, state: 'idle' });
  return pacer;
}

/** Calls that were dialled, answered and connected in the past, so that the pacer has a history and a budget. */
export function history(
  pacer: Pacer,
  of: { answers: number; abandoned?: number; nothing?: number; from?: number; agentId?: string },
): number {
  let at = of.from ?? nine;
  const abandoned = of.abandoned ?? 0;
  const agentId = of.agentId ?? 'h';
  const say = (event: PacingEvent): void => pacer.observe(event);
  for (let k = 0; k < of.answers; k++) {
    const callId = `h${at}-${k}`;
    for (let n = 0; n < (of.nothing ?? 3); n++) {
      say({ type: 'dialed', at, callId: `${callId}n${n}` });
      say({ type: 'failed', at: at + 11_000, callId: `${callId}n${n}`, cause: 'no-answer' });
    }
    say({ type: 'dialed', at: at + 11_000, callId });
    say({ type: 'answered', at: at + 22_000, callId });
    if (k >= of.answers - abandoned) say({ type: 'abandoned', at: at + 22_000, callId });
    else {
      say({ type: 'connected', at: at + 22_000, callId, agentId });
      say({ type: 'ended', at: at + 122_000, callId });
      say({ type: 'agent', at: at + 122_000, agentId, state: 'away' });
    }
    at += 122_000;
  }
  return at;
}
