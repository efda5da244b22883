import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { mariadb } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';

describe('the dialer on MariaDB', function () {
  this.timeout(90_000);
  let rig: DialerRig;

  before(async function () {
    const server = await mariadb();
    if (!server) skip(this, 'MariaDB is not installed');
    const clock = new ManualClock(Date.UTC(2026, 10, 23, 18));
    const app = await testApp({ clock, config: { databaseUrl: await server.createDatabase() } });
    rig = await dialerRig({ app, dialer: { gate: undefined } });
  });
  after(() => rig?.close());

  it('dials through the real gate, joins, records, wraps up, keeps a callback, and takes up its rows again', async () => {
    const userId = await rig.agent('ann');
    const trunkIds = [await rig.trunk('First'), await rig.trunk('Second')];
    await rig.campaign({
      numbers: ['+14155550103', '+14155550105', '+14155550101'],
      ...{ mode: 'progressive', trunkIds, agentIds: [userId] },
    });
    await rig.dialer.start();
    await rig.ready(userId);
    const wrapup = await rig.until('wrap-up', async () => {
      const snapshot = await rig.snapshot(userId);
      return snapshot.state === 'wrapup' ? snapshot : null;
    });
    const callback = { dueAt: rig.app.clock.now() + 3_600_000, mine: true, note: '午饭后 🕑' };
    await rig.ask('agent.dispose', {
      ...{
        userId,
        callId: wrapup.call!.id,
        dispositionId: await rig.disposition('callback'),
        note: '再联系',
      },
      ...{ callback, next: 'ready' },
    });
    await rig.until('busy call is over', async () =>
      (await rig.calls()).some(({ outcome }) => outcome === 'busy'),
    );
    await rig.until('on the next call', async () => (await rig.snapshot(userId)).state === 'on-call');
    await rig.dialer.settled();
    const row = await rig.app.db.knex('callbacks').first();
    assert.deepEqual([row.note, row.user_id, row.state], [callback.note, userId, 'open']);
    const ended = (await rig.calls()).filter(({ state }) => state === 'ended');
    assert.ok(ended.length >= 2 && ended.every(({ outcome }) => outcome));
    await rig.until('recording is here', async () =>
      rig.app.db.knex('recordings').where({ state: 'stored' }).first(),
    );

    await rig.dialer.close();
    const next = await rig.restart();
    await rig.until('switch is up', () => next.status().switch === 'up');
    await rig.pass(500);
    assert.equal((await rig.snapshot(userId)).call?.state, 'connected');
  });
});
