import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { conflict, createAuditor, found, guardApi, HttpProblem, validate } from '../../core/http/index.ts';
import { line } from '../../core/text/index.ts';
import {
  isCountry,
  readAddress,
  readPhone,
  readRegion,
  type CustomerFields,
  type CustomerPhone,
} from '../../crm/index.ts';
import { createCampaignMover } from '../campaigns/campaign-mover.ts';
import { createCampaignStore } from '../campaigns/index.ts';
import { createGate } from '../compliance/index.ts';
import { createLeadAdder } from './add-lead.ts';
import { mostPhones } from './read-row.ts';

const text = (most: number) => z.string().trim().min(1).max(most);
const optional = (most: number, written = text(most)) =>
  written.nullish().transform((value) => value ?? null);

const leadBody = z
  .object({
    name: optional(191, line.min(1).max(191)),
    /** As people write them, in the order they are to be called. */
    phones: z.array(text(60)).min(1).max(mostPhones),
    /** Of numbers without a country code; the campaign's where not given. */
    country: z
      .string()
      .refine((code) => isCountry(code), 'campaigns:errors.country')
      .optional(),
    externalId: optional(100),
    salutation: optional(100, line.min(1).max(100)),
    language: optional(10),
    company: optional(191, line.min(1).max(191)),
    email: optional(191),
    address: optional(255),
    /** `US-NY-10001`, `US-10001`, `CN-SH`, `TW`: the country first; or a name, as 上海. */
    addressRegion: optional(40),
    tags: z.array(text(60)).max(20).default([]),
    custom: z.record(text(60), z.string().max(500)).default({}),
    note: optional(2_000),
    /** 1 is called first, 9 last. */
    priority: z.number().int().min(1).max(9).default(5),
  })
  .strict();

/** Leads that another system brings to a campaign one by one, also while it runs. */
export function leadApiRoutes(app: App): Router {
  const router = Router();
  const campaigns = createCampaignStore(app);
  const addLead = createLeadAdder(app);
  const gate = createGate(app);
  const record = createAuditor(app, 'campaigns');
  const move = createCampaignMover(app);

  const form = validate({ params: z.object({ id: z.coerce.number().int().positive() }), body: leadBody });
  /**
   * 201 with the new lead, 200 with the one that was there, 409 where somebody has stopped or archived the campaign. One
   * that has finished, as it had nobody left to call, goes on with a lead that may be called. `verdict` is the gate's answer for this moment, stored as
   * every other; whether and when the lead is called the gate says again when its turn comes.
   */
  router.post(
    '/api/campaigns/:id/leads',
    guardApi('leads', 'marketing', 'manager'),
    form,
    async (req, res) => {
      const { params, body } = form.of(req);
      const campaign = found(await campaigns.get(params.id));
      if (campaign.state === 'stopped' || campaign.archivedAt !== null)
        throw conflict('campaign-over', { name: campaign.name });
      const country = body.country ?? campaign.defaultCountry;
      const wrong = (field: string, words: string) => new HttpProblem(422, 'invalid', {}, { [field]: words });
      const named = body.country ?? null;
      const place = body.addressRegion === null ? null : readRegion(body.addressRegion, { named, usual: country }); // prettier-ignore
      const isUnread = place !== null && !place.ok && place.problem === 'regionUnknown';
      if (place && !place.ok && !isUnread)
        throw wrong('addressRegion', req.context.t(`crm:errors.${place.problem}`));
      // A lead is not lost for a place that nobody here knows: what is said of it is kept as it is.
      const addressRegion = place?.ok ? place.region : isUnread ? countryOrPart(body.addressRegion!, named, country) : null; // prettier-ignore
      const custom = isUnread ? { addressRegion: body.addressRegion!, ...body.custom } : body.custom;
      const phones: CustomerPhone[] = [];
      for (const [index, written] of body.phones.entries()) {
        const reading = readPhone(written, country);
        if (!reading.ok)
          throw wrong(`phones.${index}`, req.context.t(`crm:phoneProblems.${reading.problem}`));
        if (!phones.some(({ e164 }) => e164 === reading.e164))
          phones.push({ e164: reading.e164, type: reading.type });
      }
      const { country: _country, phones: _written, note, priority, ...given } = body;
      const fields: CustomerFields = { ...given, name: given.name ?? phones[0]!.e164, phones, addressRegion, custom }; // prettier-ignore
      const lead = await addLead(campaign, fields, {
        note,
        priority,
        country,
        userId: req.context.user?.id ?? null,
      });
      // Read anew: it may have run dry while the lead was on its way.
      const latest = await campaigns.get(campaign.id);
      if (lead.isOpen && latest?.state === 'finished') await move(req, latest, 'start');
      if (lead.made) await record(req, 'campaign.lead-added', campaign.id, { after: { leadId: lead.id } });
      const about = { campaignId: campaign.id, leadId: lead.id, customerId: lead.customerId };
      const ask = (e164: string) => gate.mayCall({ e164, stage: 'reserve', path: 'api', ...about });
      let e164 = phones[0]!.e164;
      let verdict = await ask(e164);
      // As the dialer takes the next number where one may never be called.
      for (const other of phones.slice(1)) {
        if (verdict.outlook !== 'never') break;
        const next = await ask(other.e164);
        if (next.outlook !== 'never') [e164, verdict] = [other.e164, next];
      }
      res.status(lead.made ? 201 : 200).json({
        leadId: lead.id,
        customerId: lead.customerId,
        new: { lead: lead.made, customer: lead.madeCustomer },
        warnings: isUnread
          ? [{ field: 'addressRegion', words: req.context.t('crm:errors.regionUnread') }]
          : [],
        verdict: {
          number: e164,
          allowed: verdict.allowed,
          reason: verdict.reasonCode,
          words: req.context.t(`compliance:reason.${verdict.reasonCode}`),
          nextAllowedAt:
            verdict.nextAllowedAt === null ? null : new Date(verdict.nextAllowedAt).toISOString(),
        },
      });
    },
  );

  return router;
}

/** What is understood of a place: its country only where that was said, as the campaign's would be a guess. */
function countryOrPart(written: string, named: string | null, usual: string): string | null {
  const { region, unread } = readAddress({ region: written }, named ?? usual);
  const isSaid = named !== null || written.trim().toUpperCase().startsWith(`${region}-`);
  return unread.length === 0 || isSaid ? region : null;
}
