import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCellStore } from '../../../dialer/cells/cell-store.ts';
import { createPacingHistoryStore } from '../../../dialer/calls/pacing-history-store.ts';
import { testApp, type TestApp } from '../../support/app.ts';

describe('the account of a campaign that several dialers place calls for', () => {
  let app: TestApp;
  before(async () => {
    app = await testApp();
    const at = app.clock.now();
    for (const [n, dialer_id] of ['west', 'west', 'east', 'old'].entries()) {
      const times = {
        created_at: at,
        dialed_at: at,
        answered_at: at,
        live_at: at,
        connected_at: at,
        ended_at: at,
      };
      await app.db.knex('calls').insert({
        ...{ id: `c${n}`, direction: 'out', path: 'predictive', campaign_id: 1, e164: `+1415555010${n}` },
        ...{ state: 'ended', outcome: 'answered', dialer_id, ...times },
      });
      const event = { call_id: `c${n}`, at, from_state: 'waiting', to_state: 'connected', event: 'connect' };
      await app.db.knex('call_events').insert({ ...event, campaign_id: 1 });
    }
    for (const id of ['west', 'east', 'old'])
      await createCellStore(app).begin({ id, run: id, switchUrl: null }, at);
    await createCellStore(app).end('old', 'old', at);
  });
  after(() => app.close());

  const seenBy = async (dialerId: string) => {
    const store = createPacingHistoryStore(app, dialerId);
    const at = app.clock.now();
    const told: string[] = [];
    for await (const steps of store.callSteps(1, at)) told.push(...steps.map(({ callId }) => callId));
    const [hour] = await store.answers(1, at, at + 1);
    return { connected: hour?.connected, told };
  };

  it('is for each what it has placed itself, and what dialers have that run no more: no answer is spent twice', async () => {
    assert.deepEqual(await seenBy('west'), { connected: 3, told: ['c0', 'c1', 'c3'] });
    assert.deepEqual(await seenBy('east'), { connected: 2, told: ['c2', 'c3'] });
  });

  it('is all of it once the others have stopped', async () => {
    await createCellStore(app).end('east', 'east', app.clock.now());
    assert.deepEqual(await seenBy('west'), { connected: 4, told: ['c0', 'c1', 'c2', 'c3'] });
  });
});
