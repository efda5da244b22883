import { parentPort, workerData } from 'node:worker_threads';
import { forecast, type ForecastTask } from '../../dialer/pacing/simulation/index.ts';
import type { WorkerWord } from './run-forecast.ts';

/** The thread in which days are played, so that the process stays free for everybody else. */
const say = (word: WorkerWord): void => parentPort!.postMessage(word);
const days = forecast(workerData as ForecastTask);
let toldAt = 0;
for (;;) {
  const next = days.next();
  if (next.done) {
    say({ result: next.value });
    break;
  }
  const now = performance.now();
  if (now - toldAt < 200) continue;
  toldAt = now;
  say({ progress: next.value });
}
