import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  can,
  flash,
  found,
  fragment,
  guard,
  page,
  redirect,
  userOf,
  validate,
} from '../../core/http/index.ts';
import { UserStore } from '../../core/users/index.ts';
import { createTimelineStore, type TimelineCursor } from '../timeline/timeline-store.ts';
import { timelineItems } from '../timeline/timeline-view.ts';
import { countryChoices, languageName, regionName } from './countries.ts';
import { customerList, listRow } from './customer-list.ts';
import { fieldLabels } from './field-labels.ts';
import { createCustomerStore } from './customer-store.ts';
import { customerEditors } from './customer.ts';

const idParams = z.object({ id: z.coerce.number().int().positive() });
const noteBody = z.object({ text: z.string().trim().min(1).max(2000) });
const cursorQuery = z.object({
  after: z
    .string()
    .regex(/^\d+\.\d+$/)
    .optional(),
});

const timelinePage = 25;

export function customerRoutes(app: App): Router {
  const router = Router();
  const store = createCustomerStore(app);
  const timeline = createTimelineStore(app);
  const users = new UserStore(app.db);
  router.use('/customers', guard());

  router.get('/customers', async (req, res) => {
    const { locale } = req.context;
    const [tags, languages] = await Promise.all([store.tags(), store.languages()]);
    await customerList.respond(
      req,
      res,
      'crm/customers',
      async (request) => {
        const { q, tag, language, region } = request.filters;
        const sort = request.sort === 'name' ? 'name' : 'id';
        const found = await store.list({ search: q, tag, language, region }, { ...request, sort });
        return { ...found, rows: found.rows.map((customer) => listRow(customer, locale)) };
      },
      {
        title: req.context.t('crm:title'),
        script: 'customers',
        styles: ['crm'],
        mayAdd: can(req, ...customerEditors),
        choices: {
          tags: tags.map((value) => ({ value, label: value })),
          languages: languages.map((value) => ({ value, label: languageName(value, locale) })),
          countries: countryChoices(locale).map(({ value, label }) => ({
            value,
            label: label.replace(/ \+\d+$/, ''),
          })),
        },
      },
    );
  });

  /** The first customers that match, for pickers on other pages. */
  router.get('/customers/search', async (req, res) => {
    const text = typeof req.query.q === 'string' ? req.query.q.slice(0, 200) : '';
    const { customers, partial } = await store.searchWithin(text, 12);
    res.set('cache-control', 'no-store').json({
      partial,
      customers: customers.map(({ id, name, company, phones }) => ({
        id,
        name,
        company,
        phone: phones[0]?.e164 ?? null,
      })),
    });
  });

  const byId = validate({ params: idParams });
  router.get('/customers/:id', byId, async (req, res) => {
    const { id } = byId.of(req).params;
    const card = found(await store.card(id, app.clock.now()));
    const { locale, t } = req.context;
    const { customer } = card;
    const labelOf = await fieldLabels(app);
    page(req, res, 'crm/customer', {
      title: customer.name,
      nav: '/customers',
      script: 'customers',
      styles: ['crm'],
      customer,
      warnings: card.warnings.map((code) => ({ code, text: t(`crm:warnings.${code}`) })),
      lastSpokenAt: card.lastSpokenAt,
      region: regionName(customer.addressRegion, locale),
      languageName: languageName(customer.language, locale),
      phones: customer.phones.map(({ e164, type }) => ({ e164, type: t(`crm:phoneTypes.${type}`) })),
      custom: Object.entries(customer.custom).map(([name, value]) => ({ key: labelOf(name), value })),
      timeline: await timelinePart(req, id, null),
    });
  });

  const older = validate({ params: idParams, query: cursorQuery });
  router.get('/customers/:id/timeline', older, async (req, res) => {
    const { params, query } = older.of(req);
    const [at, id] = (query.after ?? '').split('.').map(Number);
    const after = at !== undefined && id !== undefined ? { at, id } : null;
    fragment(req, res, 'crm/timeline', await timelinePart(req, params.id, after));
  });

  async function timelinePart(req: Request, customerId: number, after: TimelineCursor | null) {
    const entries = await timeline.of(customerId, { limit: timelinePage + 1, after });
    const shown = entries.slice(0, timelinePage);
    const last = shown.at(-1);
    const more = entries.length > timelinePage && last ? `${last.at}.${last.id}` : null;
    const names = new Map<number, string>();
    for (const userId of new Set(shown.flatMap((entry) => entry.userId ?? []))) {
      const user = await users.byId(userId);
      if (user) names.set(userId, user.name);
    }
    return { customerId, more, items: timelineItems(req.context, shown, names) };
  }

  const note = validate({ params: idParams, body: noteBody });
  router.post('/customers/:id/notes', note, async (req, res) => {
    const { params, body } = note.of(req);
    found(await store.get(params.id));
    await timeline.append({
      customerId: params.id,
      at: app.clock.now(),
      kind: 'note',
      userId: userOf(req).id,
      data: { text: body.text },
    });
    flash(req, 'success', 'crm:noteAdded');
    redirect(req, res, `/customers/${params.id}`);
  });

  return router;
}
