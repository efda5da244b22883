import { Router, type Request } from 'express';
import { z } from 'zod';
import { clockTime, isoDay } from '../../core/time/typed.ts';
import { fromLocal } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import { createList, guard } from '../../core/http/index.ts';
import { UserStore } from '../../core/users/index.ts';
import { campaignWords, createCampaignStore, createDispositionStore } from '../../campaigns/index.ts';
import { queryWords } from '../../crm/index.ts';
import { callOutcomes } from '../calls/outcome.ts';
import { createHoldStore } from './holds/hold-store.ts';
import { listeners } from './recording-access.ts';
import { playerWords } from './player-words.ts';
import { createRecordingList, type RecordingRow } from './recording-list.ts';
import type { RecordingFilters } from './recording-search.ts';

const id = z.coerce.number().int().positive().optional();
const typed = (read: (text: string) => string | null) =>
  z
    .string()
    .transform((text, context) => read(text) ?? (context.addIssue('common:errors.invalid'), z.NEVER))
    .optional();
const seconds = z.coerce.number().int().min(0).max(86_400).optional();
const filters = z.object({
  customer: z.string().max(200).optional(),
  number: z.string().trim().max(40).optional(),
  agent: id,
  campaign: id,
  disposition: id,
  outcome: z.enum(callOutcomes).optional(),
  from: typed(isoDay),
  to: typed(isoDay),
  timeFrom: typed(clockTime),
  timeTo: typed(clockTime),
  min: seconds,
  max: seconds,
  hold: z.enum(['with', 'without']).optional(),
});

type Row = RecordingRow & { disposition: string | null; held: boolean };

const list = createList<Row, typeof filters>({
  file: 'recordings',
  exported: 'recordings.exported',
  columns: [
    {
      key: 'started',
      labelKey: 'dialer:recordings.started',
      value: (row) => row.startedAt,
      format: 'datetime',
      sortable: true,
      partial: 'dialer/recording-started',
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
    { key: 'disposition', labelKey: 'recordings:disposition', value: (row) => row.disposition },
    {
      key: 'outcome',
      labelKey: 'recordings:outcome',
      value: (row) => row.outcome && `crm:outcomes.${row.outcome}`,
      format: 'key',
      hidden: true,
    },
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

/** Where recordings are found. */
export function recordingListRoutes(app: App): Router {
  const router = Router();
  const recordings = createRecordingList(app);
  const holds = createHoldStore(app);
  const campaigns = createCampaignStore(app);
  const dispositions = createDispositionStore(app);
  const users = new UserStore(app.db);

  router.get('/recordings', guard(...listeners), async (req, res) => {
    const { t, locale } = req.context;
    const [everyCampaign, agents, results] = await Promise.all([
      campaigns.named(),
      users.everybody('agent', 'supervisor'),
      dispositions.all(),
    ]);
    const nameOf = new Map(results.map(({ id, names }) => [id, names[locale]]));
    await list.respond(
      req,
      res,
      'dialer/recordings',
      async (request) => {
        const slice = await recordings.find({ ...request, filters: toFilters(req, request.filters) });
        const named = (row: RecordingRow) => (row.dispositionId && nameOf.get(row.dispositionId)) || null;
        const held = await holds.heldAmong(slice.rows);
        const rows = slice.rows.map((row) => ({ ...row, disposition: named(row), held: held.has(row.id) }));
        return { ...slice, rows };
      },
      {
        title: t('dialer:recordings.title'),
        script: 'recordings',
        moreFilters: lessUsed.some((name) => req.query[name]),
        styles: ['recordings'],
        words: playerWords(req),
        choices: {
          campaigns: everyCampaign.map((campaign) => ({
            value: campaign.id,
            label: campaignWords(req, campaign),
          })),
          agents: agents.map(({ id, name, disabledAt }) => ({
            value: id,
            label: disabledAt === null ? name : t('recordings:disabledAgent', { name }),
          })),
          dispositions: results.map(({ id, names }) => ({ value: id, label: names[locale] })),
          holds: (['with', 'without'] as const).map((value) => ({
            value,
            label: t(`recordings:holds.filter.${value}`),
          })),
          outcomes: callOutcomes.map((value) => ({ value, label: t(`crm:outcomes.${value}`) })),
        },
      },
    );
  });

  return router;
}

/** Folded away while none of them is set, so that the list begins on the first screen. */
const lessUsed = ['disposition', 'outcome', 'timeFrom', 'timeTo', 'min', 'max', 'hold'];

const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** Days and times of day are the reader's. */
function toFilters(req: Request, given: z.output<typeof filters>): RecordingFilters {
  const { zone } = req.context;
  const start = (date: string | undefined, plusDays: number) =>
    date === undefined ? undefined : fromLocal(date, zone).plus({ days: plusDays }).toMillis();
  const { timeFrom, timeTo } = given;
  return {
    campaignId: given.campaign,
    userId: given.agent,
    dispositionId: given.disposition,
    outcome: given.outcome,
    held: given.hold && given.hold === 'with',
    customer: given.customer,
    number: numberIn(given.number),
    from: start(given.from, 0),
    to: start(given.to, 1),
    minMs: given.min === undefined ? undefined : given.min * 1_000,
    maxMs: given.max === undefined ? undefined : given.max * 1_000 + 999,
    ...(timeFrom || timeTo
      ? { clock: { from: minutesOf(timeFrom ?? '00:00'), until: minutesOf(timeTo ?? '24:00'), zone } }
      : {}),
  };
}

/** As customers are found: in any grouping, with the trunk zero or without. */
function numberIn(text = ''): string | undefined {
  const digits = text.replace(/\D/g, '');
  if (digits === '') return undefined;
  return text.startsWith('+') ? `+${digits}` : queryWords(digits)[0];
}
