import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createCellStore } from '../../../dialer/cells/cell-store.ts';
import { allowAbandoning } from '../../support/allow-abandoning.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const ringsForEver = '+14155550104';
const person = '+14155550101';

describe('a dialer that stops', () => {
  let rig: DialerRig;
  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  it('rings nobody on whom no agent waits for, counts them as not called, and talks go on', async () => {
    await allowAbandoning(rig.app);
    const { userId } = await startOneAgent(rig, [person, ringsForEver, '+14155551104'], {
      ...{ mode: 'power', powerRatio: 3, maxLinesPerAgent: 3, abandonCap: 1 },
      identification: { words: { en: 'This was a test.' }, optOutDigit: null },
    });
    await rig.ready(userId);
    await whenAgent(rig, userId, 'they talk', ({ state }) => state === 'on-call', 30_000);
    const ringing = async () => (await rig.calls()).filter(({ state }) => state === 'ringing');
    await rig.until('others ring', async () => (await ringing()).length > 0, 20_000);
    await rig.dialer.close();
    assert.deepEqual((await ringing()).length, 0);
    const calls = await rig.calls();
    const rung = calls.filter(({ e164 }) => e164 !== person);
    assert.ok(rung.length > 0 && rung.every(({ outcome }) => outcome === 'cancelled'), JSON.stringify(rung));
    assert.equal(calls.find(({ e164 }) => e164 === person)!.state, 'connected');
    await rig.until('only the talk is left', () => rig.sim.stats().channelsNow === 2, 5_000);
  });

  it('fault: another process takes its name while calls are up – it writes no more, leaves the switch and touches no call', async () => {
    const { userId } = await startOneAgent(rig, [person, ringsForEver]);
    await rig.ready(userId);
    await whenAgent(rig, userId, 'they talk', ({ state }) => state === 'on-call', 30_000);
    await rig.dialer.settled();
    const { dialerId } = rig.dialer.status();
    await createCellStore(rig.app).begin({ id: dialerId, run: 'another', switchUrl: null }, rig.app.clock.now()); // prettier-ignore
    await rig.until('it has left', () => rig.dialer.status().switch !== 'up', 30_000);
    assert.match(rig.dialer.status().switchFault!, /another process/);
    const before = await rig.app.db.knex('agent_events').count({ n: '*' });
    const channels = rig.sim.stats().channelsNow;
    await rig.pass(30_000);
    assert.equal(rig.sim.stats().channelsNow, channels, 'nothing is hung up, nothing is dialled');
    assert.deepEqual(await rig.app.db.knex('agent_events').count({ n: '*' }), before);
    assert.equal(rig.dialer.status().switch, 'down', 'and does not come back to take it');
  });

  for (const how of ['has ended in order', 'has been silent for a minute'])
    it(`says that it could begin anew once that other process ${how}, and not before`, async () => {
      await rig.close();
      let told = 0;
      rig = await dialerRig({ dialer: { nameFree: () => (told += 1) } });
      await startOneAgent(rig, [person]);
      const { dialerId } = rig.dialer.status();
      const cells = createCellStore(rig.app);
      const now = () => rig.app.clock.now();
      await cells.begin({ id: dialerId, run: 'another', switchUrl: null }, now());
      const stopBeating = rig.app.clock.every(5_000, () => void cells.beat(dialerId, 'another', now()));
      await rig.until('it has left', () => rig.dialer.status().switch !== 'up', 30_000);
      await rig.pass(90_000);
      assert.equal(told, 0);
      stopBeating();
      const endsInOrder = how === 'has ended in order';
      if (endsInOrder) await cells.end(dialerId, 'another', now());
      await rig.pass(endsInOrder ? 10_000 : 50_000);
      assert.equal(told, endsInOrder ? 1 : 0);
      await rig.pass(60_000);
      assert.equal(told, 1);
    });
});
