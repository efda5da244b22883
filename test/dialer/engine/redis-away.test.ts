import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { testApp, type TestApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const people = ['+14155550101', '+14155550111'];

/** The same thing, of which some members are others. */
function but<T extends object>(whole: T, others: Partial<Record<keyof T, () => unknown>>): T {
  return new Proxy(whole, {
    get(target, key) {
      const other = others[key as keyof T];
      if (other) return other();
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

describe('a dialer whose Redis is away', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let isAway: boolean;
  let asked: string[];

  beforeEach(async () => {
    isAway = false;
    asked = [];
    const app = await testApp();
    const add: TestApp['jobs']['add'] = async (name, data, options) => {
      if (!isAway) return app.jobs.add(name, data, options);
      asked.push(name);
      // Bull answers late, and then with an error.
      return new Promise((_, reject) =>
        app.clock.after(5_000, () => reject(new Error('Redis did not answer'))),
      );
    };
    const jobs = but(app.jobs, { add: () => add });
    rig = await dialerRig({ app: { ...app, jobs, bus: but(app.bus, { isUp: () => !isAway }) } });
  });
  afterEach(() => rig.close());

  it('fault: recordings cannot be queued – what came of the call is written at once, and the file is asked for later', async () => {
    const { userId } = await startOneAgent(rig, people.slice(0, 1), { recording: true });
    await rig.ready(userId);
    const { call } = await whenAgent(rig, userId, 'on call', ({ state }) => state === 'on-call');
    const callId = call!.id;
    await rig.until('it is recorded', () => rig.sim.stats().recordingsNow === 1);
    isAway = true;
    await rig.ask('agent.hangup', { userId, callId });
    await whenAgent(rig, userId, 'wrap-up', ({ state }) => state === 'wrapup');
    await rig.until('the file is asked for', () => asked.length > 0);
    const dispositionId = await rig.disposition('do_not_call');
    await rig.ask('agent.dispose', {
      userId,
      callId,
      dispositionId,
      note: '',
      next: 'paused',
      pauseCodeId: 1,
    });
    // No time passes: nothing waits for the answer of the queue.
    await rig.dialer.settled();
    assert.equal((await rig.calls())[0]!.disposition_id, dispositionId);
    assert.equal((await rig.app.db.knex('dnc_numbers')).length, 1);
    isAway = false;
    const row = () => rig.app.db.knex('recordings').first();
    await rig.until('the file is here', async () => (await row()).state === 'stored', 30_000);
  });

  it('fault: agents’ pages are not reached – nobody is dialled for them until they are', async () => {
    isAway = true;
    const { userId, campaignId } = await startOneAgent(rig, people);
    await rig.ready(userId);
    await rig.pass(5_000);
    assert.deepEqual(await rig.calls(), []);
    assert.equal((await rig.pacing(campaignId)).notDialing?.code, 'bus-down');
    isAway = false;
    await whenAgent(rig, userId, 'on call', ({ state }) => state === 'on-call');
  });

  it('fault: agents’ pages are not reached – no preview is put where nobody sees it', async () => {
    isAway = true;
    const { userId } = await startOneAgent(rig, people, { mode: 'preview' });
    await rig.ready(userId);
    await rig.pass(2_000);
    assert.equal((await rig.snapshot(userId)).state, 'ready');
    isAway = false;
    await whenAgent(rig, userId, 'preview', ({ preview }) => preview !== null);
  });
});
