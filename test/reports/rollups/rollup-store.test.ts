import assert from 'node:assert/strict';
import { RollupStore } from '../../../reports/rollups/rollup-store.ts';
import { DashboardStore } from '../../../reports/dashboard/dashboard-store.ts';
import { figuresOf } from '../../../reports/rollups/rollup.ts';
import { testApp, type TestApp } from '../../support/app.ts';

describe('rollups in the database', () => {
  let app: TestApp;
  let campaignId: number;
  beforeEach(async () => {
    app = await testApp();
    const now = app.clock.now();
    campaignId = await app.db.insertId('campaigns', {
      name: 'Autumn',
      state: 'running',
      mode: 'predictive',
      default_country: 'US',
      zone: 'America/New_York',
      abandon_window_ms: 86_400_000,
      hours: '{}',
      retry_rules: '{}',
      script: '{}',
      identification: '{}',
      created_at: now,
      updated_at: now,
    });
  });
  afterEach(() => app.close());

  /** Writes a call that was answered, and met an agent or nobody. */
  async function call(id: string, abandoned: boolean): Promise<void> {
    const at = app.clock.now();
    await app.db.knex('calls').insert({
      id,
      direction: 'out',
      path: 'predictive',
      campaign_id: campaignId,
      state: 'ended',
      outcome: abandoned ? 'abandoned' : 'answered',
      created_at: at,
      dialed_at: at,
      answered_at: at,
      connected_at: abandoned ? null : at,
      abandoned_at: abandoned ? at : null,
      ended_at: at + 1_000,
    });
    const states = [
      'created',
      'dialing',
      'ringing',
      'waiting',
      abandoned ? 'announcing' : 'connected',
      'ended',
    ];
    for (const [index, state] of states.entries())
      await app.db.knex('call_events').insert({
        call_id: id,
        at,
        from_state: states[index - 1] ?? null,
        to_state: state,
        event: 'x',
        campaign_id: campaignId,
      });
  }

  it('folds each event once, however often it is asked', async () => {
    const store = new RollupStore(app.db);
    await call('a', false);
    await call('b', true);
    assert.equal(await store.advance(app.clock.now()), 12);
    assert.equal(await store.advance(app.clock.now()), 0);
    await call('c', false);
    await Promise.all([store.advance(app.clock.now()), store.advance(app.clock.now())]);
    const figures = figuresOf(await store.totals(campaignId, 0, app.clock.now() + 1));
    assert.deepEqual([figures.attempts, figures.connected, figures.abandoned], [3, 2, 1]);
  });

  it('builds the same figures anew from the events', async () => {
    const store = new RollupStore(app.db);
    await call('a', false);
    await call('b', true);
    await store.advance(app.clock.now());
    const before = await store.totals(campaignId, 0, app.clock.now() + 1);
    await store.reset();
    assert.deepEqual(await store.totals(campaignId, 0, app.clock.now() + 1), []);
    while ((await store.advance(app.clock.now(), 5)) > 0);
    assert.deepEqual(await store.totals(campaignId, 0, app.clock.now() + 1), before);
  });

  it('waits for an id that another transaction may still commit, however old the events say they are', async () => {
    const store = new RollupStore(app.db);
    const { knex } = app.db;
    await call('a', false);
    while ((await store.advance(app.clock.now())) > 0);
    // Written after an outage, by two processes at once: the one that holds the lower ids commits last.
    app.clock.advance(600_000);
    const late = { at: app.clock.now() - 600_000, campaign_id: campaignId, event: 'x' };
    const dialing = { ...late, from_state: 'created', to_state: 'dialing' };
    await knex('call_events').insert({ ...dialing, id: 100, call_id: 'c' });
    assert.equal(await store.advance(app.clock.now()), 0);
    app.clock.advance(9_000);
    assert.equal(await store.advance(app.clock.now()), 0);
    const { id: last } = (await knex('call_events').where('id', '<', 100).max({ id: 'id' }).first()) as {
      id: number;
    };
    for (let id = Number(last) + 1; id < 100; id++)
      await knex('call_events').insert({ ...dialing, id, call_id: `b${id}` });
    assert.equal(await store.advance(app.clock.now()), 100 - Number(last));
  });

  it('goes past ids that never came, once higher ones have stood long enough', async () => {
    const store = new RollupStore(app.db);
    await call('a', false);
    while ((await store.advance(app.clock.now())) > 0);
    const event = { at: app.clock.now(), campaign_id: campaignId, event: 'x', call_id: 'c' };
    for (const id of [100, 102])
      await app.db.knex('call_events').insert({ ...event, id, from_state: 'created', to_state: 'dialing' });
    assert.equal(await store.advance(app.clock.now()), 0);
    app.clock.advance(10_000);
    assert.equal(await store.advance(app.clock.now()), 2);
  });

  it('shows a campaign as its events left it', async () => {
    for (const id of ['a', 'b', 'c']) await call(id, id === 'c');
    await new RollupStore(app.db).advance(app.clock.now());
    const view = await new DashboardStore(app.db).read(campaignId, app.clock.now());
    assert.ok(view);
    assert.equal(view.window.rate, 1 / 3);
    assert.equal(view.today.connected, 2);
    assert.equal(view.lastCalls.length, 3);
    assert.equal(view.series.length, 1);
    assert.equal(view.leads.loaded, 0);
    assert.equal(await new DashboardStore(app.db).read(campaignId + 1, app.clock.now()), null);
  });
});
