import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { cuttable } from '../../support/cut-link.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

const person = '+14155550101';

describe('fault: the link to the switch is cut as a customer is brought to an agent', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  afterEach(() => rig.close());

  let link: ReturnType<typeof cuttable>;
  /** Two agents who are free, and the link away for so long from the first join on. */
  const start = async (ms: number, answerGraceMs: number) => {
    link = cuttable(() => rig.app.clock);
    rig = await dialerRig({ telephony: link.telephony });
    const agents = [await rig.agent('ann'), await rig.agent('bob')];
    const trunkId = await rig.trunk('First');
    await rig.campaign({ numbers: [person], trunkIds: [trunkId], agentIds: agents, answerGraceMs });
    await rig.dialer.start();
    await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
    for (const userId of agents) await rig.signIn(userId);
    link.cutAt(ms, (request, [, channelIds]) => {
      const isCustomers = request === 'addToBridge' && String(channelIds).startsWith('rw-call-');
      return isCustomers;
    });
    for (const userId of agents) await rig.ask('agent.ready', { userId });
    return { agents, states: () => Promise.all(agents.map(async (id) => (await rig.snapshot(id)).state)) };
  };
  const call = async () => rig.app.db.knex('calls').first();

  it('for a second – the two talk within the grace, and no agent is taken for gone', async () => {
    const { states, agents } = await start(1_000, 2_000);
    await rig.until('they talk', async () => (await states()).includes('on-call'), 20_000);
    assert.deepEqual((await states()).sort(), ['on-call', 'ready']);
    await rig.dialer.settled();
    const { state, abandoned_at } = await call();
    assert.deepEqual([state, abandoned_at], ['connected', null]);
    for (const id of agents) assert.equal((await rig.snapshot(id)).phone, 'up');
  });

  it('for longer than the grace – the call counts as abandoned, and all agents stay ready', async () => {
    const { states } = await start(3_000, 1_000);
    await rig.until('it is over', async () => (await call())?.state === 'ended', 20_000);
    await rig.dialer.settled();
    assert.equal((await call()).outcome, 'abandoned');
    assert.deepEqual(await states(), ['ready', 'ready']);
    // Who was still on the line as the link came back has heard who called.
    assert.equal(link.done.filter(([request]) => request === 'play').length, 1);
    await rig.until('nobody is left in a bridge of theirs', async () =>
      (await rig.bridges()).every(({ channelIds }) => channelIds.length === 1),
    );
  });

  it('as one is taken from an agent whose phone is gone – they wait with music for a colleague', async () => {
    const { agents, states } = await start(0, 2_000);
    await rig.until('they talk', async () => (await states()).includes('on-call'), 20_000);
    const talking = agents[(await states()).indexOf('on-call')]!;
    link.cutAt(3_000, (request) => request === 'removeFromBridge');
    rig.sim.setPhone(`PJSIP/agent-${talking}`, false);
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${talking}`));
    const colleague = agents.find((userId) => userId !== talking)!;
    const has = async () => (await rig.snapshot(colleague)).state === 'on-call';
    await rig.until('the colleague has them', has, 40_000);
    await rig.dialer.settled();
    assert.equal((await call()).state, 'connected');
  });

  it('as the music of one whose agent is back is to end – it ends once the link is back', async () => {
    const { agents, states } = await start(0, 2_000);
    await rig.until('they talk', async () => (await states()).includes('on-call'), 20_000);
    const talking = agents[(await states()).indexOf('on-call')]!;
    link.cutAt(4_000, (request, [, on]) => request === 'hold' && on === false);
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${talking}`));
    await rig.until('the agent is missed', async () => (await rig.snapshot(talking)).phone !== 'up');
    await rig.until('the agent is back', async () => (await rig.snapshot(talking)).phone === 'up');
    await rig.pass(8_000);
    assert.equal((await rig.snapshot(talking)).call?.state, 'connected');
    const endedBefore = link.done.filter(([request, [, on]]) => request === 'hold' && on === false).length;
    assert.equal(endedBefore, 0);
    rig.sim.faults.dropSockets();
    const ended = () => link.done.some(([request, [, on]]) => request === 'hold' && on === false);
    await rig.until('the music ends', ended, 10_000);
  });
});
