import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import { createTurns } from '../../core/database/turns.ts';
import {
  createCustomerStore,
  createTimelineStore,
  CustomerChangedMeanwhile,
  lockNumbers,
  type CustomerFields,
} from '../../crm/index.ts';
import type { Campaign } from '../campaigns/index.ts';
import { createCustomersFilter, createLeadFilters } from '../leads/lead-filters.ts';
import { isOpen } from '../leads/hopper-row.ts';
import type { LeadState } from '../leads/index.ts';
import { createListStore } from '../lists/index.ts';
import { defaultOptions } from './import.ts';
import { mergeFields } from './merge-fields.ts';

export interface AddedLead {
  readonly id: number;
  readonly customerId: number;
  /** May still be called; false: it is done, given up or blocked. */
  readonly isOpen: boolean;
  /** False: the customer was a lead of the campaign already. */
  readonly made: boolean;
  readonly madeCustomer: boolean;
}

export interface LeadExtras {
  readonly note: string | null;
  readonly priority: number;
  /** Of the list that is made for the first. */
  readonly country: string;
  readonly userId: number | null;
}

const tries = 5;
/** As the batch of an import holds the numbers that these wait for, the other connections are for everybody else. */
const atOnce = 3;
/** Fills in what is missing of customers who are known. */
const rules = { ...defaultOptions, existing: 'fill' } as const;

/** Adds one customer to a campaign, whatever its state. Twice the same is one lead. */
export function createLeadAdder(app: App) {
  const { db, clock } = app;
  const customers = createCustomerStore(app, createCustomersFilter(app));
  const lists = createListStore(app);
  const timeline = createTimelineStore(app);
  const filters = createLeadFilters(app);
  const inTurn = createTurns(atOnce);

  return async function addLead(
    campaign: Campaign,
    fields: CustomerFields,
    more: LeadExtras,
  ): Promise<AddedLead> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const added = await inTurn(() => db.transaction((trx) => add(campaign, fields, more, trx)));
        if (added.made) app.bus.publish('campaign.changed', { campaignId: campaign.id });
        return added;
      } catch (error) {
        // Somebody else brought the same customer, or edited them, in the same moment.
        const passes = isDuplicate(error) || error instanceof CustomerChangedMeanwhile;
        if (attempt >= tries || !passes) throw error;
      }
    }
  };

  async function add(
    campaign: Campaign,
    fields: CustomerFields,
    { note, priority, country, userId }: LeadExtras,
    trx: Knex.Transaction,
  ): Promise<AddedLead> {
    const now = clock.now();
    await lockNumbers(fields.phones.map(({ e164 }) => e164), trx); // prettier-ignore
    const [known] = await customers.match([fields], 'both', trx);
    let customerId: number;
    if (known) {
      customerId = known.id;
      await customers.updateMany([{ before: known, fields: mergeFields(known, fields, rules) }], now, trx);
    } else [customerId] = (await customers.insertMany([fields], now, trx)) as [number];
    const there = (await trx('leads')
      .where({ campaign_id: campaign.id, customer_id: customerId })
      .first('id', 'state')) as { id: number; state: LeadState } | undefined;
    if (note) await timeline.append({ customerId, at: now, kind: 'note', userId, data: { text: note } }, trx);
    if (there) return { id: there.id, customerId, isOpen: isOpen(there.state), made: false, madeCustomer: !known }; // prettier-ignore
    const listId = await ownList(campaign, country, userId, now, trx);
    await lists.addMembers(listId, [customerId], null, trx);
    const id = await db.insertId(
      'leads',
      {
        campaign_id: campaign.id,
        customer_id: customerId,
        list_id: listId,
        state: 'new',
        priority,
        next_at: 0,
        created_at: now,
        updated_at: now,
      },
      trx,
    );
    await filters.applyTo(trx, campaign, { from: customerId, to: customerId }, now);
    const { state } = (await trx('leads').where({ id }).first('state')) as { state: LeadState };
    return { id, customerId, isOpen: isOpen(state), made: true, madeCustomer: !known };
  }

  /** The list of the campaign that holds who came one by one. */
  async function ownList(
    campaign: Campaign,
    country: string,
    userId: number | null,
    now: number,
    trx: Knex.Transaction,
  ): Promise<number> {
    const name = `API · ${campaign.name}`.slice(0, 120);
    const joined = async () =>
      (await trx('campaign_lists')
        .join('lists', 'lists.id', 'campaign_lists.list_id')
        .where({ 'campaign_lists.campaign_id': campaign.id, 'lists.name': name })
        .orderBy('lists.id')
        .first('lists.id')) as { id: number } | undefined;
    const before = await joined();
    if (before) return before.id;
    // One list, also for two who come first in one moment.
    await trx('campaigns').where({ id: campaign.id }).forUpdate().first('id');
    const meanwhile = await joined();
    if (meanwhile) return meanwhile.id;
    const id = await lists.create({ name, defaultCountry: country }, { userId, now }, trx);
    await trx('campaign_lists').insert({ campaign_id: campaign.id, list_id: id, priority: 5, built_at: now });
    return id;
  }
}
