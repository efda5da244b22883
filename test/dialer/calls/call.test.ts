import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  advanceCall,
  callStates,
  canBeTakenUp,
  hearsMusic,
  callTransitions,
  newCall,
  talkMsOf,
  type Call,
  type CallEvent,
} from '../../../dialer/calls/call.ts';
import { callOutcomes } from '../../../dialer/calls/outcome.ts';
import { endInWords, unansweredMeaning } from '../../../dialer/calls/cause.ts';

const fresh = (): Call =>
  newCall(
    {
      id: 'c1',
      direction: 'out',
      path: 'predictive',
      campaignId: 1,
      leadId: 2,
      customerId: 3,
      e164: '+14155550100',
      attempt: 1,
    },
    1000,
  );

const graceMs = 2_000;
const connect = (userId: number): CallEvent => ({ type: 'connect', userId, graceMs });
const announce: CallEvent = { type: 'announce', reason: 'no-agent' };
const dial: CallEvent = { type: 'dial', trunkId: 1, callerId: null };
const end = (reported: (typeof callOutcomes)[number]): CallEvent => ({
  type: 'end',
  reported,
  by: 'system',
  cause: null,
  graceMs,
});

const eventArb: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.constant(dial),
  fc.constant<CallEvent>({ type: 'redial', trunkId: 2, callerId: '+14155550199' }),
  fc.constantFrom<CallEvent>(
    { type: 'ringing' },
    { type: 'answer' },
    { type: 'detect' },
    { type: 'human', amd: 'human' },
    { type: 'hold' },
    { type: 'resume' },
    { type: 'park', slot: 1 },
    { type: 'conference' },
    { type: 'reroute' },
    { type: 'unmet' },
    { type: 'consult', userId: 4 },
    { type: 'transfer', userId: 5 },
    { type: 'send-out' },
    { type: 'hand-out' },
    announce,
  ),
  fc.integer({ min: 1, max: 3 }).map(connect),
  fc.constantFrom(...callOutcomes).map(end),
);

/** Applies what is legal of a sequence of events, one a second. */
function play(events: CallEvent[], start = fresh()): Call {
  let call = start;
  let at = call.createdAt;
  for (const event of events) {
    const next = advanceCall(call, event, (at += 1000));
    if (next.ok) call = next.call;
  }
  return call;
}

