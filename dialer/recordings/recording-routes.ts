import { Router, type Request } from 'express';
import { z } from 'zod';
import { fromLocal, localTime } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import {
  can,
  createList,
  found,
  forbidden,
  guard,
  HttpProblem,
  userOf,
  validate,
} from '../../core/http/index.ts';
import { UserStore } from '../../core/users/index.ts';
import { createCampaignStore } from '../../campaigns/index.ts';
import { createCallStore } from '../calls/call-store.ts';
import { createListeningRecord } from './listening-record.ts';
import type { Recording } from './recording.ts';
import { createRecordingList, type RecordingFilters, type RecordingRow } from './recording-list.ts';
import { createRecordingStore } from './recording-store.ts';

const listeners = ['supervisor', 'manager', 'administrator'] as const;
const idParams = z.object({ id: z.coerce.number().int().positive() });
const optionalId = z
  .union([z.literal('').transform(() => undefined), z.coerce.number().int().positive()])
  .optional();
const day = z.union([z.literal('').transform(() => undefined), z.iso.date()]).optional();
const filters = z.object({
  campaign: optionalId,
  agent: optionalId,
  from: day,
  to: day,
  number: z
    .string()
    .trim()
    .transform((text) => text.replace(/[^\d+]/g, ''))
    .optional(),
});

const list = createList<RecordingRow, typeof filters>({
  file: 'recordings',
  exported: 'recordings.exported',
  columns: [
    {
      key: 'started',
      labelKey: 'dialer:recordings.started',
      value: (row) => row.startedAt,
      format: 'datetime',
      sortable: true,
    },
    {
      key: 'customer',
      labelKey: 'dialer:recordings.customer',
      value: (row) => row.customer,
      href: (row) => (row.customerId === null ? null : `/customers/${row.customerId}`),
    },
    { key: 'number', labelKey: 'dialer:recordings.number', value: (row) => row.e164, format: 'phone' },
    { key: 'agent', labelKey: 'dialer:recordings.agent', value: (row) => row.agent },
    { key: 'campaign', labelKey: 'dialer:recordings.campaign', value: (row) => row.campaign },
    {
      key: 'duration',
      labelKey: 'dialer:recordings.duration',
      value: (row) => row.durationMs,
      format: 'duration',
      sortable: true,
    },
    {
      key: 'listen',
      labelKey: 'dialer:recordings.listen',
      value: (row) => `dialer:recordings.states.${row.state}`,
      format: 'key',
      partial: 'dialer/listen',
    },
  ],
  sort: { column: 'started', direction: 'desc' },
  filters,
  empty: { titleKey: 'dialer:recordings.empty.title', textKey: 'dialer:recordings.empty.text' },
});

type SendError = Error & { status?: number };

/** Recordings: a list to find them in, and their sound. */
export function recordingRoutes(app: App): Router {
  const router = Router();
  const store = createRecordingStore(app);
  const calls = createCallStore(app);
  const recordings = createRecordingList(app);
  const campaigns = createCampaignStore(app);
  const users = new UserStore(app.db);
  const listened = createListeningRecord(app);

  router.get('/recordings', guard(...listeners), async (req, res) => {
    const [everyCampaign, agents] = await Promise.all([
      campaigns.list(),
      users.active('agent', 'supervisor'),
    ]);
    await list.respond(
      req,
      res,
      'dialer/recordings',
      (request) => recordings.find({ ...request, filters: toFilters(req, request.filters) }),
      {
        title: req.context.t('dialer:recordings.title'),
        script: 'recordings',
        styles: ['recordings'],
        words: {
          play: req.context.t('dialer:recordings.play'),
          pause: req.context.t('dialer:recordings.pause'),
          failed: req.context.t('dialer:recordings.cannotPlay'),
          'gap.hold': req.context.t('dialer:recordings.gap.hold', { skipInterpolation: true }),
          'gap.agent': req.context.t('dialer:recordings.gap.agent', { skipInterpolation: true }),
        },
        choices: {
          campaigns: everyCampaign.map(({ id, name }) => ({ value: id, label: name })),
          agents: agents.map(({ id, name }) => ({ value: id, label: name })),
        },
      },
    );
  });

  const byId = validate({ params: idParams });
  router.get('/recordings/:id/audio', guard('agent', ...listeners), byId, async (req, res) => {
    const recording = found(await store.get(byId.of(req).params.id));
    if (!can(req, ...listeners) && !(await isOwnOfToday(req, recording))) throw forbidden();
    if (recording.state !== 'stored' || !recording.path) throw new HttpProblem(404, 'recording-not-here');
    await listened.record(userOf(req).id, recording.id, req.ip);
    await new Promise<void>((resolve, reject) => {
      const options = {
        root: app.config.dataDir,
        acceptRanges: true,
        cacheControl: false,
        headers: { 'content-type': 'audio/wav', 'cache-control': 'private, no-store' },
      };
      res.sendFile(recording.path!, options, (error?: SendError) => {
        if (!error || res.headersSent) return resolve();
        if (error.status !== 416) return reject(new HttpProblem(404, 'recording-not-here'));
        res.status(416).set({ 'content-range': `bytes */${recording.size ?? '*'}` });
        res.end();
        resolve();
      });
    });
  });

  /** Agents hear their own calls of the day: to check a number, not to keep. */
  async function isOwnOfToday(req: Request, recording: Recording): Promise<boolean> {
    const call = await calls.get(recording.callId);
    const { zone } = req.context;
    const today = localTime(app.clock.now(), zone).startOf('day').toMillis();
    return call?.userId === userOf(req).id && recording.startedAt >= today;
  }

  return router;
}

/** Days are the reader's. */
function toFilters(req: Request, given: z.output<typeof filters>): RecordingFilters {
  const { zone } = req.context;
  const start = (date: string | undefined, plusDays: number) =>
    date === undefined ? undefined : fromLocal(date, zone).plus({ days: plusDays }).toMillis();
  const number = given.number ? `+${given.number.replaceAll('+', '')}` : undefined;
  return {
    campaignId: given.campaign,
    userId: given.agent,
    from: start(given.from, 0),
    to: start(given.to, 1),
    ...(number ? { number } : {}),
  };
}
