import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { fieldErrors, formState, HttpProblem, page, userOf } from '../../core/http/index.ts';
import { countryChoices, defaultCountry, isCountry } from '../../crm/index.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { FileProblem } from '../import/import.ts';
import { receiveUpload } from '../import/upload.ts';
import { importDnc, type DncImportResult } from './dnc-import.ts';
import { createDncStore } from './dnc-store.ts';
import { dncReason, type DncAddition } from './dnc.ts';

/** Ten million numbers, one a line. */
const maxMegabytes = 200;
const fieldsForm = z.object({
  country: z.string().refine((code) => isCountry(code), 'dnc:errors.country'),
  campaign: z.union([z.literal(''), z.coerce.number().int().positive()]).default(''),
  reason: dncReason,
});

/** Numbers from a file onto the DNC list. Guarded by the router this is part of. */
export function dncImportRoutes(app: App): Router {
  const router = Router();
  const store = createDncStore(app);
  const campaigns = createCampaignStore(app);

  router.get('/dnc/import', async (req, res) => {
    const { t, locale } = req.context;
    page(req, res, 'dnc/import', {
      title: t('dnc:import.title'),
      nav: '/dnc',
      script: 'dnc',
      megabytes: maxMegabytes,
      form: formState({ country: await app.settings.get(defaultCountry) }),
      choices: {
        campaigns: (await campaigns.list()).map(({ id, name }) => ({ value: id, label: name })),
        countries: countryChoices(locale),
      },
      words: {
        sending: t('dnc:import.sending'),
        reading: t('dnc:import.reading'),
        failed: t('dnc:import.failed'),
        noFile: t('dnc:import.noFile'),
        line: t('dnc:import.line'),
        columns: [t('dnc:import.columnLine'), t('dnc:import.columnText'), t('dnc:import.columnWhy')].join(
          '\t',
        ),
      },
    });
  });

  router.post('/dnc/import', async (req, res) => {
    const userId = userOf(req).id;
    const upload = await receiveUpload(req, app.config.dataDir, maxMegabytes * 1024 * 1024).catch(refuse);
    const path = join(app.config.dataDir, upload.filePath);
    let answer: object;
    let came: { reason: string; added: number; counts: object | null } | null = null;
    try {
      const fields = fieldsForm.safeParse(upload.fields);
      if (!fields.success)
        throw new HttpProblem(422, 'invalid', {}, fieldErrors(fields.error, req.context.t));
      const { country, campaign, reason } = fields.data;
      if (campaign && !(await campaigns.get(campaign)))
        throw new HttpProblem(422, 'invalid', {}, { campaign: req.context.t('dnc:errors.campaign') });
      const writing = (came = { reason, added: 0, counts: null as object | null });
      const addMany = async (numbers: readonly DncAddition[]): Promise<number> => {
        const added = await store.addMany(numbers);
        writing.added += added;
        return added;
      };
      const result = await importDnc(
        createReadStream(path),
        { addMany },
        {
          defaultCountry: country,
          campaignId: campaign || null,
          reason,
          by: userId,
          at: app.clock.now(),
        },
      );
      writing.counts = countsOf(result);
      const { t } = req.context;
      const refusals = result.refusals.map((one) => ({ ...one, why: t(`crm:phoneProblems.${one.problem}`) }));
      answer = { ...countsOf(result), refusals };
    } finally {
      await rm(path, { force: true });
      // Also of a file that was cut off: what came onto the list is there.
      if (came && (came.counts || came.added > 0))
        await app.audit.record({
          ...{ userId, action: 'dnc.imported', entity: 'dnc_numbers', ip: req.ip },
          after: {
            ...{ fileName: upload.fileName, reason: came.reason },
            ...(came.counts ?? { added: came.added, cutOff: true }),
          },
        });
    }
    // Only what the audit tells of is said to be done; the same file may be sent again.
    res.json(answer);
  });

  return router;
}

function countsOf({ lines, added, known, refused }: DncImportResult) {
  return { lines, added, known, refused };
}

function refuse(error: unknown): never {
  if (!(error instanceof FileProblem)) throw error;
  if (error.code === 'too-large') throw new HttpProblem(413, 'dnc-file-too-large', { most: maxMegabytes });
  throw new HttpProblem(422, 'dnc-file-empty');
}
