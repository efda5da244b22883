import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { App } from '../../core/app.ts';
import type { Telephony } from '../telephony/telephony.ts';
import { fetchRecordingJob } from './recorder.ts';
import type { RecordingStore } from './recording-store.ts';

export const sweepRecordingsJob = 'recordings.sweep';

const sweepEveryMs = 60_000;
/** Longer than any talk that is not forgotten: of such a recording the end was missed. */
const overdueMs = 4 * 3_600_000;
const missingMs = 60_000;

interface FetchJob {
  name: string;
  durationMs: number | null;
}

/** Below the data folder, by the month (UTC) in which the talk began. */
export function recordingPath(name: string, startedAt: number): string {
  const date = new Date(startedAt);
  const month = String(date.getUTCMonth() + 1).padStart(2, '0');
  return join('recordings', String(date.getUTCFullYear()), month, `${name}.wav`);
}

/** Brings recordings over from the switch, again and again until they are here. Runs where the switch is known. */
export function defineRecordingJobs(
  app: Pick<App, 'config' | 'clock' | 'jobs' | 'log'>,
  { telephony, store }: { telephony: Telephony; store: RecordingStore },
): { start(): Promise<void> } {
  app.jobs.define<FetchJob>(fetchRecordingJob, async ({ data }) => {
    const recording = await store.byName(data.name);
    if (recording?.state !== 'recording') return;
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
    await store.stored(data.name, { path, size, durationMs: data.durationMs }, app.clock.now());
    await telephony.deleteRecording(data.name).catch(() => {});
  });

  app.jobs.define(sweepRecordingsJob, async () => {
    const now = app.clock.now();
    for (const { name } of await store.unfinished(now - overdueMs))
      await app.jobs.add<FetchJob>(fetchRecordingJob, { name, durationMs: null }, { key: name });
  });

  return { start: () => app.jobs.repeat(sweepRecordingsJob, sweepEveryMs) };
}
