import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';

describe('callbacks', () => {
  let app: TestApp;
  before(async () => (app = await testApp()));
  after(() => app.close());

  it('are an agent’s own or anyone’s, the first due first, and closed once', async () => {
    const store = createCallbackStore(app);
    const make = (userId: number | null, dueAt: number, leadId: number) =>
      store.create(
        {
          leadId,
          campaignId: 1,
          customerId: 1,
          userId,
          dueAt,
          timeAgreed: true,
          e164: null,
          note: null,
          callId: null,
          createdBy: 2,
        },
        1,
      );
    const late = await make(2, 900, 1);
    const soon = await make(2, 500, 2);
    await make(null, 700, 3);
    assert.deepEqual(
      (await store.openOf(2)).map(({ id }) => id),
      [soon, late],
    );
    assert.deepEqual(
      (await store.pageOfCampaign(1, {}, { limit: 2, offset: 1 })).rows.map(({ dueAt }) => dueAt),
      [700, 900],
    );
    const anyones = await store.pageOfCampaign(1, { owner: null }, { limit: 9, offset: 0 });
    assert.deepEqual([anyones.total.count, anyones.rows.map(({ dueAt }) => dueAt)], [1, [700]]);
    const first = await store.pageOfCampaign(1, {}, { limit: 1, offset: 0 });
    assert.equal(await store.countOpen(1), 3);
    assert.equal(await store.close(soon, 'done', 5), true);
    const second = await store.pageOfCampaign(1, {}, { limit: 9, offset: 1, after: first.next });
    assert.deepEqual(second.rows.map(({ dueAt }) => dueAt), [700, 900], 'none is left out for the one that is closed'); // prettier-ignore
    assert.equal(await store.close(soon, 'cancelled', 6), false);
    assert.deepEqual([(await store.get(soon))!.state, (await store.get(soon))!.closedAt], ['done', 5]);
    assert.equal(await store.closeOfLead(1, 'cancelled', 7), 1);
    assert.deepEqual(await store.openOf(2), []);
  });
});
