import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createMissedWrapupStore } from '../../../dialer/missed-wrapups/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const nightMs = 14 * 3_600_000;

describe('a dialer that starts after', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let userId: number;

  beforeEach(async () => {
    rig = await dialerRig();
    ({ userId } = await startOneAgent(rig, [person], { wrapupLimitMs: 10_000 }));
    await rig.ready(userId);
  });
  afterEach(() => rig.close());

  const knex = () => rig.app.db.knex;
  const onCall = async () =>
    (await whenAgent(rig, userId, 'on call', ({ state }) => state === 'on-call')).call!;
  const call = () => knex()('calls').first();
  /** Cuts the power, and brings it back so much later. When it was cut. */
  const powerCut = async (ms: number) => {
    await rig.dialer.settled();
    await rig.dialer.close();
    await rig.killSwitch();
    const at = rig.app.clock.now();
    rig.app.clock.advance(ms);
    await rig.startSwitch();
    const next = await rig.restart();
    await rig.until('the switch is up', () => next.status().switch === 'up');
    await rig.until('the call is over', async () => (await call()).state === 'ended');
    await next.settled();
    return at;
  };
  const lastEvent = async (to: string) =>
    knex()('agent_events').where({ user_id: userId, to_state: to }).orderBy('id', 'desc').first();

  it('a night without power: the talk ended when it was cut, its agent is out since then, and is asked what came of it', async () => {
    const { id } = await onCall();
    await rig.pass(3_000);
    const cutAt = await powerCut(nightMs);
    const { state, ended_at, wrapped_up_at } = await call();
    assert.deepEqual([state, ended_at, wrapped_up_at], ['ended', cutAt, cutAt]);
    const ends = await knex()('call_events').where({ event: 'end' });
    assert.deepEqual(
      ends.map(({ at }) => at),
      [cutAt],
    );
    const out = await lastEvent('signed-out');
    assert.deepEqual([out.event, out.from_state, out.at], ['dialer-gone', 'on-call', cutAt]);
    const offered = await createMissedWrapupStore(rig.app).ofAgent(userId, rig.app.clock.now());
    assert.deepEqual(
      offered.map((missed) => missed.id),
      [id],
    );
  });

  it('a night without power: who was ready then is not taken for ready', async () => {
    await rig.ask('agent.hangup', { userId, callId: (await onCall()).id });
    await whenAgent(rig, userId, 'wrap-up', ({ state }) => state === 'wrapup');
    await whenAgent(rig, userId, 'ready', ({ state }) => state === 'ready');
    const cutAt = await powerCut(nightMs);
    const out = await lastEvent('signed-out');
    assert.deepEqual([out.event, out.from_state, out.at], ['dialer-gone', 'ready', cutAt]);
    assert.equal((await rig.snapshot(userId)).state, 'signed-out');
  });

  it('a few seconds: the talk ended when the switch died, and its agent wraps it up', async () => {
    await onCall();
    const cutAt = await powerCut(8_000);
    assert.equal((await call()).ended_at, cutAt);
    const { state, wrapupUntil } = await rig.snapshot(userId);
    assert.equal(state, 'wrapup');
    assert.ok(wrapupUntil! > rig.app.clock.now());
    assert.equal((await lastEvent('wrapup')).at, cutAt);
  });
});
