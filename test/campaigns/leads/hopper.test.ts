import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { createLeadStore, setCallbackTime } from '../../../campaigns/leads/index.ts';
import { handOverCallback } from '../../../campaigns/leads/callback-owner.ts';
import { createTimelineStore } from '../../../crm/index.ts';
import type { TestApp } from '../../support/app.ts';
import { skipHere } from '../../support/skip.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const minute = 60_000;
const here = 5;
const absent = 6;

onBothEngines('leads in the hopper, and who holds them', (theApp) => {
  let app: TestApp;
  let leads: ReturnType<typeof createLeadStore>;
  let campaignId: number;
  let now: number;

  before(() => {
    app = theApp();
    leads = createLeadStore(app);
  });
  beforeEach(async () => {
    campaignId = await makeCampaign(app);
    now = app.clock.now();
  });

  it('uses up as many numbers of blocks as leads come in', async () => {
    await addLeads(
      app,
      campaignId,
      Array.from({ length: 21 }, () => ({})),
    );
    await leads.feed(campaignId, now, { force: true });
    const feed = () => app.db.knex('hopper_feeds').where({ campaign_id: campaignId }).first();
    assert.equal((await feed()).next_block, 40);
    await addLeads(app, campaignId, [{}]);
    await leads.feed(campaignId, now, { force: true });
    assert.equal((await feed()).next_block, 60);
    assert.equal((await leads.reserve({ campaignId, count: 30, by: 'd1', now })).length, 22);
  });

  it('fault: the database gives up on a claim in a deadlock – it is made again', async function () {
    if (app.db.engine !== 'mariadb') skipHere(this, 'SQLite has one writer');
    await addLeads(
      app,
      campaignId,
      Array.from({ length: 40 }, () => ({})),
    );
    await leads.feed(campaignId, now, { force: true });
    // What a sequence has given is not taken back with the statement.
    await app.db.knex.raw('create sequence deadlocks');
    await app.db.knex.raw(
      `create trigger deadlock before update on hopper_blocks for each row
         if nextval(deadlocks) <= 2 then signal sqlstate '40001' set mysql_errno = 1213; end if`,
    );
    try {
      assert.equal((await leads.reserve({ campaignId, count: 20, by: 'd1', now })).length, 20);
    } finally {
      await app.db.knex.raw('drop trigger deadlock');
      await app.db.knex.raw('drop sequence deadlocks');
    }
  });

  it('fault: a lead with fifty numbers is tried at each of them – all of it is remembered', async () => {
    const phones = Array.from({ length: 50 }, (_, n) => `+852612345${String(n).padStart(2, '0')}`);
    const [id] = await addLeads(app, campaignId, [{ phones, state: 'waiting' }]);
    const tries = {
      outcomes: { unallocated: 50 },
      dead: phones.slice(0, 49),
      spent: phones,
      numbers: Object.fromEntries(phones.map((e164) => [e164, 1])),
    };
    await app.db
      .knex('leads')
      .where({ id })
      .update({ tries: JSON.stringify(tries) });
    await leads.reserveOne(id!, 'd1', now);
    await leads.toDialing(id!, 'd1', now);
    await leads.finishAttempt(id!, { outcome: 'busy', e164: phones[49], at: now });
    assert.equal((await leads.get(id!))!.tries.numbers![phones[49]!], 2);
  });

  const reserve = (count: number, at = now, agentIds = [here], by = 'd1') =>
    leads.reserve({ campaignId, count, by, now: at, agentIds });
  const idsOf = (reserved: readonly { id: number }[]) => reserved.map(({ id }) => id);
  const row = (id: number) => app.db.knex('leads').where({ id }).first();
  const promise = async (leadId: number, timeAgreed: boolean) =>
    createCallbackStore(app).create(
      {
        ...{ leadId, campaignId, userId: absent, dueAt: now, timeAgreed },
        customerId: (await row(leadId)).customer_id as number,
        ...{ e164: null, note: null, callId: null, createdBy: absent },
      },
      now,
    );

  it('fault: an agent with 600 due callbacks is not there – the campaign dials all others, and their own for those who are', async () => {
    await app.db.knex('campaigns').where({ id: campaignId }).update({ callback_handover_ms: null });
    await addLeads(app, campaignId, Array(600).fill({ state: 'callback', next_at: now - 2, agent_id: absent })); // prettier-ignore
    const [mine] = await addLeads(app, campaignId, [{ state: 'callback', next_at: now - 1, agent_id: here }]);
    const others = await addLeads(app, campaignId, Array(30).fill({}));
    assert.deepEqual(idsOf(await reserve(40)), [mine, ...others]);
    const inHopper = await app.db
      .knex('hopper')
      .join('leads', 'leads.id', 'hopper.lead_id')
      .where({ campaign_id: campaignId, agent_id: absent });
    assert.deepEqual(inHopper, [], 'what nobody can take now takes no place');
    assert.equal((await reserve(700, now, [here, absent])).length, 600, 'and all are there when the agent comes'); // prettier-ignore
  });

  it('gives out as many as are asked for, in their order, however that falls on its blocks, and keeps no empty ones', async () => {
    const ids = await addLeads(app, campaignId, Array(90).fill({}));
    const given: number[] = [];
    for (const count of [7, 1, 30, 13, 20, 50]) given.push(...idsOf(await reserve(count)));
    assert.deepEqual(given, ids);
    for (const id of ids) assert.ok((await leads.toDialing(id, 'd1', now)).moved);
    await leads.feed(campaignId, now, { force: true });
    assert.deepEqual(await app.db.knex('hopper_blocks').where({ campaign_id: campaignId }), []);
  });

  it('fault: blocks have lost leads since they were made – as many come as are asked for, in their order', async () => {
    const ids = await addLeads(app, campaignId, Array(90).fill({}));
    await leads.feed(campaignId, now, { force: true });
    const lost = [ids[1]!, ids[19]!, ids[30]!];
    await app.db.knex('leads').whereIn('id', lost).update({ state: 'done' });
    const left = ids.filter((id) => !lost.includes(id));
    assert.deepEqual(idsOf(await reserve(60)), left.slice(0, 60));
    assert.deepEqual(idsOf(await reserve(60, now, [here], 'd2')), left.slice(60));
    await Promise.all(['d1', 'd2'].map((by) => leads.releaseAllOf(by)));
  });

  it('asks a server twice for a hundred leads: many who come at once wait for each question', async function () {
    if (app.db.engine !== 'mariadb') skipHere(this, 'SQLite is no server');
    await addLeads(app, campaignId, Array(120).fill({}));
    await leads.feed(campaignId, now, { force: true });
    const asked: string[] = [];
    const listen = ({ sql }: { sql: string }) => void asked.push(sql);
    app.db.knex.on('query', listen);
    const reserved = await reserve(100, now, []);
    app.db.knex.off('query', listen);
    assert.equal(reserved.length, 100);
    assert.deepEqual(asked.map((sql) => sql.split(' ')[0]), ['update', 'select']); // prettier-ignore
  });

  it('fault: a lead is chosen by hand while a dialer reserves its whole block – one of them has it', async () => {
    const ids = await addLeads(app, campaignId, Array(40).fill({}));
    await leads.feed(campaignId, now, { force: true });
    const [block, ...byHand] = await Promise.all([
      reserve(40, now, [], 'whole'),
      ...ids.slice(0, 8).map((id) => leads.reserveOne(id, 'hand', now)),
    ]);
    const second = byHand.flatMap((one) => (one.moved ? [one.lead.id] : []));
    assert.deepEqual([...idsOf(block), ...second].sort((a, b) => a - b), ids); // prettier-ignore
    assert.deepEqual((await leads.heldBy('hand')).map(({ id }) => id).sort((a, b) => a - b), second.sort((a, b) => a - b)); // prettier-ignore
    await Promise.all(['whole', 'hand'].map((by) => leads.releaseAllOf(by)));
  });

  it('stays as full as dialers need who come for many leads at once, and seldom', async () => {
    await addLeads(app, campaignId, Array(1_500).fill({}));
    await reserve(700);
    await leads.feed(campaignId, now + 600);
    await leads.feed(campaignId, now + 1_200);
    const [free] = await app.db.knex('hopper_blocks').where({ campaign_id: campaignId, held_by: '' }).sum({ leads: 'size' }); // prettier-ignore
    assert.equal(Number(free!.leads), 800, 'all there are, though nobody took any since');
  });

  it('gives an agent’s own callback to one dialer alone, and lets it go as any other lead', async () => {
    const [mine] = await addLeads(app, campaignId, [{ state: 'callback', next_at: now - 1, agent_id: here }]);
    const both = await Promise.all([reserve(5, now, [here], 'd1'), reserve(5, now, [here], 'd2')]);
    assert.deepEqual(both.flat().map(({ id }) => id), [mine]); // prettier-ignore
    const by = both[0].length > 0 ? 'd1' : 'd2';
    assert.equal(await leads.release([mine!], by), 1);
    assert.deepEqual(idsOf(await reserve(5, now, [absent])), []);
    const [again] = await reserve(5);
    assert.deepEqual([again?.id, again?.reservedFrom], [mine, 'callback']);
  });

  it('keeps a callback whose time nobody has written down for its agent, however late it is', async () => {
    const [undated, dated] = await addLeads(app, campaignId, [
      { state: 'callback', next_at: now, agent_id: absent },
      { state: 'callback', next_at: now, agent_id: absent },
    ]);
    await promise(undated!, false);
    await promise(dated!, true);
    const late = now + 48 * 60 * minute;
    assert.deepEqual(idsOf(await reserve(5, late)), [dated]);
    assert.deepEqual(idsOf(await reserve(5, late, [absent])), [undated]);
  });

  it('fault: one who believes to hold a lead that another holds puts it off, blocks it or takes it back – nothing moves', async () => {
    const [id] = await addLeads(app, campaignId, [{}]);
    assert.equal((await reserve(1, now, [], 'd2')).length, 1);
    const refused = { moved: false, reason: 'not-yours', state: 'reserved' };
    assert.deepEqual(await leads.defer(id!, 'd1', now + minute, 'TIME_BEFORE_OPEN', now), refused);
    assert.deepEqual(await leads.block(id!, 'd1', 'DNC_INTERNAL', now), refused);
    assert.equal((await leads.get(id!))!.reservedBy, 'd2');
    assert.ok((await leads.toDialing(id!, 'd2', now)).moved);
    for (const move of [
      leads.undial(id!, 'd1', now + minute, now),
      leads.defer(id!, 'd1', now + minute, 'TIME_BEFORE_OPEN', now),
      leads.block(id!, 'd1', 'DNC_INTERNAL', now),
    ])
      assert.deepEqual(await move, { ...refused, state: 'dialing' });
    assert.equal((await row(id!)).state, 'dialing');
    assert.equal((await row(id!)).attempts, 1);
    assert.ok((await leads.undial(id!, 'd2', now + minute, now)).moved);
  });

  it('fault: a lead moves while one dialer lets it go and another takes it – the other’s hold stays', async () => {
    const [id] = await addLeads(app, campaignId, [{}]);
    await reserve(1, now, [], 'd1');
    await leads.releaseAllOf('d1');
    await reserve(1, now, [], 'd2');
    await leads.toDialing(id!, 'd1', now);
    await leads.finishAttempt(999_999, { outcome: 'failed', at: now });
    assert.deepEqual((await leads.heldBy('d2')).map((held) => held.id), [id]); // prettier-ignore
  });

  it('fault: a process of an older version has written leads as reserved – they are free again, as they were', async () => {
    const old = { state: 'reserved', reserved_by: 'main', reserved_at: now - 20 * minute };
    const [kept, fresh, tried, promised, young] = await addLeads(app, campaignId, [
      { ...old, reserved_from: 'callback', next_at: now - 5, agent_id: here },
      old,
      { ...old, attempts: 2, next_at: now - 5 },
      { ...old, next_at: now - 5, agent_id: absent },
      { ...old, reserved_at: now, reserved_from: 'new' },
    ]);
    assert.equal(await leads.freeOldReservations(now - 10 * minute, now), 4);
    const states = await Promise.all([kept, fresh, tried, promised, young].map((id) => row(id!)));
    assert.deepEqual(
      states.map(({ state, reserved_by }) => [state, reserved_by]),
      [
        ['callback', null],
        ['new', null],
        ['waiting', null],
        ['callback', null],
        ['reserved', 'main'],
      ],
    );
  });

  it('keeps a promised callback that we could not place a callback, with its agent and its promise', async () => {
    const [id] = await addLeads(app, campaignId, [{ state: 'callback', next_at: now, agent_id: absent }]);
    const promised = await promise(id!, true);
    for (const outcome of ['cancelled', 'congestion', 'failed'] as const) {
      const at = app.clock.now();
      assert.ok((await leads.reserveOne(id!, 'd1', at)).moved);
      assert.ok((await leads.toDialing(id!, 'd1', at)).moved);
      const after = await leads.finishAttempt(id!, { outcome, at });
      assert.deepEqual(after, { moved: true, state: 'callback' }, outcome);
      const { state, agent_id, next_at } = await row(id!);
      assert.deepEqual([state, agent_id], ['callback', absent]);
      assert.ok(next_at > at, 'after the while the campaign waits');
    }
    const callbacks = await createCallbackStore(app).ofLead(id!);
    assert.deepEqual(callbacks.map((one) => [one.id, one.state]), [[promised, 'open']]); // prettier-ignore
  });

  it('takes a new time for a callback that nobody answered: it is the agent’s again, at the number promised', async () => {
    const [id] = await addLeads(app, campaignId, [{ state: 'callback', next_at: now, agent_id: absent }]);
    const callbackId = await promise(id!, true);
    assert.ok((await leads.reserveOne(id!, 'd1', now)).moved);
    assert.ok((await leads.toDialing(id!, 'd1', now)).moved);
    const dueAt = now + 60 * minute;
    const set = () => setCallbackTime(app, { callbackId, userId: absent, dueAt }, now);
    assert.deepEqual(await set(), { moved: false, reason: 'callback-being-dialled' });
    assert.deepEqual(await leads.finishAttempt(id!, { outcome: 'no-answer', at: now }), {
      moved: true,
      state: 'waiting',
    });
    assert.equal((await set()).moved, true);
    const { state, agent_id, next_at } = await row(id!);
    assert.deepEqual([state, agent_id, next_at], ['callback', absent, dueAt]);
    assert.deepEqual(idsOf(await reserve(5, dueAt)), [], 'nobody else’s');
    assert.deepEqual(idsOf(await reserve(5, dueAt, [absent])), [id]);
  });

  it('takes the same time from two at once, and tells it once (fault: one waits for the other’s row)', async () => {
    const [id] = await addLeads(app, campaignId, [{ state: 'callback', next_at: now, agent_id: absent }]);
    const callbackId = await promise(id!, false);
    const dueAt = now + 60 * minute;
    const set = () => setCallbackTime(app, { callbackId, userId: absent, dueAt }, now);
    const moves = await Promise.all([set(), set(), set()]);
    assert.deepEqual(moves.map(({ moved }) => moved), [true, true, true]); // prettier-ignore
    const { customerId } = (await createCallbackStore(app).get(callbackId))!;
    const told = await createTimelineStore(app).of(customerId, { kinds: ['callback'] });
    assert.deepEqual(told.map(({ data }) => data.dueAt), [dueAt]); // prettier-ignore
  });

  it('takes it from six at once, however they meet (fault: one has read the promise before another moved it)', async function () {
    if (app.db.engine !== 'mariadb') skipHere(this, 'SQLite has one writer');
    const [id] = await addLeads(app, campaignId, [{ state: 'callback', next_at: now, agent_id: absent }]);
    const callbackId = await promise(id!, false);
    for (let round = 1; round <= 20; round++) {
      const asked = { callbackId, userId: absent, dueAt: now + round * minute };
      const moves = await Promise.all([1, 2, 3, 4, 5, 6].map(() => setCallbackTime(app, asked, now + round)));
      assert.ok(moves.every(({ moved }) => moved));
    }
    const { customerId } = (await createCallbackStore(app).get(callbackId))!;
    const told = await createTimelineStore(app).of(customerId, { kinds: ['callback'], limit: 100 });
    assert.equal(told.length, 20, 'each time once');
  });

  it('hands a callback that nobody answered over: from when it would be tried again it is the other agent’s', async () => {
    const [id] = await addLeads(app, campaignId, [{ state: 'waiting', next_at: now + 5 * minute, attempts: 1 }]); // prettier-ignore
    const callback = (await createCallbackStore(app).get(await promise(id!, true)))!;
    assert.equal((await handOverCallback(app, { callback, userId: here }, now)).moved, true);
    const { state, agent_id, next_at } = await row(id!);
    assert.deepEqual([state, agent_id, next_at], ['callback', here, now + 5 * minute]);
    assert.equal((await createCallbackStore(app).get(callback.id))!.userId, here);
  });

  it('says of a callback whose lead is blocked that nobody may call it', async () => {
    const [id] = await addLeads(app, campaignId, [{ state: 'blocked', state_reason: 'DNC_INTERNAL' }]);
    const callbackId = await promise(id!, true);
    const refused = { moved: false, reason: 'callback-lead-blocked' };
    assert.deepEqual(await setCallbackTime(app, { callbackId, userId: absent, dueAt: now + minute }, now), refused); // prettier-ignore
    const callback = (await createCallbackStore(app).get(callbackId))!;
    assert.deepEqual(await handOverCallback(app, { callback, userId: null }, now), refused);
  });

  it('closes what was promised to a customer who is on the DNC list by then, and tells their timeline', async () => {
    const callbacks = createCallbackStore(app);
    for (const [reason, state] of [
      ['DNC_INTERNAL', 'cancelled'],
      ['DNC_SCRUB_STALE', 'open'],
    ] as const) {
      const [id] = await addLeads(app, campaignId, [{ state: 'callback', next_at: now, agent_id: absent }]);
      const callbackId = await promise(id!, true);
      assert.ok((await leads.reserveOne(id!, 'd1', now)).moved);
      assert.ok((await leads.block(id!, 'd1', reason, now)).moved);
      assert.equal((await callbacks.get(callbackId))!.state, state, reason);
      const told = await createTimelineStore(app).of((await row(id!)).customer_id);
      const data = state === 'open' ? [] : [{ dueAt: now, action: 'cancelled', code: reason }];
      assert.deepEqual(told.map((entry) => entry.data), data); // prettier-ignore
    }
  });

  it('a priority given to a lead that a dialer holds leaves it to that dialer', async () => {
    const [id] = await addLeads(app, campaignId, [{ state: 'waiting', next_at: now }]);
    await leads.feed(campaignId, now, { force: true });
    assert.ok((await leads.reserveOne(id!, 'd1', now)).moved);
    assert.notEqual(await leads.setPriority({ id: id!, campaignId }, 1, now), null);
    assert.equal((await leads.toDialing(id!, 'd1', now)).moved, true);
  });
});
