import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import { createAuditor, found, guardApi, HttpProblem, validate } from '../../../core/http/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { apiNumber, numberFields, timeOf } from '../../numbers-by-api.ts';
import { createConsentStore } from './consent-store.ts';
import { createConsentRecorder } from './record-consents.ts';
import { consentKinds, proofText, revokeReason } from './consent.ts';

const who = {
  customerId: z.number().int().positive().optional(),
  number: numberFields.number.optional(),
  country: numberFields.country,
};
const time = z.iso.datetime({ offset: true });
const recordBody = z.strictObject({
  ...who,
  kind: z.enum(consentKinds),
  proof: proofText,
  givenAt: time,
  expiresAt: time.nullable().default(null),
});
const revokeBody = z.strictObject({ ...who, reason: revokeReason });

/** Consents that are given, and taken back, in another system. */
export function consentApiRoutes(app: App): Router {
  const router = Router();
  const store = createConsentStore(app);
  const recorder = createConsentRecorder(app);
  const customers = createCustomerStore(app);
  const audit = createAuditor(app, 'consents');
  const auditCustomer = createAuditor(app, 'customers');
  const roles = ['marketing', 'manager'] as const;

  const recording = validate({ body: recordBody });
  /** Of a customer for all numbers, of whoever owns a number, or of a customer for one number. */
  router.post('/api/consents', guardApi('consents', ...roles), recording, async (req, res) => {
    const { customerId, number, country, kind, proof, ...given } = recording.of(req).body;
    if (customerId === undefined && number === undefined) throw nobody(req.context.t('campaigns:api.who'));
    const at = app.clock.now();
    const e164 = number === undefined ? null : apiNumber(req, number, country);
    if (customerId !== undefined) found(await customers.get(customerId));
    const givenAt = timeOf(req, 'givenAt', given.givenAt, { upTo: at })!;
    const expiresAt = timeOf(req, 'expiresAt', given.expiresAt, { after: givenAt });
    const consent = {
      customerId: customerId ?? null,
      e164,
      kind,
      source: 'api' as const,
      proof,
      givenAt,
      expiresAt,
    };
    const { id, takenBackAt } = await recorder.recordOne(consent, req.context.user?.id ?? null);
    await audit(req, 'consent.recorded', id, {
      after: { customerId: customerId ?? null, kind, source: 'api', givenAt, expiresAt },
    });
    res.status(201).json({ id, overruled: takenBackAt === null ? null : overruledIn(req, takenBackAt) });
  });

  const revoking = validate({ body: revokeBody });
  /** Of a customer with all their numbers, or of a number whoever has it: a switchboard is no word about mobiles. */
  router.post('/api/consents/revoke', guardApi('consents', ...roles), revoking, async (req, res) => {
    const { customerId, number, country, reason } = revoking.of(req).body;
    if (customerId === undefined && number === undefined) throw nobody(req.context.t('campaigns:api.who'));
    const e164 = number === undefined ? null : apiNumber(req, number, country);
    const named = customerId === undefined ? [] : [found(await customers.get(customerId))];
    const numbers = new Set(named.flatMap(({ phones }) => phones.map((phone) => phone.e164)));
    if (e164 !== null) numbers.add(e164);
    const customerIds = named.map(({ id }) => id);
    const by = { reason, userId: req.context.user?.id ?? null, at: app.clock.now() };
    const done = await store.refuse({ customerIds, numbers: [...numbers], source: 'api' }, by);
    for (const id of customerIds) await auditCustomer(req, 'consent.revoked', id, { after: { reason } });
    if (customerIds.length === 0)
      await req.context.record({ action: 'consent.revoked', entity: 'consents', after: { e164, reason } });
    res.json(done);
  });

  return router;
}

/** In Greenwich's time, as the answer's other times: who asks has no zone of their own. */
function overruledIn(req: Request, takenBackAt: number): { refusedAt: string; words: string } {
  const refusedAt = new Date(takenBackAt).toISOString();
  return { refusedAt, words: req.context.t('compliance:consents.recordedOverruled', { when: refusedAt }) };
}

const nobody = (words: string) => new HttpProblem(422, 'invalid', {}, { customerId: words });
