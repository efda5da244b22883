import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import type { Visitor } from '../../web/support.ts';
import { callOf, sendJson, testWorkspace, type TestWorkspace } from './support.ts';

describe('callbacks in the workspace', () => {
  let it_: TestWorkspace;
  let agent: { id: number; visitor: Visitor };
  let other: { id: number; visitor: Visitor };
  before(async () => {
    it_ = await testWorkspace();
    agent = await it_.browser('agent', 'ada');
    other = await it_.browser('agent', 'ben');
  });
  after(() => it_.close());
  beforeEach(() => {
    it_.dialer.asked.length = 0;
    it_.dialer.refusals.clear();
    for (const { id } of [agent, other])
      it_.dialer.set(id, { state: 'ready', phone: 'up', call: null, preview: null, wrapupUntil: null });
  });

  const onCall = (id = agent.id, callId = 'c-1') =>
    it_.dialer.set(id, {
      state: 'on-call',
      call: callOf({ id: callId, campaignId: it_.campaignId, customerId: it_.customerId }),
    });

  describe('a callback’s time', () => {
    const look = (date: string, time: string) =>
      agent.visitor.agent.get('/workspace/callback-look').query({
        ...{ callId: 'c-1', date, time, zone: 'America/Los_Angeles' },
      });

    it('is shown on both clocks', async () => {
      onCall();
      const { body } = await look('2026-11-24', '15:30');
      assert.match(body.theirs, /15:30 PST/);
      assert.deepEqual([body.same, body.problem, body.next], [false, '', null]);
    });

    it('outside calling hours is told beside it with the next that can be promised, and refused', async () => {
      onCall();
      const { body } = await look('2026-11-24', '03:00');
      assert.match(body.problem, /outside the hours/);
      assert.deepEqual([body.next.date, body.next.time], ['2026-11-24', '09:00']);
      const callback = { date: '2026-11-24', time: '03:00', zone: 'America/Los_Angeles', mine: true };
      const given = { callId: 'c-1', dispositionId: 3, callback };
      const refused = await sendJson(agent.visitor, 'post', '/workspace/dispose', given);
      assert.deepEqual([refused.status, refused.body.code], [422, 'callback-outside-hours']);
      assert.equal(it_.dialer.asked.length, 0);
    });

    it('that has passed is told', async () => {
      onCall();
      const { body } = await look('2026-11-20', '15:30');
      assert.match(body.problem, /passed already/);
    });
  });

  it('lists one’s own callbacks, the first due first, and nobody else’s', async () => {
    const now = it_.app.clock.now();
    const row = {
      lead_id: 1,
      campaign_id: it_.campaignId,
      customer_id: it_.customerId,
      state: 'open',
      created_at: now,
    };
    const notes = [
      { user_id: agent.id, due_at: now + 3_600_000, note: 'omega' },
      { user_id: agent.id, due_at: now - 60_000, note: 'alpha' },
      { user_id: other.id, due_at: now, note: 'foreign' },
    ];
    await it_.app.db.knex('callbacks').insert(notes.map((note) => ({ ...row, ...note })));
    const page = await agent.visitor.get('/workspace/callbacks');
    assert.ok(page.text.indexOf('alpha') < page.text.indexOf('omega'));
    assert.doesNotMatch(page.text, /foreign/);
    assert.match(page.text, /Due now/);
    const list = await agent.visitor.agent.get('/workspace/callbacks?part=list');
    assert.doesNotMatch(list.text, /<html/);
    assert.match((await agent.visitor.get('/workspace')).text, /data-bind="callbacks-due">1</);
    // Tried at its time in vain: it is not due before its next attempt.
    const lead_id = await it_.app.db.insertId('leads', {
      ...{
        campaign_id: it_.campaignId,
        customer_id: it_.customerId,
        list_id: 0,
        priority: 5,
        created_at: now,
      },
      ...{ updated_at: now, state: 'waiting', last_attempt_at: now - 30_000, next_at: now + 9e6 },
    });
    await it_.app.db.knex('callbacks').where({ note: 'alpha' }).update({ lead_id });
    const tried = (await agent.visitor.get('/workspace/callbacks')).text;
    assert.match(tried, /Tried in vain; next attempt: <time /);
    assert.doesNotMatch(tried, /Due now/);
    assert.match((await agent.visitor.get('/workspace')).text, /data-bind="callbacks-due" hidden/);
    await it_.app.db.knex('leads').where({ id: lead_id }).delete();
  });

  describe('a callback whose time nobody wrote down', () => {
    let callbackId: number;
    let leadId: number;
    before(async () => {
      const now = it_.app.clock.now();
      const times = { created_at: now, updated_at: now };
      const lead = { campaign_id: it_.campaignId, customer_id: it_.customerId, list_id: 0, priority: 5 };
      const { db } = it_.app;
      leadId = await db.insertId('leads', { ...lead, ...times, state: 'callback', next_at: now + 9e7 });
      callbackId = await createCallbackStore(it_.app).create(
        {
          ...{ leadId, campaignId: it_.campaignId, customerId: it_.customerId, userId: agent.id },
          ...{ dueAt: now + 9e7, timeAgreed: false, e164: null, note: 'undated', callId: null },
          createdBy: agent.id,
        },
        now,
      );
    });
    const said = { date: '2026-11-25', time: '10:30', zone: 'America/Los_Angeles' };
    const write = (body: object, who = agent) =>
      sendJson(who.visitor, 'post', `/workspace/callbacks/${callbackId}/time`, body);

    it('stands before those that are due, with a notice and in the count', async () => {
      const { text } = await agent.visitor.get('/workspace');
      assert.ok(text.indexOf('undated') < text.indexOf('alpha'));
      assert.match(text, /No time agreed yet/);
      assert.match(text, /data-undated="1 callback has no time yet/);
      assert.match(text, /data-bind="callbacks-due">2</);
    });

    it('is dated by nobody else, not in the past, and not outside the hours', async () => {
      assert.equal((await write(said, other)).status, 404);
      const past = await write({ ...said, date: '2020-01-01' });
      assert.deepEqual([past.status, past.body.code], [422, 'callback-not-ahead']);
      const night = await write({ ...said, time: '03:00' });
      assert.deepEqual([night.status, night.body.code], [422, 'callback-outside-hours']);
    });

    it('is written anew for one of the lists it stands in, and for nobody else', async () => {
      const path = `/workspace/callbacks/${callbackId}?place=ws-due`;
      const { text } = await agent.visitor.get(path);
      assert.match(text, /^<tr[^>]*data-callback-row="\d+" data-place="ws-due">/);
      assert.match(text, /id="ws-due-date-\d+"/);
      assert.equal((await other.visitor.get(path)).status, 404);
    });

    it('is refused while the customer is being dialled (fault: the hopper was quicker)', async () => {
      const lead = () => it_.app.db.knex('leads').where({ id: leadId });
      await lead().update({ state: 'dialing' });
      const busy = await write(said);
      assert.deepEqual([busy.status, busy.body.code], [409, 'callback-being-dialled']);
      await lead().update({ state: 'callback' });
    });

    it('is called at the time once it is written down, and the timeline says so', async () => {
      assert.equal((await write(said)).status, 200);
      const due = Date.parse('2026-11-25T10:30:00-08:00');
      const row = await it_.app.db.knex('callbacks').where({ id: callbackId }).first();
      assert.deepEqual([row.due_at, row.time_agreed], [due, 1]);
      assert.equal((await it_.app.db.knex('leads').where({ id: leadId }).first()).next_at, due);
      const { data } = await it_.app.db.knex('timeline_entries').where({ kind: 'callback' }).first();
      assert.equal(JSON.parse(data).dueAt, due);
      assert.match((await agent.visitor.get('/workspace')).text, /data-undated=""/);
    });

    it('is told once of each time, however often it is sent (fault: the answer was lost)', async () => {
      const told = async () =>
        (await it_.app.db.knex('timeline_entries').where({ kind: 'callback' }).orderBy('id')).map(
          ({ data }) => new Date(JSON.parse(data).dueAt).toISOString(),
        );
      assert.equal((await write(said)).status, 200);
      assert.deepEqual(await told(), ['2026-11-25T18:30:00.000Z']);
      const later = { ...said, time: '11:30' };
      const answers = await Promise.all([write(later), write(later), write(later)]);
      assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]); // prettier-ignore
      assert.deepEqual(await told(), ['2026-11-25T18:30:00.000Z', '2026-11-25T19:30:00.000Z']);
    });

    it('is cancelled by nobody else, and not without a reason; then nobody is called', async () => {
      const cancel = (reason: string, who = agent) =>
        sendJson(who.visitor, 'post', `/workspace/callbacks/${callbackId}/cancel`, { reason });
      assert.equal((await cancel('they rang us', other)).status, 404);
      assert.equal((await cancel(' ')).status, 422);
      assert.equal((await cancel('they rang us')).status, 200);
      const lead = await it_.app.db.knex('leads').where({ id: leadId }).first();
      assert.deepEqual([lead.state, lead.state_reason], ['done', 'callback-cancelled']);
      assert.doesNotMatch((await agent.visitor.get('/workspace/callbacks')).text, /undated/);
    });
  });
});
