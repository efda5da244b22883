import { pipeline } from 'node:stream';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { fromLocal, localTime } from '../../../core/time/local-time.ts';
import type { App } from '../../../core/app.ts';
import {
  createAuditor,
  formState,
  found,
  guard,
  page,
  validate,
  type FormState,
} from '../../../core/http/index.ts';
import { createCampaignStore } from '../../campaigns/campaign-store.ts';
import { campaignWords } from '../../campaigns/campaign-words.ts';
import { createProofPack } from './proof-pack.ts';

const day = z.iso.date();
const query = z.object({ campaign: z.coerce.number().int().positive(), from: day, to: day });
const standardDays = 30;

/** The proof pack of a campaign and a period, as one download. */
export function proofRoutes(app: App): Router {
  const router = Router();
  const campaigns = createCampaignStore(app);
  const pack = createProofPack(app);
  const audit = createAuditor(app, 'campaigns');

  async function show(req: Request, res: Response, form: FormState): Promise<void> {
    const { t } = req.context;
    page(req, res, 'compliance/proof', {
      title: t('compliance:proof.title'),
      nav: '/compliance',
      form,
      choices: {
        campaigns: (await campaigns.named()).map((campaign) => ({
          value: campaign.id,
          label: campaignWords(req, campaign),
        })),
      },
      parts: ['abandonment', 'verdicts', 'scrubs', 'rules', 'overrides', 'consents'].map((part) =>
        t(`compliance:proof.parts.${part}`),
      ),
    });
  }

  router.get('/compliance/proof', guard('manager'), async (req, res) => {
    const today = localTime(app.clock.now(), req.context.zone);
    const { campaign } = req.query;
    await show(
      req,
      res,
      formState({
        ...{ campaign: typeof campaign === 'string' ? campaign : '', to: today.toISODate() },
        from: today.minus({ days: standardDays }).toISODate(),
      }),
    );
  });

  const asked = validate({ query });
  router.get('/compliance/proof/download', guard('manager'), asked, async (req, res) => {
    const given = asked.of(req).query;
    const campaign = found(await campaigns.get(given.campaign));
    const { zone } = req.context;
    const from = fromLocal(given.from, zone).toMillis();
    const until = fromLocal(given.to, zone).plus({ days: 1 }).toMillis();
    if (until <= from) {
      res.status(422);
      return show(req, res, formState(given, { to: req.context.t('compliance:errors.beforeFrom') }));
    }
    await audit(req, 'proof.downloaded', campaign.id, { after: { campaign: campaign.name, from: given.from, to: given.to } }); // prettier-ignore
    const { stream, done } = pack.write(campaign, { from, until, zone });
    res.attachment(`proof-${campaign.id}-${given.from}-${given.to}.zip`).type('application/zip');
    done.catch((error: unknown) =>
      app.log.error({ err: error, campaign: campaign.id }, 'proof pack broke off'),
    );
    // Either end takes the other with it: nobody reads on for a reader who has left.
    pipeline(stream, res, () => {});
  });

  return router;
}
