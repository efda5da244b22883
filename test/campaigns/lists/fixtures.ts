import { createListStore } from '../../../campaigns/lists/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import type { TestApp } from '../../support/app.ts';

/** A list of so many new customers, and of those besides. */
export async function listOf(
  app: TestApp,
  count: number,
  more: number[] = [],
): Promise<{ listId: number; ids: number[] }> {
  const lists = createListStore(app);
  const listId = await lists.create({ name: `L${count}`, defaultCountry: 'US' }, { userId: 1, now: 1 });
  return app.db.transaction(async (trx) => {
    const people = Array.from({ length: count }, (_, i) => customerFields({ name: `P${i}` }));
    const ids = await createCustomerStore(app).insertMany(people, 1, trx);
    await lists.addMembers(listId, [...ids, ...more], null, trx);
    return { listId, ids };
  });
}

/** A job of one list of one campaign, as the queue hands it over. */
export const job = (campaignId: number, listId: number, signal = new AbortController().signal) => ({
  id: '1',
  data: { campaignId, listId },
  attempt: 1,
  signal,
  progress: async () => {},
});
