import { Router, type Request, type Response } from 'express';
import type { App } from '../../core/app.ts';
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
} from '../../core/http/index.ts';
import { formatPhone, type Locale } from '../../core/i18n/index.ts';
import { defaultCountry } from '../settings.ts';
import { createTimelineStore } from '../timeline/timeline-store.ts';
import { countryChoices, customerLanguages, languageName, regionName } from './countries.ts';
import { customerFormSchema, formOf, phonesFormSchema } from './customer-form.ts';
import { createCustomerStore } from './customer-store.ts';
import type { CustomersChanged } from './customer-write.ts';
import { customerEditors, phoneTypes, type Customer, type CustomerFields } from './customer.ts';

/** Adding and editing customers. */
export function customerFormRoutes(app: App, follow: CustomersChanged): Router {
  const router = Router();
  const store = createCustomerStore(app, follow);
  const timeline = createTimelineStore(app);
  const audit = createAuditor(app, 'customers');
  const country = () => app.settings.get(defaultCountry);
  const byId = validate({ params: idParams });
  router.use('/customers', guard());

  async function showForm(
    req: Request,
    res: Response,
    form: FormState,
    customer: Customer | null,
    extra: object = {},
  ) {
    const { t, locale } = req.context;
    const options = (values: readonly string[]) => {
      const used = customer?.language && !values.includes(customer.language) ? [customer.language] : [];
      return [...values, ...used].map((value) => ({ value, label: languageName(value, locale) }));
    };
    const rowsOf = (value: unknown, blank: object, least: number) => {
      const rows = Array.isArray(value) ? value : Object.values((value as object | undefined) ?? {});
      while (rows.length < least) rows.push(blank);
      return rows.map((row: object, index) => ({ ...row, index }));
    };
    page(req, res, 'crm/customer-form', {
      title: customer ? t('crm:edit', { name: customer.name }) : t('crm:add'),
      nav: '/customers',
      script: 'customers',
      styles: ['crm'],
      form,
      customer,
      whole: can(req, ...customerEditors),
      phones: rowsOf(form.values.phones, { number: '', type: 'mobile' }, 2),
      custom: rowsOf(form.values.custom, { key: '', value: '' }, 1),
      choices: {
        languages: options(customerLanguages),
        countries: countryChoices(locale),
        phoneTypes: phoneTypes.map((value) => ({ value, label: t(`crm:phoneTypes.${value}`) })),
      },
      defaultCountry: regionName(await country(), locale),
      ...extra,
    });
  }

  router.get('/customers/new', guard(...customerEditors), async (req, res) => {
    const typed = typeof req.query.phone === 'string' ? req.query.phone.slice(0, 40) : '';
    const phones = typed ? [{ number: typed, type: 'mobile' }] : [];
    await showForm(req, res, formState({ revision: 0, country: await country(), phones }), null);
  });

  router.post('/customers', guard(...customerEditors), async (req, res) => {
    const parse = validate(
      { body: customerFormSchema(await country()) },
      { failed: (request, response, form) => showForm(request, response, form, null) },
    );
    await through(parse, req, res, async () => {
      const { fields, anyway } = parse.of(req).body;
      const others = anyway ? [] : await othersWith(fields, 0);
      if (others.length > 0) {
        res.status(422);
        return showForm(req, res, formState(req.body as object), null, { others });
      }
      const now = app.clock.now();
      const made = await store.create(fields, now);
      if (!made.created) {
        const errors = { externalId: req.context.t('crm:errors.externalIdTaken') };
        res.status(422);
        return showForm(req, res, formState(req.body as object, errors), null);
      }
      const userId = userOf(req).id;
      await timeline.append({ customerId: made.id, at: now, kind: 'created', userId, data: {} });
      await audit(req, 'customer.created', made.id);
      flash(req, 'success', 'crm:added', { name: fields.name });
      redirect(req, res, `/customers/${made.id}`);
    });
  });

  router.get('/customers/:id/edit', byId, async (req, res) => {
    const customer = found(await store.get(byId.of(req).params.id));
    await showForm(req, res, formState(formOf(customer, req.context.locale)), customer);
  });

  router.post('/customers/:id', byId, async (req, res) => {
    const customer = found(await store.get(byId.of(req).params.id));
    const failed = (request: Request, response: Response, form: FormState) =>
      showForm(request, response, form, customer);
    if (can(req, ...customerEditors)) {
      const shown = { customer, locale: req.context.locale };
      const parse = validate({ body: customerFormSchema(await country(), shown) }, { failed });
      return through(parse, req, res, () => save(req, res, customer, parse.of(req).body));
    }
    const parse = validate({ body: phonesFormSchema(customer.addressRegion, await country()) }, { failed });
    return through(parse, req, res, () => {
      const { revision, phones } = parse.of(req).body;
      const { id: _, revision: _r, createdAt: _c, updatedAt: _u, ...fields } = customer;
      return save(req, res, customer, { revision, anyway: true, fields: { ...fields, phones } });
    });
  });

  async function save(
    req: Request,
    res: Response,
    before: Customer,
    form: { revision: number; anyway: boolean; fields: CustomerFields },
  ): Promise<void> {
    const again = (extra: object, errors: Record<string, string> = {}) => {
      res.status(errors.externalId ? 422 : 409);
      return showForm(req, res, formState(req.body as object, errors), before, extra);
    };
    const done = () => {
      flash(req, 'success', 'crm:saved', { name: form.fields.name });
      redirect(req, res, `/customers/${before.id}`);
    };
    const others = form.anyway ? [] : await othersWith(form.fields, before.id);
    if (others.length > 0) return again({ others });
    const now = app.clock.now();
    const saved = await store.update(before.id, form.revision, form.fields, now);
    if (!saved.saved) {
      if (saved.reason === 'external-id-taken')
        return again({}, { externalId: req.context.t('crm:errors.externalIdTaken') });
      // What was typed stays; what the other wrote is shown beside it, and saving again is a choice.
      const theirs = found(await store.get(before.id));
      (req.body as Record<string, unknown>).revision = theirs.revision;
      const conflict = otherwise(form.fields, theirs, req.context);
      // Two who saved the same, or one who pressed twice.
      if (conflict.length === 0) return done();
      return again({ conflict });
    }
    if (saved.changed.length > 0) {
      const userId = userOf(req).id;
      await timeline.append({
        customerId: before.id,
        at: now,
        kind: 'edit',
        userId,
        data: { fields: saved.changed },
      });
      const pick = (from: CustomerFields) => Object.fromEntries(saved.changed.map((key) => [key, from[key]]));
      await audit(req, 'customer.changed', before.id, { before: pick(before), after: pick(form.fields) });
    }
    done();
  }

  /** Other customers who have one of these numbers: most likely the same person. */
  async function othersWith(fields: CustomerFields, except: number): Promise<Customer[]> {
    const others = new Map<number, Customer>();
    for (const { e164 } of fields.phones)
      for (const customer of await store.withPhone(e164))
        if (customer.id !== except) others.set(customer.id, customer);
    return [...others.values()].slice(0, 5);
  }

  return router;
}

