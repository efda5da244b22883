import { createPacer } from '../../dialer/pacing/index.ts';
import { engineSettings } from './contest.ts';

export interface Speed {
  meanMicros: number;
  medianMicros: number;
  p99Micros: number;
  heapGrowthKb: number;
}

/** Decisions at 500 agents and 1,500 lines ringing, with the events of a busy floor in between. */
export function decisionSpeed(decisions: number): Speed {
  const pacer = createPacer(engineSettings());
  let at = Date.UTC(2026, 0, 5, 9);
  for (let a = 0; a < 500; a++) {
    pacer.observe({ type: 'agent', at, agentId: `a${a}`, state: 'idle' });
    if (a > 5) pacer.observe({ type: 'agent', at, agentId: `a${a}`, state: 'talking' });
  }
  let call = 0;
  for (; call < 1500; call++) pacer.observe({ type: 'dialed', at: (at += 8), callId: `c${call}` });
  const step = (): number => {
    at += 8;
    const callId = `c${call - 1500}`;
    if (call % 4 > 0) pacer.observe({ type: 'failed', at, callId, cause: 'no-answer' });
    else {
      pacer.observe({ type: 'connected', at, callId, agentId: `a${call % 500}` });
      pacer.observe({ type: 'ended', at, callId });
    }
    pacer.observe({ type: 'dialed', at, callId: `c${call++}` });
    const before = performance.now();
    pacer.decide(at);
    return (performance.now() - before) * 1000;
  };
  const micros = new Float64Array(decisions);
  const round = (): void => {
    for (let k = 0; k < decisions; k++) micros[k] = step();
    globalThis.gc?.();
  };
  round();
  const heap = process.memoryUsage().heapUsed;
  round();
  const heapGrowthKb = (process.memoryUsage().heapUsed - heap) / 1024;
  micros.sort();
  return {
    meanMicros: micros.reduce((sum, value) => sum + value, 0) / decisions,
    medianMicros: micros[decisions >> 1]!,
    p99Micros: micros[Math.floor(decisions * 0.99)]!,
    heapGrowthKb,
  };
}
