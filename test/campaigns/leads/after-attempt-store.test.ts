import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { createDispositionStore } from '../../../campaigns/dispositions/index.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const minute = 60_000;

onBothEngines('leads after an attempt', (theApp) => {
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
  const dispositionId = async (code: string) =>
    (await createDispositionStore(app).all()).find((disposition) => disposition.code === code)!.id;
  const dialled = async (id: number) => {
    assert.ok((await leads.reserveOne(id, 'd1', now)).moved);
    assert.ok((await leads.toDialing(id, 'd1', now)).moved);
  };

  it('busy: tried again after the campaign’s delay, until its number of attempts is used up', async () => {
    const [id] = await addLeads(app, campaignId, [{}]);
    for (let attempt = 1; attempt <= 5; attempt++) {
      await dialled(id!);
      await leads.finishAttempt(id!, { outcome: 'busy', at: now });
      const lead = (await leads.get(id!))!;
      assert.equal(lead.attempts, attempt);
      if (attempt < 5) assert.deepEqual([lead.state, lead.nextAt], ['waiting', now + 15 * minute]);
      else assert.deepEqual([lead.state, lead.stateReason], ['exhausted', 'max-attempts']);
    }
  });

  it('a number that does not exist is left out; the next one of the customer comes at once', async () => {
    const phones = ['+12125550101', '+12125550102'];
    const [id] = await addLeads(app, campaignId, [{ phones }]);
    await dialled(id!);
    await leads.finishAttempt(id!, { outcome: 'unallocated', at: now });
    const [next] = await leads.reserve({ campaignId, count: 1, by: 'd1', now });
    assert.equal(next!.e164, phones[1]);
    await leads.toDialing(id!, 'd1', now);
    await leads.finishAttempt(id!, { outcome: 'no-answer', at: now });
    const [again] = await leads.reserve({ campaignId, count: 1, by: 'd1', now: now + 181 * minute });
    assert.equal(again!.e164, phones[1]);
    await leads.toDialing(id!, 'd1', now);
    await leads.finishAttempt(id!, { outcome: 'unallocated', at: now });
    assert.equal(await state(id!), 'exhausted');
  });

  it('gives a number up when it was dialled as often as the campaign allows for one, but keeps a promised callback', async () => {
    await app.db.knex('campaigns').where({ id: campaignId }).update({ attempts_per_number: 1 });
    const phones = ['+12125550101', '+12125550102'];
    const [id] = await addLeads(app, campaignId, [{ phones }]);
    await dialled(id!);
    await leads.finishAttempt(id!, { outcome: 'hung-up', e164: phones[0], at: now });
    const [second] = await leads.reserve({ campaignId, count: 1, by: 'd1', now: now + 1441 * minute });
    assert.equal(second!.e164, phones[1], 'the one with attempts left');
    await leads.toDialing(id!, 'd1', now);
    await leads.finishAttempt(id!, {
      outcome: 'answered',
      e164: phones[1],
      callbackAt: now + minute,
      at: now,
    });
    const [promised] = await leads.reserve({ campaignId, count: 1, by: 'd1', now: now + minute });
    assert.deepEqual([promised?.id, promised?.reservedFrom], [id, 'callback']);
    await leads.toDialing(id!, 'd1', now + minute);
    await leads.finishAttempt(id!, { outcome: 'no-answer', e164: promised!.e164, at: now + minute });
    const { state, stateReason } = (await leads.get(id!))!;
    assert.deepEqual([state, stateReason], ['exhausted', 'attempts-per-number']);
  });

  it('waits for another part of the day at the customer’s place', async () => {
    await app.db.knex('campaigns').where({ id: campaignId }).update({ day_parts: '[["09:00","12:00"],["12:00","17:00"],["17:00","20:00"]]' }); // prettier-ignore
    const [id] = await addLeads(app, campaignId, [{ phones: ['+12125550101'] }]);
    const noonInNewYork = Date.UTC(2026, 2, 4, 16, 30);
    await leads.reserve({ campaignId, count: 1, by: 'd1', now: noonInNewYork });
    await leads.toDialing(id!, 'd1', noonInNewYork);
    await leads.finishAttempt(id!, { outcome: 'no-answer', at: noonInNewYork + minute });
    const fiveMinutesPastDelay = noonInNewYork + 181 * minute;
    assert.equal((await leads.get(id!))!.nextAt, fiveMinutesPastDelay, 'in the afternoon already');
    await leads.reserve({ campaignId, count: 1, by: 'd1', now: fiveMinutesPastDelay });
    await leads.toDialing(id!, 'd1', fiveMinutesPastDelay);
    await leads.finishAttempt(id!, { outcome: 'no-answer', at: fiveMinutesPastDelay });
    assert.equal(
      (await leads.get(id!))!.nextAt,
      Date.UTC(2026, 2, 4, 22, 31),
      'the delay is over in the evening',
    );
  });

  it('dispositions: final ends, DNC blocks, a delay of its own applies', async () => {
    const ids = await addLeads(app, campaignId, [{}, {}, {}]);
    const ends = ['sale', 'do_not_call', 'interested'];
    for (const [index, code] of ends.entries()) {
      await dialled(ids[index]!);
      await leads.finishAttempt(ids[index]!, {
        outcome: 'answered',
        dispositionId: await dispositionId(code),
        at: now,
      });
    }
    assert.deepEqual(await Promise.all(ids.map(state)), ['done', 'blocked', 'waiting']);
    assert.equal((await leads.get(ids[2]!))!.nextAt, now + 2880 * minute);
  });

  it('a callback is written down with the lead and closed by the talk that keeps it', async () => {
    const callbacks = createCallbackStore(app);
    const [id] = await addLeads(app, campaignId, [{}]);
    await dialled(id!);
    await leads.finishAttempt(id!, {
      outcome: 'answered',
      dispositionId: await dispositionId('callback'),
      callbackAt: now + 60 * minute,
      agentId: 5,
      callbackNote: 'after lunch',
      callId: 'c1',
      by: 5,
      at: now,
    });
    const lead = (await leads.get(id!))!;
    assert.deepEqual([lead.state, lead.nextAt, lead.agentId], ['callback', now + 60 * minute, 5]);
    const [open] = await callbacks.openOf(5);
    assert.deepEqual([open!.leadId, open!.note, open!.dueAt], [id, 'after lunch', now + 60 * minute]);
    await dialled(id!);
    await leads.finishAttempt(id!, {
      outcome: 'answered',
      dispositionId: await dispositionId('sale'),
      at: now + minute,
    });
    assert.deepEqual((await callbacks.ofLead(id!)).map((callback) => callback.state), ['done']); // prettier-ignore
  });

  it('a callback that is given up is no kept one, and the timeline says why', async () => {
    const callbacks = createCallbackStore(app);
    const ends = [
      [{ outcome: 'busy' }, 'exhausted', 'exhausted'],
      [{ outcome: 'no-answer', dispositionId: await dispositionId('sale') }, 'done', 'finished'],
      [{ outcome: 'abandoned', optedOut: true }, 'blocked', 'opt-out'],
    ] as const;
    for (const [result, ended, code] of ends) {
      const [id] = await addLeads(app, campaignId, [{ state: 'callback', attempts: 99 }]);
      const { customerId } = (await leads.get(id!))!;
      const promise = { timeAgreed: true, leadId: id!, campaignId, customerId, userId: null, dueAt: now, e164: null, note: null, callId: null, createdBy: null }; // prettier-ignore
      await callbacks.create(promise, now);
      await dialled(id!);
      await leads.finishAttempt(id!, { outcome: 'failed', at: now });
      assert.deepEqual((await callbacks.ofLead(id!)).map((callback) => callback.state), ['open'], 'a trunk fault'); // prettier-ignore
      assert.equal(await state(id!), 'callback');
      await dialled(id!);
      await leads.finishAttempt(id!, { ...result, at: now });
      assert.deepEqual([await state(id!), ...(await callbacks.ofLead(id!)).map((callback) => callback.state)], [ended, 'cancelled']); // prettier-ignore
      const told = await app.db.knex('timeline_entries').where({ customer_id: customerId, kind: 'callback' });
      assert.deepEqual(told.map(({ data }) => JSON.parse(data).code), [code]); // prettier-ignore
    }
  });

  it('calls back on the number that was agreed', async () => {
    const [id] = await addLeads(app, campaignId, [{}]);
    const { customerId } = (await leads.get(id!))!;
    await app.db
      .knex('customer_phones')
      .insert({ customer_id: customerId, e164: '+12125550188', type: 'mobile', position: 9 });
    await dialled(id!);
    await leads.finishAttempt(id!, {
      outcome: 'answered',
      dispositionId: await dispositionId('callback'),
      callbackAt: now,
      callbackPhone: '+12125550188',
      at: now,
    });
    const [reserved] = await leads.reserve({ campaignId, count: 1, by: 'd1', now: now + minute });
    assert.equal(reserved?.e164, '+12125550188');
  });
});
