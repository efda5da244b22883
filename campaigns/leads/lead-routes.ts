import { Router } from 'express';
import { z } from 'zod';
import { campaignEditors } from '../campaigns/campaign-access.ts';
import type { App } from '../../core/app.ts';
import { can, createAuditor, createList, found, fragment, guard, validate } from '../../core/http/index.ts';
import { createCustomerStore } from '../../crm/index.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { createDispositionStore } from '../dispositions/index.ts';
import { leadPriorities } from './hopper-row.ts';
import { createLeadReader } from './lead-read.ts';
import { createLeadStore } from './lead-store.ts';
import { leadStates, type LeadState } from './lead.ts';
import { reasonWords } from './reason-words.ts';

const filters = z.object({
  q: z.string().max(200).optional(),
  state: z.enum(leadStates).optional(),
});

interface LeadListRow {
  id: number;
  customerId: number;
  name: string;
  phone: string | null;
  state: LeadState;
  badge: string;
  stateWord: string;
  /** Where it may be changed, what it may be changed to. */
  priority: number;
  priorities: readonly { value: number; chosen: boolean }[] | null;
  campaignId: number;
  reason: string;
  attempts: number;
  outcome: string;
  lastAttemptAt: number | null;
  dueAt: number | null;
  dueNow: boolean;
}

const badges: Readonly<Record<LeadState, string>> = {
  new: 'off',
  reserved: 'reserved',
  dialing: 'call',
  waiting: 'wrapup',
  callback: 'reserved',
  done: 'ready',
  exhausted: 'paused',
  blocked: 'lost',
};

const list = createList<LeadListRow, typeof filters>({
  file: 'leads',
  exported: 'campaign.leads-exported',
  columns: [
    {
      key: 'customer',
      labelKey: 'campaigns:leads.customer',
      value: (row) => row.name,
      href: (row) => `/customers/${row.customerId}`,
    },
    { key: 'phone', labelKey: 'campaigns:leads.phone', value: (row) => row.phone, format: 'phone' },
    {
      key: 'state',
      labelKey: 'campaigns:leads.state',
      value: (row) => row.stateWord,
      partial: 'campaigns/lead-state',
    },
    {
      key: 'why',
      labelKey: 'campaigns:leads.why',
      value: (row) => row.reason,
      partial: 'campaigns/lead-why',
    },
    {
      key: 'priority',
      labelKey: 'campaigns:lists.priorityLabel',
      value: (row) => row.priority,
      partial: 'campaigns/lead-priority',
    },
    { key: 'attempts', labelKey: 'campaigns:leads.attempts', value: (row) => row.attempts, format: 'number' },
    {
      key: 'last',
      labelKey: 'campaigns:leads.lastAttempt',
      value: (row) => row.lastAttemptAt,
      format: 'datetime',
      minor: true,
    },
    { key: 'outcome', labelKey: 'campaigns:leads.lastOutcome', value: (row) => row.outcome, minor: true },
    {
      key: 'due',
      labelKey: 'campaigns:leads.due',
      value: (row) => row.dueAt,
      format: 'datetime',
      partial: 'campaigns/lead-due',
    },
  ],
  sort: { column: 'customer', direction: 'asc' },
  filters,
  empty: {
    titleKey: 'campaigns:leads.empty',
    textKey: 'campaigns:leads.emptyText',
  },
});

/** The leads of a campaign, and why each is called or not. */
export function leadRoutes(app: App): Router {
  const router = Router();
  const reader = createLeadReader(app);
  const leads = createLeadStore(app);
  const customers = createCustomerStore(app);
  const audit = createAuditor(app, 'leads');
  const campaigns = createCampaignStore(app);
  const dispositions = createDispositionStore(app);
  const byId = validate({ params: z.object({ id: z.coerce.number().int().positive() }) });

  router.get('/campaigns/:id/leads', guard('supervisor', 'marketing', 'manager'), byId, async (req, res) => {
    const campaign = found(await campaigns.get(byId.of(req).params.id));
    const { t, locale } = req.context;
    const all = await dispositions.all();
    const now = app.clock.now();
    const mayEdit = can(req, ...campaignEditors);
    await list.respond(
      req,
      res,
      'campaigns/leads',
      async ({ filters: { q, state }, ...part }) => {
        const { rows, ...slice } = await reader.page(campaign.id, { search: q, state }, part);
        return {
          ...slice,
          rows: rows.map(({ lead, customer, e164 }) => ({
            id: lead.id,
            customerId: lead.customerId,
            name: customer?.name ?? `#${lead.customerId}`,
            phone: e164,
            state: lead.state,
            badge: badges[lead.state],
            stateWord: t(`campaigns:leadStates.${lead.state}`),
            priority: lead.priority,
            priorities: mayEdit && isUnfinished(lead.state) ? choicesFrom(lead.priority) : null,
            campaignId: campaign.id,
            reason: reasonWords(lead.stateReason, t, locale, all),
            attempts: lead.attempts,
            outcome: lead.lastOutcome ? t(`crm:outcomes.${lead.lastOutcome}`) : '',
            lastAttemptAt: lead.lastAttemptAt,
            dueAt: ['waiting', 'callback'].includes(lead.state) && lead.nextAt > 0 ? lead.nextAt : null,
            dueNow:
              lead.state === 'new' || (['waiting', 'callback'].includes(lead.state) && lead.nextAt <= now),
          })),
        };
      },
      {
        title: t('campaigns:leads.title'),
        campaign,
        nav: '/campaigns',
        script: 'campaigns',
        styles: ['crm', 'campaigns'],
        mayRecycle: mayEdit,
        choices: {
          states: leadStates.map((value) => ({ value, label: t(`campaigns:leadStates.${value}`) })),
        },
      },
      { of: { entity: 'campaigns', entityId: campaign.id } },
    );
  });

  const urgent = validate({
    params: z.object({ id: z.coerce.number().int().positive(), leadId: z.coerce.number().int().positive() }),
    body: z.object({ priority: z.coerce.number().int().min(1).max(9) }),
  });
  router.post(
    '/campaigns/:id/leads/:leadId/priority',
    guard(...campaignEditors),
    urgent,
    async (req, res) => {
      const { params, body } = urgent.of(req);
      const before = found(
        await leads.setPriority({ id: params.leadId, campaignId: params.id }, body.priority, app.clock.now()),
      );
      await audit(req, 'lead.priority-changed', params.leadId, {
        before: { priority: before },
        after: { priority: body.priority },
      });
      app.bus.publish('campaign.changed', { campaignId: params.id });
      fragment(req, res, 'campaigns/lead-priority-saved', {
        ...{ id: params.leadId, campaignId: params.id, name: await nameOf(params.leadId) },
        ...{ priority: body.priority, priorities: choicesFrom(body.priority), saved: true },
      });
    },
  );

  async function nameOf(leadId: number): Promise<string> {
    const lead = await leads.get(leadId);
    const customer = lead ? await customers.get(lead.customerId) : null;
    return customer?.name ?? `#${lead?.customerId ?? leadId}`;
  }

  return router;
}

const choicesFrom = (priority: number) =>
  leadPriorities.map((value) => ({ value, chosen: value === priority }));

const isUnfinished = (state: LeadState) => !['done', 'exhausted', 'blocked'].includes(state);
