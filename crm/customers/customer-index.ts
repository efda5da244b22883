import type { App } from '../../core/app.ts';
import type { Engine } from '../../core/database/database.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import { createTermStore } from './customer-terms.ts';
import { createCustomerReader } from './customer-read.ts';
import { termsOf } from './search-terms.ts';

export const indexJob = 'customers.index';
const none: ReadonlySet<string> = new Set();
/** Making the entries takes this process as long as writing them takes a server: it does one range while the other is written. */
const atOnce: Readonly<Record<Engine, number>> = { sqlite: 1, mariadb: 2 };

/**
 * Large imports leave the search index of names and numbers to a job: its twenty entries a customer cost more than all
 * else together. Until then these customers are found by their whole number and by the beginning of their name.
 */
export function createCustomerIndexer(app: Pick<App, 'db' | 'jobs'>) {
  const { db } = app;
  const terms = createTermStore(app);
  const reader = createCustomerReader(app);

  /** Range by range, each in one transaction: what a process leaves undone the next one finds. */
  async function run(job: Pick<RunningJob<null>, 'signal'>): Promise<void> {
    const one = async () => {
      while (!job.signal.aborted && (await indexNext()));
    };
    const ends = await Promise.allSettled(Array.from({ length: atOnce[db.engine] }, one));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async function indexNext(): Promise<boolean> {
    return db.transaction(async (trx) => {
      const range = await terms.nextRange(trx);
      if (!range) return false;
      // Taken away first: whoever else looks for one goes past it, or waits and then finds it gone.
      if (!(await terms.forget(range.firstId, trx))) return true;
      const rows = (await trx('customers')
        .whereBetween('id', [range.firstId, range.lastId])
        .forUpdate()
        .select('id')) as { id: number }[];
      const ids = rows.map(({ id }) => id);
      const customers = await reader.getMany(ids, trx);
      // Somebody may have edited one meanwhile: its terms of today are written then, and once.
      const missing: [string, number][] = [];
      for (const customer of customers) {
        const all = termsOf(customer);
        const there = customer.revision > 0 ? await terms.thoseThere(customer.id, all, trx) : none;
        for (const term of all) if (!there.has(term)) missing.push([term, customer.id]);
      }
      await terms.insert(missing, trx);
      return true;
    });
  }

  /**
   * Starts the job unless one is at work that has still to see the newest range: one that has just looked, found
   * nothing and is about to end would leave it.
   */
  async function wake(): Promise<void> {
    const newest = await terms.newestRange();
    if (newest !== null) await app.jobs.add<null>(indexJob, null, { key: String(newest) });
  }

  return { run, wake };
}