/** What another has saved otherwise than it is here, field by field: saving mine over it is a choice about these. */
function otherwise(mine: CustomerFields, theirs: CustomerFields, { t, locale }: Request['context']) {
  const words: Partial<Record<keyof CustomerFields, string | null>> = {
    language: theirs.language && languageName(theirs.language, locale),
    addressRegion: theirs.addressRegion && regionName(theirs.addressRegion, locale),
    custom: listed(
      Object.entries(theirs.custom).map(([key, value]) => `${key}: ${value}`),
      locale,
    ),
    phones: listed(
      theirs.phones.map(({ e164 }) => formatPhone(e164)),
      locale,
    ),
    tags: listed(theirs.tags, locale),
  };
  const fields = ['name', 'salutation', 'company', 'language', 'phones', 'addressRegion', 'address', 'email', 'externalId', 'tags', 'custom'] as const; // prettier-ignore
  return fields
    .filter((key) => comparable(mine, key) !== comparable(theirs, key))
    .map((key) => ({ label: t(`crm:fields.${key}`), value: (words[key] ?? theirs[key]) || '–' }));
}

/** Tags and own fields are kept in an order of their own; that of phones matters. */
function comparable(fields: CustomerFields, key: keyof CustomerFields): string {
  if (key === 'tags') return [...fields.tags].sort().join('\n');
  if (key === 'custom') return JSON.stringify(Object.entries(fields.custom).sort());
  if (key === 'phones') return fields.phones.map(({ e164, type }) => `${e164} ${type}`).join('\n');
  return fields[key] ?? '';
}

const listed = (parts: readonly string[], locale: Locale): string =>
  new Intl.ListFormat(locale, { type: 'unit' }).format(parts);

/** Runs a validation that depends on a setting, then `work` if it passed. */
async function through(
  parse: ReturnType<typeof validate>,
  req: Request,
  res: Response,
  work: () => Promise<void>,
): Promise<void> {
  let passed = false;
  await new Promise<void>((resolve, reject) => {
    const next = (error?: unknown) => {
      passed = !error;
      if (error) reject(error as Error);
      else resolve();
    };
    Promise.resolve(parse(req, res, next) as unknown)
      .then(() => resolve())
      .catch(reject);
  });
  if (passed) await work();
}
