import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { agentBridgeId } from '../../../dialer/engine/live-agents.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

const person = '+14155550101';

describe('recordings of calls whose end the switch did not hear', () => {
  let rig: DialerRig;
  let userId: number;
  beforeEach(async () => {
    rig = await dialerRig();
    userId = await rig.agent('ann');
    const trunkIds = [await rig.trunk('First')];
    await rig.campaign({ numbers: [person], trunkIds, agentIds: [userId] });
    await rig.dialer.start();
    await rig.ready(userId);
    await rig.until('they talk', async () => (await rig.snapshot(userId)).state === 'on-call', 30_000);
    await rig.until('it is recorded', () => rig.sim.stats().recordingsNow === 1);
  });
  afterEach(() => rig.close());

  const row = () => rig.app.db.knex('recordings').first();
  const stored = () => rig.until('the file is here', async () => (await row())?.state === 'stored', 60_000);

  it('fault: the link is cut for longer than calls are believed in – the recording ends with the call', async () => {
    rig.sim.faults.freeze(true);
    rig.sim.faults.dropSockets();
    await rig.until('the call is over', async () => (await rig.snapshot(userId)).state === 'wrapup', 40_000);
    rig.sim.faults.freeze(false);
    await rig.until('the switch is back', () => rig.dialer.status().switch === 'up');
    await stored();
    const { duration_ms: ms, size } = await row();
    assert.ok(ms > 0 && size > 44, `${ms} ms, ${size} bytes`);
    await rig.until('the phone is back', async () => (await rig.snapshot(userId)).phone === 'up');
    assert.equal(rig.sim.stats().recordingsNow, 0);
  });

  it('fault: the dialer dies in the talk before the row of its recording is written – the next one ends it with the call and has the file', async () => {
    await rig.dialer.settled();
    await rig.dialer.close();
    await rig.app.db.knex('recordings').delete();
    const next = await rig.restart();
    await rig.until('the switch is up', () => next.status().switch === 'up');
    const { call } = await rig.snapshot(userId);
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    await rig.until('nothing is recorded', () => rig.sim.stats().recordingsNow === 0);
    assert.deepEqual((await row()).name, call!.id);
    await rig.until(
      'the file is asked for',
      async () => (await rig.app.db.knex('jobs').where({ name: 'recordings.fetch' })).length > 0,
      30_000,
    );
  });

  const ari = async (path: string) => {
    const { url, user, password } = rig.sim;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const answer = await fetch(`${url}/ari/${path}`, { method: 'POST', headers: { authorization } });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
  };
  /** The row tells of the first talk alone, which is over: what the switch records is the second one's. */
  const diesInSecondTalk = async (state: string, firstIs: string) => {
    await rig.dialer.settled();
    await rig.dialer.close();
    const { id } = await rig.app.db.knex('calls').first();
    await ari(`recordings/live/${id}/stop`);
    await ari(`bridges/${agentBridgeId(userId)}/record?name=${id}-2&format=wav`);
    assert.equal(rig.sim.stats().recordingsNow, 1);
    await rig.app.db.knex('recordings').update({ state: firstIs });
    await rig.app.db.knex('calls').update({ state });
    const next = await rig.restart();
    await rig.until('the switch is up', () => next.status().switch === 'up');
    return id as string;
  };
  const secondIsHere = (id: string) =>
    rig.until('the second one has its row', () =>
      rig.app.db
        .knex('recordings')
        .where({ name: `${id}-2` })
        .first(),
    );

  for (const firstIs of ['recording', 'stored'])
    it(`fault: the dialer dies in a second talk, and no row tells of its recording (the first is ${firstIs}) – it ends with the call, and is kept`, async () => {
      const id = await diesInSecondTalk('connected', firstIs);
      assert.equal(rig.sim.stats().recordingsNow, 1);
      await rig.ask('agent.hangup', { userId, callId: id });
      await rig.until('nothing is recorded', () => rig.sim.stats().recordingsNow === 0);
      await secondIsHere(id);
    });

  it('fault: the dialer dies as a second talk begins, and no row tells of either – its recording ends before anybody else is heard', async () => {
    const id = await diesInSecondTalk('waiting', 'recording');
    await secondIsHere(id);
  });

  it('fault: the dialer dies and the call is over when the next one starts – its recording is brought over', async () => {
    await rig.dialer.settled();
    await rig.dialer.close();
    await rig.app.db
      .knex('calls')
      .update({ state: 'ended', outcome: 'answered', ended_at: rig.app.clock.now() });
    const next = await rig.restart();
    await rig.until('the switch is up', () => next.status().switch === 'up');
    await rig.until(
      'the file is asked for',
      async () => (await rig.app.db.knex('jobs').where({ name: 'recordings.fetch' })).length > 0,
      30_000,
    );
    assert.equal(rig.sim.stats().recordingsNow, 0);
  });
});
