import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { figuresOf } from '../../../reports/rollups/rollup.ts';
import { RollupStore } from '../../../reports/rollups/rollup-store.ts';
import { up as mendConnectEvents } from '../../../migrations/0132-connect-events-instant.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig } from '../../support/dialer-rig.ts';

/** Time goes on between any two looks at it, as it may on every real machine. */
class RestlessClock extends ManualClock {
  #last = 0;

  override now(): number {
    return (this.#last = Math.max(super.now(), this.#last + 1));
  }
}

const talksThreeSeconds = '+14155550103';
const dayMs = 86_400_000;

/** The column of a call in which an event's time stands, where it has one of its own. */
const columns: Record<string, string> = {
  create: 'created_at',
  dial: 'dialed_at',
  answer: 'answered_at',
  connect: 'connected_at',
  end: 'ended_at',
};

describe('the instant of a transition', () => {
  it('is one, in the call and in its event, so that the figures count every call, whenever the clock ticks', async () => {
    const app = await testApp({ clock: new RestlessClock() });
    const rig = await dialerRig({ app });
    try {
      const userId = await rig.agent('ann');
      const trunkIds = [await rig.trunk('First')];
      const campaignId = await rig.campaign({ numbers: [talksThreeSeconds], trunkIds, agentIds: [userId] });
      await rig.dialer.start();
      await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
      const since = Math.floor(app.clock.now() / dayMs) * dayMs;
      await rig.ready(userId);
      await rig.until('it was answered and has ended', async () =>
        (await rig.calls()).some((call) => call.connected_at !== null && call.state === 'ended'),
      );
      await rig.dialer.settled();

      const { knex } = app.db;
      const call: Record<string, unknown> = await knex('calls').first();
      const events: { event: string; at: number }[] = await knex('call_events').orderBy('id');
      const timed = events.filter(({ event }) => event in columns);
      assert.deepEqual(
        timed.map(({ event, at }) => [event, at]),
        timed.map(({ event }) => [event, call[columns[event]!]]),
      );
      assert.equal(timed.length, Object.keys(columns).length);

      const rollups = new RollupStore(app.db);
      const figures = async () => {
        while ((await rollups.advance(app.clock.now() + dayMs)) > 0);
        return figuresOf(await rollups.totals(campaignId, since, since + 2 * dayMs));
      };
      assert.equal((await figures()).connected, 1);
      assert.equal((await figures()).outcomes.answered, 1);

      // As the clock was read twice once: the figures had lost the call.
      await knex('call_events').where({ event: 'connect' }).increment('at', 3);
      await rollups.reset();
      assert.equal((await figures()).connected, 0);
      await mendConnectEvents(knex);
      assert.equal((await figures()).connected, 1);
    } finally {
      await rig.close();
    }
  });
});
