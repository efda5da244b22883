import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import type { LiveCall } from '../../../dialer/engine/live-calls.ts';
import type { Recording } from '../../../dialer/recordings/recording.ts';
import { TelephonyError } from '../../../dialer/telephony/telephony.ts';
import { Recorder } from '../../../dialer/recordings/recorder.ts';

type Parts = ConstructorParameters<typeof Recorder>;

describe('recorder', () => {
  // Fault: the customer hangs up before the switch has answered the request to record.
  it('stops a recording that begins after its call has ended: the agent’s bridge lives on', async () => {
    const asked: string[] = [];
    let begin = () => {};
    const telephony = {
      record: () => new Promise<void>((resolve) => (begin = resolve)),
      async stopRecording(name: string) {
        asked.push(name);
      },
    };
    const recorder = new Recorder({ clock: new ManualClock(0) } as unknown as Parts[0], {
      dialerId: 'main',
      telephony: telephony as unknown as Parts[1]['telephony'],
      store: {} as Parts[1]['store'],
      errands: { add() {} } as unknown as Parts[1]['errands'],
      onChange() {},
    });
    const live = { call: { id: 'c1', state: 'connected' }, recording: 'off' } as unknown as LiveCall;
    recorder.start(live, 7);
    live.call = { ...live.call, state: 'ended' };
    recorder.stop(live);
    assert.deepEqual(asked, ['c1'], 'in vain: nothing is recorded yet');
    begin();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(asked, ['c1', 'c1']);
  });

  // Fault: the switch takes its time to begin, and until then knows of nothing that it could pause.
  it('counts as paused only what has begun: an agent’s pause and a hold meanwhile wait for the switch’s answer', async () => {
    const asked: string[] = [];
    let begin = () => {};
    const telephony = {
      record: () => new Promise<void>((resolve) => (begin = () => (asked.push('begun'), resolve()))),
      async pauseRecording(_name: string, on: boolean) {
        asked.push(on ? 'pause' : 'resume');
      },
    };
    const recorder = new Recorder({ clock: new ManualClock(0) } as unknown as Parts[0], {
      dialerId: 'main',
      telephony: telephony as unknown as Parts[1]['telephony'],
      store: {} as Parts[1]['store'],
      errands: { add() {} } as unknown as Parts[1]['errands'],
      onChange() {},
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const live = { call: { id: 'c1', state: 'connected' }, recording: 'off' } as unknown as LiveCall;
    recorder.start(live, 7);
    let told = false;
    const paused = recorder.pauseByAgent(live, true).then(() => (told = true));
    await turn();
    assert.deepEqual([asked, told, live.recording], [[], false, 'on']);
    begin();
    await paused;
    assert.deepEqual([asked, live.recording], [['begun', 'pause'], 'paused']);

    const held = { call: { id: 'c2', state: 'held' }, recording: 'off' } as unknown as LiveCall;
    recorder.start(held, 8);
    recorder.hold(held, true);
    await turn();
    begin();
    await turn();
    assert.deepEqual(asked.slice(2), ['begun', 'pause']);
  });

  // Fault: the switch does not record.
  it('says that nothing is recorded to whoever has asked for a pause meanwhile', async () => {
    const asked: boolean[] = [];
    const telephony = {
      record: () => Promise.reject(new Error('no room')),
      stopRecording: () => Promise.resolve(),
      async pauseRecording(_name: string, on: boolean) {
        asked.push(on);
      },
    };
    const recorder = new Recorder({ clock: new ManualClock(0), log: { warn() {} } } as unknown as Parts[0], {
      dialerId: 'main',
      telephony: telephony as unknown as Parts[1]['telephony'],
      store: {} as Parts[1]['store'],
      errands: { add() {} } as unknown as Parts[1]['errands'],
      onChange() {},
    });
    const live = { call: { id: 'c1', state: 'connected' }, recording: 'off' } as unknown as LiveCall;
    recorder.start(live, 7);
    await assert.rejects(recorder.pauseByAgent(live, true), { reason: 'not-recorded' });
    assert.deepEqual([asked, live.recording], [[], 'failed']);
  });

  for (const [runs, what] of [
    [true, 'goes on with a recording that runs'],
    [false, 'begins anew one that does not run'],
  ] as const)
    it(`fault: the answer to the request to record is lost – ${what}`, async () => {
      const asked: string[] = [];
      const clock = new ManualClock(0);
      const telephony = {
        state: 'up',
        record(_bridge: string, name: string) {
          asked.push(`record ${name}`);
          return name === 'c1'
            ? Promise.reject(new TelephonyError('timeout', 'no answer'))
            : Promise.resolve();
        },
        async recordingState(name: string) {
          return runs && name === 'c1' ? 'goes-on' : null;
        },
        async stopRecording(name: string) {
          asked.push(`stop ${name}`);
        },
      };
      const recorder = new Recorder(
        { clock, log: { warn() {}, debug() {} }, jobs: {} } as unknown as Parts[0],
        {
          dialerId: 'main',
          telephony: telephony as unknown as Parts[1]['telephony'],
          store: {} as Parts[1]['store'],
          errands: { add() {} } as unknown as Parts[1]['errands'],
          onChange() {},
        },
      );
      const call = { id: 'c1', state: 'connected', userId: 7 };
      const live = { call, campaign: { recording: true }, recording: 'off' } as unknown as LiveCall;
      recorder.start(live, 7);
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      await turn();
      assert.equal(live.recording, 'off', 'nobody knows');
      clock.advance(1_000);
      for (let n = 0; n < 3; n++) await turn();
      assert.equal(live.recording, 'on');
      recorder.stop(live);
      assert.deepEqual(asked, runs ? ['record c1', 'stop c1'] : ['record c1', 'record c1-2', 'stop c1-2']);
    });

  // Fault: the dialer dies while the customer waits for a second agent, and the first one's recording is here already.
  it('gives the next talk of a call that it takes up a name that is free', () => {
    const begun: string[] = [];
    const telephony = {
      async record(_bridge: string, name: string) {
        begun.push(name);
      },
    };
    const recorder = new Recorder({ clock: new ManualClock(0) } as unknown as Parts[0], {
      dialerId: 'main',
      telephony: telephony as unknown as Parts[1]['telephony'],
      store: {} as Parts[1]['store'],
      errands: { add() {} } as unknown as Parts[1]['errands'],
      onChange() {},
    });
    const live = { call: { id: 'c1', state: 'waiting' }, recording: 'off' } as unknown as LiveCall;
    recorder.takeUp(live, [{ name: 'c1', state: 'stored' } as Recording]);
    assert.equal(live.recording, 'off');
    recorder.start(live, 7);
    // The second may have begun, and its row not been written.
    assert.deepEqual(begun, ['c1-3']);
  });
});
