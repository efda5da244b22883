/** One dialer of eight: reserves from the same campaign as the others, at its own beat; tells how long each took. */
import { createLeadStore, feedEveryMs, type ReservedLead } from '../../campaigns/leads/index.ts';
import { LocalBus } from '../../core/bus/local-bus.ts';
import type { Database } from '../../core/database/database.ts';
import { openDatabase } from '../../core/database/open-database.ts';
import { createLog } from '../../core/log/log.ts';

const part = 25;

export interface Reserver {
  url: string;
  by: string;
  count: number;
  rounds: number;
  everyMs: number;
  /** Epoch ms at which the first round begins: those of the eight are spread over the beat. */
  from: number;
  now: number;
}

export interface Reserved {
  by: string;
  times: number[];
  ids: number[];
}

process.once('message', (message) => void work(message as Reserver));

async function work({ url, by, count, rounds, everyMs, from, now }: Reserver): Promise<void> {
  const log = createLog('silent');
  const db = openDatabase({ url, dataDir: '/nowhere', log });
  const store = createLeadStore({ db, bus: new LocalBus({ log }) });
  const clock = () => now + Math.max(0, Date.now() - from);
  // Connections and the process itself are warm in a dialer that works.
  for (let n = 0; n < 5; n++) await store.reserve({ campaignId: 2, count, by, now });
  for (const warm of await store.reserve({ campaignId: 1, count, by, now }))
    await store.release([warm.id], by);
  const feeding = setInterval(() => void store.feed(1, clock()), feedEveryMs);
  const times: number[] = [];
  const ids: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, from + round * everyMs - Date.now())));
    const begun = performance.now();
    const leads = await store.reserve({ campaignId: 1, count, by, now: clock() });
    times.push(performance.now() - begun);
    for (const lead of leads) ids.push(lead.id);
    await dialAll(db, by, leads, everyMs);
  }
  clearInterval(feeding);
  await db.close();
  process.send?.({ by, times, ids } satisfies Reserved, () => process.exit());
}

/** Leads leave the hopper as fast as they come, spread over the beat. In parts: one by one is another bench. */
async function dialAll(
  db: Database,
  by: string,
  leads: readonly ReservedLead[],
  everyMs: number,
): Promise<void> {
  for (let from = 0; from < leads.length; from += part) {
    const ids = leads.slice(from, from + part).map(({ id }) => id);
    await db.knex('leads').whereIn('id', ids).update({ state: 'dialing', reserved_by: by });
    await db.knex('hopper').whereIn('lead_id', ids).delete();
    await new Promise((resolve) => setTimeout(resolve, (everyMs * 0.8 * part) / leads.length));
  }
}
