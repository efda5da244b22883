import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Gate } from '../../../campaigns/compliance/index.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const busy = '+14155550105';
const noAnswer = '+14155550104';

describe('leads that a dialer holds', () => {
  let rig: DialerRig;
  /** Whether calls to New York are suspended; nobody knows until when. */
  let suspended: boolean;
  let answeredAgoMs: number;

  beforeEach(async () => {
    suspended = true;
    answeredAgoMs = 0;
    const gate: Gate = {
      ...openGate,
      async mayCall(request) {
        const verdict = await openGate.mayCall(request);
        if (!suspended || !request.e164.startsWith('+1212')) return verdict;
        return {
          ...verdict,
          ...{ decision: 'block', allowed: false, reasonCode: 'EMERGENCY_SUPPRESSION', outlook: 'uncertain' },
          at: rig.app.clock.now() - answeredAgoMs,
        };
      },
      mayCallMany: (requests) => Promise.all(requests.map((request) => gate.mayCall(request))),
    };
    rig = await dialerRig({ dialer: { gate } });
  });
  afterEach(() => rig.close());

  const newYork = (count: number) =>
    Array.from({ length: count }, (_, n) => `+1212555${String(n).padStart(4, '0')}`);
  const start = async (numbers: string[], given: object = {}) => {
    const userId = await rig.agent('ann');
    const trunkIds = [await rig.trunk('First')];
    const campaignId = await rig.campaign({ numbers, trunkIds, agentIds: [userId], ...given });
    await rig.dialer.start();
    return { userId, campaignId };
  };
  const leads = () => createLeadStore(rig.app);
  const wait = (ms: number) => {
    const end = rig.app.clock.now() + ms;
    return rig.until('time passes', () => rig.app.clock.now() >= end, 2 * ms, 5_000);
  };
  const called = async () => (await rig.calls()).map(({ e164 }) => e164);

  it('do not keep it from all that stand behind them when a suspension bears on them', async () => {
    const { userId } = await start([...newYork(400), person]);
    await rig.ready(userId);
    await rig.until('who stands last is called', async () => (await called()).includes(person));
    assert.deepEqual(await called(), [person]);
  });

  it('do not keep it for minutes from all that stand behind them, however many they are, and not again in a while', async () => {
    const { userId } = await start([...newYork(2_000), person]);
    const from = rig.app.clock.now();
    await rig.ready(userId);
    await rig.until('who stands last is called', async () => (await called()).includes(person), 120_000);
    assert.ok(rig.app.clock.now() - from < 25_000, `${rig.app.clock.now() - from} ms`);
    const rows: { next_at: number; updated_at: number }[] = await setAside();
    const due = rows.map(({ next_at }) => next_at);
    assert.equal(due.length, 2_000);
    const waits = new Set(rows.map(({ next_at, updated_at }) => next_at - updated_at));
    assert.ok(waits.size <= 16, `written in few groups: ${waits.size}`);
    assert.ok(Math.min(...due) >= from + 4 * 3_600_000);
    assert.ok(Math.max(...due) - Math.min(...due) > 3_600_000, 'they do not come back all at once');
  });

  const setAside = () => rig.app.db.knex('leads').where({ state_reason: 'EMERGENCY_SUPPRESSION' }).select('next_at', 'updated_at'); // prettier-ignore

  it('fault: the answer about them was long on its way to the database – it may be out of date, and they are asked about soon', async () => {
    answeredAgoMs = 60_000;
    const { userId } = await start([...newYork(3), person]);
    await rig.ready(userId);
    await rig.until('who stands last is called', async () => (await called()).includes(person));
    const rows: { next_at: number; updated_at: number }[] = await setAside();
    assert.deepEqual(rows.map(({ next_at, updated_at }) => next_at - updated_at), [600_000, 600_000, 600_000]); // prettier-ignore
  });

  it('are called at once when the suspension is lifted, and not before', async () => {
    const { userId, campaignId } = await start(newYork(2));
    await rig.ready(userId);
    const why = async () => (await rig.pacing(campaignId)).notDialing;
    await rig.until('the page says why', async () => (await why())?.code === 'all-blocked');
    const { params, until } = (await why())!;
    assert.deepEqual([params.reason, until], ['EMERGENCY_SUPPRESSION', null]);
    await rig.pass(20_000);
    assert.deepEqual(await called(), []);
    suspended = false;
    rig.app.bus.publish('calls.resumed', { id: 1 });
    await rig.until('one is called', async () => (await called()).length === 1, 10_000);
  });

  // Fault: answers of the database to a reservation and to a dialling were lost, so that only the rows know of them.
  it('go back when it knows nothing of them', async () => {
    await start([noAnswer, person]);
    const now = rig.app.clock.now();
    const [first, second] = await rig.leads();
    const { dialerId } = rig.dialer.status();
    for (const { id } of [first!, second!]) await leads().reserveOne(id, dialerId, now);
    await leads().toDialing(second!.id, dialerId, now);
    assert.equal((await leads().heldBy(dialerId)).length, 2);
    const free = async () => (await leads().heldBy(dialerId)).length === 0;
    await rig.until('they are free', free, 15 * 60_000, 2_000);
    assert.ok(rig.app.clock.now() - now >= 10 * 60_000, 'not while a step of its own may still be under way');
    assert.deepEqual(
      (await rig.leads()).map(({ state, attempts }) => [state, attempts]),
      [
        ['new', 0],
        ['waiting', 0],
      ],
    );
  });

  it('fault: the database takes no writes for longer than a lead may be held for nothing – what the agent handed in meanwhile decides, once; and since before the first talk nobody could read what there is to hand in', async () => {
    const { userId } = await start([person], { wrapupLimitMs: 3_600_000 });
    const { knex } = rig.app.db;
    const dispositionId = await rig.disposition('no_decision');
    await rig.pass(200);
    await knex.raw('alter table dispositions rename to unreadable');
    await rig.ready(userId);
    const { call } = await whenAgent(rig, userId, 'on call', ({ state }) => state === 'on-call');
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    await rig.dialer.settled();
    await knex.raw('pragma query_only = 1');
    await wait(70_000);
    const given = {
      userId,
      callId: call!.id,
      dispositionId,
      note: '',
      next: 'paused',
      pauseCodeId: 1,
    } as const;
    await rig.ask('agent.dispose', given);
    await wait(11 * 60_000);
    await knex.raw('pragma query_only = 0');
    await knex.raw('alter table unreadable rename to dispositions');
    await rig.dialer.settled();
    const lead = await knex('leads').first();
    assert.deepEqual([lead.last_disposition_id, lead.attempts], [dispositionId, 1]);
    assert.equal(JSON.parse(lead.tries).outcomes.answered, 1);
  });

  it('fault: the database takes no writes when the wrap-up runs out – it ended when it ran out, and not when that was written', async () => {
    const { userId } = await start([person], { wrapupLimitMs: 100_000 });
    const { knex } = rig.app.db;
    await rig.ready(userId);
    const { call } = await whenAgent(rig, userId, 'on call', ({ state }) => state === 'on-call');
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    await rig.dialer.settled();
    const { ended_at: endedAt } = await knex('calls').first();
    await knex.raw('pragma query_only = 1');
    await wait(5 * 60_000);
    await knex.raw('pragma query_only = 0');
    await rig.dialer.settled();
    const { wrapped_up_at: at } = await knex('calls').first();
    assert.ok(Math.abs(at - endedAt - 100_000) <= 10_000, `${at - endedAt} ms`);
  });

  it('stay when an agent has one of them on the screen for long', async () => {
    const { userId } = await start([person], { mode: 'preview', previewLimitMs: 3_600_000 });
    await rig.ready(userId);
    await rig.until('it is shown', async () => (await rig.snapshot(userId)).preview);
    const shownAt = rig.app.clock.now();
    await rig.until('time passes', () => rig.app.clock.now() - shownAt > 15 * 60_000, 20 * 60_000, 2_000);
    await rig.dialer.settled();
    const [lead] = await rig.leads();
    assert.equal((await leads().get(lead!.id))?.state, 'reserved');
    assert.ok((await rig.snapshot(userId)).preview);
  });
});

