import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Mp3Task, Mp3Word } from './mp3-thread.ts';

/** What is there is no sound that MP3 could be made of. */
export class NoSound extends Error {
  constructor() {
    super('the file is no sound that can be encoded');
    this.name = 'NoSound';
  }
}

/** So many at once in a process; whoever comes after them waits. */
const mostThreads = 2;

const here = fileURLToPath(import.meta.url);
const thread = new URL(`./mp3-thread${extname(here)}`, import.meta.url);

/** From the sources, a thread has to be told anew how TypeScript is read. */
function startThread(workerData: Mp3Task): Worker {
  if (extname(here) === '.js') return new Worker(thread, { workerData });
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(thread.href)}); })`;
  return new Worker(code, { workerData, eval: true });
}

export interface Mp3Encoder {
  /** The file as MP3, part by part as it is read. Destroying the stream ends the work. Fails with NoSound. */
  encode(file: string): Readable;
}

export function createMp3Encoder(): Mp3Encoder {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function turn(): Promise<void> {
    if (running >= mostThreads) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
  }
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }

  async function* parts(file: string): AsyncGenerator<Uint8Array> {
    await turn();
    const worker = startThread({ file });
    try {
      yield* wordsOf(worker);
    } finally {
      await worker.terminate();
      leave();
    }
  }

  return { encode: (file) => Readable.from(parts(file), { objectMode: false, highWaterMark: 64 * 1024 }) };
}

async function* wordsOf(worker: Worker): AsyncGenerator<Uint8Array> {
  const words: Mp3Word[] = [];
  const ended: { by?: Error } = {};
  let wake = (): void => {};
  worker.on('message', (word: Mp3Word) => {
    words.push(word);
    wake();
  });
  const end = (error: Error) => {
    ended.by ??= error;
    wake();
  };
  worker.on('error', end);
  worker.on('exit', () => end(new Error('the encoder ended early')));
  for (;;) {
    const word = words.shift();
    if (word && 'part' in word) {
      yield word.part;
      worker.postMessage('taken');
    } else if (word && 'refused' in word) throw new NoSound();
    else if (word) return;
    else if (ended.by) throw ended.by;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}
