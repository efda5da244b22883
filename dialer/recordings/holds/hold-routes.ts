import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import {
  can,
  conflict,
  createList,
  flash,
  found,
  guard,
  notFound,
  redirect,
  userOf,
  validate,
} from '../../../core/http/index.ts';
import { UserStore } from '../../../core/users/index.ts';
import { campaignWords, createCampaignStore } from '../../../campaigns/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { recordingParams } from '../recording-access.ts';
import { createRecordingStore } from '../recording-store.ts';
import { createHoldStore } from './hold-store.ts';
import { holdPlacers, holdReleasers, holdSubjects, type LegalHold } from './legal-hold.ts';

const reason = z.string().trim().min(3).max(500);
const filters = z.object({ state: z.enum(['active', 'released']).optional() });

/** A hold in the reader's words. */
export interface HoldView extends LegalHold {
  /** `Customer Ann`, `Campaign Winter`, `Recording 7`. */
  readonly what: string;
  readonly href: string;
  readonly placedByName: string | null;
  readonly releasedByName: string | null;
}

const list = createList<HoldView, typeof filters>({
  file: 'legal-holds',
  exported: 'legal-holds.exported',
  columns: [
    { key: 'what', labelKey: 'recordings:holds.on', value: (row) => row.what, href: (row) => row.href },
    { key: 'reason', labelKey: 'recordings:holds.reason', value: (row) => row.reason },
    { key: 'by', labelKey: 'recordings:holds.placedBy', value: (row) => row.placedByName },
    { key: 'at', labelKey: 'recordings:holds.placedAt', value: (row) => row.placedAt, format: 'datetime' },
    {
      key: 'released',
      labelKey: 'recordings:holds.released',
      value: (row) => row.releaseReason,
      partial: 'dialer/hold-release',
    },
  ],
  sort: { column: 'at', direction: 'desc' },
  filters,
  empty: { titleKey: 'recordings:holds.empty.title', textKey: 'recordings:holds.empty.text' },
});

/** Who keeps which recordings from being deleted, and why. */
export function holdRoutes(app: App): Router {
  const router = Router();
  const holds = createHoldStore(app);
  const recordings = createRecordingStore(app);
  const inWords = createHoldWords(app);
  const by = (req: Request, why: string) => ({
    userId: userOf(req).id,
    ip: req.ip,
    at: app.clock.now(),
    reason: why,
  });

  router.get('/recordings/holds', guard(...holdPlacers), async (req, res) => {
    const { t } = req.context;
    const states = ['active', 'released'] as const;
    await list.respond(
      req,
      res,
      'dialer/holds',
      async ({ filters: { state = 'active' }, ...part }) => {
        const slice = await holds.list(state, part);
        return { ...slice, rows: await inWords(req, slice.rows) };
      },
      {
        title: t('recordings:holds.title'),
        nav: '/recordings',
        styles: ['recordings'],
        mayRelease: can(req, ...holdReleasers),
        states: states.map((value) => ({ value, label: t(`recordings:holds.states.${value}`) })),
      },
    );
  });

  const placing = validate({
    params: recordingParams,
    body: z.object({ subject: z.enum(holdSubjects), reason }),
  });
  /** From the page of a recording: of it alone, or of all that its customer or campaign has. */
  router.post('/recordings/:id/holds', guard(...holdPlacers), placing, async (req, res) => {
    const { params, body } = placing.of(req);
    const { id, customerId, campaignId } = found(await recordings.get(params.id));
    const subjectId = { recording: id, customer: customerId, campaign: campaignId }[body.subject];
    if (subjectId === null) throw notFound();
    const outcome = await holds.place({ subject: body.subject, subjectId }, by(req, body.reason));
    if (outcome === 'gone') throw conflict('recording-gone');
    if (outcome === 'unknown') throw notFound();
    flash(req, 'success', 'recordings:holds.placed');
    redirect(req, res, `/recordings/${id}`);
  });

  const releasing = validate({
    params: recordingParams,
    body: z.object({ reason, from: z.coerce.number().int().positive().optional().catch(undefined) }),
  });
  router.post('/recordings/holds/:id/release', guard(...holdReleasers), releasing, async (req, res) => {
    const { params, body } = releasing.of(req);
    found(await holds.get(params.id));
    if (!(await holds.release(params.id, by(req, body.reason)))) throw conflict('hold-released');
    flash(req, 'success', 'recordings:holds.releasedDone');
    redirect(req, res, body.from ? `/recordings/${body.from}` : '/recordings/holds');
  });

  return router;
}

/** Names what holds are on, and who placed and released them. */
export function createHoldWords(app: Pick<App, 'db' | 'bus'>) {
  const users = new UserStore(app.db);
  const customers = createCustomerStore(app);
  const campaigns = createCampaignStore(app);

  return async (req: Request, holds: readonly LegalHold[]): Promise<HoldView[]> => {
    const { t } = req.context;
    const idsOf = (subject: LegalHold['subject']) =>
      holds.flatMap((hold) => (hold.subject === subject ? [hold.subjectId] : []));
    const [people, known, everyCampaign] = await Promise.all([
      users.byIds(
        holds.flatMap(({ placedBy, releasedBy }) => [placedBy, releasedBy].filter((id) => id !== null)),
      ),
      customers.getMany(idsOf('customer')),
      campaigns.named(),
    ]);
    const names = {
      recording: new Map<number, string>(),
      customer: new Map(known.map(({ id, name }) => [id, name])),
      campaign: new Map(everyCampaign.map((campaign) => [campaign.id, campaignWords(req, campaign)])),
    };
    const pages = { recording: '/recordings/', customer: '/customers/', campaign: '/campaigns/' };
    const who = (id: number | null) => (id === null ? null : (people.get(id)?.name ?? `#${id}`));
    return holds.map((hold) => ({
      ...hold,
      what: t(`recordings:holds.subjects.${hold.subject}`, {
        name: names[hold.subject].get(hold.subjectId) ?? String(hold.subjectId),
      }),
      href: `${pages[hold.subject]}${hold.subjectId}`,
      placedByName: who(hold.placedBy),
      releasedByName: who(hold.releasedBy),
    }));
  };
}
