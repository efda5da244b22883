import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { sessionIdleMs } from '../../web/middleware/session-store.ts';
import { defineWebHousekeeping } from '../../web/housekeeping.ts';
import { testWeb, type TestWeb } from './support.ts';

describe('housekeeping', () => {
  let t: TestWeb;
  before(async () => {
    t = await testWeb();
    await defineWebHousekeeping(t.app);
    await t.app.jobs.start();
  });
  after(() => t.close());

  const count = async (table: string) => (await t.app.db.knex(table)).length;

  it('removes sessions and rate limits that are over, and only those', async () => {
    await t.signedIn('agent', 'early');
    await t.visitor().signIn('early', 'wrong');
    t.app.clock.advance(sessionIdleMs - 60_000);
    await t.signedIn('agent', 'late');
    assert.equal(await count('sessions'), 2);
    await t.app.clock.run(16 * 60_000, 10_000);
    for (let i = 0; i < 200 && (await count('sessions')) > 1; i++) await t.app.clock.run(1_000, 200);
    assert.equal(await count('sessions'), 1);
    const limits = await t.app.db
      .knex('rate_limits')
      .where('reset_at', '<=', t.app.clock.now() - 16 * 60_000);
    assert.equal(limits.length, 0);
  });
});
