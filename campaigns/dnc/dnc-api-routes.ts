import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { createAuditor, found, guardApi, validate } from '../../core/http/index.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { apiNumber, numberBody, numberFields, timeOf } from '../numbers-by-api.ts';
import { createDncStore } from './dnc-store.ts';
import { createRefusedBy } from './refused-by.ts';
import { bears, dncReason, type DncEntry } from './dnc.ts';

const campaignId = z.number().int().positive().nullable().default(null);
const addBody = z.strictObject({
  ...numberFields,
  campaignId,
  reason: dncReason,
  expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
});
const removeBody = z.strictObject({ ...numberFields, campaignId, reason: dncReason });

/** Opt-outs that come in elsewhere. A number stands in no address, as addresses are kept in logs. */
export function dncApiRoutes(app: App): Router {
  const router = Router();
  const store = createDncStore(app);
  const refusedBy = createRefusedBy(app);
  const campaigns = createCampaignStore(app);
  const audit = createAuditor(app, 'dnc_numbers');
  const author = (userId: number | null) => ({ source: 'api' as const, by: userId, at: app.clock.now() });

  const adding = validate({ body: addBody });
  /** 201: it is on the list from now on; 200: it was already, and for as long. */
  router.post('/api/dnc', guardApi('dnc', 'manager'), adding, async (req, res) => {
    const { number, country, campaignId, reason, expiresAt } = adding.of(req).body;
    const e164 = apiNumber(req, number, country);
    if (campaignId !== null) found(await campaigns.get(campaignId));
    const until = timeOf(req, 'expiresAt', expiresAt, { after: app.clock.now() });
    const entry = { e164, campaignId, reason, expiresAt: until, ...author(req.context.user?.id ?? null) };
    const added = await store.add(entry);
    if (added) await audit(req, 'dnc.added', await idOf(e164, campaignId), { after: { campaignId, reason } });
    res.status(added ? 201 : 200).json({ number: e164, added });
  });

  const removing = validate({ body: removeBody });
  router.post('/api/dnc/remove', guardApi('dnc-remove', 'manager'), removing, async (req, res) => {
    const { number, country, campaignId, reason } = removing.of(req).body;
    const e164 = apiNumber(req, number, country);
    const id = await idOf(e164, campaignId);
    const removal = { e164, campaignId, reason, ...author(req.context.user?.id ?? null) };
    const removed = await store.remove(removal);
    if (removed) await audit(req, 'dnc.removed', id, { before: { campaignId }, after: { reason } });
    const refusing = await refusedBy(e164, app.clock.now());
    res.json({ number: e164, removed, refusedBy: refusing.map(({ id }) => id) });
  });

  const asking = validate({ body: numberBody });
  router.post('/api/dnc/lookup', guardApi('dnc', 'manager'), asking, async (req, res) => {
    const { number, country } = asking.of(req).body;
    const e164 = apiNumber(req, number, country);
    const now = app.clock.now();
    const entries = (await entriesOf(e164)).filter((entry) => bears(entry, entry.campaignId, now));
    res.set('cache-control', 'no-store').json({
      number: e164,
      onList: entries.some((entry) => entry.campaignId === null),
      entries: entries.map((entry) => ({
        campaignId: entry.campaignId,
        reason: entry.reason,
        source: entry.source,
        addedAt: new Date(entry.addedAt).toISOString(),
        expiresAt: entry.expiresAt === null ? null : new Date(entry.expiresAt).toISOString(),
      })),
    });
  });

  async function entriesOf(e164: string): Promise<DncEntry[]> {
    return (await store.entriesOf([e164])).get(e164) ?? [];
  }

  async function idOf(e164: string, campaign: number | null): Promise<number> {
    return (await entriesOf(e164)).find((entry) => entry.campaignId === campaign)?.id ?? 0;
  }

  return router;
}
