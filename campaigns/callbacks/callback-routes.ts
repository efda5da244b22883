import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  can,
  conflict,
  createAuditor,
  createList,
  flash,
  found,
  fragment,
  guard,
  HttpProblem,
  redirect,
  validate,
} from '../../core/http/index.ts';
import { createCustomerStore } from '../../crm/index.ts';
import { createCampaignFacts, type AgentChoice } from '../campaigns/campaign-facts.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { handOverCallback } from '../leads/callback-owner.ts';
import { cancelReason, createCanceller } from './cancel.ts';
import { createCallbackStore } from './callback-store.ts';

const anyone = 'anyone';
const filters = z.object({ agent: z.union([z.literal(anyone), z.coerce.number().int().positive()]).optional().or(z.literal('').transform(() => undefined)) }); // prettier-ignore

interface CallbackListRow {
  id: number;
  campaignId: number;
  customerId: number;
  name: string;
  phone: string | null;
  dueAt: number;
  timeAgreed: boolean;
  overdue: boolean;
  triedNext: number | null;
  note: string;
  agent: string;
  /** Where it may be handed over, to whom. */
  owners: readonly Owner[] | null;
}

interface Owner {
  readonly value: string;
  readonly label: string;
  readonly chosen: boolean;
}

const list = createList<CallbackListRow, typeof filters>({
  file: 'callbacks',
  exported: 'campaign.callbacks-exported',
  columns: [
    {
      key: 'due',
      labelKey: 'campaigns:callbacks.due',
      value: (row) => row.dueAt,
      format: 'datetime',
      partial: 'campaigns/callback-due',
    },
    {
      key: 'customer',
      labelKey: 'campaigns:leads.customer',
      value: (row) => row.name,
      href: (row) => `/customers/${row.customerId}`,
    },
    { key: 'phone', labelKey: 'campaigns:callbacks.phone', value: (row) => row.phone, format: 'phone' },
    { key: 'note', labelKey: 'campaigns:callbacks.note', value: (row) => row.note },
    {
      key: 'agent',
      labelKey: 'campaigns:callbacks.agent',
      value: (row) => row.agent,
      partial: 'campaigns/callback-agent',
    },
  ],
  sort: { column: 'due', direction: 'asc' },
  filters,
  empty: { titleKey: 'campaigns:callbacks.empty', textKey: 'campaigns:callbacks.emptyText' },
});

