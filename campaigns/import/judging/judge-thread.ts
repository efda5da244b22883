import { parentPort, workerData } from 'node:worker_threads';
import { FileProblem } from '../import.ts';
import { judgeFile, type JudgedBatch, type JudgeRequest } from './judge-file.ts';

/** What the thread says. */
export type JudgeMessage =
  /** The batch as JSON: rows of many small texts are copied twice as fast as one text than as objects. */
  | { readonly kind: 'batch'; readonly json: string }
  | { readonly kind: 'end' }
  | {
      readonly kind: 'problem';
      readonly code: FileProblem['code'];
      readonly details: Record<string, unknown>;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** So many batches wait at most for the writer. */
const ahead = 3;

const port = parentPort!;
let free = ahead;
let wake = () => {};
port.on('message', () => {
  free += 1;
  wake();
});

const tell = (message: JudgeMessage) => port.postMessage(message);
try {
  for await (const batch of judgeFile(workerData as JudgeRequest)) {
    while (free === 0) await new Promise<void>((resolve) => (wake = resolve));
    free -= 1;
    tell({ kind: 'batch', json: JSON.stringify(batch satisfies JudgedBatch) });
  }
  tell({ kind: 'end' });
} catch (error) {
  if (error instanceof FileProblem) tell({ kind: 'problem', code: error.code, details: error.details });
  else tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}
port.close();
