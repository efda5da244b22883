import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { TelephonyError, type Telephony } from '../../../dialer/telephony/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

const person = '+14155550101';

describe('a test call over a trunk', () => {
  let rig: DialerRig;
  let lost = false;
  /** Takes the call and tells nothing of it any more. */
  const silent = (made: Telephony): Telephony =>
    new Proxy(made, {
      get(target, key) {
        if (lost && key === 'originate') return async () => {};
        if (lost && key === 'hangup') return () => Promise.reject(new TelephonyError('timeout', 'no answer'));
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });

  beforeEach(async () => {
    lost = false;
    rig = await dialerRig({ telephony: silent });
    await rig.trunk('First');
    await rig.dialer.start();
    await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
    // Its trunks are told to the switch behind that.
    await rig.pass(500);
  });
  afterEach(() => rig.close());

  const test = async () => {
    const came: { outcome?: string; refused?: string } = {};
    void rig.ask('trunk.test', { trunkId: 1, e164: person }).then(
      ({ outcome }) => (came.outcome = outcome),
      ({ reason }: { reason?: string }) => (came.refused = reason ?? 'late'),
    );
    await rig.until('it is over', () => came.outcome ?? came.refused, 90_000, 250);
    return came;
  };

  it('says that it was answered, and is refused while another goes on', async () => {
    const first = test();
    await assert.rejects(rig.ask('trunk.test', { trunkId: 1, e164: person }), { reason: 'too-many-lines' });
    assert.deepEqual(await first, { outcome: 'answered' });
  });

  // Fault: the switch tells nothing of the call.
  it('does not keep the next one waiting for ever whose own end nobody has told', async () => {
    lost = true;
    assert.deepEqual(await test(), { outcome: 'failed' });
    lost = false;
    assert.deepEqual(await test(), { outcome: 'answered' });
  });
});
