import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { up as learnAnew } from '../../migrations/0241-customer-terms-anew.ts';
import { createTermStore } from '../../crm/customers/customer-terms.ts';
import { createCustomerIndexer, createCustomerStore, indexJob } from '../../crm/index.ts';
import { eventually } from '../support/eventually.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { skipHere } from '../support/skip.ts';
import { onBothEngines } from '../campaigns/engines.ts';
import { customerFields } from './fixtures.ts';

describe('the search index of customers', () => {
  it('learns those who come while its job has looked for the last time and is not done (fault: the job is slow to end)', async () => {
    const app = await testApp();
    const index = createCustomerIndexer(app);
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let looked = 0;
    app.jobs.define<null>(indexJob, async (job) => {
      await index.run(job);
      looked += 1;
      if (looked === 1) await held;
    });
    await app.jobs.start();
    const arrive = (id: number) => app.db.transaction((trx) => createTermStore(app).putOff(id, id, trx));
    await arrive(1);
    await index.wake();
    await eventually(async () => assert.equal(looked, 1));
    await arrive(2);
    await index.wake();
    release();
    await eventually(async () => assert.deepEqual(await app.db.knex('customer_index_ranges'), []));
    await app.close();
  });
});

onBothEngines('names in scripts that the database’s own character set does not know', (theApp) => {
  const find = async (app: TestApp, query: string) =>
    (await createCustomerStore(app).search(query)).map(({ name }) => name);

  it('are found, and found again where they were written as question marks', async () => {
    const app = theApp();
    const { knex, engine } = app.db;
    for (const name of ['张伟', 'مرحبا بك', 'Zoë'])
      assert.ok((await createCustomerStore(app).create(customerFields({ name }), 1)).created);
    assert.deepEqual(await find(app, '张伟'), ['张伟']);
    if (engine === 'sqlite') return;
    for (const [broken, name] of [
      ['??', '张伟'],
      ['?', '张伟'],
    ] as const) {
      const { id } = await knex('customers').where({ name }).first('id');
      const term = broken === '??' ? '张伟' : '伟';
      await knex('customer_terms').where({ customer_id: id, term }).update({ term: broken });
    }
    assert.deepEqual(await find(app, '张伟'), []);
    await learnAnew(knex);
    await createCustomerIndexer(app).run({ signal: new AbortController().signal });
    for (const name of ['张伟', 'مرحبا بك', 'Zoë']) assert.deepEqual(await find(app, name), [name]);
    assert.deepEqual(await knex('customer_terms').where('term', 'like', '?%'), []);
  });
});

onBothEngines('ranges that the search index has still to learn', (theApp) => {
  const left = (app: TestApp) =>
    app.db.knex('customer_index_ranges').orderBy('first_id').pluck<number[]>('first_id');
  const job = { signal: new AbortController().signal };

  it('are each learned once, however many are at work, and one that somebody else has holds nobody up', async function () {
    const app = theApp();
    if (app.db.engine === 'sqlite') skipHere(this, 'SQLite has one writer');
    const store = createCustomerStore(app);
    const names = Array.from({ length: 40 }, (_, n) => `Quill${String.fromCharCode(97 + (n % 26))}${n}`);
    const ids: number[] = [];
    for (const name of names) {
      const made = await store.create(customerFields({ name, phones: [{ e164: `+1212555${String(4000 + ids.length)}`, type: 'mobile' }] }), 1); // prettier-ignore
      assert.ok(made.created);
      ids.push((await app.db.knex('customers').where({ name }).first('id')).id as number);
    }
    const terms = () =>
      app.db.knex('customer_terms').whereIn('customer_id', ids).orderBy(['term', 'customer_id']);
    const before = await terms();
    await app.db.knex('customer_terms').whereIn('customer_id', ids).delete();
    await app.db.transaction(async (trx) => {
      for (const id of ids) await createTermStore(app).putOff(id, id, trx);
    });
    const other = await app.db.knex.transaction();
    await other('customer_index_ranges').where({ first_id: ids[0] }).forUpdate().first();
    const { run } = createCustomerIndexer(app);
    await Promise.all([run(job), run(job)]);
    assert.deepEqual(await left(app), [ids[0]], 'all but the one that somebody has');
    await other.rollback();
    await run(job);
    assert.deepEqual(await left(app), []);
    assert.deepEqual(await terms(), before);
  });
});
