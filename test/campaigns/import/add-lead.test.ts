import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createLeadAdder } from '../../../campaigns/import/add-lead.ts';
import type { App } from '../../../core/app.ts';
import { createCustomerStore, lockNumbers } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';

onBothEngines('adding leads one by one', (theApp) => {
  let app: TestApp;
  before(() => (app = theApp()));
  const more = { note: null, priority: 5, country: 'US', userId: null };
  const campaign = async () => (await createCampaignStore(app).get(await makeCampaign(app)))!;
  const mobile = (...numbers: string[]) => numbers.map((e164) => ({ e164, type: 'mobile' as const }));

  it('fault: the same number twice in one moment, on two campaigns and the other way round, is one customer', async () => {
    const [one, two] = [await campaign(), await campaign()];
    const add = createLeadAdder(app);
    const there = mobile('+12125550111', '+12125550112');
    const back = [...there].reverse();
    const added = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        add(n % 2 ? one : two, customerFields({ phones: n % 3 ? there : back }), more),
      ),
    );
    assert.equal(new Set(added.map(({ customerId }) => customerId)).size, 1);
    assert.equal(added.filter(({ madeCustomer }) => madeCustomer).length, 1);
    assert.equal(added.filter(({ made }) => made).length, 2, 'one lead of each campaign');
  });

  it('fault: an import holds the numbers that many adds wait for – the database still has connections for others', async () => {
    // SQLite has one writer and locks no numbers.
    if (app.db.engine === 'sqlite') return;
    const [only, add] = [await campaign(), createLeadAdder(app)];
    const there = mobile('+12125550171');
    const adds = await app.db.transaction(async (trx) => {
      await lockNumbers(['+12125550171'], trx);
      const all = Array.from({ length: 12 }, () => add(only, customerFields({ phones: there }), more));
      // Asks for a connection behind all of them; where they have taken every one it gets none.
      assert.ok(await app.db.knex('campaigns').where({ id: only.id }).first('id'));
      return all;
    });
    assert.equal(new Set((await Promise.all(adds)).map(({ id }) => id)).size, 1);
  });

  it('what a customer lacked may let them meet the filter of another campaign', async () => {
    const conditions = [{ field: 'company', operator: 'is', values: ['ACME'] }] as const;
    const choosy = await makeCampaign(app, { leadFilter: { meet: 'all', conditions } });
    const phones = mobile('+12125550141');
    const [only, add] = [(await createCampaignStore(app).get(choosy))!, createLeadAdder(app)];
    const { id } = await add(only, customerFields({ phones, company: null }), more);
    const stands = async () => (await app.db.knex('leads').where({ id }).first('state')).state as string;
    assert.equal(await stands(), 'blocked');
    await add(await campaign(), customerFields({ phones, company: 'Acme' }), more);
    assert.equal(await stands(), 'new');
  });

  it('fault: many come to a new campaign in one moment; it gets one list', async () => {
    const only = await campaign();
    const add = createLeadAdder(app);
    const numbers = Array.from({ length: 10 }, (_, n) => `+1212555020${n}`);
    const added = await Promise.all(
      numbers.map((e164) => add(only, customerFields({ phones: mobile(e164) }), more)),
    );
    assert.equal(new Set(added.map(({ id }) => id)).size, 10);
    assert.equal((await app.db.knex('campaign_lists').where({ campaign_id: only.id })).length, 1);
  });

  it('fault: the customer is edited between the look and the write; the edit stays, the lead comes', async () => {
    // SQLite has one writer: nobody comes in between.
    if (app.db.engine === 'sqlite') return;
    const only = await campaign();
    const customers = createCustomerStore(app);
    const known = customerFields({
      name: 'Edited',
      company: null,
      email: null,
      phones: mobile('+12125550131'),
    });
    const made = await customers.create(known, 1);
    assert.ok(made.created);
    const { id } = made;
    let edited = false;
    type Trx = Parameters<Parameters<App['db']['transaction']>[0]>[0];
    /** Its first change of a customer comes behind somebody else's. */
    const outrun = (trx: Trx): Trx =>
      new Proxy(trx, {
        apply(target, self, args: unknown[]) {
          const query = Reflect.apply(target, self, args) as { update(...given: unknown[]): unknown };
          if (args[0] !== 'customers' || edited) return query;
          const update = query.update.bind(query);
          query.update = async (...given: unknown[]) => {
            edited = true;
            await customers.update(id, 0, { ...known, company: 'Kept Ltd' }, 2);
            return update(...given);
          };
          return query;
        },
      });
    const { db } = app;
    const disturbed: App = {
      ...app,
      db: {
        ...db,
        transaction: (work: (trx: Trx) => Promise<unknown>) => db.transaction((trx) => work(outrun(trx))),
        insertId: db.insertId.bind(db),
        load: db.load.bind(db),
        reserveIds: db.reserveIds.bind(db),
        insertMany: db.insertMany.bind(db),
        knex: db.knex,
        engine: db.engine,
      } as App['db'],
    };
    const row = customerFields({ name: 'Edited', email: 'a@example.com', phones: mobile('+12125550131') });
    const added = await createLeadAdder(disturbed)(only, row, more);
    assert.deepEqual([edited, added.made, added.madeCustomer, added.customerId], [true, true, false, id]);
    const { company, email } = (await customers.get(id))!;
    assert.deepEqual([company, email], ['Kept Ltd', 'a@example.com']);
  });
});
