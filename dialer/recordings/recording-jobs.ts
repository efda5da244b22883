import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { App } from '../../core/app.ts';
import type { Telephony } from '../telephony/telephony.ts';
import { createRecordingFolder, recordingFolder } from './recording-folder.ts';
import { fetchRecordingJob, firstDialer } from './fetch-queue.ts';
import type { RecordingStore } from './recording-store.ts';

const sweepRecordingsJob = 'recordings.sweep';

const sweepEveryMs = 60_000;
/** Longer than any talk that is not forgotten: of such a recording the end was missed. */
const overdueMs = 4 * 3_600_000;
const missingMs = 60_000;
const wavHeadBytes = 44;

interface FetchJob {
  name: string;
  durationMs: number | null;
}

/** Below the data folder, by the month (UTC) in which the talk began. */
export function recordingPath(name: string, startedAt: number): string {
  const date = new Date(startedAt);
  const month = String(date.getUTCMonth() + 1).padStart(2, '0');
  return join(recordingFolder, String(date.getUTCFullYear()), month, `${name}.wav`);
}

/** From the head of the file; null when it is no sound. */
async function wavDuration(file: string, size: number): Promise<number | null> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(wavHeadBytes), 0, wavHeadBytes, 0);
    const bytesPerSecond = buffer.toString('latin1', 0, 4) === 'RIFF' ? buffer.readUInt32LE(28) : 0;
    return bytesPerSecond > 0 ? Math.round(((size - wavHeadBytes) / bytesPerSecond) * 1000) : null;
  } finally {
    await handle.close();
  }
}

/** Brings recordings over from the switch, again and again until they are here. Runs where the switch is known. */
export function defineRecordingJobs(
  app: Pick<App, 'config' | 'clock' | 'db' | 'jobs' | 'log'>,
  { telephony, store, dialerId }: { telephony: Telephony; store: RecordingStore; dialerId: string },
): { start(): Promise<void> } {
  const fetchJob = fetchRecordingJob(dialerId);
  const folder = createRecordingFolder(app);
  const sweepJob = dialerId === firstDialer ? sweepRecordingsJob : `${sweepRecordingsJob}.${dialerId}`;
  app.jobs.define<FetchJob>(fetchJob, async ({ data }) => {
    const recording = await store.byName(data.name);
    if (recording?.state !== 'recording') return;
    // Below a share that is not mounted it would be hidden as soon as that is back; the switch has it meanwhile.
    await folder.demand();
    const source = await telephony.fetchRecording(data.name);
    if (!source) {
      // The switch may still be writing it.
      if (app.clock.now() - recording.startedAt < missingMs)
        throw new Error('the switch has no such recording yet');
      await store.failed(data.name, app.clock.now());
      return;
    }
    const path = recordingPath(data.name, recording.startedAt);
    const file = join(app.config.dataDir, path);
    const draft = `${file}.part`;
    await mkdir(join(file, '..'), { recursive: true });
    try {
      await pipeline(source, createWriteStream(draft));
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    const { size } = await stat(file);
    // The switch counts whole seconds; whoever listens goes by the file.
    const durationMs = (await wavDuration(file, size)) ?? data.durationMs;
    await store.stored(data.name, { path, size, durationMs }, app.clock.now());
    await clear(data.name);
  });

  /** What the switch does not delete now, as it is away, the sweep has it delete later. */
  async function clear(name: string): Promise<boolean> {
    try {
      await telephony.deleteRecording(name);
    } catch (error) {
      app.log.warn({ recording: name, error: String(error) }, 'a recording stays on the switch for now');
      return false;
    }
    await store.offSwitch(name);
    return true;
  }

  app.jobs.define(sweepJob, async () => {
    const now = app.clock.now();
    for (const { name } of await store.unfinished(dialerId, now - overdueMs))
      await app.jobs.add<FetchJob>(fetchJob, { name, durationMs: null }, { key: name });
    for (const name of await store.onSwitch(dialerId)) if (!(await clear(name))) break;
  });

  return { start: () => app.jobs.repeat(sweepJob, sweepEveryMs) };
}
