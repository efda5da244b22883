import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import {
  can,
  createAuditor,
  flash,
  formState,
  found,
  guard,
  idParams,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../../core/http/index.ts';
import { formatPhone } from '../../../core/i18n/index.ts';
import { line } from '../../../core/text/index.ts';
import { countryChoices, defaultCountry, isCountry, readPhone } from '../../../crm/index.ts';
import { createNames } from '../user-names.ts';
import { createPartnerStore } from './partner-store.ts';

const url = '/compliance/partners';
const writers = ['supervisor', 'manager'] as const;
const body = z.object({
  number: z.string().trim().min(1).max(40),
  country: z.string().refine((code) => isCountry(code), 'dnc:errors.country'),
  name: line.trim().min(1).max(120),
});

/** Numbers of the firm's own people and partners, to whom agents hand customers on. */
export function partnerRoutes(app: App): Router {
  const router = Router();
  const store = createPartnerStore(app);
  const names = createNames(app);
  const audit = createAuditor(app, 'partner_numbers');

  async function show(req: Request, res: Response, form: FormState): Promise<void> {
    const { t, locale } = req.context;
    const partners = await store.list();
    const who = await names(partners.map(({ addedBy }) => addedBy));
    page(req, res, 'compliance/partners', {
      title: t('compliance:partners.title'),
      nav: '/compliance',
      form,
      mayWrite: can(req, ...writers),
      choices: { countries: countryChoices(locale) },
      partners: partners.map((partner) => ({ ...partner, by: who(partner.addedBy, req) })),
    });
  }

  router.get(url, async (req, res) =>
    show(req, res, formState({ country: await app.settings.get(defaultCountry) })),
  );

  const adding = validate({ body }, { failed: show });
  router.post(url, guard(...writers), adding, async (req, res) => {
    const { number, country, name } = adding.of(req).body;
    const { t } = req.context;
    const refuse = (text: string) => {
      res.status(422);
      return show(req, res, formState(req.body as object, { number: text }));
    };
    const reading = readPhone(number, country);
    if (!reading.ok) return refuse(t('dnc:errors.number'));
    const { e164 } = reading;
    if (await store.isCustomers(e164)) return refuse(t('compliance:partners.ofCustomer'));
    const id = await store.add({ e164, name }, userOf(req).id, app.clock.now());
    if (id === null) return refuse(t('compliance:partners.taken'));
    await audit(req, 'partner.added', id, { after: { e164, name } });
    flash(req, 'success', 'compliance:partners.added', { number: formatPhone(e164) });
    redirect(req, res, url);
  });

  const removing = validate({ params: idParams });
  router.post(`${url}/:id/remove`, guard(...writers), removing, async (req, res) => {
    const { e164, name, id } = found(await store.get(removing.of(req).params.id));
    if (await store.remove(id)) {
      await audit(req, 'partner.removed', id, { before: { e164, name } });
      flash(req, 'success', 'compliance:partners.removed', { number: formatPhone(e164) });
    }
    redirect(req, res, url);
  });

  return router;
}
