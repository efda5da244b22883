import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { DialerContext } from '../../../dialer/engine/context.ts';
import { Errands } from '../../../dialer/engine/errands.ts';
import { FollowUps, type FollowUp } from '../../../dialer/engine/follow-ups.ts';
import { LeadSweep } from '../../../dialer/engine/lead-sweep.ts';
import { testApp, type TestApp } from '../../support/app.ts';

const minute = 60_000;

describe('what follows from calls', () => {
  let app: TestApp;
  let errands: Errands;
  let followUps: FollowUps;
  let done: string[];
  beforeEach(async () => {
    app = await testApp();
    errands = new Errands(app, { retryMs: 1, capacity: 3 });
    followUps = new FollowUps(app, errands);
    done = [];
  });
  afterEach(async () => {
    await errands.close(0);
    await app.close();
  });

  const work = (key: string, step: string, more: Partial<FollowUp> = {}): FollowUp => ({
    ...{ key, about: {}, leadId: 7, over: () => done.push(`${step} over`) },
    steps: [[step, () => Promise.resolve(done.push(step))]],
    ...more,
  });
  /** So much waits that nothing more is taken, until it is let go. */
  const full = () => {
    let letGo = () => {};
    const stands = new Promise<void>((resolve) => (letGo = resolve));
    for (let n = 0; n < 3; n++) errands.add('waits', {}, () => stands);
    return letGo;
  };

  it('is done later where there is no room for it now (fault: too much waits for the database)', async () => {
    const letGo = full();
    followUps.add(work('c1', 'first'));
    assert.deepEqual([...followUps.leadIds()], [7], 'its lead is left alone until then');
    letGo();
    await errands.idle();
    assert.deepEqual(done, []);
    app.clock.advance(minute);
    await errands.idle();
    assert.deepEqual([done, [...followUps.leadIds()]], [['first', 'first over'], []]);
  });

  it('waits for what follows from the same call already (fault: more is said of a call while the first cannot be written)', async () => {
    let isAway = true;
    const first = async () => {
      if (isAway) throw Object.assign(new Error('no such table'), { code: 'ER_NO_SUCH_TABLE' });
      done.push('first');
    };
    followUps.add(work('c1', 'first', { steps: [['first', first]] }));
    await errands.idle();
    followUps.add(work('c1', 'second'));
    followUps.add(work('c2', 'other'));
    await errands.idle();
    assert.deepEqual(done, ['other', 'other over']);
    isAway = false;
    app.clock.advance(minute);
    await errands.idle();
    assert.deepEqual(done.slice(2), ['first', 'second', 'second over']);
  });

  it('is not begun again where it is found in the database while it is under way', async () => {
    followUps.add(work('c1', 'kept'));
    followUps.add(work('c1', 'kept', { once: true }));
    await errands.idle();
    assert.deepEqual(done, ['kept', 'kept over']);
  });

  it('leaves no lead lying: the sweep is tried again (fault: too much waits when it is due)', async () => {
    let looks = 0;
    const leads = {
      freeOldReservations: () => Promise.resolve(0),
      heldBy: () => Promise.resolve((looks++, [])),
    };
    const ctx = { app, errands, followUps, stores: { leads }, calls: { all: () => [] }, dialerId: 'd1' };
    const stop = new LeadSweep(ctx as unknown as DialerContext, () => []).start();
    const letGo = full();
    app.clock.advance(minute);
    letGo();
    await errands.idle();
    assert.equal(looks, 0);
    app.clock.advance(minute);
    await errands.idle();
    assert.equal(looks, 1);
    stop();
  });
});
