import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  can,
  createAuditor,
  forbidden,
  found,
  guard,
  HttpProblem,
  userOf,
  validate,
} from '../../core/http/index.ts';
import { createReviewStore } from '../quality/review-store.ts';
import { fileNameOf } from './file-name.ts';
import { createListeningRecord } from './listening-record.ts';
import { isOwnOfToday, listeners, recordingParams } from './recording-access.ts';
import { gapsOf, type Recording } from './recording.ts';
import { createRecordingStore } from './recording-store.ts';
import { createRecordingViewStore } from './recording-view-store.ts';
import { createMp3Encoder, NoSound } from './sound/mp3.ts';
import { peaksOf } from './sound/peaks.ts';

type SendError = Error & { status?: number };

/** The sound of recordings: to hear, to see, to take away. */
export function recordingRoutes(app: App): Router {
  const router = Router();
  const store = createRecordingStore(app);
  const views = createRecordingViewStore(app);
  const reviews = createReviewStore(app);
  const listened = createListeningRecord(app);
  const audit = createAuditor(app, 'recordings');
  const encoder = createMp3Encoder();
  const byId = validate({ params: recordingParams });

  router.get('/recordings/:id/audio', guard('agent', ...listeners), byId, async (req, res) => {
    const recording = await heard(req, byId.of(req).params.id);
    const path = here(recording);
    await listened.record(userOf(req).id, recording.id, req.ip);
    await sendSound(res, path, recording.size);
  });

  /** The wave form, so that no browser has to read an hour of sound to draw it. */
  router.get('/recordings/:id/peaks', guard('agent', ...listeners), byId, async (req, res) => {
    const recording = await heard(req, byId.of(req).params.id);
    const peaks = await peaksOf(join(app.config.dataDir, here(recording))).catch(() => notHere());
    if (!peaks) throw new HttpProblem(422, 'recording-no-sound');
    res.set('cache-control', 'private, no-store').json({
      seconds: (recording.durationMs ?? 0) / 1_000,
      peaks: [...peaks],
      gaps: gapsOf(recording),
    });
  });

  const download = validate({ params: recordingParams.extend({ format: z.enum(['wav', 'mp3']) }) });
  router.get('/recordings/:id/download.:format', guard(...listeners), download, async (req, res) => {
    const { id, format } = download.of(req).params;
    const view = found(await views.get(id));
    const path = here(view);
    const name = fileNameOf(view, req.context.zone, format);
    await audit(req, 'recording.downloaded', id, { after: { fileName: name } });
    if (format === 'mp3') return sendMp3(res, path, name);
    res.attachment(name);
    await sendSound(res, path, view.size);
  });

  async function heard(req: Request, id: number): Promise<Recording> {
    const recording = found(await store.get(id));
    if (can(req, ...listeners) || isOwnOfToday(req, recording, app.clock.now())) return recording;
    // What an agent is told of a call they may hear in it.
    if (await reviews.isShown(id, userOf(req).id)) return recording;
    throw forbidden();
  }

  async function sendSound(res: Response, path: string, size: number | null): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const options = {
        root: app.config.dataDir,
        acceptRanges: true,
        cacheControl: false,
        headers: { 'content-type': 'audio/wav', 'cache-control': 'private, no-store' },
      };
      res.sendFile(path, options, (error?: SendError) => {
        if (!error || res.headersSent) return resolve();
        if (error.status !== 416) return reject(new HttpProblem(404, 'recording-not-here'));
        res.status(416).set({ 'content-range': `bytes */${size ?? '*'}` });
        res.end();
        resolve();
      });
    });
  }

  /** As it is encoded. What fails before the first part is said in words; later the file is broken off. */
  async function sendMp3(res: Response, path: string, name: string): Promise<void> {
    const file = join(app.config.dataDir, path);
    await access(file).catch(() => notHere());
    const stream = encoder.encode(file);
    res.on('close', () => stream.destroy());
    try {
      for await (const part of stream as AsyncIterable<Buffer>) {
        if (!res.headersSent) {
          res.attachment(name).type('audio/mpeg');
          // Not to be packed on the way: it would wait for the whole.
          res.set('cache-control', 'private, no-store, no-transform').flushHeaders();
        }
        if (!res.write(part)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
        if (res.destroyed) return;
      }
      res.end();
    } catch (error) {
      if (res.headersSent) return void res.destroy(error as Error);
      if (error instanceof NoSound) throw new HttpProblem(422, 'recording-no-sound');
      throw error;
    }
  }

  return router;
}

function here({ state, path }: Pick<Recording, 'state' | 'path'>): string {
  return state === 'stored' && path !== null ? path : notHere();
}

function notHere(): never {
  throw new HttpProblem(404, 'recording-not-here');
}
