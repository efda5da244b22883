import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { CampaignLive } from '../../../reports/dashboard/campaign-live.ts';
import { LiveHub } from '../../../reports/dashboard/live-hub.ts';
import { RollupStore } from '../../../reports/rollups/rollup-store.ts';
import { makeCampaign } from '../../campaigns/fixtures.ts';
import { testApp, type TestApp } from '../../support/app.ts';

/** Over the time for which a hub reads on after an event, and for which it believes what a dialer said last. */
const quietMs = 10_000;

describe('the live view of a campaign in which nothing seems to happen', () => {
  let app: TestApp;
  let hub: LiveHub;
  let campaignId: number;
  let views: CampaignLive[];

  beforeEach(async () => {
    app = await testApp();
    campaignId = await makeCampaign(app, { zone: 'Asia/Taipei' });
    hub = new LiveHub(app);
    views = [];
    hub.watch(campaignId, (view) => views.push(view));
  });
  afterEach(async () => {
    hub.close();
    await app.close();
  });

  /** Moves the clock by a second at a time, until the hub has told of a moment `ms` ahead or later. */
  async function viewAfter(ms: number): Promise<CampaignLive> {
    const from = app.clock.now() + ms;
    app.clock.advance(ms);
    for (let turns = 0; turns < 2_000; turns++) {
      const view = views.at(-1);
      if (view && view.at >= from) return view;
      if (turns % 200 === 199) app.clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error('the hub told nothing');
  }

  it('no longer shows what a dialer said that is gone', async () => {
    const say = (at: number) => ({
      ...{ dialerId: 'main', campaignId, at, mode: 'predictive', launch: 12, reason: 'x', facts: {} },
      ...{ linesInFlight: 12, hopper: 3, notDialing: null },
    });
    const gone = app.bus.respond('campaign.pacing', () => say(app.clock.now()));
    app.bus.publish(`campaign.pacing.${campaignId}`, say(app.clock.now()));
    assert.equal((await viewAfter(1_000)).pacing?.linesInFlight, 12);
    assert.equal((await viewAfter(quietMs)).pacing?.linesInFlight, 12, 'it is asked, and lives');
    gone(); // the fault: the dialer ends without a word
    assert.equal((await viewAfter(quietMs)).pacing, null);
  });

  it('says up to when calls are counted while the worker that counts them is down', async () => {
    const rollups = new RollupStore(app.db);
    const first = await viewAfter(quietMs);
    assert.equal(first.countedTo, first.at);
    const at = app.clock.now();
    // The fault: nobody folds this event.
    await app.db
      .knex('call_events')
      .insert({ call_id: 'c', at, to_state: 'created', event: 'create', campaign_id: campaignId });
    assert.equal((await viewAfter(quietMs)).countedTo, at);
    while ((await rollups.advance(app.clock.now())) > 0);
    const last = await viewAfter(quietMs);
    assert.equal(last.countedTo, last.at);
  });

  it('begins a new day at midnight of the campaign’s zone', async () => {
    const { todayFrom } = await viewAfter(quietMs);
    const midnight = todayFrom + 86_400_000;
    app.clock.advance(midnight - app.clock.now() - 60_000);
    assert.equal((await viewAfter(0)).todayFrom, todayFrom);
    assert.equal((await viewAfter(60_000 + quietMs)).todayFrom, midnight);
  });
});
