/** One dialer of eight: reserves from the same campaign as the others, at its own beat; tells how long each took. */
import { createLeadStore } from '../../campaigns/leads/index.ts';
import { LocalBus } from '../../core/bus/local-bus.ts';
import { openDatabase } from '../../core/database/open-database.ts';
import { createLog } from '../../core/log/log.ts';

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
  // Connections and the process itself are warm in a dialer that works.
  for (let n = 0; n < 5; n++) await store.reserve({ campaignId: 2, count, by, now });
  const times: number[] = [];
  const ids: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, from + round * everyMs - Date.now())));
    const begun = performance.now();
    const leads = await store.reserve({ campaignId: 1, count, by, now });
    times.push(performance.now() - begun);
    for (const lead of leads) ids.push(lead.id);
  }
  await db.close();
  process.send?.({ by, times, ids } satisfies Reserved, () => process.exit());
}
