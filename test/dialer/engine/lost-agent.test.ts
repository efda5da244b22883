import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { DraftStore } from '../../../dialer/drafts/draft-store.ts';
import { createMissedWrapupStore, LateDispositions } from '../../../dialer/missed-wrapups/index.ts';
import type { AgentSnapshot, DispositionGiven } from '../../../dialer/protocol.ts';
import { RollupStore } from '../../../reports/rollups/rollup-store.ts';
import { figuresOf } from '../../../reports/rollups/rollup.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const hour = 3_600_000;

describe('an agent whose phone is lost around a call', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let userId: number;
  let campaignId: number;

  beforeEach(async () => {
    rig = await dialerRig();
    ({ userId, campaignId } = await startOneAgent(rig, [person], { wrapupLimitMs: 10_000 }));
    await rig.ready(userId);
  });
  afterEach(() => rig.close());

  const knex = () => rig.app.db.knex;
  const when = (what: string, is: (snapshot: AgentSnapshot) => boolean) => whenAgent(rig, userId, what, is);
  const onCall = async () => (await when('on a call', ({ state }) => state === 'on-call')).call!.id;
  const phone = `PJSIP/agent-`;
  const losePhone = async () => {
    rig.sim.setPhone(`${phone}${userId}`, false);
    rig.sim.hangUp(await rig.channelOf(`${phone}${userId}`));
    await when('phone is lost', (snapshot) => snapshot.phone === 'lost');
  };
  const phoneBack = async () => {
    rig.sim.setPhone(`${phone}${userId}`, true);
    await when('phone is back', (snapshot) => snapshot.phone === 'up');
  };
  const customerHangsUp = async () => rig.sim.hangUp(await rig.channelOf('PJSIP/trunk-'));
  const type = (callId: string, form: Record<string, string>) =>
    new DraftStore(rig.app.db).save(userId, callId, { revision: 0, form }, rig.app.clock.now());
  const row = async (callId: string) => knex()('calls').where({ id: callId }).first();
  const lead = async () => knex()('leads').first();
  const endEvents = async () =>
    (await knex()('call_events').where({ from_state: 'ended' }).orderBy('id')).map(({ event }) => event);
  const offered = async () => createMissedWrapupStore(rig.app).ofAgent(userId, rig.app.clock.now());
  const given = (callId: string, dispositionId: number, rest: Partial<DispositionGiven> = {}) =>
    ({ userId, callId, dispositionId, note: '', next: 'ready', ...rest }) as const;
  const handIn = (said: DispositionGiven) => new LateDispositions(rig.app).handIn(said);

  describe('and whose customer hangs up before it is back (fault: the leg goes in the middle of the talk)', () => {
    it('wraps up within the limit without a phone, and is paused until it is signed in again', async () => {
      const callId = await onCall();
      await losePhone();
      await customerHangsUp();
      const wrapup = await when('wrap-up', ({ state }) => state === 'wrapup');
      assert.equal(wrapup.phone, 'lost');
      assert.ok(wrapup.wrapupUntil! > rig.app.clock.now());
      await rig.ask('agent.extend-wrapup', { userId, callId, reason: 'Long note' });
      const after = await rig.ask('agent.dispose', given(callId, await rig.disposition('refused')));
      assert.deepEqual([after.state, after.pauseReason, after.phone], ['paused', 'phone-lost', 'lost']);
      await rig.dialer.settled();
      assert.deepEqual(await endEvents(), ['disposed']);
      await phoneBack();
      assert.equal((await rig.ask('agent.ready', { userId })).state, 'ready');
    });

    it('is offered the call afterwards when the limit runs out, with all that was typed', async () => {
      const callId = await onCall();
      await losePhone();
      await customerHangsUp();
      await when('wrap-up', ({ state }) => state === 'wrapup');
      await type(callId, { note: 'wants the blue one' });
      const over = await when('after the wrap-up', ({ state }) => state !== 'wrapup');
      assert.deepEqual([over.state, over.pauseReason], ['paused', 'phone-lost']);
      await rig.dialer.settled();
      assert.deepEqual(
        (await offered()).map(({ id }) => id),
        [callId],
      );
      const { form } = await new DraftStore(rig.app.db).get(userId, callId);
      assert.equal(form.note, 'wants the blue one');
    });
  });

  it('is asked for the result though what they typed cannot be read for minutes (fault: the table of drafts is gone)', async () => {
    const callId = await onCall();
    await customerHangsUp();
    await when('wrap-up', ({ state }) => state === 'wrapup');
    await type(callId, { note: 'wants the blue one' });
    await knex().schema.renameTable('workspace_drafts', 'drafts_elsewhere');
    await when('after the wrap-up', ({ state }) => state !== 'wrapup');
    await rig.dialer.settled();
    assert.deepEqual([await offered(), (await lead()).state], [[], 'dialing']);
    await knex().schema.renameTable('drafts_elsewhere', 'workspace_drafts');
    await rig.until('it is settled', async () => (await offered()).length > 0, 120_000, 1_000);
    await rig.dialer.settled();
    assert.deepEqual(
      [(await row(callId)).note, (await lead()).last_outcome],
      ['wants the blue one', 'answered'],
    );
  });

  // Fault: the leg goes in the middle of the talk and stays away.
  it('leaves whom they had called themselves to a colleague who is free, as a talk and not as an abandoned call', async () => {
    await onCall().then((callId) => rig.ask('agent.hangup', { userId, callId }));
    await when('wrap-up', ({ state }) => state === 'wrapup');
    await when('after it', ({ state }) => state === 'ready');
    await rig.dialer.settled();
    const bob = await rig.agent('bob');
    await knex()('campaign_agents').insert({ campaign_id: campaignId, user_id: bob });
    rig.app.bus.publish('campaign.changed', { campaignId });
    await rig.ask('agent.dial', { userId, campaignId, e164: person });
    const callId = await onCall();
    await rig.ready(bob);
    await losePhone();
    const has = await whenAgent(rig, bob, 'has them', ({ state }) => state === 'on-call', 60_000);
    assert.deepEqual([has.call?.id, has.call?.state], [callId, 'connected']);
    await rig.dialer.settled();
    const call = await row(callId);
    assert.deepEqual([call.abandoned_at, call.user_id], [null, bob]);
    await rig.ask('agent.hangup', { userId: bob, callId });
    await rig.dialer.settled();
    const rollups = new RollupStore(rig.app.db);
    const now = rig.app.clock.now();
    await rollups.advance(now + hour);
    const figures = figuresOf(await rollups.totals(campaignId, 0, now + hour));
    assert.deepEqual([figures.connected, figures.abandoned], [2, 0]);
  });

  describe('and does not come back before the call ends (fault: the phone stays away)', () => {
    let callId: string;
    beforeEach(async () => {
      callId = await onCall();
      await losePhone();
      await type(callId, { note: 'asks about delivery' });
      await rig.until('the call ends', async () => (await row(callId)).state === 'ended', 60_000);
      await rig.dialer.settled();
    });

    it('leaves the call with a result of the system, by which the lead is tried again', async () => {
      const call = await row(callId);
      const noDecision = await rig.disposition('no_decision');
      assert.deepEqual(
        [call.outcome, call.disposition_id, call.note, call.user_id],
        ['answered', noDecision, 'asks about delivery', userId],
      );
      assert.equal((await lead()).last_disposition_id, noDecision);
      assert.deepEqual(await endEvents(), ['wrapup-missed']);
      const told = await knex()('timeline_entries').where({ kind: 'disposition' }).first();
      assert.equal(JSON.parse(told.data).agentLost, true);
    });

    it('is offered the call, and what is handed in then takes the place of it, once', async () => {
      assert.deepEqual(
        (await offered()).map(({ id }) => id),
        [callId],
      );
      const sale = await rig.disposition('sale');
      const { attempts, tries } = await lead();
      await handIn(given(callId, sale, { note: 'two of them' }));
      const call = await row(callId);
      assert.deepEqual([call.disposition_id, call.note], [sale, 'two of them']);
      const after = await lead();
      assert.deepEqual([after.state, after.attempts, after.tries], ['done', attempts, tries]);
      assert.deepEqual(await endEvents(), ['wrapup-missed', 'disposed']);
      assert.deepEqual(await offered(), []);
      await assert.rejects(handIn(given(callId, sale)), { reason: 'no-such-call' });
      const rollups = new RollupStore(rig.app.db);
      const now = rig.app.clock.now();
      await rollups.advance(now + hour);
      const figures = figuresOf(await rollups.totals(campaignId, 0, now + hour));
      assert.deepEqual([figures.disposed, figures.sales, figures.outcomes.answered], [1, 1, 1]);
    });

    it('takes a callback for it, which the lead then waits for', async () => {
      const dueAt = rig.app.clock.now() + 26 * hour;
      const callback = { dueAt, mine: true, note: 'price' };
      await handIn(given(callId, await rig.disposition('callback'), { callback }));
      const [promise] = await knex()('callbacks').where({ state: 'open' });
      assert.deepEqual(
        [promise.due_at, promise.user_id, promise.call_id, promise.time_agreed],
        [dueAt, userId, callId, 1],
      );
      assert.deepEqual([(await lead()).state, (await lead()).next_at], ['callback', dueAt]);
    });

    it('takes “do not call” for it, and the number is on the list', async () => {
      await handIn(given(callId, await rig.disposition('do_not_call')));
      const listed = await knex()('dnc_numbers');
      assert.deepEqual(
        listed.map(({ e164 }) => e164),
        [person],
      );
      assert.equal((await lead()).state, 'blocked');
      const refusals = await knex()('consents').where({ kind: 'refusal', e164: '' });
      assert.deepEqual(refusals.map(({ customer_id }) => customer_id), [(await lead()).customer_id]); // prettier-ignore
    });

    it('refuses a callback where “do not call” stands, which would never be placed, and leaves all as it was', async () => {
      const { form } = await new DraftStore(rig.app.db).get(userId, callId);
      const callback = { dueAt: rig.app.clock.now() + 26 * hour, mine: true };
      const said = given(callId, await rig.disposition('callback'), { callback });
      const refusedAndUnchanged = async () => {
        await assert.rejects(handIn(said), { reason: 'callback-not-callable' });
        assert.equal(await knex()('callbacks').first(), undefined);
        assert.deepEqual(await endEvents(), ['wrapup-missed']);
        assert.equal((await offered()).length, 1);
        assert.deepEqual((await new DraftStore(rig.app.db).get(userId, callId)).form, form);
      };
      const dnc = createDncStore(rig.app);
      const entry = { e164: person, campaignId: null, by: null, at: rig.app.clock.now() };
      await dnc.add({ ...entry, reason: 'asked by mail', source: 'agent' });
      await refusedAndUnchanged();
      // As the gate leaves it when it looks; the customer has other numbers, too.
      await knex()('leads').update({ state: 'blocked', state_reason: 'DNC_INTERNAL' });
      await knex()('dnc_numbers').delete();
      await refusedAndUnchanged();
      await handIn(given(callId, await rig.disposition('refused')));
      assert.equal((await lead()).state, 'blocked');
      assert.deepEqual(await endEvents(), ['wrapup-missed', 'disposed']);
    });

    it('does not move a lead that was called since', async () => {
      const { id, customer_id } = await lead();
      const at = rig.app.clock.now() + 1;
      await knex()('calls').insert({
        ...{ id: 'later', direction: 'out', path: 'predictive', campaign_id: campaignId, lead_id: id },
        ...{ customer_id, e164: person, attempt: 2, state: 'ended', created_at: at, dialed_at: at },
      });
      const before = await lead();
      await handIn(given(callId, await rig.disposition('refused')));
      assert.deepEqual(await lead(), before);
      assert.deepEqual(await endEvents(), ['wrapup-missed', 'disposed']);
    });

    it('refuses it while the customer is being called again, and leaves all as it was', async () => {
      await knex()('leads').update({ state: 'dialing', reserved_by: 'another' });
      const callback = { dueAt: rig.app.clock.now() + hour, mine: true };
      const said = given(callId, await rig.disposition('callback'), { callback });
      await assert.rejects(handIn(said), { reason: 'lead-being-dialled' });
      assert.deepEqual(await endEvents(), ['wrapup-missed']);
      assert.deepEqual(
        (await offered()).map(({ id }) => id),
        [callId],
      );
    });

    it('is not offered a colleague’s call, nor lets it be handed in', async () => {
      const other = await rig.agent('bob');
      const said = { ...given(callId, await rig.disposition('sale')), userId: other };
      await assert.rejects(handIn(said), { reason: 'no-such-call' });
      assert.deepEqual(await createMissedWrapupStore(rig.app).ofAgent(other, rig.app.clock.now()), []);
    });
  });
});
