import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  agentStates,
  isBusy,
  phoneUsable,
  signedOutAgent,
  type Agent,
  type AgentEvent,
} from '../../../dialer/agents/agent.ts';
import { advanceAgent } from '../../../dialer/agents/agent-transition.ts';

const eventArb: fc.Arbitrary<AgentEvent> = fc.oneof(
  fc.constantFrom<AgentEvent>(
    { type: 'sign-in', legMode: 'nailed' },
    { type: 'sign-in', legMode: 'per-call' },
    { type: 'sign-out' },
    { type: 'ready' },
    { type: 'pause', pauseCodeId: 3 },
    { type: 'must-read', mustRead: true },
    { type: 'must-read', mustRead: false },
    { type: 'release' },
    { type: 'call-lost' },
    { type: 'consult-over' },
    { type: 'call-parked' },
    { type: 'wrapup-over' },
    { type: 'force-out' },
    { type: 'phone-ringing', channelId: 'leg' },
    { type: 'phone-up' },
    { type: 'phone-up' },
    { type: 'phone-lost' },
    { type: 'phone-closed' },
  ),
  fc.constantFrom('a', 'b', null).map<AgentEvent>((callId) => ({ type: 'reserve', callId, campaignId: 1 })),
  fc.constantFrom('a', 'b').map<AgentEvent>((callId) => ({ type: 'assign', callId })),
  fc.constantFrom('a', 'b').map<AgentEvent>((callId) => ({ type: 'connect', callId })),
  fc.constantFrom('a', 'b').map<AgentEvent>((callId) => ({ type: 'take-over', callId })),
  fc.integer({ min: 1, max: 9 }).map<AgentEvent>((n) => ({ type: 'call-ended', wrapupUntil: n * 1000 })),
  fc.integer({ min: 1, max: 9 }).map<AgentEvent>((n) => ({ type: 'extend-wrapup', wrapupUntil: n * 1000 })),
  fc.constantFrom<AgentEvent>(
    { type: 'disposed', after: { to: 'ready' } },
    { type: 'disposed', after: { to: 'paused', pauseCodeId: 2, reason: null } },
  ),
);

function play(events: AgentEvent[], start = signedOutAgent(7, 0)): Agent {
  return events.reduce((agent, event, index) => {
    const next = advanceAgent(agent, event, (index + 1) * 1000);
    return next.ok ? next.agent : agent;
  }, start);
}

const ready: AgentEvent[] = [
  { type: 'sign-in', legMode: 'nailed' },
  { type: 'phone-ringing', channelId: 'leg' },
  { type: 'phone-up' },
  { type: 'ready' },
];
const onCall: AgentEvent[] = [
  ...ready,
  { type: 'reserve', callId: 'a', campaignId: 1 },
  { type: 'connect', callId: 'a' },
];
const wrapup: AgentEvent[] = [...onCall, { type: 'call-ended', wrapupUntil: 60_000 }];

