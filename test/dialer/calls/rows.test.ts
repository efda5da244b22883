import assert from 'node:assert/strict';
import { it } from 'mocha';
import { signedOutAgent } from '../../../dialer/agents/agent.ts';
import { createAgentStore } from '../../../dialer/agents/agent-store.ts';
import { newCall, type CallState } from '../../../dialer/calls/call.ts';
import { createCallStore } from '../../../dialer/calls/call-store.ts';
import { unwrittenMs } from '../../../dialer/calls/called-elsewhere-store.ts';
import { createGivenDispositionStore } from '../../../dialer/calls/given-disposition-store.ts';
import { createOptOutStore } from '../../../dialer/calls/opt-out-store.ts';
import { cellOfUser } from '../../../dialer/cells/ask-dialers.ts';
import { createCellStore } from '../../../dialer/cells/cell-store.ts';
import { goneMs } from '../../../dialer/cells/cell.ts';
import { onBothEngines } from '../../campaigns/engines.ts';

onBothEngines('rows of the dialer', (app) => {
  it('a session moves with the dialer that holds it, also over a gap; another takes it only as it stands', async () => {
    const store = createAgentStore(app());
    const save = (revision: number, by: string) =>
      app().db.transaction((trx) => store.save({ ...signedOutAgent(7, 1), revision }, null, by, trx));
    assert.deepEqual([await save(1, 'west'), await save(1, 'west')], [1, 0]);
    assert.deepEqual([await save(3, 'west'), await save(2, 'west'), await save(3, 'west')], [1, 0, 0]);
    assert.deepEqual([await save(5, 'east'), await save(4, 'east')], [0, 1]);
    assert.deepEqual([await save(5, 'west'), await save(6, 'west')], [1, 1]);
    assert.deepEqual(
      (await store.heldBy('west')).map(({ revision }) => revision),
      [6],
    );
  });

  it('a call moves on over a gap, never back, and not once another has ended it', async () => {
    const store = createCallStore(app());
    const call = newCall(
      { id: 'c1', direction: 'out', path: 'predictive', campaignId: 1, leadId: 1, customerId: 1, e164: '+1', attempt: 1 }, // prettier-ignore
      1,
    );
    await app().db.transaction((trx) => store.insert(call, 'west', trx));
    const save = (revision: number, state: CallState, from: CallState) =>
      app().db.transaction((trx) => store.save({ ...call, revision, state }, from, trx));
    assert.deepEqual([await save(2, 'ringing', 'dialing'), await save(1, 'dialing', 'created')], [1, 0]);
    assert.deepEqual([await save(3, 'ended', 'ringing'), await save(4, 'waiting', 'ringing')], [1, 0]);
    assert.deepEqual([await save(4, 'ended', 'ended'), (await store.get('c1'))?.revision], [1, 4]);
  });

  it('a disposition that was handed in takes the place of a missed wrap-up, once', async () => {
    const store = createCallStore(app());
    const call = newCall(
      { id: 'c3', direction: 'out', path: 'predictive', campaignId: 1, leadId: 1, customerId: 1, e164: '+1', attempt: 1 }, // prettier-ignore
      1,
    );
    const ended = { ...call, state: 'ended', userId: 7, connectedAt: 2, endedAt: 3 } as const;
    await app().db.transaction((trx) => store.insert(ended, 'west', trx));
    await store.leave('c3', 3);
    const dispose = (missedAt: number | null) =>
      app().db.transaction((trx) =>
        store.dispose('c3', { dispositionId: 5, note: null, wrappedUpAt: 9, missedAt }, trx),
      );
    assert.deepEqual([await dispose(9), await dispose(null), await dispose(null)], [false, true, false]);
  });

  it('a call of another dialer keeps number and customer while it lasts, and after a talk until it is wrapped up', async () => {
    const store = createCallStore(app());
    const now = 10 * unwrittenMs;
    const their = (id: string, customerId: number, rest: object) => ({
      ...newCall({ id, direction: 'out', path: 'predictive', campaignId: 1, leadId: 1, customerId, e164: `+${customerId}`, attempt: 1 }, now), // prettier-ignore
      ...rest,
    });
    const ended = { state: 'ended', endedAt: now - 60_000 } as const;
    const talked = { ...ended, userId: 7, connectedAt: now - 90_000 };
    await app().db.transaction(async (trx) => {
      await store.insert(their('k1', 101, {}), 'west', trx);
      await store.insert(their('k2', 102, ended), 'west', trx);
      await store.insert(their('k3', 103, talked), 'west', trx);
      await store.insert(their('k4', 104, { ...talked, endedAt: now - 2 * unwrittenMs }), 'west', trx);
      await store.insert(their('k5', 105, talked), 'west', trx);
      await store.dispose('k5', { dispositionId: 5, note: null, wrappedUpAt: 9, missedAt: null }, trx);
    });
    const own = [101, 102, 103, 104, 105].map((customerId) => ({
      id: `${customerId}`,
      e164: '+9',
      customerId,
    }));
    assert.deepEqual(await store.calledElsewhere('east', own, now - 15_000), new Set(['101', '103']));
  });

  it('fault: what a customer has said is not where the gate looks yet – nobody calls number or customer, whichever dialer has heard it', async () => {
    const calls = createCallStore(app());
    const given = createGivenDispositionStore(app());
    const optOuts = createOptOutStore(app());
    const now = 20 * unwrittenMs;
    const heard = newCall({ id: 's1', direction: 'out', path: 'predictive', campaignId: 1, leadId: 1, customerId: 201, e164: '+201', attempt: 1 }, 1); // prettier-ignore
    const said = { userId: 7, dispositionId: 3, note: '', callback: null };
    await app().db.transaction(async (trx) => {
      const ended = { ...heard, state: 'ended', userId: 7, connectedAt: 2, endedAt: 3 } as const;
      await calls.insert(ended, 'west', trx);
      // The timeline is written, the DNC list refuses the number.
      await calls.dispose('s1', { dispositionId: 3, note: null, wrappedUpAt: 9, missedAt: null }, trx);
      await given.keep({ callId: 's1', given: said, at: 5, holdsLead: true }, 'west', trx);
      const pressed = {
        ...heard,
        id: 's2',
        customerId: 202,
        e164: '+202',
        state: 'ended',
        endedAt: 3,
      } as const;
      await calls.insert(pressed, 'west', trx);
      await optOuts.keep({ callId: 's2', e164: '+202', at: 6 }, 'west', trx);
    });
    const own = [
      { id: 'same number', e164: '+201', customerId: null },
      { id: 'same customer', e164: '+9', customerId: 201 },
      { id: 'pressed', e164: '+202', customerId: null },
      { id: 'pressed, another number', e164: '+8', customerId: 202 },
      { id: 'nobody', e164: '+203', customerId: 203 },
    ];
    for (const dialer of ['east', 'west'])
      assert.deepEqual(
        await calls.calledElsewhere(dialer, own, now),
        new Set(['same number', 'same customer', 'pressed', 'pressed, another number']),
      );
    await given.handedOn('s1');
    await optOuts.listed('s2');
    assert.deepEqual(await calls.calledElsewhere('east', own, now), new Set());
  });

  it('a phone registers with a switch of the dialers, also where their clocks differ from the web’s by minutes', async () => {
    const store = createCellStore(app());
    await store.begin({ id: 'west', run: 'r1', switchUrl: 'http://west' }, app().clock.now() - 10 * goneMs);
    assert.equal((await cellOfUser(app(), 12))?.id, 'west');
    await store.begin({ id: 'east', run: 'r2', switchUrl: 'http://east' }, app().clock.now());
    assert.equal((await cellOfUser(app(), 12))?.id, 'east');
  });

  it('what was handed in and what was pressed is kept once, with what of it is done', async () => {
    const given = createGivenDispositionStore(app());
    const optOuts = createOptOutStore(app());
    const said = { userId: 7, dispositionId: 3, note: '', callback: null };
    for (let n = 0; n < 2; n++)
      await app().db.transaction(async (trx) => {
        await given.keep({ callId: 'c1', given: said, at: 5, holdsLead: true }, 'west', trx);
        await optOuts.keep({ callId: 'c2', e164: '+1', at: 6 }, 'west', trx);
      });
    await given.listed('c1');
    await app().db.transaction((trx) => given.takeLead('c1', trx));
    assert.deepEqual(await given.keptBy('west'), [
      { callId: 'c1', given: said, at: 5, holdsLead: false, isListed: true },
    ]);
    assert.deepEqual(await optOuts.keptBy('west'), [
      { callId: 'c2', e164: '+1', customerId: null, leadId: null, at: 6 },
    ]);
    await given.handedOn('c1');
    await optOuts.listed('c2');
    assert.deepEqual([await given.keptBy('west'), await optOuts.keptBy('west')], [[], []]);
  });
});