describe('call state machine', () => {
  it('takes an answered call from creation to its end', () => {
    const call = play([
      dial,
      { type: 'ringing' },
      { type: 'answer' },
      connect(7),
      { type: 'hold' },
      { type: 'resume' },
      end('answered'),
    ]);
    assert.equal(call.state, 'ended');
    assert.equal(call.outcome, 'answered');
    assert.equal(call.userId, 7);
    assert.deepEqual(
      [call.dialedAt, call.ringingAt, call.answeredAt, call.connectedAt, call.endedAt],
      [2000, 3000, 4000, 5000, 8000],
    );
  });

  it('refuses with a reason what the table does not have', () => {
    const refused = advanceCall(fresh(), connect(1), 2000);
    assert.deepEqual(refused, { ok: false, reason: 'not-now', state: 'created', event: 'connect' });
    const late = advanceCall(play([end('cancelled')]), { type: 'ringing' }, 9000);
    assert.equal(!late.ok && late.reason, 'call-ended');
  });

  it('counts a person who met nobody as abandoned', () => {
    assert.equal(play([dial, { type: 'answer' }, end('no-answer')]).outcome, 'abandoned');
    assert.equal(play([dial, { type: 'answer' }, announce, end('answered')]).outcome, 'abandoned');
    assert.equal(play([dial, { type: 'detect' }, end('machine')]).outcome, 'machine');
    assert.equal(play([dial, { type: 'detect' }, end('busy')]).outcome, 'abandoned');
  });

  /** Answered at 0; `ms` later what is given. */
  const after = (ms: number, event: CallEvent, before: CallEvent[] = [dial, { type: 'answer' }]): Call => {
    const waiting = play(before);
    const next = advanceCall(waiting, event, (waiting.liveAt ?? waiting.answeredAt!) + ms);
    assert.ok(next.ok);
    return next.call;
  };
  const hangsUp: CallEvent = { ...end('answered'), by: 'customer' } as CallEvent;

  it('counts whom an agent joins too late as abandoned, though they talk', () => {
    const inTime = after(graceMs, connect(7));
    assert.deepEqual([inTime.state, inTime.abandonedAt], ['connected', null]);
    const late = after(graceMs + 1, connect(7));
    assert.deepEqual([late.state, late.abandonedAt], ['connected', late.connectedAt]);
    const ended = play([end('answered')], late);
    assert.deepEqual([ended.outcome, ended.abandonedAt], ['answered', late.connectedAt]);
  });

  it('takes a meeting back of a customer whose agent had a dead phone, and counts it once', () => {
    const met = [dial, { type: 'answer' }, connect(7)] as CallEvent[];
    const unmet: CallEvent = { type: 'unmet' };
    const waits = play([...met, unmet]);
    assert.deepEqual([waits.state, waits.connectedAt, waits.userId], ['waiting', null, null]);
    const told = play([announce, end('abandoned')], waits);
    assert.deepEqual([told.outcome, told.abandonedAt], ['abandoned', told.createdAt + 1_000]);
    const byAnother = after(graceMs + 1, connect(8), [...met, unmet]);
    assert.deepEqual([byAnother.userId, byAnother.abandonedAt], [8, byAnother.connectedAt]);
    const gone = play([...met, hangsUp]);
    const counted = play([unmet, unmet], gone);
    assert.deepEqual([counted.outcome, counted.abandonedAt], ['answered', gone.createdAt + 1_000]);
    assert.equal(counted.connectedAt, gone.connectedAt);
  });

  it('counts from the end of detection', () => {
    const detected = [dial, { type: 'detect' }, { type: 'human', amd: 'human' }] as CallEvent[];
    assert.equal(after(graceMs, connect(7), detected).abandonedAt, null);
    assert.notEqual(after(graceMs + 1, connect(7), detected).abandonedAt, null);
  });

  it('counts who hangs up before an agent was due as neither', () => {
    for (const before of [undefined, [dial, { type: 'detect' }] as CallEvent[]]) {
      const soon = after(graceMs, hangsUp, before);
      assert.deepEqual([soon.outcome, soon.abandonedAt], ['hung-up', null]);
      const late = after(graceMs + 1, hangsUp, before);
      assert.deepEqual([late.outcome, late.abandonedAt], ['abandoned', late.endedAt]);
    }
    const bySystem = after(10, end('failed'));
    assert.deepEqual([bySystem.outcome, bySystem.abandonedAt], ['abandoned', bySystem.endedAt]);
  });

  it('keeps the first connection when the customer is brought to a second agent', () => {
    const call = play([dial, { type: 'answer' }, connect(1), { type: 'reroute' }, connect(2)]);
    assert.equal(call.userId, 2);
    assert.equal(call.connectedAt, 4000);
    assert.equal(play([end('abandoned')], call).outcome, 'answered');
  });

  it('counts as talk what the customer had with agents, whoever they were, and nothing after the last has left', () => {
    const given = play([
      dial,
      { type: 'answer' },
      connect(1),
      { type: 'transfer', userId: 2 },
      end('answered'),
    ]);
    assert.deepEqual([given.userId, given.leftAt, talkMsOf(given)], [2, null, 2000]);
    const away = play([dial, { type: 'answer' }, connect(1), { type: 'send-out' }, { type: 'hand-out' }]);
    assert.deepEqual([away.state, away.userId, away.leftAt], ['outside', 1, 5000]);
    const over = play([end('failed')], away);
    assert.deepEqual([over.outcome, talkMsOf(over)], ['answered', 1000]);
    const back = play([
      dial,
      { type: 'answer' },
      connect(1),
      { type: 'send-out' },
      { type: 'reroute' },
      connect(1),
    ]);
    assert.deepEqual([back.state, back.leftAt], ['connected', null]);
  });

  it('keeps who has parked it, since when and where, until somebody has them again', () => {
    const parked = play([dial, { type: 'answer' }, connect(1), { type: 'park', slot: 4 }]);
    assert.deepEqual([parked.state, parked.userId, parked.leftAt, parked.parkSlot], ['parked', 1, 5000, 4]);
    const back = play([{ type: 'reroute' }], parked);
    assert.deepEqual([back.state, back.leftAt, back.parkSlot], ['waiting', 5000, 4]);
    for (const call of [parked, back]) {
      assert.ok(canBeTakenUp(call) && hearsMusic(call));
      const taken = play([connect(2)], call);
      assert.deepEqual(
        [taken.state, taken.userId, taken.leftAt, taken.parkSlot],
        ['connected', 2, null, null],
      );
      const over = play([end('failed')], call);
      assert.deepEqual([over.outcome, over.parkSlot, talkMsOf(over)], ['answered', null, 1000]);
    }
    const refused = advanceCall(parked, { type: 'park', slot: 5 }, 9000);
    assert.equal(!refused.ok && refused.reason, 'not-now');
  });

  it('is parked only under a number, and never without music or with an agent, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(eventArb, { maxLength: 40 }), (events) => {
        let call = fresh();
        for (const [index, event] of events.entries()) {
          const next = advanceCall(call, event, (index + 2) * 1000);
          if (next.ok) call = next.call;
          if (call.state === 'parked') assert.ok(call.parkSlot !== null && call.leftAt !== null);
          if (call.parkSlot === null) assert.ok(!canBeTakenUp(call));
          else
            assert.ok(['parked', 'waiting'].includes(call.state) && hearsMusic(call) && call.userId !== null);
        }
      }),
    );
  });

  it('of a call beside another is answered once somebody was spoken with, and never abandoned', () => {
    const asked: CallEvent = { type: 'consult', userId: 1 };
    const internal = play([asked, end('cancelled')]);
    assert.deepEqual([internal.outcome, internal.abandonedAt], ['answered', null]);
    const late = play([dial, { type: 'answer' }, asked, end('answered')]);
    assert.deepEqual([late.outcome, late.abandonedAt], ['answered', null]);
    assert.equal(play([end('cancelled')]).outcome, 'cancelled');
  });

  it('never leaves the table, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(eventArb, { maxLength: 40 }), (events) => {
        let call = fresh();
        for (const event of events) {
          const next = advanceCall(call, event, 5000);
          const expected = callTransitions[call.state][event.type];
          assert.equal(next.ok, expected !== undefined);
          if (!next.ok) continue;
          assert.equal(next.call.state, expected);
          assert.ok(callStates.includes(next.call.state));
          call = next.call;
        }
      }),
    );
  });

  it('can be ended from wherever it is, once, and with exactly one outcome', () => {
    fc.assert(
      fc.property(
        fc.array(eventArb, { maxLength: 40 }),
        fc.constantFrom(...callOutcomes),
        (events, outcome) => {
          const call = play(events);
          assert.equal(call.state === 'ended', call.outcome !== null);
          assert.equal(call.state === 'ended', call.endedAt !== null);
          const ended = play([end(outcome)], call);
          assert.equal(ended.state, 'ended');
          assert.ok(ended.outcome);
          assert.deepEqual(play([end('busy'), dial, connect(9)], ended), ended);
        },
      ),
    );
  });

  it('agrees on outcome and what happened: connected is answered, answered and not connected is never busy', () => {
    fc.assert(
      fc.property(
        fc.array(eventArb, { maxLength: 40 }),
        fc.constantFrom(...callOutcomes),
        (events, outcome) => {
          const call = play([...events, end(outcome)]);
          const { connectedAt, answeredAt, outcome: final } = call;
          if (final === 'abandoned') assert.notEqual(call.abandonedAt, null);
          if (answeredAt === null || final === 'machine') assert.equal(call.abandonedAt, null);
          if (connectedAt !== null) assert.equal(final, 'answered');
          else if (answeredAt !== null) assert.ok(final === 'abandoned' || final === 'machine');
          else assert.ok(final !== 'answered' && final !== 'abandoned' && final !== 'machine');
        },
      ),
    );
  });
});

