import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { readPauses } from '../../../dialer/recordings/recording-store.ts';
import { TelephonyError, type Telephony } from '../../../dialer/telephony/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';

describe('holds, and pauses of the recording', () => {
  let rig: DialerRig;
  let userId: number;
  let callId: string;
  /** What the switch was asked of recordings: paused or not. */
  let asked: boolean[];
  let refuses = 0;
  /** The next request of that kind is on its way until this is called. */
  let arrive: (() => void) | null;
  let slow: boolean | null;
  const watched = (made: Telephony): Telephony =>
    new Proxy(made, {
      get(target, key) {
        if (key === 'pauseRecording')
          return async (name: string, on: boolean) => {
            if (refuses > 0) {
              refuses -= 1;
              throw new TelephonyError('refused', 'no');
            }
            if (slow === on) {
              slow = null;
              await new Promise<void>((resolve) => (arrive = resolve));
            }
            asked.push(on);
            return target.pauseRecording(name, on);
          };
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });

  beforeEach(async () => {
    refuses = 0;
    asked = [];
    [slow, arrive] = [null, null];
    rig = await dialerRig({ telephony: watched });
    ({ userId } = await startOneAgent(rig, [person]));
    await rig.ready(userId);
    callId = (await whenAgent(rig, userId, 'on a call', ({ state }) => state === 'on-call')).call!.id;
    await rig.until('it is recorded', () => rig.sim.stats().recordingsNow === 1);
  });
  afterEach(() => rig.close());

  const record = (on: boolean) => rig.ask('agent.record', { userId, callId, on });
  const hold = (on: boolean) => rig.ask('agent.hold', { userId, callId, on });
  const pauses = async () => {
    await rig.dialer.settled();
    return readPauses((await rig.app.db.knex('recordings').first()).pauses);
  };
  const seen = async () => {
    const { call } = await rig.snapshot(userId);
    return [call!.recording, call!.recordingPausedByAgent];
  };

  it('an agent pauses the recording for card data and resumes it; the gap stands on its row', async () => {
    const { call } = await record(false);
    assert.deepEqual(
      [call?.recording, call?.recordingPausedByAgent, call?.state],
      ['paused', true, 'connected'],
    );
    const from = rig.app.clock.now();
    await rig.pass(40_000);
    await record(true);
    assert.deepEqual(await seen(), ['on', false]);
    const [pause, ...others] = await pauses();
    assert.deepEqual([pause?.from, others.length, pause?.cause], [from, 0, 'agent']);
    assert.ok(pause!.until! - pause!.from >= 40_000);
    await rig.ask('agent.hangup', { userId, callId });
    await rig.until(
      'the file is here',
      async () => (await rig.app.db.knex('recordings').first())?.state === 'stored',
      60_000,
    );
    const { duration_ms: ms } = await rig.app.db.knex('recordings').first();
    assert.ok(ms < 10_000, `${ms} ms are in the file`);
  });

  it('a hold in between leaves it paused until the agent resumes it', async () => {
    await record(false);
    await hold(true);
    await hold(false);
    assert.deepEqual(await seen(), ['paused', true]);
    await record(true);
    await hold(true);
    assert.deepEqual(await seen(), ['paused', false]);
    // Resumed in a hold: nothing is recorded before the customer is back.
    await record(false);
    await record(true);
    assert.deepEqual(await seen(), ['paused', false]);
    await hold(false);
    assert.deepEqual(await seen(), ['on', false]);
    assert.equal(asked.at(-1), false, 'the switch records again');
    assert.deepEqual(
      (await pauses()).map(({ until }) => until !== null),
      [true, true],
    );
  });

  // Fault: the switch refuses to pause.
  it('says in words that it was not paused, and records on', async () => {
    refuses = 1;
    await assert.rejects(record(false), { reason: 'recording-not-paused' });
    assert.deepEqual(await seen(), ['on', false]);
    assert.deepEqual(await pauses(), []);
    await rig.until('the switch is told to go on', () => asked.at(-1) === false);
  });

  // Fault: the switch refuses to resume, twice.
  it('says that it is still paused where the switch does not resume it', async () => {
    await record(false);
    refuses = 2;
    await assert.rejects(record(true), { reason: 'recording-not-resumed' });
    assert.deepEqual(await seen(), ['paused', true]);
    await rig.pass(3_000);
    await record(true);
    assert.deepEqual(await seen(), ['on', false]);
  });

  // Fault: the switch takes its time, and the agent has two tabs.
  for (const last of [false, true])
    it(`ends ${last ? 'recorded' : 'paused'} where that was asked for last, while the opposite is on its way`, async () => {
      if (!last) await record(false);
      slow = last;
      const [first, second] = [record(!last), record(last)];
      await rig.until('the first is on its way', () => arrive !== null);
      let told = false;
      void second.then(() => (told = true));
      await rig.pass(300);
      assert.equal(told, false, 'nobody is told what the switch has not done');
      arrive!();
      await Promise.all([first, second]);
      assert.equal(asked.at(-1), !last);
      assert.deepEqual(await seen(), last ? ['on', false] : ['paused', true]);
    });

  // Fault: the switch ends a hold late, and the agent pauses meanwhile.
  it('is paused once it says so, though the end of a hold is on its way', async () => {
    await hold(true);
    slow = false;
    await hold(false);
    await rig.until('the end is on its way', () => arrive !== null);
    const paused = record(false);
    await rig.pass(300);
    arrive!();
    await paused;
    assert.equal(asked.at(-1), true);
    assert.deepEqual(await seen(), ['paused', true]);
    await rig.pass(2_000);
    assert.equal(asked.at(-1), true);
  });

  // Fault: the switch refuses the pause of a hold.
  it('asks again until nothing of a hold is recorded', async () => {
    refuses = 1;
    await hold(true);
    assert.deepEqual(asked, []);
    await rig.until('it has been taken', () => asked.at(-1) === true, 5_000);
  });

  // Fault: the dialer is killed while the agent has paused the recording.
  it('stays paused through a restart of the dialer, and can be resumed', async () => {
    await record(false);
    await rig.dialer.settled();
    await rig.dialer.close();
    const next = await rig.restart();
    await rig.until('the switch is up', () => next.status().switch === 'up');
    await rig.until('the switch was asked', async () => (await seen())[0] !== 'off');
    assert.deepEqual(await seen(), ['paused', true]);
    await rig.until('the switch is told so', () => asked.length >= 2);
    assert.equal(asked.at(-1), true);
    await record(true);
    assert.deepEqual(await seen(), ['on', false]);
  });

  // Fault: the dialer is killed before the pause that the switch has taken is on its row.
  it('stays paused through a restart though only the switch knows of it, until the agent resumes it', async () => {
    const { pauses: before } = await rig.app.db.knex('recordings').first();
    await record(false);
    await rig.dialer.settled();
    await rig.dialer.close();
    await rig.app.db.knex('recordings').update({ pauses: before });
    const next = await rig.restart();
    await rig.until('the switch is up', () => next.status().switch === 'up');
    await rig.until('the switch was asked', async () => (await seen())[0] !== 'off');
    await rig.pass(2_000);
    assert.equal(asked.includes(false), false, 'nothing is resumed unasked');
    assert.deepEqual(await seen(), ['paused', true]);
    await next.settled();
    assert.deepEqual((await pauses()).map(({ cause, until }) => [cause, until]), [['agent', null]]); // prettier-ignore
    await record(true);
    assert.deepEqual([await seen(), asked.at(-1)], [['on', false], false]);
  });

  // Fault: the same in a hold, which stands on its row.
  it('stays paused after the hold in which the dialer was killed, as the agent may have asked for it', async () => {
    await hold(true);
    await rig.dialer.settled();
    const { pauses: before } = await rig.app.db.knex('recordings').first();
    await record(false);
    await rig.dialer.settled();
    await rig.dialer.close();
    await rig.app.db.knex('recordings').update({ pauses: before });
    const next = await rig.restart();
    await rig.until('the switch is up', () => next.status().switch === 'up');
    await rig.until('the switch was asked', async () => (await seen())[0] !== 'off');
    await hold(false);
    await rig.pass(2_000);
    assert.equal(asked.includes(false), false, 'nothing is resumed unasked');
    assert.deepEqual(await seen(), ['paused', true]);
    await record(true);
    assert.deepEqual([await seen(), asked.at(-1)], [['on', false], false]);
  });

  it('is for who talks, and only where something is recorded', async () => {
    await rig.ask('agent.hangup', { userId, callId });
    await assert.rejects(record(false), { reason: 'wrong-state' });
    assert.deepEqual(await pauses(), []);
  });

  it('ends with the call', async () => {
    await record(false);
    await rig.ask('agent.hangup', { userId, callId });
    const [pause] = await pauses();
    assert.notEqual(pause?.until, null);
  });
});
