import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { found, fragment, guard, notFound, page, userOf, validate } from '../../core/http/index.ts';
import { createCampaignStore } from '../../campaigns/campaigns/index.ts';
import { readingWords } from '../../crm/index.ts';
import type { PhoneHolderStore } from '../phone-holders/index.ts';
import type { AgentSnapshot } from '../protocol.ts';
import { barIcons, barView, stageOf } from './bar.ts';
import { keyList } from './keys.ts';
import { readSnapshot } from './live-routes.ts';
import type { OwnCall } from './own-call.ts';
import { seenTo, type StageView } from './stage-view.ts';
import { browserWords } from './words.ts';

const agents = guard('agent', 'supervisor');
const callParams = validate({ params: z.object({ callId: z.string().min(1).max(40) }) });
const leadParams = validate({ params: z.object({ leadId: z.coerce.number().int().positive() }) });
const callbackParams = validate({
  params: z.object({ callbackId: z.coerce.number().int().positive() }),
  query: z.object({ place: z.string().regex(/^[a-z-]{1,20}$/) }),
});

/** The workspace page, and the fragments that fill its middle. */
export function pageRoutes(
  app: App,
  parts: { view: StageView; ownCall: OwnCall; holders: PhoneHolderStore },
): Router {
  const { view, ownCall, holders } = parts;
  const router = Router();
  const campaigns = createCampaignStore(app);

  router.get('/workspace', agents, async (req, res) => {
    const user = userOf(req);
    const snapshot = await readSnapshot(app, user.id).catch(() => null);
    const mine = snapshot?.campaigns ?? (await campaigns.ofAgent(user.id));
    const codes = await view.codes(req);
    const phoneHolder = await holders.get(user.id);
    page(req, res, 'workspace/workspace', {
      title: req.context.t('workspace:title'),
      script: 'workspace',
      styles: ['workspace', 'reading', 'targets'],
      wide: true,
      words: { ...browserWords(req.context.t), ...readingWords(req.context.t) },
      pageData: { userId: user.id, snapshot, pauseCodes: codes, phoneHolder },
      stagePath: (snapshot && stageOf(snapshot)) ?? 'idle',
      bar: snapshot ? barView(snapshot) : null,
      stateIcons: iconsFor(snapshot),
      pauseCodes: codes,
      ...(await view.callbacksToSee(req, user.id)),
      dialCampaigns: mine,
      keypad: [...'123456789*0#'],
      keys: keyList(req.context.t),
      skipReasons: reasons(req, 'skip'),
      extendReasons: reasons(req, 'extend'),
      ...(await view.stage(req, snapshot)),
    });
  });

  router.get('/workspace/call/:callId', agents, callParams, async (req, res) => {
    const { callId } = callParams.of(req).params;
    const user = userOf(req);
    const live = await ownCall.live(user.id, callId);
    if (live) return fragment(req, res, 'workspace/stage', await view.call(req, callId, live));
    const stored = found(await ownCall.stored(user.id, callId));
    const subject = {
      campaignId: stored.campaign_id,
      customerId: stored.customer_id,
      leadId: stored.lead_id,
      e164: stored.e164 ?? '',
    };
    fragment(req, res, 'workspace/stage', await view.call(req, callId, subject));
  });

  router.get('/workspace/late/:callId', agents, callParams, async (req, res) => {
    const { callId } = callParams.of(req).params;
    const missed = found(await ownCall.missed(userOf(req).id, callId));
    fragment(req, res, 'workspace/stage', await view.late(req, missed));
  });

  router.get('/workspace/preview/:leadId', agents, leadParams, async (req, res) => {
    const { leadId } = leadParams.of(req).params;
    const { preview } = await readSnapshot(app, userOf(req).id);
    if (preview?.leadId !== leadId) throw notFound();
    fragment(req, res, 'workspace/stage', await view.preview(req, preview));
  });

  router.get('/workspace/idle', agents, async (req, res) => {
    const snapshot = await readSnapshot(app, userOf(req).id).catch(() => null);
    fragment(req, res, 'workspace/stage', await view.idle(req, snapshot));
  });

  router.get('/workspace/pause-codes', agents, async (req, res) => {
    fragment(req, res, 'workspace/pause-codes', { pauseCodes: await view.codes(req) });
  });

  router.get('/workspace/callbacks/:callbackId', agents, callbackParams, async (req, res) => {
    const { params, query } = callbackParams.of(req);
    const snapshot = await readSnapshot(app, userOf(req).id).catch(() => null);
    const own = await view.ownCallbacks(req, snapshot);
    const row = found(own.find(({ id }) => id === params.callbackId));
    fragment(req, res, 'workspace/callback-row', { ...row, place: query.place });
  });

  router.get('/workspace/callbacks', agents, async (req, res) => {
    const snapshot = await readSnapshot(app, userOf(req).id).catch(() => null);
    const callbacks = await view.ownCallbacks(req, snapshot);
    if (req.query.part === 'list') {
      const seen = seenTo(req.context, callbacks);
      return fragment(req, res, 'workspace/callback-list', { callbacks, ...seen });
    }
    const { t } = req.context;
    page(req, res, 'workspace/callbacks', {
      title: t('workspace:callbacks.title'),
      heading: t('workspace:callbacks.title'),
      lead: t('workspace:callbacks.subtitle', { count: callbacks.length }),
      script: 'callbacks',
      styles: ['workspace'],
      words: browserWords(t),
      callbacks,
    });
  });

  return router;
}

function iconsFor(snapshot: AgentSnapshot | null) {
  const shown = snapshot ? barView(snapshot).word : null;
  return Object.entries(barIcons).map(([word, icon]) => ({ word, icon, shown: word === shown }));
}

/** Ready-made reasons, so that giving one is a key and not a sentence. */
function reasons(req: Request, kind: 'skip' | 'extend') {
  return [1, 2, 3, 4].map((key) => ({ key, text: req.context.t(`workspace:reasons.${kind}.${key}`) }));
}
