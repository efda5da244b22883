import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createTermStore } from '../../crm/customers/customer-terms.ts';
import { createCustomerIndexer, indexJob } from '../../crm/index.ts';
import { eventually } from '../support/eventually.ts';
import { testApp } from '../support/app.ts';

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
