import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { dialerAreas } from '../../dialer/areas.ts';
import { createCellStore } from '../../dialer/cells/cell-store.ts';
import { testApp } from '../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../web/support.ts';

describe('the state of the house with two dialers', function () {
  this.timeout(20_000);
  let t: TestWeb;
  let admin: Visitor;
  before(async () => {
    const app = await testApp();
    t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
    t = { ...t, close: async () => app.close() };
    admin = await t.signedIn('administrator');
    for (const id of ['east', 'west'])
      await createCellStore(app).begin({ id, run: id, switchUrl: null }, app.clock.now());
  });
  after(() => t.close());

  const house = async () => {
    const { text } = await admin.get('/admin');
    const card = text.slice(text.indexOf('health-title'), text.indexOf('accounts-title'));
    return card.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  };
  const answers = (id: string, status: 'up' | 'down') =>
    t.app.bus.respond(`dialer.status@${id}`, () => ({ dialerId: id, switch: status, switchFault: null }));

  it('is to be looked at where one of them does not answer, or is without its switch', async () => {
    const stops = [answers('east', 'up')];
    assert.match(await house(), /Work goes on, but.*Dialer.* needs a look east; west: does not answer/);
    assert.equal((await admin.get('/health')).status, 200);
    stops.push(answers('west', 'down'));
    assert.match(await house(), /Work goes on, but.*needs a look east; west: the switch is down/);
    stops.pop()!();
    stops.push(answers('west', 'up'));
    assert.match(await house(), /Every part answers.* works east; west/);
    for (const stop of stops) stop();
  });

  it('is at fault where none of them works', async () => {
    assert.match(
      await house(),
      /Some parts are missing.* fault east: does not answer; west: does not answer/,
    );
    assert.equal((await admin.get('/health')).status, 503);
  });
});
