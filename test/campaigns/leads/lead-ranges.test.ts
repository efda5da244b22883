import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { bucketsOf, countBuckets, rangesOf } from '../../../campaigns/leads/lead-ranges.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';

const at = 1_000_000;

onBothEngines('leads in ranges', (theApp) => {
  let app: TestApp;
  before(() => {
    app = theApp();
  });

  let customers = 0;
  async function insert(campaignId: number, leads: readonly object[]): Promise<void> {
    await app.db.insertMany(
      'leads',
      leads.map((lead) => ({
        ...{ campaign_id: campaignId, customer_id: ++customers, list_id: 1, state: 'new', priority: 5 },
        ...{ attempts: 0, next_at: 0, created_at: at, updated_at: at },
        ...lead,
      })),
    );
  }

  it('come each once, no more than asked for at once, also where many are due at the same moment', async () => {
    const leads = [0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 7, 7, 7, 7, 9].map((next_at) => ({ next_at }));
    await insert(1, [...leads, { state: 'done' }, { priority: 4 }]);
    const ids: number[] = [];
    for await (const range of rangesOf(app.db.knex, { campaignId: 1, state: 'new', priority: 5 }, 3)) {
      const rows: { id: number }[] = await range().select('id');
      assert.ok(rows.length <= 3, `${rows.length} at once`);
      ids.push(...rows.map(({ id }) => id));
    }
    assert.deepEqual([ids.length, new Set(ids).size], [15, 15]);
    const found = await bucketsOf(app.db.knex, 1);
    assert.deepEqual(
      found.map(({ state, priority }) => `${state} ${priority}`),
      ['new 4', 'new 5', 'done 5'],
    );
  });

  it('are counted alike at one moment and piece by piece', async () => {
    const leads = Array.from({ length: 40 }, (_, n) => ({
      ...{ state: n % 3 ? 'waiting' : 'new', priority: 1 + (n % 2), attempts: n % 4, next_at: at - 20 + n },
    }));
    await insert(2, leads);
    const sorted = async (size?: number) =>
      (await countBuckets(app.db.knex, 2, at, size)).sort((a, b) =>
        `${a.state}${a.priority}`.localeCompare(`${b.state}${b.priority}`),
      );
    assert.deepEqual(await sorted(7), await sorted());
    const sum = (key: 'count' | 'attempted' | 'due', of: Awaited<ReturnType<typeof sorted>>) =>
      of.reduce((total, bucket) => total + bucket[key], 0);
    const counts = await sorted(7);
    assert.deepEqual([sum('count', counts), sum('attempted', counts), sum('due', counts)], [40, 30, 21]);
  });

  it('are counted from the index alone, and a long list in several statements', async function () {
    await insert(3, Array.from({ length: 45_000 }, (_, n) => ({ attempts: n % 2, next_at: n }))); // prettier-ignore
    const counts: { sql: string; bindings: readonly unknown[] }[] = [];
    const look = (query: { sql: string; bindings: readonly unknown[] }) => {
      if (query.sql.includes('as attempted')) counts.push(query);
    };
    app.db.knex.on('query', look);
    const leads = await createLeadStore(app).countsByState(3);
    app.db.knex.removeListener('query', look);
    assert.equal(leads.new, 45_000);
    assert.ok(counts.length >= 3, `${counts.length} statements`);
    if (app.db.engine !== 'sqlite') return;
    for (const { sql, bindings } of counts) {
      const plan = (await app.db.knex.raw(`explain query plan ${sql}`, [...bindings] as string[])) as {
        detail: string;
      }[];
      assert.match(plan.map(({ detail }) => detail).join('\n'), /USING COVERING INDEX leads_due_tried/);
    }
  });
});