/** Promises of a campaign that are still to be kept, and whose they are. */
export function callbackRoutes(app: App): Router {
  const router = Router();
  const campaigns = createCampaignStore(app);
  const callbacks = createCallbackStore(app);
  const customers = createCustomerStore(app);
  const facts = createCampaignFacts(app);
  const audit = createAuditor(app, 'callbacks');
  const cancelCallback = createCanceller(app);

  const campaignId = z.coerce.number().int().positive();
  const byId = validate({ params: z.object({ id: campaignId }) });
  router.get(
    '/campaigns/:id/callbacks',
    guard('supervisor', 'marketing', 'manager'),
    byId,
    async (req, res) => {
      const campaign = found(await campaigns.get(byId.of(req).params.id));
      const { t } = req.context;
      const names = new Map((await facts.agents()).map(({ id, name }) => [id, name]));
      const agents = await agentsOf(campaign.id);
      const mayHandOver = can(req, 'supervisor', 'manager');
      const now = app.clock.now();
      await list.respond(
        req,
        res,
        'campaigns/callbacks',
        async ({ filters: { agent }, ...part }) => {
          const owner = agent === undefined ? undefined : agent === anyone ? null : agent;
          const { rows, ...slice } = await callbacks.pageOfCampaign(campaign.id, { owner }, part);
          const people = await customers.getMany(rows.map((row) => row.customerId));
          const retries = await callbacks.retriesOf(rows.map(({ id }) => id));
          const byId = new Map(people.map((customer) => [customer.id, customer]));
          return {
            ...slice,
            rows: rows.map((callback) => {
              const customer = byId.get(callback.customerId);
              const owner = callback.userId;
              const retry = retries.get(callback.id) ?? 0;
              return {
                ...{ id: callback.id, campaignId: campaign.id, customerId: callback.customerId },
                ...{ dueAt: callback.dueAt, timeAgreed: callback.timeAgreed, note: callback.note ?? '' },
                name: customer?.name ?? `#${callback.customerId}`,
                phone: callback.e164 ?? customer?.phones[0]?.e164 ?? null,
                overdue: callback.timeAgreed && callback.dueAt <= now && retry <= now,
                triedNext: retry > now ? retry : null,
                agent: owner === null ? t('campaigns:callbacks.anyone') : (names.get(owner) ?? `#${owner}`),
                owners: mayHandOver ? ownersOf(owner, agents, names, t('campaigns:callbacks.anyone')) : null,
              };
            }),
          };
        },
        {
          title: t('campaigns:callbacks.title'),
          campaign,
          nav: '/campaigns',
          script: 'campaigns',
          styles: ['crm', 'campaigns'],
          choices: {
            agents: [
              { value: anyone, label: t('campaigns:callbacks.anyone') },
              ...agents.map(({ id, name }) => ({ value: String(id), label: name })),
            ],
          },
        },
        { of: { entity: 'campaigns', entityId: campaign.id } },
      );
    },
  );

  const given = validate({
    params: z.object({ id: campaignId, callbackId: z.coerce.number().int().positive() }),
    body: z.object({ agent: z.union([z.literal(anyone), z.coerce.number().int().positive()]) }),
  });
  router.post(
    '/campaigns/:id/callbacks/:callbackId/agent',
    guard('supervisor', 'manager'),
    given,
    async (req, res) => {
      const { params, body } = given.of(req);
      const callback = found(await callbacks.get(params.callbackId));
      if (callback.campaignId !== params.id) throw new HttpProblem(404, 'not-found');
      const agents = await agentsOf(params.id);
      const userId = body.agent === anyone ? null : body.agent;
      if (userId !== null && !agents.some(({ id }) => id === userId))
        throw new HttpProblem(422, 'not-an-agent-here');
      const moved = await handOverCallback(app, { callback, userId }, app.clock.now());
      if (!moved.moved) throw conflict(moved.reason);
      const names = new Map((await facts.agents()).map(({ id, name }) => [id, name]));
      const named = (id: number | null) => (id === null ? anyone : (names.get(id) ?? `#${id}`));
      await audit(req, 'callback.handed-over', callback.id, {
        before: { agent: named(moved.callback.userId) },
        after: { agent: named(userId) },
      });
      app.bus.publish('campaign.changed', { campaignId: params.id });
      const customer = await customers.get(callback.customerId);
      fragment(req, res, 'campaigns/callback-owner-saved', {
        ...{ id: callback.id, campaignId: params.id, name: customer?.name ?? '', saved: true },
        owners: ownersOf(userId, agents, names, req.context.t('campaigns:callbacks.anyone')),
      });
    },
  );

  const cancelled = validate({
    params: z.object({ id: campaignId, callbackId: z.coerce.number().int().positive() }),
    body: z.object({ reason: cancelReason }),
  });
  router.post(
    '/campaigns/:id/callbacks/:callbackId/cancel',
    guard('supervisor', 'manager'),
    cancelled,
    async (req, res) => {
      const { params, body } = cancelled.of(req);
      const callback = found(await callbacks.get(params.callbackId));
      if (callback.campaignId !== params.id) throw new HttpProblem(404, 'not-found');
      await cancelCallback(req, callback.id, body.reason);
      flash(req, 'success', 'campaigns:callbacks.cancelled');
      redirect(req, res, `/campaigns/${params.id}/callbacks`);
    },
  );

  /** Agents of the campaign who may sign in. */
  async function agentsOf(campaignId: number): Promise<AgentChoice[]> {
    const chosen = new Set(await campaigns.agentsOf(campaignId));
    return (await facts.agents()).filter(({ id }) => chosen.has(id));
  }

  return router;
}

/** The agent who has it stands there too when no longer of the campaign. */
function ownersOf(
  owner: number | null,
  agents: readonly AgentChoice[],
  names: ReadonlyMap<number, string>,
  anyoneWord: string,
): Owner[] {
  const gone = owner !== null && !agents.some(({ id }) => id === owner);
  return [
    { value: anyone, label: anyoneWord, chosen: owner === null },
    ...(gone ? [{ value: String(owner), label: names.get(owner) ?? `#${owner}`, chosen: true }] : []),
    ...agents.map(({ id, name }) => ({ value: String(id), label: name, chosen: id === owner })),
  ];
}
