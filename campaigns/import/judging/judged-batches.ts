import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FileProblem } from '../import.ts';
import { judgeFile, type JudgedBatch, type JudgeRequest } from './judge-file.ts';
import type { JudgeMessage } from './judge-thread.ts';
import { unpackBatch } from './packed-batch.ts';

const here = fileURLToPath(import.meta.url);
const thread = new URL(`./judge-thread${extname(here)}`, import.meta.url);

/** What a thread needs does not grow with its file. Without a word it leaves half a gigabyte of what it needs no more. */
const resourceLimits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 24 };

/** From the sources, as tests and development run, a thread has to be told anew how TypeScript is read. */
function startThread(workerData: JudgeRequest): Worker {
  if (extname(here) === '.js') return new Worker(thread, { workerData, resourceLimits });
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(thread.href)}); })`;
  return new Worker(code, { workerData, eval: true, resourceLimits });
}

/** Files so small are read sooner than a thread is there. */
const soonRead = { csv: 256 * 1024, xlsx: 48 * 1024 };

/** The judged rows of a file in batches. Leaving the loop, or `signal`, ends the reading. @throws FileProblem */
export async function* judgedBatches(
  request: JudgeRequest,
  signal: AbortSignal,
): AsyncGenerator<JudgedBatch> {
  const { size } = await stat(request.path).catch(() => ({ size: 0 }));
  if (size > soonRead[request.options.format]) return yield* batchesOfThread(request, signal);
  for await (const batch of judgeFile(request)) {
    if (signal.aborted) return;
    yield batch;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/**
 * The judged rows of a file in batches, read in a thread of its own: decoding, parsing and looking at numbers would keep
 * calls and pages of this process waiting. Leaving the loop, or `signal`, ends the thread.
 */
async function* batchesOfThread(request: JudgeRequest, signal: AbortSignal): AsyncGenerator<JudgedBatch> {
  const worker = startThread(request);
  const waiting: (Exclude<JudgeMessage, { kind: 'batch' }> | JudgedBatch)[] = [];
  let wake = () => {};
  const arrive = (message: JudgeMessage) => {
    // While the database is at work on an earlier one.
    waiting.push(message.kind === 'batch' ? unpackBatch(message.packed) : message);
    wake();
  };
  worker.on('message', arrive);
  worker.on('error', (error) => arrive({ kind: 'failed', message: error.message }));
  worker.on('exit', () => arrive({ kind: 'failed', message: 'the thread that reads the file ended' }));
  const abort = () => wake();
  signal.addEventListener('abort', abort);
  try {
    for (;;) {
      if (signal.aborted) return;
      const message = waiting.shift();
      if (!message) await new Promise<void>((resolve) => (wake = resolve));
      else if ('rows' in message) {
        yield message;
        worker.postMessage('next');
      } else if (message.kind === 'end') return;
      else if (message.kind === 'problem') throw new FileProblem(message.code, message.details);
      else throw new Error(`reading the file failed: ${message.message}`);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    worker.removeAllListeners('exit');
    await worker.terminate();
  }
}
