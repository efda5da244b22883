import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { forecast, type ForecastTask } from '../../dialer/pacing/simulation/index.ts';
import type { WorkerWord } from './run-forecast.ts';

/** The thread in which days are played, so that the process stays free for everybody else. */
const say = (word: WorkerWord): void => parentPort!.postMessage(word);

const toldEveryMs = 200;
const shownEveryMs = 1_000;
/** Steps of priority below the process: a tenth of its share of a busy processor. */
const behind = 10;
const lowestPriority = 19;

yieldToCalls();
play();

/** Calls go first: on Linux a priority is a thread's own. Elsewhere it would be that of the whole process. */
function yieldToCalls(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.min(lowestPriority, getPriority() + behind));
  } catch {
    // Where it is not allowed, days are played at the common priority.
  }
}

function play(): void {
  const days = forecast(workerData as ForecastTask);
  let toldAt = 0;
  let shownAt = performance.now();
  for (;;) {
    const next = days.next();
    if (next.done) return say({ result: next.value });
    const now = performance.now();
    if (now - toldAt < toldEveryMs) continue;
    toldAt = now;
    const soFar = now - shownAt < shownEveryMs ? null : next.value.soFar();
    if (soFar) shownAt = now;
    say({ progress: next.value.share, soFar });
  }
}
