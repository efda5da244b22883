import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chooseAgent, chooseCall } from '../../../dialer/router/router.ts';

const agents = [
  { userId: 1, idleSince: 500 },
  { userId: 2, idleSince: 100 },
  { userId: 3, idleSince: 100 },
];

describe('router', () => {
  it('takes the longest idle, the lower id where equal', () => {
    assert.equal(chooseAgent(agents)?.userId, 2);
    assert.equal(chooseAgent([...agents].reverse())?.userId, 2);
  });

  it('prefers who talked with the customer last, if free', () => {
    assert.equal(chooseAgent(agents, { lastAgent: 1 })?.userId, 1);
    assert.equal(chooseAgent(agents, { lastAgent: 9 })?.userId, 2);
  });

  it('does not go back to who has just lost the call', () => {
    assert.equal(chooseAgent(agents, { except: new Set([2, 3]) })?.userId, 1);
    assert.equal(chooseAgent(agents, { lastAgent: 1, except: new Set([1]) })?.userId, 2);
    assert.equal(chooseAgent(agents, { except: new Set([1, 2, 3]) }), null);
    assert.equal(chooseAgent([]), null);
  });

  it('gives a free agent the call of the highest priority that has waited longest', () => {
    const calls = [
      { callId: 'a', waitingSince: 10, priority: 5 },
      { callId: 'b', waitingSince: 30, priority: 1 },
      { callId: 'c', waitingSince: 20, priority: 1 },
    ];
    assert.equal(chooseCall(calls)?.callId, 'c');
    assert.equal(chooseCall([]), null);
  });

  it('gives a check to nobody while a person waits, of whatever priority', () => {
    const check = { callId: 'check', waitingSince: 10, priority: 1, isCheck: true };
    const person = { callId: 'person', waitingSince: 30, priority: 5, isCheck: false };
    assert.equal(chooseCall([check, person])?.callId, 'person');
    assert.equal(chooseCall([check])?.callId, 'check');
  });
});
