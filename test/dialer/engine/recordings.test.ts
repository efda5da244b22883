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
    const written = await rig.until('its row is there', row);
    assert.equal(written.name, call!.id);
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
  const shown = async () => (await rig.snapshot(userId)).call?.recording;
  /** The next dialer finds the talk, and a switch that has stopped recording it. */
  const restartsUnrecorded = async () => {
    await rig.dialer.settled();
    await rig.dialer.close();
    const { id } = await rig.app.db.knex('calls').first();
    await ari(`recordings/live/${id}/stop`);
    const next = await rig.restart();
    await rig.until('the switch is up', () => next.status().switch === 'up');
    return id as string;
  };
  const names = () => rig.app.db.knex('recordings').orderBy('id').pluck('name');

  it('fault: the recording ends while no dialer runs – the next one asks the switch, records a second part, and says so then', async () => {
    const id = await restartsUnrecorded();
    await rig.until('it says that it is recorded', async () => (await shown()) === 'on');
    await rig.until('and it is', () => rig.sim.stats().recordingsNow === 1);
    await rig.until('the file of the first part is asked for', async () =>
      (await rig.app.db.knex('jobs').where({ name: 'recordings.fetch' })).some((job: { data: string }) =>
        job.data.includes(`"${id}"`),
      ),
    );
    await rig.ask('agent.hangup', { userId, callId: id });
    await rig.until('nothing is recorded', () => rig.sim.stats().recordingsNow === 0);
    const [first, ...others] = await names();
    assert.deepEqual([first, others.length], [id, 1]);
  });

  it('fault: so it does while the agent has paused it – nothing is recorded before the agent resumes it', async () => {
    const { call } = await rig.snapshot(userId);
    await rig.ask('agent.record', { userId, callId: call!.id, on: false });
    const id = await restartsUnrecorded();
    await rig.until('it is known', async () => (await shown()) === 'paused');
    await rig.pass(3_000);
    assert.deepEqual([await shown(), rig.sim.stats().recordingsNow], ['paused', 0]);
    const resumed = await rig.ask('agent.record', { userId, callId: id, on: true });
    assert.deepEqual([resumed.call?.recording, resumed.call?.recordingPausedByAgent], ['on', false]);
    await rig.until('it is recorded', () => rig.sim.stats().recordingsNow === 1);
    await rig.dialer.settled();
    await rig.until('the pause has an end', async () => /"until":\d/.test((await row()).pauses));
  });

  it('fault: the link to the switch is cut, and the recording ends meanwhile – a second part is recorded', async () => {
    const { id } = await rig.app.db.knex('calls').first();
    rig.sim.faults.freeze(true);
    rig.sim.faults.dropSockets();
    await rig.until('it is down', () => rig.dialer.status().switch !== 'up');
    rig.sim.faults.freeze(false);
    await ari(`recordings/live/${id}/stop`);
    await rig.until('the switch is back', () => rig.dialer.status().switch === 'up');
    await rig.until('it is recorded', () => rig.sim.stats().recordingsNow === 1);
    assert.equal(await shown(), 'on');
  });

  it('fault: the dialer starts and the switch is not there – nobody is told that anything is recorded', async () => {
    await rig.dialer.settled();
    await rig.dialer.close();
    rig.sim.faults.freeze(true);
    const next = await rig.restart();
    await rig.pass(1_000);
    assert.notEqual(next.status().switch, 'up');
    assert.equal(await shown(), 'off');
    rig.sim.faults.freeze(false);
    await rig.until('the switch is up', () => next.status().switch === 'up');
    await rig.until('it says so', async () => (await shown()) === 'on');
    assert.equal(rig.sim.stats().recordingsNow, 1);
    await rig.until('it is written', async () => (await names()).length === 1);
  });

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
