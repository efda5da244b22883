import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { fromLocal, localTime } from '../../../core/time/local-time.ts';
import type { App } from '../../../core/app.ts';
import {
  can,
  createAuditor,
  flash,
  formState,
  found,
  guard,
  HttpProblem,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../../core/http/index.ts';
import { formatDate, formatPhone } from '../../../core/i18n/index.ts';
import { countryChoices, createCustomerStore, defaultCountry, isCountry } from '../../../crm/index.ts';
import { createDispositionStore, type Disposition } from '../../dispositions/index.ts';
import { optedOutReason } from '../../leads/block-reasons.ts';
import { fileProblemWords } from '../../import/import-view.ts';
import { FileProblem } from '../../import/import.ts';
import { receiveUpload } from '../../import/upload.ts';
import { refuse, uploadWords } from '../scrubs/scrub-routes.ts';
import { createNames } from '../user-names.ts';
import {
  consentFacts,
  consentKinds,
  consentSources,
  isOverruled,
  proofText,
  revokeReason,
  type Consent,
  type NewConsent,
} from './consent.ts';
import { importConsents } from './consent-import.ts';
import { createConsentStore } from './consent-store.ts';
import { createConsentRecorder } from './record-consents.ts';

const maxMegabytes = 50;
const shownRefusals = 100;
const writers = ['supervisor', 'marketing', 'manager'] as const;

const id = z.coerce.number().int().positive();
const date = z.iso.date();
const addBody = z.object({
  e164: z.union([z.literal(''), z.string().regex(/^\+\d{6,15}$/)]).default(''),
  kind: z.enum(consentKinds),
  source: z.enum(consentSources),
  proof: proofText,
  given: date,
  /** On that day, by the reader's clock; empty: from its beginning. */
  givenTime: z
    .string()
    .regex(/^$|^([01]\d|2[0-3]):[0-5]\d$/, 'common:errors.time')
    .default(''),
  expires: z.union([z.literal(''), date]).default(''),
});

/** The consent ledger: a customer's page of it, and files of consents. */
export function consentRoutes(app: App): Router {
  const router = Router();
  const store = createConsentStore(app);
  const recorder = createConsentRecorder(app);
  const customers = createCustomerStore(app);
  const names = createNames(app);
  const audit = createAuditor(app, 'consents');
  const auditCustomer = createAuditor(app, 'customers');
  const byId = validate({ params: z.object({ id }) });

  async function showLedger(req: Request, res: Response, form: FormState): Promise<void> {
    const { t, zone } = req.context;
    const customer = found(await customers.get(Number(req.params.id)));
    const numbers = customer.phones.map(({ e164 }) => e164);
    const lines = await store.ofCustomer(customer.id, numbers);
    // What another owner of a number has taken back for it binds it.
    const bearing = await store.linesOf([customer.id], numbers);
    const who = await names(lines.flatMap(({ recordedBy, revokedBy }) => [recordedBy, revokedBy]));
    const now = app.clock.now();
    const dispositions = await createDispositionStore(app).all();
    page(req, res, 'compliance/consents', {
      title: t('compliance:consents.of', { name: customer.name }),
      nav: '/customers',
      customer,
      form,
      mayWrite: can(req, ...writers),
      today: localTime(now, zone).toISODate(),
      standing: customer.phones.map(({ e164 }) => {
        const { kinds } = consentFacts(bearing, { e164, customerId: customer.id, at: now });
        const words = kinds.map((kind) => t(`compliance:consents.kinds.${kind}`));
        return { e164, revoked: kinds.includes('revoked'), text: words.join(', ') || t('compliance:none') };
      }),
      lines: lines.map((line) => ({
        ...line,
        ...lineView(req, line, lines, now),
        revokeReason: reasonWords(req, line, dispositions),
        by: who(line.recordedBy, req),
        revokedByName: line.revokedAt === null ? '' : who(line.revokedBy, req),
        mayRevoke: line.revokedAt === null && can(req, ...writers),
      })),
      holds: lines.some(({ revokedAt }) => revokedAt === null),
      choices: {
        numbers: numbers.map((value) => ({ value, label: formatPhone(value) })),
        kinds: consentKinds.map((value) => ({ value, label: t(`compliance:consents.kinds.${value}`) })),
        sources: consentSources
          .filter((value) => value !== 'import' && value !== 'api')
          .map((value) => ({ value, label: t(`compliance:consents.sources.${value}`) })),
      },
    });
  }

  router.get('/compliance/customers/:id/consents', byId, (req, res) =>
    showLedger(req, res, formState({ kind: 'opt_in', source: 'web' })),
  );

  const adding = validate({ params: z.object({ id }), body: addBody }, { failed: showLedger });
  router.post('/compliance/customers/:id/consents', guard(...writers), adding, async (req, res) => {
    const { params, body } = adding.of(req);
    const { t, zone } = req.context;
    const customer = found(await customers.get(params.id));
    const at = app.clock.now();
    const { given, givenTime } = body;
    const givenAt = fromLocal(givenTime ? `${given}T${givenTime}` : given, zone).toMillis();
    const expiresAt = body.expires ? fromLocal(body.expires, zone).plus({ days: 1 }).toMillis() : null;
    const errors: Record<string, string> = {};
    if (givenAt > at) errors[givenTime ? 'givenTime' : 'given'] = t('compliance:errors.future');
    if (expiresAt !== null && expiresAt <= givenAt) errors.expires = t('compliance:errors.beforeGiven');
    if (body.e164 && !customer.phones.some(({ e164 }) => e164 === body.e164))
      errors.e164 = t('common:errors.choice');
    const { kind, source, proof } = body;
    const consent = {
      customerId: customer.id,
      e164: body.e164 || null,
      kind,
      source,
      proof,
      givenAt,
      expiresAt,
    };
    const takenBackAt = await recorder.takenBackSince(consent);
    // With the day alone it counts from midnight, though it may have been given after that of the same day.
    if (takenBackAt !== null && !givenTime && localTime(takenBackAt, zone).toISODate() === given)
      errors.givenTime ??= t('compliance:errors.givenTime', { when: formatDate(takenBackAt, 'time', req.context) }); // prettier-ignore
    if (Object.keys(errors).length > 0) {
      res.status(422);
      return showLedger(req, res, formState(req.body as object, errors));
    }
    const { id: consentId } = await recorder.recordOne(consent, userOf(req).id);
    await audit(req, 'consent.recorded', consentId, {
      after: { customerId: customer.id, kind, source, givenAt, expiresAt },
    });
    if (takenBackAt === null) flash(req, 'success', 'compliance:consents.recorded');
    else flash(req, 'warning', 'compliance:consents.recordedOverruled', { when: formatDate(takenBackAt, 'datetime', req.context) }); // prettier-ignore
    redirect(req, res, `/compliance/customers/${customer.id}/consents`);
  });

  const revoking = validate({ params: z.object({ id }), body: z.object({ reason: revokeReason }) });
  router.post('/compliance/consents/:id/revoke', guard(...writers), revoking, async (req, res) => {
    const { params, body } = revoking.of(req);
    const line = found(await store.get(params.id));
    if (await store.revoke(line.id, by(req, body.reason))) {
      await audit(req, 'consent.revoked', line.id, { after: { reason: body.reason } });
      flash(req, 'success', 'compliance:consents.revokedDone');
    }
    redirect(req, res, line.customerId ? `/compliance/customers/${line.customerId}/consents` : '/compliance');
  });

  router.post('/compliance/customers/:id/consents/revoke', guard(...writers), revoking, async (req, res) => {
    const { params, body } = revoking.of(req);
    const customer = found(await customers.get(params.id));
    const numbers = customer.phones.map(({ e164 }) => e164);
    const refusal = { customerIds: [customer.id], numbers, source: 'page' as const };
    const { revoked } = await store.refuse(refusal, by(req, body.reason));
    await auditCustomer(req, 'consent.revoked', customer.id, {
      after: { reason: body.reason, lines: revoked },
    });
    flash(req, 'success', 'compliance:consents.refusedDone');
    redirect(req, res, `/compliance/customers/${customer.id}/consents`);
  });

  const by = (req: Request, reason: string) => ({ reason, userId: userOf(req).id, at: app.clock.now() });

  router.get('/compliance/consents/import', guard(...writers), async (req, res) => {
    const { t, locale } = req.context;
    page(req, res, 'compliance/consent-import', {
      title: t('compliance:consents.import.title'),
      nav: '/compliance',
      script: 'compliance-upload',
      megabytes: maxMegabytes,
      kinds: consentKinds.map((kind) => ({ kind, text: t(`compliance:consents.kinds.${kind}`) })),
      form: formState({ country: await app.settings.get(defaultCountry) }),
      choices: { countries: countryChoices(locale) },
      words: { ...uploadWords(req), line: t('dnc:import.line') },
    });
  });

  router.post('/compliance/consents/import', guard(...writers), async (req, res) => {
    const { id: userId } = userOf(req);
    const upload = await receiveUpload(req, app.config.dataDir, maxMegabytes * 1024 * 1024).catch(refuse);
    const path = join(app.config.dataDir, upload.filePath);
    let added = 0;
    let counts: object | null = null;
    try {
      const { country = '' } = upload.fields;
      if (!isCountry(country)) throw new HttpProblem(422, 'invalid', {}, { country: req.context.t('dnc:errors.country') }); // prettier-ignore
      const now = app.clock.now();
      const options = {
        ...{ country, zone: req.context.zone, now, customerOf },
        add: async (lines: readonly NewConsent[]) => {
          const some = await recorder.record(lines, userId);
          added += some.added;
          return some;
        },
      };
      const { refusals, overruledLines, broken, ...result } = await importConsents(path, options).catch((error: unknown) => refuseFile(error, req)); // prettier-ignore
      counts = result;
      const end = broken && { line: broken.line, text: fileProblemWords(broken.problem, req.context.t) };
      const named = refusals.slice(0, shownRefusals).map(({ line, field, text }) => ({
        line,
        text: `${req.context.t(`compliance:consents.import.fields.${field}`)}: ${text || '–'}`,
      }));
      const without = overruledLines.slice(0, shownRefusals).map(({ line, takenBackAt }) => ({
        line,
        text: req.context.t('compliance:consents.recordedOverruled', { when: formatDate(takenBackAt, 'datetime', req.context) }), // prettier-ignore
      }));
      res.json({ ...result, refusals: end ? [end, ...named] : named, overruledLines: without });
    } finally {
      // Also of a file that was cut off: what came into the ledger is there.
      if (counts || added > 0)
        await app.audit.record({
          ...{ userId, action: 'consent.imported', entity: 'consents', ip: req.ip },
          after: { fileName: upload.fileName, ...(counts ?? { added, cutOff: true }) },
        });
      await rm(path, { force: true });
    }
  });

  async function customerOf(externalIds: readonly string[]): Promise<Map<string, number>> {
    const rows: { id: number; external_id: string }[] = await app.db
      .knex('customers')
      .whereIn('external_id', [...new Set(externalIds)])
      .select('id', 'external_id');
    return new Map(rows.map((row) => [row.external_id, row.id]));
  }

  return router;
}

function refuseFile(error: unknown, req: Request): never {
  if (error instanceof FileProblem)
    throw new HttpProblem(422, 'file-refused', { words: fileProblemWords(error, req.context.t) });
  const { code, missing } = error as { code?: string; missing?: string[] };
  if (code === 'headings') throw new HttpProblem(422, 'consent-columns', { missing: missing?.join(', ') ?? '' }); // prettier-ignore
  throw error;
}

/** What is said in a call is kept as the code of the agent's disposition, or of the key that was pressed. */
function reasonWords(
  req: Request,
  { revokeReason }: Consent,
  dispositions: readonly Disposition[],
): string | null {
  if (revokeReason === null) return revokeReason;
  const { t, locale } = req.context;
  if (revokeReason === optedOutReason) return t('dnc:reasons.opt-out');
  return dispositions.find(({ code }) => code === revokeReason)?.names[locale] ?? revokeReason;
}

function lineView(req: Request, line: Consent, lines: readonly Consent[], now: number) {
  const { t } = req.context;
  const state =
    line.annulledAt !== null
      ? 'annulled'
      : line.kind === 'annulment'
        ? 'holds'
        : line.kind === 'refusal'
          ? 'refused'
          : line.revokedAt !== null
            ? 'revoked'
            : line.expiresAt !== null && line.expiresAt <= now
              ? 'expired'
              : isOverruled(line, lines)
                ? 'overruled'
                : 'holds';
  const against = state === 'revoked' || state === 'refused';
  return {
    kindWord: t(`compliance:consents.kinds.${line.kind}`),
    sourceWord: t(`compliance:consents.sources.${line.source}`),
    number: line.e164 === null ? t('compliance:consents.allNumbers') : formatPhone(line.e164),
    stateWord: t(`compliance:consents.states.${state}`),
    timed: localTime(line.givenAt, req.context.zone).startOf('day').toMillis() !== line.givenAt,
    badge: state === 'holds' ? 'ready' : against ? 'lost' : 'off',
    icon: state === 'holds' ? 'circle-check' : against ? 'ban' : 'clock-off',
  };
}
