import { Router, type Request } from 'express';
import { z } from 'zod';
import { fromLocal } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import { createList, found, guard, page, validate, type Slice } from '../../core/http/index.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import { createCustomerStore, defaultCountry, readPhone } from '../../crm/index.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { campaignWords } from '../campaigns/campaign-words.ts';
import { createLeadStore } from '../leads/lead-store.ts';
import { nextNumberOf } from '../leads/lead.ts';
import { createGate } from './create-gate.ts';
import type { GateRequest, Verdict } from './gate.ts';
import { blockReasons } from './reason.ts';
import { createRuleBook } from './rulebook/rule-book.ts';
import { createVerdictStore, type StoredVerdict } from './verdict-store.ts';
import { localTimes, outlookWords, shownFacts, shownRules } from './verdict-view.ts';

const id = z.coerce.number().int().positive();
const day = z.iso.date();
const filters = z.object({
  number: z.string().trim().max(40).optional(),
  lead: id.optional(),
  campaign: id.optional(),
  decision: z.enum(['allow', 'block']).optional(),
  reason: z.enum(['OK', ...blockReasons]).optional(),
  from: day.optional(),
  to: day.optional(),
});
type Filters = z.output<typeof filters>;
type ShownVerdict = StoredVerdict & {
  words: string;
  blocked: boolean;
  decisionWord: string;
  campaign: string;
};

const list = createList<ShownVerdict, typeof filters>({
  file: 'verdicts',
  exported: 'verdicts.exported',
  columns: [
    { key: 'at', labelKey: 'compliance:verdicts.at', value: (row) => row.at, format: 'datetime' },
    {
      key: 'decision',
      labelKey: 'compliance:verdicts.decision',
      value: (row) => row.decision,
      partial: 'compliance/decision-cell',
    },
    {
      key: 'reason',
      labelKey: 'compliance:verdicts.reason',
      value: (row) => row.words,
      href: (row) => `/compliance/verdicts/${row.id}`,
    },
    {
      key: 'next',
      labelKey: 'compliance:verdicts.next',
      value: (row) => row.nextAllowedAt,
      format: 'datetime',
    },
    { key: 'number', labelKey: 'compliance:verdicts.number', value: (row) => row.e164, format: 'phone' },
    { key: 'campaign', labelKey: 'compliance:verdicts.campaign', value: (row) => row.campaign },
    {
      key: 'path',
      labelKey: 'compliance:verdicts.path',
      value: (row) => `compliance:path.${row.path}`,
      format: 'key',
    },
    {
      key: 'stage',
      labelKey: 'compliance:verdicts.stage',
      value: (row) => `compliance:stage.${row.stage}`,
      format: 'key',
    },
    { key: 'lead', labelKey: 'compliance:verdicts.leadId', value: (row) => row.leadId, hidden: true },
    { key: 'rules', labelKey: 'compliance:verdicts.rules', value: (row) => row.ruleVersion, hidden: true },
  ],
  sort: { column: 'at', direction: 'desc' },
  filters,
  empty: { titleKey: 'compliance:verdicts.empty', textKey: 'compliance:verdicts.emptyText' },
});

