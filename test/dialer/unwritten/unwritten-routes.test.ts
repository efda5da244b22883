import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'mocha';
import { dialerAreas } from '../../../dialer/areas.ts';
import { goneMs } from '../../../dialer/cells/cell.ts';
import { createCellStore } from '../../../dialer/cells/cell-store.ts';
import { createUnwrittenStore } from '../../../dialer/unwritten/index.ts';
import { testApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

describe('transitions that the database would not take', () => {
  let t: TestWeb;
  let admin: Visitor;
  before(async () => {
    const app = await testApp();
    t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
    t = { ...t, close: async () => app.close() };
    admin = await t.signedIn('administrator');
  });
  after(() => t.close());
  beforeEach(() => t.app.db.knex('unwritten_transitions').delete());

  const store = () => createUnwrittenStore(t.app);
  const setAside = (dialerId: string) =>
    store().keep({
      ...{ dialerId, subject: 'call c1', eventTable: 'call_events', error: 'SQLITE_FULL', failedAt: 1 },
      event: { call_id: 'c1', at: 1, event: 'dial', from_state: 'created', to_state: 'dialing' },
    });

  it('are shown to the administrator, with what it says, in the state of the house and as a figure; nobody else sees them', async () => {
    assert.match((await admin.get('/unwritten')).text, /Nothing is set aside/);
    await setAside('gone');
    const { text } = await admin.get('/unwritten');
    assert.match(text, /SQLITE_FULL/);
    assert.match(text, /call c1/);
    const house = (await admin.get('/admin')).text;
    assert.match(house, /href="\/unwritten".*needs a look.*1 set aside/s);
    assert.doesNotMatch(house, /Every part answers/);
    assert.match((await admin.get('/metrics')).text, /^ringwise_unwritten_transitions 1$/m);
    const manager = await t.signedIn('manager');
    assert.equal((await manager.get('/unwritten')).status, 403);
    assert.equal((await manager.post('/unwritten/retry', {})).status, 403);
  });

  it('are tried again by the dialer whose they are, else here (fault: that dialer runs no more)', async () => {
    const asked: string[] = [];
    const stop = t.app.bus.respond('dialer.write-aside@east', () => (asked.push('east'), { left: 1 }));
    await setAside('east');
    await setAside('gone');
    await admin.post('/unwritten/retry', {});
    stop();
    assert.deepEqual(asked, ['east']);
    assert.deepEqual((await store().all()).map(({ dialerId }) => dialerId), ['east']); // prettier-ignore
    assert.equal((await t.app.db.knex('call_events').where({ call_id: 'c1' })).length, 1);
    assert.match((await admin.get('/unwritten')).text, /1 could not be written/);
  });

  it('wait for their dialer while it runs, and for none that is gone (fault: it does not answer)', async () => {
    const cells = createCellStore(t.app);
    const seen = (at: number) => cells.begin({ id: 'west', run: 'r1', switchUrl: null }, at);
    await setAside('west');
    await seen(t.app.clock.now());
    await admin.post('/unwritten/retry', {});
    assert.equal(await store().count(), 1, 'it may have a row to write that is not kept here');
    assert.match((await admin.get('/unwritten')).text, /No answer from dialer west/);
    await seen(t.app.clock.now() - goneMs);
    await admin.post('/unwritten/retry', {});
    assert.equal(await store().count(), 0);
  });

  it('stay where their dialer says no (fault: its database is away)', async () => {
    const stop = t.app.bus.respond('dialer.write-aside@gone', () => Promise.reject(new Error('away')));
    await setAside('gone');
    await admin.post('/unwritten/retry', {});
    stop();
    assert.equal(await store().count(), 1);
  });
});
