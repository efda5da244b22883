import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { brieflyOutside, outside, silentOutside, transfersRig } from './transfers-rig.ts';

describe('a talk of three', () => {
  const t = transfersRig();
  const { start, when, on, sides, channel, withCustomer, dispose, consult, talksOutside, refused } = t;
  const { unanswered, meanwhile, restart, allOver, allSidesOver, row } = t;

  const conference = (together: boolean) =>
    t.rig.ask('agent.conference', { userId: t.ann, callId: t.callId, on: together });
  const takeBack = () => t.rig.ask('agent.take-back', { userId: t.ann, callId: t.callId });
  const complete = () => t.rig.ask('agent.complete', { userId: t.ann, callId: t.callId });
  const threeWithNumber = async () => {
    await start();
    await consult({ e164: outside });
    await talksOutside();
    return conference(true);
  };
  const threeWithColleague = async () => {
    await start();
    await consult({ userId: t.bob });
    return conference(true);
  };
  const sideLeg = async () => `rw-call-${(await sides())[0].id}-1`;
  const annAndNumber = async () => [`rw-agent-${t.ann}`, await sideLeg()];
  const inBridge = async () => (await withCustomer())?.sort();

  it('brings the customer to the agent and a number, is recorded again, and puts them aside again', async () => {
    await start();
    await consult({ e164: outside });
    const before = await talksOutside();
    assert.deepEqual([before.call?.threeWay, before.call?.recording], [false, 'paused']);
    const three = await conference(true);
    const { state, threeWay, recording, consult: asked } = three.call!;
    assert.deepEqual([state, threeWay, recording, asked?.state], ['connected', true, 'on', 'connected']);
    assert.deepEqual(await inBridge(), (await annAndNumber()).sort());
    const aside = await conference(false);
    assert.deepEqual(
      [aside.call?.state, aside.call?.threeWay, aside.call?.recording],
      ['held', false, 'paused'],
    );
    assert.equal(await withCustomer(), null);
    assert.equal((await conference(true)).call?.threeWay, true);
    await t.rig.dialer.settled();
    const moves = await t.rig.app.db.knex('call_events').where({ call_id: t.callId, event: 'conference' });
    assert.deepEqual(moves.map(({ from_state, to_state }) => [from_state, to_state]), [['held', 'connected'], ['held', 'connected']]); // prettier-ignore
    assert.equal((await row()).abandoned_at, null);
  });

  it('puts the customer alone on hold', async () => {
    await threeWithNumber();
    const held = await t.rig.ask('agent.hold', { userId: t.ann, callId: t.callId, on: true });
    assert.deepEqual([held.call?.state, held.call?.consult?.state], ['held', 'connected']);
    assert.equal(await withCustomer(), null);
  });

  it('lets the third go, and the two talk on', async () => {
    await threeWithNumber();
    const back = await takeBack();
    assert.deepEqual([back.call?.state, back.call?.threeWay, back.call?.consult], ['connected', false, null]);
    await allSidesOver();
    assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
  });

  it('leaves the customer with the number when the agent leaves', async () => {
    await threeWithNumber();
    await complete();
    assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'outside');
    assert.deepEqual(await withCustomer(), [await sideLeg()]);
    await dispose(t.ann);
    t.rig.sim.hangUp(`rw-call-${t.callId}-1`);
    await allOver();
  });

  it('leaves the customer with the colleague, who says what came of it', async () => {
    await threeWithColleague();
    const asked = await t.rig.snapshot(t.bob);
    assert.equal(asked.call?.threeWay, true);
    assert.deepEqual(await inBridge(), [`rw-agent-${t.ann}`, `rw-agent-${t.bob}`]);
    assert.equal((await complete()).call?.noteOnly, true);
    const has = await t.rig.snapshot(t.bob);
    assert.deepEqual([has.call?.id, has.call?.state, has.call?.threeWay], [t.callId, 'connected', false]);
    assert.deepEqual(await withCustomer(), [`rw-agent-${t.bob}`]);
    await t.rig.ask('agent.hangup', { userId: t.bob, callId: t.callId });
    await dispose(t.bob);
    await allOver();
  });

  it('tells a colleague at once that the customer hears them, and that they do not any more', async () => {
    await start();
    await consult({ userId: t.bob });
    const told: boolean[] = [];
    t.rig.app.bus.subscribe(`agent.snapshot.${t.bob}`, (seen) => {
      const { call } = seen as Awaited<ReturnType<typeof conference>>;
      if (call) told.push(call.threeWay);
    });
    await conference(true);
    await conference(false);
    assert.deepEqual([told.includes(true), told.at(-1)], [true, false]);
  });

  for (const [who, leave] of [
    ['the customer', () => t.rig.sim.hangUp(`rw-call-${t.callId}-1`)],
    ['the number', async () => t.rig.sim.hangUp(await sideLeg())],
    ['the agent’s phone', async () => t.rig.sim.hangUp(await channel(`PJSIP/agent-${t.ann}`))],
  ] as const)
    it(`leaves the others in order when ${who} goes`, async () => {
      await threeWithNumber();
      await leave();
      await allSidesOver();
      if (who === 'the customer') {
        await on(t.ann, 'wrapup');
        await dispose(t.ann);
        return allOver();
      }
      await when(t.ann, 'they talk', ({ call, phone }) => phone === 'up' && call?.state === 'connected');
      await t.rig.until('in the bridge', async () => (await withCustomer())?.[0] === `rw-agent-${t.ann}`);
    });

  it('leaves the agent and the customer when the colleague goes', async () => {
    await threeWithColleague();
    await t.rig.ask('agent.hangup', { userId: t.bob, callId: (await t.rig.snapshot(t.bob)).call!.id });
    await on(t.bob, 'ready');
    const two = await t.rig.snapshot(t.ann);
    assert.deepEqual([two.call?.state, two.call?.threeWay], ['connected', false]);
    await t.rig.until('the two', async () => String(await withCustomer()) === `rw-agent-${t.ann}`);
  });

  it('is refused before the other side has picked up, and where nobody is asked', async () => {
    await start();
    await assert.rejects(conference(true), { reason: 'nobody-asked' });
    await consult({ e164: silentOutside });
    await assert.rejects(conference(true), { reason: 'not-picked-up' });
    assert.equal(await withCustomer(), null);
  });

  it('leaves the two to each other where the number hangs up as the customer comes', async () => {
    await start();
    await consult({ e164: brieflyOutside });
    await talksOutside();
    await conference(true);
    const over = await when(t.ann, 'over', ({ call }) => call?.threeWay === false, 10_000);
    assert.equal(over.call?.state, 'connected');
    assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
  });

  // Fault: the switch refuses at each step in turn.
  for (const operation of ['addToBridge', 'hold'])
    it(`fault: the switch refuses ${operation} – the customer stays aside with music, and can be brought after that`, async () => {
      await start();
      await consult({ e164: outside });
      await talksOutside();
      refused.set(operation, 1);
      await assert.rejects(conference(true), { reason: 'switch-refused' });
      assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'held');
      await t.rig.until('aside', async () => (await withCustomer()) === null);
      assert.equal((await conference(true)).call?.threeWay, true);
    });

  for (const operation of ['hold', 'removeFromBridge'])
    it(`fault: the switch refuses ${operation} as the customer is put aside – three talk on`, async () => {
      await threeWithNumber();
      refused.set(operation, 1);
      await assert.rejects(conference(false), { reason: 'switch-refused' });
      const { call } = await t.rig.snapshot(t.ann);
      assert.deepEqual([call?.state, call?.threeWay, call?.recording], ['connected', true, 'on']);
      assert.deepEqual(await inBridge(), (await annAndNumber()).sort());
    });

  for (const operation of ['hold', 'removeFromBridge'])
    it(`fault: ${operation} is done as the customer is put aside, and its answer is lost – three talk on`, async () => {
      await threeWithNumber();
      unanswered.set(operation, 1);
      await assert.rejects(conference(false), { reason: 'switch-refused' });
      const { call } = await t.rig.snapshot(t.ann);
      assert.deepEqual([call?.state, call?.threeWay, call?.recording], ['connected', true, 'on']);
      assert.deepEqual(await inBridge(), (await annAndNumber()).sort());
    });

  it('fault: the customer is put aside unsaid, and cannot be brought back – they are on hold, and can be later', async () => {
    await threeWithNumber();
    unanswered.set('removeFromBridge', 1);
    refused.set('addToBridge', 1);
    await assert.rejects(conference(false), { reason: 'switch-refused' });
    const { call } = await t.rig.snapshot(t.ann);
    assert.deepEqual([call?.state, call?.threeWay, call?.recording], ['held', false, 'paused']);
    assert.equal(await withCustomer(), null);
    assert.equal((await conference(true)).call?.threeWay, true);
    assert.deepEqual(await inBridge(), (await annAndNumber()).sort());
  });

  const losePhone = async () => {
    t.rig.sim.setPhone(`PJSIP/agent-${t.ann}`, false);
    t.rig.sim.hangUp(await channel(`PJSIP/agent-${t.ann}`));
    await when(t.ann, 'lost', ({ phone }) => phone === 'lost');
  };

  // Fault: the agent's phone is lost while the switch does what they have asked for.
  for (const [what, work, operations] of [
    ['brought', () => conference(true), ['addToBridge', 'hold']],
    ['put aside', () => conference(false), ['hold', 'removeFromBridge']],
    ['taken back', takeBack, ['hold']],
  ] as const)
    for (const operation of operations) {
      const begin = async () => {
        await start();
        await consult({ e164: outside });
        await talksOutside();
        if (what === 'put aside') await conference(true);
        meanwhile.set(operation, losePhone);
        await assert.rejects(work(), { reason: 'phone-not-up' });
        const { call } = await t.rig.snapshot(t.ann);
        assert.deepEqual([call?.state, call?.threeWay], ['held', false]);
      };

      it(`fault: the phone is lost at ${operation} as the customer is ${what} – they talk when it is back`, async () => {
        await begin();
        t.rig.sim.setPhone(`PJSIP/agent-${t.ann}`, true);
        await when(t.ann, 'they talk', ({ call, phone }) => phone === 'up' && call?.state === 'connected');
        assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
      });

      it(`fault: the phone is lost at ${operation} as the customer is ${what}, and stays away – somebody else gets them`, async () => {
        await begin();
        await when(
          t.bob,
          'has them',
          ({ call }) => call?.id === t.callId && call.state === 'connected',
          30_000,
        );
        assert.deepEqual(await withCustomer(), [`rw-agent-${t.bob}`]);
      });
    }

  it('fault: the switch refuses to hand the customer out – three talk on', async () => {
    await threeWithNumber();
    refused.set('addToBridge', 1);
    await assert.rejects(complete(), { reason: 'switch-refused' });
    assert.equal((await t.rig.snapshot(t.ann)).call?.threeWay, true);
    assert.deepEqual(await inBridge(), (await annAndNumber()).sort());
  });

  it('fault: the dialer is killed – three talk on with a number, and the agent can leave', async () => {
    await threeWithNumber();
    await restart();
    assert.equal((await t.rig.snapshot(t.ann)).call?.threeWay, true);
    assert.deepEqual(await inBridge(), (await annAndNumber()).sort());
    await complete();
    assert.deepEqual(await withCustomer(), [await sideLeg()]);
  });

  it('fault: the dialer is killed – a colleague is back in their own bridge, the two talk on', async () => {
    await threeWithColleague();
    await restart();
    await on(t.bob, 'ready');
    assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'connected');
    await t.rig.until('the two', async () => String(await withCustomer()) === `rw-agent-${t.ann}`);
  });
});