describe('outcomes of unanswered calls', () => {
  const cases: [number | null, string | null, string, boolean][] = [
    [17, 'BUSY', 'busy', false],
    [19, 'NOANSWER', 'no-answer', false],
    [1, 'CONGESTION', 'unallocated', false],
    [34, 'CONGESTION', 'congestion', true],
    [0, 'CHANUNAVAIL', 'congestion', true],
    [21, 'CONGESTION', 'rejected', false],
    [16, 'CANCEL', 'cancelled', false],
    [20, 'CHANUNAVAIL', 'no-answer', false],
    [null, null, 'failed', false],
    [999, 'SOMETHING', 'failed', false],
  ];
  for (const [cause, status, outcome, trunk] of cases)
    it(`${cause} ${status} is ${outcome}${trunk ? ', the trunk’s trouble' : ''}`, () => {
      const meaning = unansweredMeaning({ cause, dialStatus: status });
      assert.equal(meaning.outcome, outcome);
      assert.equal(meaning.trunk === true, trunk);
    });

  const refusals: [number | undefined, string, boolean, boolean][] = [
    [401, 'login-refused', true, false],
    [407, 'login-refused', true, false],
    [402, 'trunk-rejected', true, false],
    [403, 'forbidden', false, true],
    [603, 'rejected', false, false],
    [undefined, 'rejected', false, true],
  ];
  for (const [sipStatus, words, refusesUs, isDoubtful] of refusals)
    it(`cause 21 by ${sipStatus ?? 'a switch that does not tell the SIP status'} is ${words}`, () => {
      const meaning = unansweredMeaning({ cause: 21, dialStatus: 'NOANSWER', sipStatus });
      assert.equal(meaning.words, words);
      assert.deepEqual([meaning.refusesUs === true, meaning.isDoubtful === true], [refusesUs, isDoubtful]);
    });

  it('has words for every end', () => {
    assert.equal(endInWords('no-answer', 20), 'switched-off');
    assert.equal(endInWords('answered', 16), 'answered');
    assert.equal(endInWords('busy', null), 'busy');
    assert.equal(endInWords('rejected', 21), 'rejected');
    assert.equal(endInWords('failed', 21), 'trunk-rejected');
  });
});