/** "Why is this customer (not) called?": kept verdicts, and the one that would be given now. */
export function complianceRoutes(app: App): Router {
  const router = Router();
  const book = createRuleBook(app);
  const verdicts = createVerdictStore(app);
  const campaigns = createCampaignStore(app);
  const customers = createCustomerStore(app);
  const leads = createLeadStore(app);
  const phones = createCustomerPhones(app);
  const dryGate = createGate(app, { dry: true });
  router.use('/compliance', guard('supervisor', 'marketing', 'manager'));

  router.get('/compliance/verdicts', async (req, res) => {
    const { t } = req.context;
    const given = filters.safeParse(presentOf(req)).data ?? {};
    const e164 = given.number ? await toNumber(given.number) : undefined;
    const asked = Boolean(e164 ?? given.lead ?? given.campaign);
    const all = await campaigns.named();
    const names = new Map(all.map((campaign) => [campaign.id, campaignWords(req, campaign)]));
    await list.respond(
      req,
      res,
      'compliance/verdicts',
      async ({ filters: wanted, ...part }): Promise<Slice<ShownVerdict>> => {
        // Without a number, lead or campaign it would be a walk through everything ever decided.
        if (!asked) return { rows: [], total: { count: 0, more: false } };
        const kept = await verdicts.list(
          {
            e164,
            leadId: wanted.lead,
            campaignId: wanted.campaign,
            decision: wanted.decision,
            reasonCode: wanted.reason,
            ...inTime(req, wanted),
          },
          part,
        );
        return { ...kept, rows: kept.rows.map((row) => shown(req, row, names)) };
      },
      {
        title: t('compliance:verdicts.title'),
        nav: '/compliance/verdicts',
        asked,
        now: await nowOf(req, given, e164),
        choices: {
          campaigns: [...names].map(([value, label]) => ({ value, label })),
          decisions: (['allow', 'block'] as const).map((value) => ({
            value,
            label: t(`compliance:decision.${value}`),
          })),
          reasons: blockReasons.map((value) => ({ value, label: t(`compliance:reason.${value}`) })),
        },
      },
    );
  });

  const byId = validate({ params: z.object({ id }) });
  router.get('/compliance/verdicts/:id', byId, async (req, res) => {
    const { t } = req.context;
    const verdict = found(await verdicts.get(byId.of(req).params.id));
    const campaign = verdict.campaignId === null ? null : await campaigns.get(verdict.campaignId);
    const customer = verdict.customerId === null ? null : await customers.get(verdict.customerId);
    const names = new Map(
      campaign
        ? [[campaign.id, campaignWords(req, { ...campaign, isArchived: campaign.archivedAt !== null })]]
        : [],
    );
    page(req, res, 'compliance/verdict', {
      title: t('compliance:verdict.title', { id: verdict.id }),
      nav: '/compliance/verdicts',
      backHref: `/compliance/verdicts?${verdict.leadId === null ? `number=${encodeURIComponent(verdict.e164)}` : `lead=${verdict.leadId}`}`,
      verdict: shown(req, verdict, names),
      pathWord: t(`compliance:path.${verdict.path}`),
      stageWord: t(`compliance:stage.${verdict.stage}`),
      campaign,
      customer,
      rules: shownRules(verdict.ruleVersion, await book.at(app.clock.now()), req.context),
      times: localTimes(verdict.facts, req.context.locale),
      facts: shownFacts(req, verdict.facts),
      raw: JSON.stringify(verdict.facts, null, 2),
    });
  });

  function shown(req: Request, verdict: StoredVerdict, names: ReadonlyMap<number, string>): ShownVerdict {
    const { t } = req.context;
    return {
      ...verdict,
      words: t(`compliance:reason.${verdict.reasonCode}`),
      blocked: verdict.decision === 'block',
      decisionWord: t(`compliance:decision.${verdict.decision}`),
      campaign:
        verdict.campaignId === null ? '' : (names.get(verdict.campaignId) ?? `#${verdict.campaignId}`),
    };
  }

  /** What the gate would say at this moment; null where nobody in particular is asked about. */
  async function nowOf(req: Request, given: Filters, e164: string | undefined) {
    const request = await requestOf(given, e164);
    if (!request) return null;
    const verdict: Verdict = await dryGate.mayCall(request);
    const { t } = req.context;
    return {
      e164: request.e164,
      blocked: !verdict.allowed,
      decisionWord: t(`compliance:decision.${verdict.decision}`),
      words: t(`compliance:reason.${verdict.reasonCode}`),
      outlook: outlookWords(req, verdict.outlook, verdict.nextAllowedAt),
      help: t(given.lead ? 'compliance:verdicts.nowOfLead' : 'compliance:verdicts.nowText'),
      rules: shownRules(verdict.ruleVersion, await book.at(app.clock.now()), req.context),
      times: localTimes(verdict.facts, req.context.locale),
      facts: shownFacts(req, verdict.facts),
    };
  }

  async function requestOf(given: Filters, e164: string | undefined): Promise<GateRequest | null> {
    if (given.lead) {
      const lead = await leads.get(given.lead);
      const campaign = lead && (await campaigns.get(lead.campaignId));
      if (!lead || !campaign) return null;
      const numbers = (await phones.numbersOf([lead.customerId])).get(lead.customerId) ?? [];
      const next = e164 ?? nextNumberOf(lead, numbers)?.e164 ?? numbers[0];
      if (!next) return null;
      const { campaignId, customerId } = lead;
      return { e164: next, stage: 'reserve', path: campaign.mode, campaignId, leadId: lead.id, customerId };
    }
    return e164 ? { e164, stage: 'dial', path: 'manual', campaignId: given.campaign ?? null } : null;
  }

  async function toNumber(text: string): Promise<string> {
    const reading = readPhone(text, await app.settings.get(defaultCountry));
    return reading.ok ? reading.e164 : `+${text.replace(/\D/g, '')}`;
  }

  return router;
}

function presentOf(req: Request): Record<string, unknown> {
  return Object.fromEntries(Object.entries(req.query).filter(([, value]) => value !== ''));
}

/** Days are the reader's. */
function inTime(req: Request, { from, to }: Filters): { from?: number; until?: number } {
  const { zone } = req.context;
  return {
    from: from ? fromLocal(from, zone).toMillis() : undefined,
    until: to ? fromLocal(to, zone).plus({ days: 1 }).toMillis() : undefined,
  };
}
