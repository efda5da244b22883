import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import type { FilterCondition, LeadFilter } from '../../../campaigns/leads/lead-filter.ts';
import {
  createCustomersFilter,
  createFilterJob,
  createLeadFilters,
} from '../../../campaigns/leads/lead-filters.ts';
import { up as freePromised } from '../../../migrations/0241-leads-promised-free.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

onBothEngines('filters of leads', (theApp) => {
  let app: TestApp;
  let leads: ReturnType<typeof createLeadStore>;
  let campaignId: number;
  let ids: number[];

  before(() => {
    app = theApp();
    leads = createLeadStore(app);
  });
  beforeEach(async () => {
    campaignId = await makeCampaign(app);
    ids = await addLeads(app, campaignId, [
      {},
      { state: 'waiting', next_at: 5, attempts: 2, phones: ['+442071838750'] },
      { state: 'callback', next_at: 5 },
    ]);
    const about = [
      { company: 'ACME', custom: '{"score":"9.5","age":"n/a","Grade \\"A\\"":"yes","city":"ÖSTERREICH"}' },
      { company: 'Müller & Söhne 100%', custom: '{"score":"70","age":"30","city":"Москва_1"}' },
      { company: null, custom: null },
    ];
    for (const [index, fields] of about.entries()) await app.db.knex('customers').where({ id: await customerOf(ids[index]!) }).update(fields); // prettier-ignore
    await app.db.knex('customer_tags').insert([
      { customer_id: await customerOf(ids[0]!), tag: 'vip' },
      { customer_id: await customerOf(ids[0]!), tag: 'spring' },
    ]);
  });

  const customerOf = async (id: number) => (await leads.get(id))!.customerId;
  const filterOf = (...conditions: FilterCondition[]): LeadFilter => ({ meet: 'all', conditions });
  const states = () => Promise.all(ids.map(async (id) => (await leads.get(id))!.state));
  async function apply(filter: LeadFilter | null): Promise<void> {
    await app.db.knex('campaigns').where({ id: campaignId }).update({ lead_filter: filter && JSON.stringify(filter) }); // prettier-ignore
    await createFilterJob(app).run({
      ...{ id: '1', data: { campaignId }, attempt: 1, signal: new AbortController().signal },
      progress: async () => {},
    });
  }

  it('asks for a region by name or code, present or older, and takes who is in a place of it', async () => {
    for (const [index, region] of ['CN-SH', 'CN-31-200000', 'TW-TPE'].entries())
      await app.db.knex('customers').where({ id: await customerOf(ids[index]!) }).update({ address_region: region }); // prettier-ignore
    await app.db.knex('leads').where({ id: ids[2]! }).update({ state: 'new' });
    const matches = async (operator: FilterCondition['operator'], ...values: string[]) => {
      const filter = filterOf({ field: 'addressRegion', operator, values });
      return (await createLeadFilters(app).count(campaignId, filter)).matching;
    };
    for (const value of ['CN-SH', 'CN-31', '上海', 'Shanghai']) {
      assert.equal(await matches('is', value), 2, value);
      assert.equal(await matches('begins', value), 2, value);
      assert.equal(await matches('is-not', value), 1, value);
    }
    assert.equal(await matches('is', '臺北市'), 1);
    assert.equal(await matches('is', 'CN'), 2);
    const inChina = filterOf({ field: 'addressCountry', operator: 'is', values: ['CN'] });
    assert.equal((await createLeadFilters(app).count(campaignId, inChina)).matching, 2);
    assert.equal(await matches('is', 'CN-S'), 0);
  });

  it('takes Hong Kong, Macao, Taiwan and the territories of the United States by both their codes', async () => {
    await app.db.knex('leads').where({ id: ids[2]! }).update({ state: 'new' });
    for (const [code, ...spelled] of [
      ['HK', 'CN-HK', 'CN-91'],
      ['MO', 'CN-MO', 'CN-92-999078'],
      ['TW', 'CN-TW', 'CN-71'],
      ['PR', 'US-PR', 'US-PR-00901'],
    ] as const) {
      for (const [index, region] of [code, ...spelled].entries())
        await app.db.knex('customers').where({ id: await customerOf(ids[index]!) }).update({ address_region: region }); // prettier-ignore
      for (const value of [code, spelled[0]]) {
        const filter = filterOf({ field: 'addressRegion', operator: 'is', values: [value] });
        assert.equal((await createLeadFilters(app).count(campaignId, filter)).matching, 3, value);
      }
    }
  });

  it('blocks who does not meet the conditions, keeps promised callbacks, and gives everybody back as they were', async () => {
    await apply(filterOf({ field: 'company', operator: 'is', values: ['nobody'] }));
    assert.deepEqual(await states(), ['blocked', 'blocked', 'callback']);
    assert.equal((await leads.get(ids[0]!))!.stateReason, 'filtered');
    const reserved = await leads.reserve({ campaignId, count: 5, by: 'd1', now: app.clock.now() });
    assert.deepEqual(reserved.map(({ id }) => id), [ids[2]]); // prettier-ignore
    await leads.release([ids[2]!], 'd1');
    await apply(null);
    assert.deepEqual(await states(), ['new', 'waiting', 'callback']);
    assert.deepEqual(
      [(await leads.get(ids[1]!))!.nextAt, (await leads.get(ids[1]!))!.reservedFrom],
      [5, null],
    );
  });

  it('keeps a promise that was tried in vain, whatever the filter or a quota says', async () => {
    const waits = {
      leadId: ids[1]!,
      campaignId,
      customerId: await customerOf(ids[1]!),
      userId: null,
      dueAt: 1,
    };
    const more = { timeAgreed: true, e164: null, note: null, callId: null, createdBy: null };
    const callback = await createCallbackStore(app).create({ ...waits, ...more }, 1);
    const nobody = filterOf({ field: 'company', operator: 'is', values: ['nobody'] });
    const all = filterOf({ field: 'company', operator: 'is-not', values: ['nobody'] });
    await apply(nobody);
    assert.deepEqual(await states(), ['blocked', 'waiting', 'callback']);
    await app.db
      .knex('campaigns')
      .where({ id: campaignId })
      .update({ quotas_met: JSON.stringify([all]) });
    await apply(null);
    assert.deepEqual(await states(), ['blocked', 'waiting', 'callback']);
    assert.equal((await leads.get(ids[0]!))!.stateReason, 'quota-met');
    const blocked = { state: 'blocked', state_reason: 'filtered', reserved_from: 'waiting' };
    await app.db.knex('leads').where({ id: ids[1] }).update(blocked);
    await freePromised(app.db.knex);
    assert.deepEqual(await states(), ['blocked', 'waiting', 'callback'], 'who was blocked already');
    await createCallbackStore(app).close(callback, 'done', 1);
    await app.db.knex('campaigns').where({ id: campaignId }).update({ quotas_met: null });
    await apply(null);
  });

  it('leaves alone what is blocked for something else', async () => {
    await app.db.knex('leads').where({ id: ids[0] }).update({ state: 'blocked', state_reason: 'DNC_INTERNAL' }); // prettier-ignore
    await apply(filterOf({ field: 'attempts', operator: 'at-least', values: ['9'] }));
    await apply(null);
    assert.deepEqual(await states(), ['blocked', 'waiting', 'callback']);
  });

  it('fault: the filter changes while a dialer holds a lead – it is not dialled', async () => {
    const [held] = await leads.reserve({ campaignId, count: 5, by: 'd1', now: app.clock.now() });
    assert.equal(held!.id, ids[2]);
    await apply(filterOf({ field: 'tag', operator: 'is', values: ['vip'] }));
    assert.equal((await leads.toDialing(ids[1]!, 'd1', app.clock.now())).moved, false);
    assert.equal((await leads.toDialing(ids[0]!, 'd1', app.clock.now())).moved, true);
    await leads.releaseAllOf('d1');
  });

  it('looks again at a lead that comes back from a call', async () => {
    await apply(filterOf({ field: 'attempts', operator: 'at-most', values: ['0'] }));
    assert.deepEqual(await states(), ['new', 'blocked', 'callback']);
    await leads.reserveOne(ids[0]!, 'd1', app.clock.now());
    await leads.toDialing(ids[0]!, 'd1', app.clock.now());
    await leads.finishAttempt(ids[0]!, { outcome: 'busy', at: app.clock.now() });
    assert.equal((await leads.get(ids[0]!))!.state, 'blocked');
  });

  it('follows customers who change, one or many, and gives them back as they were', async () => {
    const customers = createCustomerStore(app, createCustomersFilter(app));
    const [first, second] = [await customerOf(ids[0]!), await customerOf(ids[1]!)];
    await apply(filterOf({ field: 'tag', operator: 'is-not', values: ['VIP'] }));
    assert.deepEqual(await states(), ['blocked', 'waiting', 'callback']);
    const change = async (id: number, tags: string[]) => {
      const before = (await customers.get(id))!;
      return { before, fields: { ...before, tags } };
    };
    const many = [await change(first, ['spring']), await change(second, ['vip'])];
    await app.db.transaction((trx) => customers.updateMany(many, 7, trx));
    assert.deepEqual(await states(), ['new', 'blocked', 'callback']);
    const { before, fields } = await change(second, []);
    assert.ok((await customers.update(second, before.revision, fields, 8)).saved);
    assert.deepEqual(await states(), ['new', 'waiting', 'callback']);
    assert.equal((await leads.get(ids[1]!))!.nextAt, 5);
  });

  it('finds the leads of customers who are named by their keys, never by going over the campaign', async () => {
    const filters = createLeadFilters(app);
    const campaign = { id: campaignId, leadFilter: filterOf({ field: 'tag', operator: 'is-not', values: ['vip'] }), quotasMet: [] }; // prettier-ignore
    const asked: { sql: string; bindings: readonly unknown[] }[] = [];
    const look = (query: { sql: string; bindings: readonly unknown[] }) => {
      if (/(from|update) .leads. /.test(query.sql)) asked.push(query);
    };
    app.db.knex.on('query', look);
    // One lead is freed, so that its list is looked at as well.
    await app.db.knex('leads').where({ id: ids[1] }).update({ state: 'blocked', state_reason: 'filtered' });
    asked.length = 0;
    for (const count of [1, 10, 400]) {
      const named = Array.from({ length: count }, (_, n) => 1_000_000 + n);
      named[0] = await customerOf(ids[count === 1 ? 1 : 0]!);
      await filters.applyTo(app.db.knex, campaign, named, 7);
    }
    app.db.knex.removeListener('query', look);
    assert.deepEqual(await states(), ['blocked', 'waiting', 'callback']);
    assert.ok(asked.length >= 12, `${asked.length} statements`);
    if (app.db.engine !== 'sqlite') return;
    for (const { sql, bindings } of asked) {
      const plan = (await app.db.knex.raw(`explain query plan ${sql}`, [...bindings] as string[])) as { detail: string }[]; // prettier-ignore
      const first = plan.find(({ detail }) => /\bleads\b/.test(detail))!.detail;
      assert.match(first, /leads_once \(campaign_id=\? AND customer_id=\?\)|PRIMARY KEY \(rowid=\?\)/, sql);
    }
  });

  it('fault: a value that is no number stands where numbers are compared – the lead that comes back is filtered', async () => {
    await apply(filterOf({ field: 'custom.age', operator: 'at-most', values: ['1e2'] }));
    assert.deepEqual(await states(), ['blocked', 'waiting', 'callback']);
    for (const age of ['12 years', '1,5', '', ' ', '0x10', '9'.repeat(60), '1e99999']) {
      await app.db.knex('customers').where({ id: await customerOf(ids[1]!) }).update({ custom: JSON.stringify({ age }) }); // prettier-ignore
      await app.db.knex('leads').where({ id: ids[1] }).update({ state: 'waiting', state_reason: null, reserved_from: null, attempts: 0, tries: null }); // prettier-ignore
      await leads.reserveOne(ids[1]!, 'd1', app.clock.now());
      await leads.toDialing(ids[1]!, 'd1', app.clock.now());
      const ended = await leads.finishAttempt(ids[1]!, { outcome: 'failed', at: app.clock.now() });
      assert.deepEqual([ended.moved, (await leads.get(ids[1]!))!.stateReason], [true, 'filtered'], age);
    }
    await app.db.knex('customers').where({ id: await customerOf(ids[1]!) }).update({ custom: JSON.stringify({ age: ' -.5e1 ' }) }); // prettier-ignore
    await apply(filterOf({ field: 'custom.age', operator: 'at-most', values: ['-5'] }));
    assert.deepEqual(await states(), ['blocked', 'waiting', 'callback']);
  });

  it('knows every field and comparison, on both engines alike, and counts before anything is saved', async () => {
    const first = [ids[0]];
    const second = [ids[1]];
    const cases: [FilterCondition['field'], FilterCondition['operator'], string[], (number | undefined)[]][] =
      [
        ['company', 'is', ['acme'], first],
        ['company', 'is', ['other', 'ACME'], first],
        ['company', 'is-not', ['acme'], second],
        ['company', 'begins', ['ac'], first],
        ['company', 'contains', ['100%'], second],
        ['company', 'contains', ['%a'], []],
        ['company', 'not-empty', [], [...first, ...second]],
        ['company', 'empty', [], []],
        ['tag', 'is', ['VIP', 'none'], first],
        ['tag', 'is-not', ['vip'], second],
        ['tag', 'empty', [], second],
        ['phone', 'begins', ['+44'], second],
        ['custom.score', 'at-least', ['10'], second],
        ['custom.score', 'at-most', ['9.5'], first],
        ['custom.age', 'at-least', ['18'], second],
        ['custom.age', 'at-most', ['40'], second],
        ['custom.age', 'at-most', ['-1'], []],
        ['custom.city', 'is', ['Österreich'], first],
        ['custom.city', 'is-not', ['österREICH'], second],
        ['custom.city', 'is', ['МОСКВА_1'], second],
        ['custom.city', 'begins', ['МОСК'], second],
        ['custom.city', 'contains', ['ква_'], second],
        ['custom.city', 'contains', ['_сква'], []],
        ['custom.city', 'contains', ['!'], []],
        ['company', 'contains', ['MÜLLER', 'nobody'], second],
        ['custom.Grade "A"', 'is', ['yes'], first],
        ['custom.Grade "A"', 'empty', [], second],
        ['attempts', 'at-most', ['0'], first],
        ['attempts', 'is', ['2'], second],
        ['email', 'empty', [], [...first, ...second]],
      ];
    for (const [field, operator, values, expected] of cases) {
      const filter = filterOf({ field, operator, values });
      const text = `${field} ${operator} ${values.join()}`;
      const counted = await createLeadFilters(app).count(campaignId, filter);
      assert.deepEqual(counted, { matching: expected.length, of: 2, about: false }, text);
      await apply(filter);
      const blocked = (await states()).slice(0, 2).map((state) => state === 'blocked');
      assert.deepEqual(blocked, ids.slice(0, 2).map((id) => !expected.includes(id)), text); // prettier-ignore
    }
    const any = { meet: 'any', conditions: [{ field: 'tag', operator: 'is', values: ['vip'] }, { field: 'phone', operator: 'begins', values: ['+44'] }] } as const; // prettier-ignore
    assert.equal((await createLeadFilters(app).count(campaignId, any)).matching, 2);
    assert.equal((await createLeadFilters(app).count(campaignId, { ...any, meet: 'all' })).matching, 0);
  });
});
