import { parentPort, workerData } from 'node:worker_threads';
import { FileProblem } from '../import.ts';
import { judgeFile, type JudgeRequest } from './judge-file.ts';
import { packBatch, type PackedBatch } from './packed-batch.ts';

/** What the thread says. */
export type JudgeMessage =
  | { readonly kind: 'batch'; readonly packed: PackedBatch }
  | { readonly kind: 'end' }
  | {
      readonly kind: 'problem';
      readonly code: FileProblem['code'];
      readonly details: Record<string, unknown>;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** So many batches wait at most for the writer. */
const ahead = 2;

const port = parentPort!;
let free = ahead;
let wake = () => {};
port.on('message', () => {
  free += 1;
  wake();
});

const tell = (message: JudgeMessage) => port.postMessage(message);
try {
  const request = workerData as JudgeRequest;
  for await (const batch of judgeFile(request)) {
    const packed = packBatch(batch, request.loads ?? false);
    while (free === 0) await new Promise<void>((resolve) => (wake = resolve));
    free -= 1;
    tell({ kind: 'batch', packed });
  }
  tell({ kind: 'end' });
} catch (error) {
  if (error instanceof FileProblem) tell({ kind: 'problem', code: error.code, details: error.details });
  else tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}
port.close();
