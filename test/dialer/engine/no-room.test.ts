import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { testApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';
import { removable } from '../../support/removable.ts';

const person = '+14155550101';
const room = 12;

describe('a dialer whose database is away for longer than there is room for', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let away: ReturnType<typeof removable>;
  let userId: number;

  beforeEach(async () => {
    const app = await testApp();
    away = removable(app.db);
    rig = await dialerRig({ app: { ...app, db: away.db }, dialer: { journal: { room } } });
    ({ userId } = await startOneAgent(rig, [person], { wrapupLimitMs: 10_000 }));
  });
  afterEach(() => rig.close());

  const events = () =>
    rig.app.db.knex('agent_events').where({ user_id: userId }).orderBy('id').pluck('event');
  const pause = () => rig.ask('agent.pause', { userId, pauseCodeId: 1 });
  const ready = () => rig.ask('agent.ready', { userId });
  const force = (to: 'paused' | 'ready' | 'signed-out') =>
    rig.ask('agent.force', { userId, by: 1, to, reason: 'test' });
  /** Agents go on as they do while the database is away. */
  const pressUntilRefused = async () => {
    for (let n = 0; n < 2 * room; n++) {
      try {
        await (n % 2 === 0 ? pause() : ready());
      } catch (error) {
        assert.equal((error as { reason?: string }).reason, 'database-down');
        return n;
      }
    }
    return assert.fail('never refused');
  };

  it('lets a talk go on to its end, begins nothing new, and writes all of it', async () => {
    await rig.ready(userId);
    const { call } = await whenAgent(rig, userId, 'on a call', ({ state }) => state === 'on-call');
    await rig.dialer.settled();
    const before = (await events()).length;
    away.gone = true;
    const pressed = await pressUntilRefused();
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    await whenAgent(rig, userId, 'it is wrapped up', ({ state }) => state !== 'wrapup', 30_000);
    await assert.rejects(ready(), { reason: 'database-down' });
    await assert.rejects(force('ready'), { reason: 'database-down' });
    away.gone = false;
    await rig.until('it is written', async () => (await rig.calls())[0]?.state === 'ended');
    await rig.dialer.settled();
    assert.deepEqual((await events()).slice(before), [
      ...Array.from({ length: pressed }, (_, n) => (n % 2 === 0 ? 'pause' : 'ready')),
      'call-ended',
      'wrapup-over',
    ]);
    await pause();
  });

  it('takes out who pauses, or whom a supervisor pauses or signs out: they are to get no further call', async () => {
    await rig.signIn(userId);
    await rig.dialer.settled();
    away.gone = true;
    await pressUntilRefused();
    assert.equal((await pause()).pauseCodeId, 1);
    assert.equal((await force('paused')).pauseReason, 'forced');
    assert.equal((await force('signed-out')).state, 'signed-out');
    away.gone = false;
    await rig.dialer.settled();
    assert.ok((await events()).includes('force-out'), 'it is written');
  });

  it('rings no phone of who is in no call before there is room again', async () => {
    await rig.signIn(userId);
    await rig.dialer.settled();
    away.gone = true;
    await pressUntilRefused();
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${userId}`));
    await whenAgent(rig, userId, 'the phone is lost', ({ phone }) => phone === 'lost');
    await rig.pass(60_000);
    assert.equal((await rig.snapshot(userId)).phone, 'lost');
    away.gone = false;
    await whenAgent(rig, userId, 'the phone is back', ({ phone }) => phone === 'up', 30_000);
  });
});
