import type { Request } from 'express';
import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import { userOf } from '../../core/http/index.ts';
import { createCustomersFilter } from '../../campaigns/leads/index.ts';
import {
  createCustomerStore,
  createTimelineStore,
  readPhone,
  type Customer,
  type CustomerFields,
} from '../../crm/index.ts';
import { createMadeCustomerStore } from './made-customer-store.ts';

/** What an agent types of whoever has the number; empty: nothing. */
export interface TypedCustomer {
  readonly name: string;
  readonly salutation: string;
  readonly company: string;
  readonly language: string;
}

/**
 * Makes the customer of a call to a number that was nobody's. Of one call there is one: who asks again, as no answer
 * came or the dialer could not be told, gets the same, put right where something else is typed now.
 */
export function createCustomerMaker(app: App) {
  const customers = createCustomerStore(app, createCustomersFilter(app));
  const timeline = createTimelineStore(app);
  const made = createMadeCustomerStore(app);

  async function make(
    req: Request,
    call: { id: string; e164: string },
    typed: TypedCustomer,
  ): Promise<number> {
    const once = () =>
      app.db.transaction(async (trx) => {
        const known = await made.of(call.id, trx);
        const customer = known === null ? null : await customers.get(known, trx);
        if (customer) return putRight(req, customer, typed, trx);
        if (known !== null) await made.forget(call.id, trx);
        return create(req, call, typed, trx);
      });
    try {
      return await once();
    } catch (error) {
      // Both at the same time: the other has been quicker, and is found now.
      if (!isDuplicate(error)) throw error;
      return once();
    }
  }

  async function create(
    req: Request,
    { id: callId, e164 }: { id: string; e164: string },
    typed: TypedCustomer,
    trx: Knex.Transaction,
  ): Promise<number> {
    const now = app.clock.now();
    const { id: userId } = userOf(req);
    const reading = readPhone(e164, '');
    const fields = {
      ...fieldsOf(typed),
      ...{ externalId: null, email: null, address: null, addressRegion: null, custom: {}, tags: [] },
      phones: [{ e164, type: reading.ok ? reading.type : ('other' as const) }],
    };
    const created = await customers.create(fields, now, trx);
    if (!created.created) throw new Error('a customer without an own id was refused for it');
    const { id: customerId } = created;
    await made.note(callId, customerId, trx);
    await timeline.append({ customerId, at: now, kind: 'created', userId, data: {} }, trx);
    const entry = { userId, action: 'customer.created', entity: 'customers', entityId: customerId };
    await app.audit.record({ ...entry, ip: req.ip }, trx);
    return customerId;
  }

  async function putRight(
    req: Request,
    customer: Customer,
    typed: TypedCustomer,
    trx: Knex.Transaction,
  ): Promise<number> {
    const now = app.clock.now();
    const { id: userId } = userOf(req);
    const { id: customerId, revision, createdAt: _c, updatedAt: _u, ...before } = customer;
    const after: CustomerFields = { ...before, ...fieldsOf(typed) };
    const saved = await customers.update(customerId, revision, after, now, trx);
    // Somebody else has written more of this customer meanwhile: that stands.
    if (!saved.saved || saved.changed.length === 0) return customerId;
    const { changed } = saved;
    await timeline.append({ customerId, at: now, kind: 'edit', userId, data: { fields: changed } }, trx);
    const pick = (from: CustomerFields) => Object.fromEntries(changed.map((key) => [key, from[key]]));
    const entry = { userId, action: 'customer.changed', entity: 'customers', entityId: customerId };
    await app.audit.record({ ...entry, before: pick(before), after: pick(after), ip: req.ip }, trx);
    return customerId;
  }

  return { make };
}

function fieldsOf({ name, salutation, company, language }: TypedCustomer) {
  return {
    name,
    salutation: salutation || null,
    company: company || null,
    language: language || null,
  };
}
