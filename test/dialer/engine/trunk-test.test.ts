import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createGate } from '../../../campaigns/compliance/index.ts';
import { createConsentStore } from '../../../campaigns/compliance/consents/consent-store.ts';
import { createOverrideStore } from '../../../campaigns/compliance/overrides/override-store.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { testApp } from '../../support/app.ts';
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

describe('a test call, for the gate', () => {
  const own = '+12125550162';
  const french = '+33199000162';
  /** Answers of the test call, or why it was not placed. */
  async function place(
    at: string,
    work: (rig: DialerRig, test: (e164: string) => Promise<string>) => Promise<void>,
  ) {
    const app = await testApp({ clock: new ManualClock(Date.parse(at)) });
    const rig = await dialerRig({ app, dialer: { gate: createGate(app) } });
    try {
      const trunkId = await rig.trunk('First');
      await rig.dialer.start();
      await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
      await rig.pass(500);
      await work(rig, async (e164) => {
        const came: { says?: string } = {};
        void rig.ask('trunk.test', { trunkId, e164 }).then(
          ({ outcome }) => (came.says = outcome),
          ({ reason, details }: { reason?: string; details?: { reasonCode?: string } }) =>
            (came.says = details?.reasonCode ?? reason ?? 'late'),
        );
        return rig.until('it is over', () => came.says, 90_000, 250);
      });
    } finally {
      await rig.close();
    }
  }

  it('fault: it is night there, or nobody has consented – nothing rings, until a leave or a consent lets it', () =>
    place('2026-11-24T09:47:00Z', async (rig, test) => {
      assert.deepEqual([await test(own), await test(french)], ['TIME_BEFORE_OPEN', 'CONSENT_MISSING']);
      assert.deepEqual([rig.sim.invites().length, (await rig.calls()).length], [0, 0]);
      const now = rig.app.clock.now();
      const leave = { e164: own, campaignId: null, reason: 'our own phone', reasonCode: 'TIME_BEFORE_OPEN' };
      await createOverrideStore(rig.app).grant(leave as never, 1, now);
      await createConsentStore(rig.app).add(
        { customerId: null, e164: french, kind: 'opt_in', source: 'paper', proof: 'ours', givenAt: now - 1, expiresAt: null }, // prettier-ignore
        { userId: 1, at: now },
      );
      assert.equal(await test(own), 'answered');
      assert.equal(await test(own), 'TIME_BEFORE_OPEN', 'the leave was for one call');
      assert.equal(await test(french), 'answered');
    }));

  it('is written as a call, so that counts of attempts know of it; nobody counts as abandoned', () =>
    place('2026-11-24T15:00:00Z', async (rig, test) => {
      const now = rig.app.clock.now();
      const once = { freq: [{ type: 'calendar_day', max: 1 }], source: 'ours', confidence: 'policy' };
      const windows = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [['09:00', '20:00']]])); // prettier-ignore
      await createRuleVersionStore(rig.app).add({
        ...{ name: 'us.once', form: { ...once, windows, places: ['US'] } as never, loosens: false },
        ...{ effectiveAt: now, note: 'for the test', by: null, at: now },
      });
      assert.equal(await test(own), 'answered');
      await rig.dialer.settled();
      const [call, ...others] = await rig.app.db.knex('calls');
      assert.deepEqual([call.e164, call.state, call.outcome, call.path, call.trunk_id], [own, 'ended', 'hung-up', 'manual', 1]); // prettier-ignore
      assert.ok(call.dialed_at >= now && call.answered_at >= call.dialed_at);
      assert.deepEqual([call.abandoned_at, others], [null, []]);
      const events = await rig.app.db
        .knex('call_events')
        .where({ call_id: call.id })
        .orderBy('id')
        .pluck('event');
      assert.deepEqual(events, ['create', 'dial', 'answer', 'end']);
      assert.equal(await test(own), 'FREQ_CAP_DAY');
    }));
});
