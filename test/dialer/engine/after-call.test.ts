import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createCustomerStore } from '../../../crm/index.ts';
import { DraftStore } from '../../../dialer/drafts/draft-store.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { whenAgent } from '../../support/one-agent.ts';

const talksAndHangsUp = '+14155550103';
const nobodys = '+14155550113';

describe('what stands for a call after it', () => {
  let rig: DialerRig;
  let userId: number;
  let campaignId: number;

  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  const start = async (numbers: string[]) => {
    userId = await rig.agent('ann');
    const trunkIds = [await rig.trunk('First')];
    campaignId = await rig.campaign({ numbers, trunkIds, agentIds: [userId] });
    await rig.dialer.start();
    await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
  };
  const when = (what: string, is: (snapshot: AgentSnapshot) => boolean) =>
    whenAgent(rig, userId, what, is, 120_000);
  const wrapup = async () => (await when('wrap-up', ({ state }) => state === 'wrapup')).call!.id;
  const knex = () => rig.app.db.knex;
  const told = async (kind: string) =>
    (await knex()('timeline_entries').where({ kind }).orderBy('id')).map(({ data }) => JSON.parse(data));

  describe('when the wrap-up runs out (fault: nothing is handed in)', () => {
    const runOut = async (form: Record<string, string>) => {
      await start([talksAndHangsUp]);
      await rig.ready(userId);
      const callId = await wrapup();
      await new DraftStore(rig.app.db).save(userId, callId, { revision: 0, form }, rig.app.clock.now());
      await when('after the wrap-up', ({ state }) => state !== 'wrapup');
      await rig.dialer.settled();
      return knex()('calls').where({ id: callId }).first();
    };

    it('keeps the note that was typed, with the result for no decision, and says so', async () => {
      const call = await runOut({ note: ' wants the blue one ' });
      assert.equal(call.note, 'wants the blue one');
      assert.equal(call.disposition_id, await rig.disposition('no_decision'));
      const [entry] = await told('disposition');
      assert.deepEqual([entry.note, entry.byLimit], ['wants the blue one', true]);
      assert.equal((await knex()('workspace_drafts')).length, 1, 'for the disposition that is still wanted');
      const events = await knex()('call_events').where({ call_id: call.id, from_state: 'ended' });
      assert.deepEqual(
        events.map(({ event }) => event),
        ['wrapup-missed'],
      );
    });

    it('keeps as much as there is room for of what two pages have written together, and the draft all of it', async () => {
      const callback = await rig.disposition('callback');
      const form = {
        dispositionId: String(callback),
        note: 'n'.repeat(3_000),
        callbackNote: 'c'.repeat(900),
      };
      const call = await runOut(form);
      assert.equal(call.note, 'n'.repeat(2_000));
      assert.equal((await knex()('callbacks').first()).note, 'c'.repeat(500));
      const { form: draft } = await new DraftStore(rig.app.db).get(userId, call.id);
      assert.deepEqual([draft.note?.length, draft.callbackNote?.length], [3_000, 900]);
    });

    it('keeps the result that was chosen', async () => {
      const chosen = await rig.disposition('refused');
      assert.equal((await runOut({ dispositionId: String(chosen) })).disposition_id, chosen);
    });

    it('keeps a callback without its time as the agent’s own, to be dated, and calls nobody before', async () => {
      const callback = await rig.disposition('callback');
      const form = { dispositionId: String(callback), callbackMine: 'false', callbackNote: ' price ' };
      const call = await runOut({ ...form, callbackDate: '2026-12-01' });
      assert.equal(call.disposition_id, callback);
      const [promise] = await knex()('callbacks');
      assert.deepEqual(
        [promise.state, promise.user_id, promise.time_agreed, promise.note, promise.call_id],
        ['open', userId, 0, 'price', call.id],
      );
      const lead = await knex()('leads').first();
      assert.deepEqual([lead.state, lead.next_at], ['callback', promise.due_at]);
      assert.equal(promise.due_at - call.ended_at > 23 * 3_600_000, true);
      const [entry] = await told('callback');
      assert.equal(entry.timeAgreed, false);
    });

    it('keeps a callback at the time that was typed', async () => {
      const callback = await rig.disposition('callback');
      const at = DateTime.fromMillis(rig.app.clock.now(), { zone: 'Asia/Taipei' }).plus({ days: 2 });
      await runOut({
        ...{ dispositionId: String(callback), callbackMine: 'false', callbackZone: 'Asia/Taipei' },
        ...{ callbackDate: at.toISODate()!, callbackTime: at.toFormat('HH:mm') },
      });
      const [promise] = await knex()('callbacks');
      assert.deepEqual(
        [promise.due_at, promise.user_id, promise.time_agreed],
        [at.startOf('minute').toMillis(), null, 1],
      );
    });

    it('calls nobody again for whom “do not call” was chosen', async () => {
      await start([talksAndHangsUp]);
      const dnc = await rig.disposition('do_not_call');
      await rig.ready(userId);
      const callId = await wrapup();
      const drafts = new DraftStore(rig.app.db);
      await drafts.save(
        userId,
        callId,
        { revision: 0, form: { dispositionId: String(dnc) } },
        rig.app.clock.now(),
      );
      await when('after the wrap-up', ({ state }) => state !== 'wrapup');
      await rig.dialer.settled();
      const listed = await knex()('dnc_numbers');
      assert.deepEqual(
        listed.map(({ e164 }) => e164),
        [talksAndHangsUp],
      );
      const lead = await knex()('leads').first();
      assert.equal(lead.state, 'blocked');
      const refusals = await knex()('consents').where({ kind: 'refusal', e164: '' });
      assert.deepEqual(refusals.map(({ customer_id }) => customer_id), [lead.customer_id]); // prettier-ignore
    });
  });

  describe('of a number dialled by hand that is nobody’s', () => {
    const dialled = async () => {
      await start([]);
      await rig.ready(userId);
      await rig.ask('agent.dial', { userId, campaignId, e164: nobodys });
      const { call } = await when('on a call', ({ state }) => state === 'on-call');
      return call!.id;
    };
    const customer = async () => {
      const fields = { name: 'Chen Wei', salutation: null, externalId: null, language: null, company: null };
      const phones = [{ e164: nobodys, type: 'mobile' as const }];
      const rest = { email: null, address: null, addressRegion: null, custom: {}, phones, tags: [] };
      const made = await createCustomerStore(rig.app).create({ ...fields, ...rest }, rig.app.clock.now());
      assert.ok(made.created);
      return made.id;
    };

    it('refuses a callback that would belong to nobody, and keeps it once the customer is known', async () => {
      const callId = await dialled();
      const customerId = await customer();
      await rig.ask('agent.hangup', { userId, callId });
      await wrapup();
      const callback = { dueAt: rig.app.clock.now() + 3_600_000, mine: true, note: 'price' };
      const dispositionId = await rig.disposition('callback');
      const given = { userId, callId, dispositionId, note: '', next: 'ready' as const, callback };
      await assert.rejects(rig.ask('agent.dispose', given), { reason: 'callback-needs-customer' });

      const known = await rig.ask('agent.identify', { userId, callId, customerId });
      assert.equal(known.call?.customerId, customerId);
      // Fault: the answer was lost, and the agent presses again.
      assert.equal((await rig.ask('agent.identify', { userId, callId, customerId })).call?.id, callId);
      await assert.rejects(rig.ask('agent.identify', { userId, callId, customerId: customerId + 1 }), {
        reason: 'identified-already',
      });
      await rig.ask('agent.dispose', given);
      await rig.dialer.settled();
      assert.equal((await knex()('calls').where({ id: callId }).first()).customer_id, customerId);
      const [promise] = await knex()('callbacks');
      assert.deepEqual(
        [promise.customer_id, promise.due_at, promise.user_id, promise.state],
        [customerId, callback.dueAt, userId, 'open'],
      );
      const lead = await knex()('leads').where({ id: promise.lead_id }).first();
      assert.deepEqual(
        [lead.state, lead.customer_id, lead.campaign_id],
        ['callback', customerId, campaignId],
      );
      assert.equal((await told('call')).length, 1);
      assert.equal((await told('disposition')).length, 1);
    });

    it('lets nobody say whose another agent’s call is', async () => {
      const callId = await dialled();
      const other = await rig.agent('bob');
      await rig.signIn(other);
      const customerId = await customer();
      await assert.rejects(rig.ask('agent.identify', { userId: other, callId, customerId }), {
        reason: 'not-your-call',
      });
    });
  });
});
