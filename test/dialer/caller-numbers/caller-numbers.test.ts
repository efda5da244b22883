import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createNumberPoolStore } from '../../../campaigns/index.ts';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { createLineResultStore } from '../../../dialer/line-health/line-result-store.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent } from '../../support/one-agent.ts';

const busy = '+14155550105';
const alsoBusy = '+14155551205';
const [near, far] = ['+14155550190', '+12125550190'];

describe('a campaign that shows numbers of a pool', () => {
  let rig: DialerRig;
  let campaignId: number;
  let userId: number;
  const shown = async () =>
    (await rig.app.db.knex('calls').whereNotNull('dialed_at').orderBy('created_at')).map(
      (call: { caller_id: string | null }) => call.caller_id,
    );
  const store = () => createNumberPoolStore(rig.app);

  async function begin(limits: [number | null, number | null], numbers = [busy, alsoBusy]): Promise<number> {
    const saved = await store().save(
      null,
      {
        ...{ name: 'Pool', zone: 'America/Los_Angeles' },
        numbers: [far, near].map((e164, index) => ({ e164, dailyLimit: limits[1 - index]!, enabled: true })),
      },
      rig.app.clock.now(),
    );
    assert.ok(saved.saved);
    ({ campaignId, userId } = await startOneAgent(rig, numbers, { numberPoolId: saved.id }));
    await rig.ready(userId);
    return saved.id;
  }

  beforeEach(async () => {
    // Half a minute before midnight, where the pool's days begin.
    rig = await dialerRig({
      app: await testApp({ clock: new ManualClock(Date.UTC(2026, 10, 24, 7, 59, 30)) }),
    });
  });
  afterEach(() => rig.close());

  it('shows the one nearest to each customer, then the next when that has made all its calls of the day', async () => {
    await begin([1, null]);
    await rig.until('both are called', async () => (await shown()).length === 2);
    assert.deepEqual(await shown(), [near, far]);
    await rig.until('what came of them is counted', async () => {
      const rows = await createLineResultStore(rig.app).since('number', 0);
      return [near, far].every((e164) =>
        rows.some(({ subject, causes }) => subject === e164 && causes.busy === 1),
      );
    });
  });

  it('waits when all are used up, says until when, and goes on with the next day', async () => {
    await begin([1, 1], [busy, alsoBusy, '+14155551305']);
    await rig.until('two are called', async () => (await shown()).length === 2);
    const waiting = await rig.until('it says why', async () => {
      const { notDialing } = await rig.pacing(campaignId);
      return notDialing?.code === 'numbers-used-up' ? notDialing : null;
    });
    const midnight = waiting.until!;
    assert.equal(
      new Date(midnight).toLocaleTimeString('en-GB', { timeZone: 'America/Los_Angeles' }),
      '00:00:00',
    );
    await assert.rejects(
      rig.ask('agent.dial', { userId, campaignId, e164: '+14155550126' }),
      (error: { reason?: string }) => error.reason === 'numbers-used-up',
    );
    await rig.pass(2_000);
    assert.equal((await shown()).length, 2);
    await rig.until('the third is called', async () => (await shown()).length === 3, 60_000);
  });

  it('fault: another dialer has used the number up meanwhile – the call shows the next one', async () => {
    await begin([1, null], []);
    const day = new Date(rig.app.clock.now()).toLocaleDateString('en-CA', {
      timeZone: 'America/Los_Angeles',
    });
    assert.ok(await store().take({ e164: near, dailyLimit: 1, enabled: true }, day));
    await rig.ask('agent.dial', { userId, campaignId, e164: busy });
    await rig.until('it is called', async () => (await shown()).length === 1);
    assert.deepEqual(await shown(), [far]);
  });
});
