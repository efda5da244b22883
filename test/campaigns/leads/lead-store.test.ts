import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { createDispositionStore } from '../../../campaigns/dispositions/index.ts';
import { createCallbackEnds, createLeadStore } from '../../../campaigns/leads/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const minute = 60_000;

onBothEngines('leads', (theApp) => {
  let app: TestApp;
  let leads: ReturnType<typeof createLeadStore>;
  let campaignId: number;
  let now: number;

  before(async () => {
    app = theApp();
    leads = createLeadStore(app);
    await createDispositionStore(app).seed();
  });
  beforeEach(async () => {
    campaignId = await makeCampaign(app);
    now = app.clock.now();
  });

  const state = async (id: number) => (await leads.get(id))!.state;
  const dialled = async (id: number) => {
    assert.ok((await leads.reserveOne(id, 'd1', now)).moved);
    assert.ok((await leads.toDialing(id, 'd1', now)).moved);
  };

  it('reserves promised callbacks first, then by priority, retries before new leads, and nothing not due', async () => {
    const [late, low, retry, fresh, callback] = await addLeads(app, campaignId, [
      { state: 'waiting', next_at: now + 1 },
      { priority: 8 },
      { state: 'waiting', next_at: now - 5 },
      {},
      { state: 'callback', next_at: now - 1, priority: 9 },
    ]);
    const reserved = await leads.reserve({ campaignId, count: 10, by: 'd1', now });
    assert.deepEqual(
      reserved.map((lead) => lead.id),
      [callback, retry, fresh, low],
    );
    assert.equal(await state(late!), 'waiting');
    assert.match(reserved[0]!.e164, /^\+1/);
    assert.equal(reserved[0]!.reservedFrom, 'callback');
  });

  it('fault: a callback of a blocked lead is cancelled twice at once – the second is told that it is closed', async () => {
    const [id] = await addLeads(app, campaignId, [{ state: 'blocked', state_reason: 'CONSENT_MISSING' }]);
    const lead = (await leads.get(id!))!;
    const promise = { leadId: id!, campaignId, customerId: lead.customerId, userId: null, dueAt: now, timeAgreed: true, e164: null, note: null, callId: null, createdBy: null }; // prettier-ignore
    const callback = await createCallbackStore(app).create(promise, now);
    const cancel = (userId: number) => createCallbackEnds(app).cancel(callback, { reason: 'bought in the shop', userId }, now); // prettier-ignore
    const answers = await Promise.all([1, 2, 3].map(cancel));
    assert.deepEqual(answers.map((answer) => (answer.moved ? 'done' : answer.reason)).sort(), ['callback-closed', 'callback-closed', 'done']); // prettier-ignore
    const told = await app.db.knex('timeline_entries').where({ customer_id: lead.customerId, kind: 'callback' }); // prettier-ignore
    assert.equal(told.length, 1);
  });

  it('leaves the callback of another agent alone', async () => {
    const [mine, theirs, anyones] = await addLeads(app, campaignId, [
      { state: 'callback', next_at: now - 1, agent_id: 5 },
      { state: 'callback', next_at: now - 1, agent_id: 6 },
      { state: 'callback', next_at: now - 1 },
    ]);
    const reserved = await leads.reserve({ campaignId, count: 10, by: 'd1', now, agentIds: [5] });
    assert.deepEqual(reserved.map((lead) => lead.id).sort(), [mine, anyones].sort());
    assert.equal(await state(theirs!), 'callback');
  });

  it('hands the callback of an agent who is not there over once it has been due for the campaign’s while', async () => {
    const [id] = await addLeads(app, campaignId, [{ state: 'callback', next_at: now, agent_id: 6 }]);
    const reserve = (at: number) =>
      leads.reserve({ campaignId, count: 10, by: 'd1', now: at, agentIds: [5] });
    assert.deepEqual(await reserve(now + 30 * minute - 1), []);
    assert.deepEqual((await reserve(now + 30 * minute)).map((lead) => lead.id), [id]); // prettier-ignore
    await leads.release([id!], 'd1');
    await app.db.knex('campaigns').where({ id: campaignId }).update({ callback_handover_ms: null });
    assert.deepEqual(
      await reserve(now + 600 * minute),
      [],
      'where the campaign says so, it waits for its agent',
    );
  });

  it('fault: four workers reserve at once; no lead is given out twice and none is forgotten', async () => {
    const ids = await addLeads(app, campaignId, Array(60).fill({}));
    const batches = await Promise.all(
      Array.from({ length: 12 }, (_, i) => leads.reserve({ campaignId, count: 5, by: `d${i % 4}`, now })),
    );
    const given = batches.flat().map((lead) => lead.id);
    assert.deepEqual(given.sort((a, b) => a - b), ids); // prettier-ignore
  });

  it('blocks a lead whose customer has no number', async () => {
    const [id] = await addLeads(app, campaignId, [{ phones: [] }]);
    assert.deepEqual(await leads.reserve({ campaignId, count: 1, by: 'd1', now }), []);
    const lead = (await leads.get(id!))!;
    assert.deepEqual([lead.state, lead.stateReason], ['blocked', 'no-phone']);
  });

  it('gives released leads back to the state they came from, only to who reserved them', async () => {
    const [a, b] = await addLeads(app, campaignId, [{}, { state: 'callback', next_at: 1 }]);
    await leads.reserve({ campaignId, count: 2, by: 'd1', now });
    assert.equal(await leads.release([a!, b!], 'someone-else'), 0);
    assert.equal(await leads.release([a!, b!], 'd1'), 2);
    assert.deepEqual([await state(a!), await state(b!)], ['new', 'callback']);
    assert.equal((await leads.get(a!))!.reservedBy, null);
  });

  it('fault: a dialer dies; what it had reserved is free, what it had dialled stays: the call may live', async () => {
    const [a, b] = await addLeads(app, campaignId, [{}, {}]);
    await leads.reserve({ campaignId, count: 2, by: 'dead', now });
    await leads.toDialing(b!, 'dead', now);
    assert.equal(await leads.releaseAllOf('dead'), 1);
    assert.equal(await state(a!), 'new');
    const dialled = (await leads.get(b!))!;
    assert.deepEqual([dialled.state, dialled.reservedBy, dialled.attempts], ['dialing', 'dead', 1]);
    assert.equal(await leads.releaseAllOf('dead'), 0);
  });

  it('fault: a lead changes while a dialer holds it; it is not dialled as it was, and comes again as it is', async () => {
    const [blocked, again, gone] = await addLeads(app, campaignId, [{}, {}, {}]);
    const held = await leads.reserve({ campaignId, count: 3, by: 'lone', now });
    assert.equal(held.length, 3);
    await app.db
      .knex('leads')
      .where({ id: blocked })
      .update({ state: 'blocked', state_reason: 'DNC_INTERNAL' });
    await app.db
      .knex('leads')
      .where({ id: again })
      .update({ state: 'waiting', next_at: now - 1 });
    await app.db.knex('leads').where({ id: gone }).delete();
    for (const id of [blocked!, again!, gone!])
      assert.equal((await leads.toDialing(id, 'lone', now)).moved, false);
    const later = await leads.reserve({ campaignId, count: 3, by: 'd2', now: now + 1 });
    assert.deepEqual(later.map(({ id, reservedFrom }) => [id, reservedFrom]), [[again, 'waiting']]); // prettier-ignore
    assert.deepEqual(await leads.heldBy('lone'), []);
  });

  it('fault: two believe they hold a lead, as one was taken for dead; one of them dials', async () => {
    const [id] = await addLeads(app, campaignId, [{}]);
    await leads.reserve({ campaignId, count: 1, by: 'd1', now });
    await leads.releaseAllOf('d1');
    assert.equal((await leads.reserve({ campaignId, count: 1, by: 'd2', now })).length, 1);
    const dialled = await Promise.all(['d1', 'd2'].map((by) => leads.toDialing(id!, by, now)));
    assert.deepEqual(dialled.map(({ moved }) => moved), [false, true]); // prettier-ignore
    assert.equal((await leads.get(id!))!.attempts, 1);
  });

  it('puts what goes first before all that is in the hopper already', async () => {
    await addLeads(app, campaignId, Array(30).fill({ priority: 5 }));
    await leads.reserve({ campaignId, count: 2, by: 'd1', now });
    const [urgent, promised] = await addLeads(app, campaignId, [
      { priority: 1 },
      { state: 'callback', next_at: now + minute, priority: 9 },
    ]);
    await leads.feed(campaignId, now + minute);
    const next = await leads.reserve({ campaignId, count: 2, by: 'd1', now: now + minute });
    assert.deepEqual(next.map(({ id }) => id), [promised, urgent]); // prettier-ignore
  });

  it('says who holds a lead, in counts and one by one, and nothing of it in the leads themselves', async () => {
    const [first, second] = await addLeads(app, campaignId, [{}, { state: 'callback', next_at: now }]);
    await leads.reserve({ campaignId, count: 1, by: 'd1', now });
    const { new: fresh, reserved, callback } = await leads.countsByState(campaignId);
    assert.deepEqual([fresh, reserved, callback], [1, 1, 0]);
    assert.deepEqual([await state(first!), await state(second!)], ['new', 'reserved']);
    assert.equal(await leads.nextDue(campaignId), 0, 'the one that is free');
  });

  it('refuses with a reason: not yours, wrong state, gone', async () => {
    const [id] = await addLeads(app, campaignId, [{}]);
    assert.deepEqual(await leads.toDialing(id!, 'd1', now), { moved: false, reason: 'wrong-state', state: 'new' }); // prettier-ignore
    await leads.reserve({ campaignId, count: 1, by: 'd1', now });
    assert.deepEqual(await leads.toDialing(id!, 'd2', now), { moved: false, reason: 'not-yours', state: 'reserved' }); // prettier-ignore
    assert.deepEqual(await leads.block(999_999, 'd1', 'x', now), { moved: false, reason: 'gone' });
  });

  it('defers: a callback stays a callback, anything else waits', async () => {
    const [a, b] = await addLeads(app, campaignId, [{}, { state: 'callback', next_at: 1 }]);
    await leads.reserve({ campaignId, count: 2, by: 'd1', now });
    for (const id of [a!, b!]) await leads.defer(id, 'd1', now + minute, 'TIME_BEFORE_OPEN', now);
    assert.deepEqual([await state(a!), await state(b!)], ['waiting', 'callback']);
    assert.equal((await leads.get(a!))!.stateReason, 'TIME_BEFORE_OPEN');
    assert.equal(await leads.nextDue(campaignId), now + minute);
  });

  it('sets many aside at once, each as the gate has said of it, and only those that this dialer holds', async () => {
    const ids = await addLeads(app, campaignId, [
      {},
      { state: 'callback', next_at: 1 },
      { state: 'waiting', next_at: now, state_reason: 'busy' },
      {},
      { state: 'callback', next_at: 1, state_reason: 'callback' },
    ]);
    const [a, b, c, theirs, promised] = ids as [number, number, number, number, number];
    const { customerId } = (await leads.get(promised))!;
    const promise = { leadId: promised, campaignId, customerId, userId: null, dueAt: 1, timeAgreed: true, e164: null, note: null, callId: null, createdBy: null }; // prettier-ignore
    await createCallbackStore(app).create(promise, now);
    for (const id of [a, b, c, promised]) await leads.reserveOne(id, 'd1', now);
    await leads.reserveOne(theirs, 'd2', now);
    const later = { nextAt: now + minute, reason: 'TIME_BEFORE_OPEN' };
    await leads.setAsideMany(
      [
        { id: a, ...later },
        { id: b, ...later },
        { id: c, nextAt: null, reason: 'DNC_NATIONAL' },
        { id: theirs, ...later },
        { id: promised, nextAt: null, reason: 'CONSENT_REVOKED' },
      ],
      'd1',
      now,
    );
    const stand = async (id: number) => {
      const lead = (await leads.get(id))!;
      return [lead.state, lead.stateReason, lead.nextAt, lead.reservedBy];
    };
    assert.deepEqual(await Promise.all(ids.map(stand)), [
      ['waiting', 'TIME_BEFORE_OPEN', now + minute, null],
      ['callback', 'TIME_BEFORE_OPEN', now + minute, null],
      ['blocked', 'DNC_NATIONAL', now, null],
      ['reserved', null, 0, 'd2'],
      ['blocked', 'CONSENT_REVOKED', 1, null],
    ]);
    assert.deepEqual((await createCallbackStore(app).ofLead(promised)).map((one) => one.state), ['cancelled']); // prettier-ignore
    const held = await app.db.knex('hopper').whereIn('lead_id', ids).pluck('lead_id');
    assert.deepEqual(held, [theirs]);
  });

  it('fault: somebody changed a lead while the gate was asked about it – the dialer that sets it aside holds it no more', async () => {
    const [id] = (await addLeads(app, campaignId, [{ state: 'waiting', next_at: now }])) as [number];
    await leads.reserveOne(id, 'd1', now);
    await app.db
      .knex('leads')
      .where({ id })
      .update({ next_at: now + 1 });
    await leads.setAsideMany([{ id, nextAt: now + minute, reason: 'TIME_BEFORE_OPEN' }], 'd1', now);
    assert.equal((await leads.get(id))!.nextAt, now + 1, 'what was changed stays');
    assert.deepEqual(await app.db.knex('hopper').where({ lead_id: id }), []);
  });

  it('fault: somebody dials before its time and may not yet – a promise and the pause after an attempt stay what they were', async () => {
    const own = { next_at: now + 60 * minute };
    const [promised, paused] = await addLeads(app, campaignId, [
      { state: 'callback', state_reason: 'callback', ...own },
      { state: 'waiting', state_reason: 'busy', ...own },
    ]);
    for (const id of [promised!, paused!]) {
      await leads.reserveOne(id, 'd1', now);
      assert.ok((await leads.defer(id, 'd1', now + minute, 'TIME_BEFORE_OPEN', now)).moved);
      await leads.reserveOne(id, 'd1', now);
      await leads.toDialing(id, 'd1', now);
      assert.ok((await leads.undial(id, 'd1', now, now)).moved);
    }
    const kept = await Promise.all([promised!, paused!].map((id) => leads.get(id)));
    assert.deepEqual(
      kept.map((lead) => [lead!.state, lead!.stateReason, lead!.nextAt, lead!.attempts]),
      [
        ['callback', 'callback', own.next_at, 0],
        ['waiting', 'busy', own.next_at, 0],
      ],
    );
  });

  it('a call that never left costs no attempt, and a callback stays one', async () => {
    const [a, b] = await addLeads(app, campaignId, [{}, { state: 'callback', next_at: 1 }]);
    await leads.reserve({ campaignId, count: 2, by: 'd1', now });
    for (const id of [a!, b!]) {
      await leads.toDialing(id, 'd1', now);
      assert.equal((await leads.undial(id, 'd1', now + minute, now)).moved, true);
      const { attempts, nextAt, reservedBy } = (await leads.get(id))!;
      assert.deepEqual([attempts, nextAt, reservedBy], [0, now + minute, null]);
    }
    assert.deepEqual([await state(a!), await state(b!)], ['waiting', 'callback']);
    assert.equal((await leads.undial(a!, 'd1', now, now)).moved, false);
  });

  it('fault: what an earlier attempt has left to do comes late – the attempt that is under way by then stays', async () => {
    const [id] = await addLeads(app, campaignId, [{}]);
    await dialled(id!);
    const refused = { moved: false, reason: 'wrong-state', state: 'dialing' };
    assert.deepEqual(await leads.undial(id!, 'd1', now + minute, now, now - 1), refused);
    assert.deepEqual(await leads.defer(id!, 'd1', now + minute, 'in-call', now), refused);
    const { attempts, lastAttemptAt } = (await leads.get(id!))!;
    assert.deepEqual([attempts, lastAttemptAt], [1, now]);
    assert.equal((await leads.undial(id!, 'd1', now + minute, now, now)).moved, true);
  });

  it('fault: the answer to a reservation is lost, and the lead has been let go and taken again since – it stays taken', async () => {
    const [id] = await addLeads(app, campaignId, [{}]);
    assert.ok((await leads.reserveOne(id!, 'd1', now)).moved);
    assert.equal(await leads.release([id!], 'd1', now - 1), 0);
    assert.equal(await state(id!), 'reserved');
    assert.equal(await leads.release([id!], 'd1', now), 1);
    assert.equal(await state(id!), 'new');
  });

  it('counts by state, and recycles chosen outcomes', async () => {
    const [a] = await addLeads(app, campaignId, [
      { list_id: 1, state: 'exhausted', last_outcome: 'no-answer', attempts: 4 },
      { state: 'done', last_outcome: 'answered' },
      {},
    ]);
    await app.db.knex('campaign_lists').insert({ campaign_id: campaignId, list_id: 1 });
    assert.equal(await leads.recycle(campaignId, { outcomes: ['no-answer'] }, now), 1);
    const lead = (await leads.get(a!))!;
    assert.deepEqual([lead.state, lead.attempts], ['waiting', 0]);
    const counts = await leads.countsByState(campaignId);
    assert.deepEqual([counts.new, counts.waiting, counts.done, counts.blocked], [1, 1, 1, 0]);
  });

  it('fault: the database fails between lead and hopper – nothing has moved, and what is tried again moves', async () => {
    const { knex, engine } = app.db;
    const body = engine === 'sqlite' ? `begin select raise(abort, 'no'); end` : `signal sqlstate '45000' set message_text = 'no'`; // prettier-ignore
    const [dial, defer, block] = await addLeads(app, campaignId, [{}, {}, {}]);
    for (const id of [dial!, defer!, block!]) assert.ok((await leads.reserveOne(id, 'd1', now)).moved);
    const steps = [
      () => leads.toDialing(dial!, 'd1', now),
      () => leads.defer(defer!, 'd1', now + minute, 'TIME_BEFORE_OPEN', now),
      () => leads.block(block!, 'd1', 'DNC_INTERNAL', now),
    ];
    await knex.raw(`create trigger hopper_stuck before delete on hopper for each row ${body}`);
    try {
      for (const step of steps) await assert.rejects(step());
    } finally {
      await knex.raw('drop trigger hopper_stuck');
    }
    for (const id of [dial!, defer!, block!]) {
      const lead = (await leads.get(id))!;
      assert.deepEqual([lead.state, lead.reservedFrom, lead.attempts], ['reserved', 'new', 0]);
    }
    for (const step of steps) assert.ok((await step()).moved);
    assert.deepEqual(
      await Promise.all([dial!, defer!, block!].map(state)),
      ['dialing', 'waiting', 'blocked'], // prettier-ignore
    );
  });

  it('dials at once of many those that are still held as they were taken, and no others', async () => {
    const ids = await addLeads(app, campaignId, [{}, {}, {}, {}]);
    for (const id of ids.slice(0, 3)) assert.ok((await leads.reserveOne(id, id === ids[1] ? 'd2' : 'd1', now)).moved); // prettier-ignore
    await app.db.knex('leads').where({ id: ids[2] }).update({ state: 'blocked' });
    assert.deepEqual([...(await leads.toDialingMany(ids, 'd1', now))], [ids[0]]);
    assert.deepEqual(await Promise.all(ids.map(state)), ['dialing', 'reserved', 'blocked', 'new']);
    assert.equal((await leads.get(ids[0]!))!.attempts, 1);
    assert.deepEqual([...(await leads.toDialingMany(ids, 'd1', now))], [], 'of two who want it one dials');
  });
});