describe('agent state machine', () => {
  it('starts paused, and is not ready before the phone is up', () => {
    const agent = play([{ type: 'sign-in', legMode: 'nailed' }]);
    assert.equal(agent.state, 'paused');
    assert.equal(agent.pauseReason, 'signed-in');
    const refused = advanceAgent(agent, { type: 'ready' }, 2000);
    assert.equal(!refused.ok && refused.reason, 'phone-not-up');
    assert.equal(play(ready).state, 'ready');
  });

  it('is ready without a leg when the phone rings for each call', () => {
    assert.equal(play([{ type: 'sign-in', legMode: 'per-call' }, { type: 'ready' }]).state, 'ready');
  });

  it('takes a pause asked for during a call after the wrap-up', () => {
    const asked = play([...onCall, { type: 'pause', pauseCodeId: 3 }]);
    assert.equal(asked.state, 'on-call');
    const after = play([{ type: 'call-ended', wrapupUntil: 9000 }, { type: 'wrapup-over' }], asked);
    assert.deepEqual([after.state, after.pauseCodeId], ['paused', 3]);
  });

  it('is free for something else once the customer is parked, and for the next one when they say so', () => {
    const parked = play([...onCall, { type: 'call-parked' }]);
    assert.deepEqual([parked.state, parked.pauseReason, parked.callId], ['paused', 'call-parked', null]);
    assert.equal(play([{ type: 'ready' }], parked).state, 'ready');
    // A pause, or a sign-out, that was asked for during the call comes first.
    const coffee = play([...onCall, { type: 'pause', pauseCodeId: 3 }, { type: 'call-parked' }]);
    assert.deepEqual([coffee.state, coffee.pauseCodeId, coffee.pauseReason], ['paused', 3, null]);
    assert.equal(play([...onCall, { type: 'force-out' }, { type: 'call-parked' }]).state, 'signed-out');
    // Who dials somebody meanwhile is back in that pause.
    const dials: AgentEvent[] = [{ type: 'reserve', callId: 'b', campaignId: 1 }, { type: 'release' }];
    assert.equal(play(dials, parked).pauseReason, 'call-parked');
  });

  it('lets a forced pause stand against the agent’s own choice', () => {
    const agent = play([
      ...wrapup,
      { type: 'pause', pauseCodeId: null, reason: 'forced' },
      { type: 'disposed', after: { to: 'ready' } },
    ]);
    assert.deepEqual([agent.state, agent.pauseReason], ['paused', 'forced']);
  });

  it('lets no word of the agent undo a supervisor’s during a call', () => {
    const over: AgentEvent[] = [{ type: 'call-ended', wrapupUntil: 9000 }, { type: 'wrapup-over' }];
    const out = play([...onCall, { type: 'force-out' }, { type: 'ready' }, ...over]);
    assert.equal(out.state, 'signed-out');
    const paused = play([
      ...onCall,
      { type: 'pause', pauseCodeId: null, reason: 'forced' },
      { type: 'pause', pauseCodeId: 3 },
      ...over,
    ]);
    assert.deepEqual([paused.state, paused.pauseReason], ['paused', 'forced']);
  });

  it('lets nobody be ready over an announcement that came during the call, unless it is read by then', () => {
    const told = play([...wrapup, { type: 'must-read', mustRead: true }]);
    const unread = play([{ type: 'disposed', after: { to: 'ready' } }], told);
    assert.deepEqual([unread.state, unread.pauseReason, unread.mustRead], ['paused', 'announcement', false]);
    const read: AgentEvent = { type: 'must-read', mustRead: false };
    assert.equal(play([read, { type: 'wrapup-over' }], told).state, 'ready');
    assert.equal(play([{ type: 'ready', anyway: true }, { type: 'wrapup-over' }], told).state, 'ready');
  });

  it('keeps the agent’s own pause beside an announcement: neither it nor its being read takes the code', () => {
    const pause: AgentEvent = { type: 'pause', pauseCodeId: 3 };
    const [comes, read] = [true, false].map((mustRead): AgentEvent => ({ type: 'must-read', mustRead }));
    for (const during of [
      [comes!, pause],
      [comes!, pause, read!],
      [pause, comes!, read!],
    ]) {
      const agent = play([...wrapup, ...during, { type: 'wrapup-over' }]);
      assert.deepEqual([agent.state, agent.pauseCodeId, agent.pauseReason], ['paused', 3, null]);
    }
    const lunch = { to: 'paused', pauseCodeId: 3, reason: null } as const;
    const handedIn = play([...wrapup, comes!, { type: 'disposed', after: lunch }]);
    assert.deepEqual([handedIn.state, handedIn.pauseCodeId], ['paused', 3]);
  });

  it('keeps a pause that was chosen where the agent is taken to be away', () => {
    const lunch: AgentEvent = { type: 'pause', pauseCodeId: 3 };
    const forced: AgentEvent = { type: 'pause', pauseCodeId: null, reason: 'forced' };
    const reserve: AgentEvent = { type: 'reserve', callId: 'a', campaignId: 1 };
    for (const reason of ['phone-not-answered', 'preview-missed'] as const) {
      const away: AgentEvent = { type: 'pause', pauseCodeId: null, reason };
      const release: AgentEvent = { type: 'release' };
      const cases: [AgentEvent, unknown[]][] = [
        [lunch, [3, null]],
        [forced, [null, 'forced']],
      ];
      for (const [chosen, expected] of cases) {
        const before = play([...ready, chosen]);
        const already = play([away], before);
        assert.deepEqual([already.pauseCodeId, already.pauseReason], expected);
        assert.equal(already.since, before.since, 'the pause goes on');
        for (const during of [
          [...ready, reserve, chosen, away, release],
          [...ready, chosen, reserve, away, release],
        ]) {
          const after = play(during);
          assert.deepEqual([after.state, after.pauseCodeId, after.pauseReason], ['paused', ...expected]);
        }
      }
      assert.equal(play([...ready, reserve, away, release]).pauseReason, reason);
      const left = play([...ready, reserve, { type: 'force-out' }, away, release]);
      assert.equal(left.state, 'signed-out');
    }
  });

  it('does not make ready who dialled from the pause in which an announcement is to be read', () => {
    const agent = play([
      ...ready,
      { type: 'pause', pauseCodeId: null, reason: 'announcement' },
      { type: 'reserve', callId: 'a', campaignId: 1 },
      { type: 'must-read', mustRead: true },
      { type: 'must-read', mustRead: false },
      { type: 'release' },
    ]);
    assert.equal(agent.state, 'paused');
  });

  it('does what was asked for meanwhile when the phone, or the call with it, is lost', () => {
    const reserved: AgentEvent[] = [...ready, { type: 'reserve', callId: 'a', campaignId: 1 }];
    const asked: [AgentEvent[], unknown[]][] = [
      [[], ['paused', null, 'phone-lost']],
      [[{ type: 'pause', pauseCodeId: 3 }], ['paused', 3, null]],
      [[{ type: 'pause', pauseCodeId: null, reason: 'forced' }], ['paused', null, 'forced']],
      [[{ type: 'must-read', mustRead: true }], ['paused', null, 'announcement']],
      [[{ type: 'force-out' }], ['signed-out', null, null]],
    ];
    for (const [events, expected] of asked) {
      const phone = play([...reserved, ...events, { type: 'phone-lost' }]);
      assert.deepEqual([phone.state, phone.pauseCodeId, phone.pauseReason], expected);
      const call = play([...onCall, ...events, { type: 'phone-lost' }, { type: 'call-lost' }]);
      assert.deepEqual([call.state, call.pauseCodeId, call.pauseReason], expected);
    }
  });

  it('takes a second wrap-up without a disposition for an absent agent', () => {
    const again: AgentEvent[] = [
      { type: 'reserve', callId: 'b', campaignId: 1 },
      { type: 'connect', callId: 'b' },
      { type: 'call-ended', wrapupUntil: 9000 },
      { type: 'wrapup-over' },
    ];
    const once = play([...wrapup, { type: 'wrapup-over' }]);
    assert.equal(once.state, 'ready');
    const twice = play(again, once);
    assert.deepEqual([twice.state, twice.pauseReason], ['paused', 'wrapup-missed']);
    assert.equal(play([{ type: 'ready' }, ...again], twice).state, 'ready');
  });

  it('pauses and says so when the phone is lost', () => {
    const agent = play([...ready, { type: 'phone-lost' }]);
    assert.deepEqual([agent.state, agent.phone, agent.pauseReason], ['paused', 'lost', 'phone-lost']);
    const later = play([...wrapup, { type: 'phone-lost' }, { type: 'disposed', after: { to: 'ready' } }]);
    assert.deepEqual([later.state, later.pauseReason], ['paused', 'phone-lost']);
  });

  it('keeps the code of a pause during which the phone is lost', () => {
    const agent = play([...ready, { type: 'pause', pauseCodeId: 4 }, { type: 'phone-lost' }]);
    assert.deepEqual([agent.state, agent.phone, agent.pauseCodeId], ['paused', 'lost', 4]);
  });

  it('returns to the pause after a number dialled from it', () => {
    const agent = play([
      ...ready,
      { type: 'pause', pauseCodeId: 4 },
      { type: 'reserve', callId: 'a', campaignId: 1 },
      { type: 'release' },
    ]);
    assert.deepEqual([agent.state, agent.pauseCodeId], ['paused', 4]);
  });

  it('refuses to sign out in the middle of a call; a supervisor’s sign-out waits for its end', () => {
    const agent = play(onCall);
    const refused = advanceAgent(agent, { type: 'sign-out' }, 9000);
    assert.equal(!refused.ok && refused.reason, 'wrong-state');
    const out = play([{ type: 'force-out' }, ...wrapup.slice(-1), { type: 'wrapup-over' }], agent);
    assert.equal(out.state, 'signed-out');
  });

  it('does not connect to a call that it was not reserved for', () => {
    const agent = play([...ready, { type: 'reserve', callId: 'a', campaignId: 1 }]);
    const refused = advanceAgent(agent, { type: 'connect', callId: 'b' }, 9000);
    assert.equal(!refused.ok && refused.reason, 'no-such-call');
  });

  it('is free again, as asked for meanwhile, when who asked needs them no more; or has the customer', () => {
    assert.equal(play([{ type: 'consult-over' }], play(onCall)).state, 'ready');
    const asked = play([...onCall, { type: 'pause', pauseCodeId: 3 }, { type: 'consult-over' }]);
    assert.deepEqual([asked.state, asked.pauseCodeId], ['paused', 3]);
    const lost = play([...onCall, { type: 'phone-lost' }, { type: 'consult-over' }]);
    assert.deepEqual([lost.state, lost.pauseReason], ['paused', 'phone-lost']);
    const has = play([...onCall, { type: 'take-over', callId: 'b' }]);
    assert.deepEqual([has.state, has.callId, has.campaignId], ['on-call', 'b', 1]);
  });

  it('takes back in a wrap-up only the customer it is about, and with a phone', () => {
    const back: AgentEvent = { type: 'reserve', callId: 'a', campaignId: 1 };
    const again = play([back, { type: 'connect', callId: 'a' }], play(wrapup));
    assert.deepEqual([again.state, again.wrapupUntil], ['on-call', null]);
    for (const callId of ['b', null]) {
      const other = advanceAgent(play(wrapup), { type: 'reserve', callId, campaignId: 1 }, 9000);
      assert.equal(!other.ok && other.reason, 'wrong-state');
    }
    const lost = advanceAgent(play([...wrapup, { type: 'phone-lost' }]), back, 9000);
    assert.equal(!lost.ok && lost.reason, 'phone-not-up');
    const pauses = play([...wrapup, { type: 'pause', pauseCodeId: 3 }, back, { type: 'release' }]);
    assert.deepEqual([pauses.state, pauses.pauseCodeId], ['paused', 3]);
  });

  it('keeps its promises under any sequence of events', () => {
    fc.assert(
      fc.property(fc.array(eventArb, { maxLength: 60 }), (events) => {
        let agent = signedOutAgent(7, 0);
        let at = 0;
        for (const event of events) {
          const next = advanceAgent(agent, event, (at += 1000));
          if (!next.ok) continue;
          const before = agent;
          agent = next.agent;
          assert.ok(agentStates.includes(agent.state));
          assert.equal(agent.revision, before.revision + 1);
          if (agent.state === 'ready') assert.ok(phoneUsable(agent), 'ready with a usable phone');
          if (agent.state === 'ready' && before.state !== 'ready')
            assert.ok(!before.mustRead, 'ready with something to read');
          if (isBusy(before.state) && !isBusy(agent.state) && event.type !== 'disposed')
            assert.ok(
              before.after.to === agent.state || before.after.to === 'ready',
              `${before.after.to} was asked for, ${agent.state} it became`,
            );
          if (!isBusy(agent.state)) assert.equal(agent.mustRead, false);
          if (agent.state === 'on-call') assert.ok(agent.callId);
          if (['signed-out', 'paused', 'ready'].includes(agent.state)) assert.equal(agent.callId, null);
          assert.equal(agent.wrapupUntil !== null, agent.state === 'wrapup');
          assert.equal(agent.signedInAt === null, agent.state === 'signed-out');
          // One call at a time: it changes only through being free, by the id of the call reserved for, or from
          // being asked about a customer to having them.
          const mayChange = event.type === 'assign' || event.type === 'take-over';
          if (before.callId !== null && agent.callId !== null && !mayChange)
            assert.equal(agent.callId, before.callId);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is never stuck: from wherever it is, its call’s end and a sign-out lead out', () => {
    fc.assert(
      fc.property(fc.array(eventArb, { maxLength: 60 }), (events) => {
        const agent = play(
          [
            { type: 'force-out' },
            { type: 'release' },
            { type: 'call-ended', wrapupUntil: 1 },
            { type: 'wrapup-over' },
            { type: 'sign-out' },
          ],
          play(events),
        );
        assert.equal(agent.state, 'signed-out');
      }),
    );
  });
});