/** The app of a dialer, and what comes behind each transaction of its database. */
function behindTransactions(app: TestApp, after: () => Promise<void>): TestApp {
  const transaction: TestApp['db']['transaction'] = async (work) => {
    const result = await app.db.transaction(work);
    await after();
    return result;
  };
  const db = new Proxy(app.db, {
    get(target, key) {
      if (key === 'transaction') return transaction;
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === 'function' && key !== 'knex' ? (value.bind(target) as unknown) : value;
    },
  });
  return { ...app, db };
}

describe('a lead that is about to be called', () => {
  let rig: DialerRig;
  let after: () => Promise<void>;

  beforeEach(async () => {
    after = async () => {};
    rig = await dialerRig({ app: behindTransactions(await testApp(), () => after()) });
    const { userId } = await startOneAgent(rig, [busy]);
    await rig.signIn(userId);
    ready = () => rig.ask('agent.ready', { userId });
  });
  afterEach(() => rig.close());
  let ready: () => Promise<unknown>;
  const dialled = () => rig.app.db.knex('calls').whereNotNull('dialed_at');

  it('fault: the answers to its reservation and to its marking are lost – it is called soon all the same, once', async () => {
    const { knex } = rig.app.db;
    const left = ['hopper_blocks', 'leads'];
    after = async () => {
      const isReserved = await knex('hopper_blocks').where({ held_by: 'main' }).first();
      const isMarked = await knex('leads').where({ state: 'dialing' }).first();
      if (left[0] !== (isMarked ? 'leads' : isReserved ? 'hopper_blocks' : undefined)) return;
      left.shift();
      throw Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST' });
    };
    await ready();
    await rig.until('it is called', async () => (await dialled()).length > 0, 60_000);
    await rig.dialer.settled();
    assert.deepEqual([left, (await rig.calls()).length, (await rig.leads())[0]!.attempts], [[], 1, 1]);
  });

  it('fault: its call is written down late – the page says why nothing is dialled, and it leaves when the gate has been asked again', async () => {
    const { app } = rig;
    let isLate = false;
    after = async () => {
      if (isLate || !(await app.db.knex('calls').first())) return;
      isLate = true;
      await new Promise<void>((resolve) => app.clock.after(6_000, resolve));
    };
    await ready();
    await rig.until('the page says why', async () => {
      const { notDialing } = await rig.pacing((await app.db.knex('campaigns').first()).id as number);
      return notDialing?.code === 'database-slow';
    });
    await rig.until('it is called', async () => (await dialled()).length > 0, 30_000);
    assert.equal((await rig.calls()).length, 1);
  });

  it('fault: two calls are written down late and one of two agents has gone meanwhile – one leaves, the other lead waits on', async () => {
    const { app } = rig;
    const [bob, cleo] = [await rig.agent('bob'), await rig.agent('cleo')];
    const trunkIds = [await rig.trunk('Second')];
    const numbers = [noAnswer, '+14155550114'];
    const campaignId = await rig.campaign({ numbers, trunkIds, agentIds: [bob, cleo] });
    const ofCampaign = () => app.db.knex('calls').where({ campaign_id: campaignId });
    let isLate = false;
    after = async () => {
      if (isLate || (await ofCampaign()).length < 2) return;
      isLate = true;
      await rig.ask('agent.sign-out', { userId: cleo });
      await new Promise<void>((resolve) => app.clock.after(6_000, resolve));
    };
    for (const userId of [bob, cleo]) await rig.signIn(userId);
    app.bus.publish('campaign.changed', { campaignId });
    await Promise.all([bob, cleo].map((userId) => rig.ask('agent.ready', { userId })));
    await rig.until(
      'one leaves',
      async () => (await ofCampaign().whereNotNull('dialed_at')).length > 0,
      60_000,
    );
    await rig.dialer.settled();
    assert.deepEqual([isLate, (await ofCampaign().whereNotNull('dialed_at')).length], [true, 1]);
    const held = await ofCampaign().whereNull('dialed_at').first();
    assert.equal(held.outcome, 'cancelled');
    const lead = await app.db.knex('leads').where({ id: held.lead_id }).first();
    assert.deepEqual([lead.attempts, lead.next_at <= app.clock.now()], [0, true]);
  });

  it('fault: two campaigns with the same two agents have each decided on a call when the database hangs and one agent goes – one call leaves in all', async () => {
    const { app } = rig;
    const agentIds = [await rig.agent('bob'), await rig.agent('cleo')];
    const [bob, cleo] = agentIds as [number, number];
    const trunkIds = [await rig.trunk('Second')];
    const shared: number[] = [];
    for (const number of [noAnswer, '+14155550114'])
      shared.push(await rig.campaign({ numbers: [number], trunkIds, agentIds }));
    const ofBoth = () => app.db.knex('calls').whereIn('campaign_id', shared);
    let isLate = false;
    after = async () => {
      if (isLate || new Set((await ofBoth()).map(({ campaign_id }) => campaign_id)).size < 2) return;
      isLate = true;
      await rig.ask('agent.sign-out', { userId: cleo });
      await new Promise<void>((resolve) => app.clock.after(6_000, resolve));
    };
    for (const userId of [bob, cleo]) await rig.signIn(userId);
    for (const campaignId of shared) app.bus.publish('campaign.changed', { campaignId });
    // Both have leads before either may dial: on a slow machine one would be a moment earlier.
    const trunk = (enabled: number) => app.db.knex('trunks').whereIn('id', trunkIds).update({ enabled });
    await trunk(0);
    app.bus.publish('trunks.changed', {});
    await Promise.all([bob, cleo].map((userId) => rig.ask('agent.ready', { userId })));
    await rig.until('both have leads', async () => {
      const views = await Promise.all(shared.map((campaignId) => rig.pacing(campaignId)));
      return views.every(({ hopper }) => hopper > 0);
    });
    await trunk(1);
    app.bus.publish('trunks.changed', {});
    const left = () => ofBoth().whereNotNull('dialed_at');
    await rig.until('one leaves', async () => (await left()).length > 0, 60_000);
    await rig.dialer.settled();
    assert.deepEqual([isLate, (await left()).length], [true, 1]);
  });

  it('fault: the answers to what came of its call are lost – it is told and counted once', async () => {
    const { knex } = rig.app.db;
    let lost = 0;
    after = async () => {
      const isSettled = await knex('leads').where({ last_outcome: 'busy' }).first();
      const isTold = await knex('timeline_entries').where({ kind: 'call' }).first();
      if (lost !== (isTold ? 1 : isSettled ? 0 : -1)) return;
      lost += 1;
      throw Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST' });
    };
    await ready();
    await rig.until('the call is told', () => lost === 2);
    await rig.dialer.settled();
    assert.equal((await knex('timeline_entries').where({ kind: 'call' })).length, 1);
    const lead = await knex('leads').first();
    assert.deepEqual([lead.attempts, JSON.parse(lead.tries).outcomes], [1, { busy: 1 }]);
  });
});
