import { Worker } from 'node:worker_threads';
import type { ForecastResult, ForecastTask } from '../../dialer/pacing/index.ts';

export type WorkerWord = { progress: number; soFar: ForecastResult | null } | { result: ForecastResult };

/** Somebody stopped it before it came to its end. */
export class ForecastStopped extends Error {
  constructor() {
    super('the forecast was stopped');
    this.name = 'ForecastStopped';
  }
}

const inSource = import.meta.url.endsWith('.ts');
const file = new URL(inSource ? './forecast-worker.ts' : './forecast-worker.js', import.meta.url).href;
/** A thread knows nothing of the loader its process was started with, so in the sources it takes TypeScript in by itself. */
const fromSource = `import('tsx/esm/api').then(({ tsImport }) => tsImport('${file}', '${import.meta.url}'))`;

/** Plays in a thread of its own, of low priority. Rejects with ForecastStopped when `signal` aborts, whatever the thread is at. */
export async function runForecast(
  task: ForecastTask,
  {
    signal,
    progress,
  }: {
    signal?: AbortSignal;
    /** `soFar` comes about once a second: what the days played until now say. */
    progress?(share: number, soFar: ForecastResult | null): void;
  } = {},
): Promise<ForecastResult> {
  if (signal?.aborted) throw new ForecastStopped();
  const worker = inSource
    ? new Worker(fromSource, { eval: true, workerData: task })
    : new Worker(new URL(file), { workerData: task });
  const stop = () => void worker.terminate();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<ForecastResult>((resolve, reject) => {
      worker.on('message', (word: WorkerWord) => {
        if ('result' in word) resolve(word.result);
        else progress?.(word.progress, word.soFar);
      });
      worker.once('error', reject);
      worker.once('exit', (code) =>
        reject(
          signal?.aborted ? new ForecastStopped() : new Error(`the forecast ended early (code ${code})`),
        ),
      );
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
