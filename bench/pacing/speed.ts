import { createPacer } from '../../dialer/pacing/index.ts';
import { engineSettings } from './contest.ts';

export interface Speed {
  /** Time on the clock of a decision in the middle; on a machine with other jobs, others wait in it too. */
  medianMicros: number;
  /** The processor's own time: mean, and the 99th percentile of means over fifty decisions of one moment. */
  processorMicros: number;
  processorP99Micros: number;
  heapGrowthKb: number;
}

const BATCH = 50;

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
  const step = (): void => {
    at += 8;
    const callId = `c${call - 1500}`;
    if (call % 4 > 0) pacer.observe({ type: 'failed', at, callId, cause: 'no-answer' });
    else {
      pacer.observe({ type: 'connected', at, callId, agentId: `a${call % 500}` });
      pacer.observe({ type: 'ended', at, callId });
    }
    pacer.observe({ type: 'dialed', at, callId: `c${call++}` });
  };
  const micros: number[] = [];
  const batches: number[] = [];
  const round = (): void => {
    micros.length = batches.length = 0;
    for (let k = 0; k < decisions; k += BATCH) {
      for (let events = 0; events < BATCH; events++) step();
      const clock = performance.now();
      pacer.decide(at);
      micros.push((performance.now() - clock) * 1000);
      const processor = process.cpuUsage();
      for (let later = 1; later <= BATCH; later++) pacer.decide(at + later);
      batches.push(process.cpuUsage(processor).user / BATCH);
    }
    globalThis.gc?.();
  };
  round();
  const heap = process.memoryUsage().heapUsed;
  round();
  const heapGrowthKb = (process.memoryUsage().heapUsed - heap) / 1024;
  const level = (values: number[], share: number): number =>
    values.sort((a, b) => a - b)[Math.floor(values.length * share)]!;
  return {
    medianMicros: level(micros, 0.5),
    processorMicros: batches.reduce((sum, value) => sum + value, 0) / batches.length,
    processorP99Micros: level(batches, 0.99),
    heapGrowthKb,
  };
}
