import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { history, nine, pacerWith } from './floor-of-events.ts';

describe('pacing in its modes', () => {
  it('progressive rings one line for each free agent, those that ring already counted', () => {
    const pacer = pacerWith(3, { mode: 'progressive' });
    assert.equal(pacer.decide(nine).launch, 3);
    pacer.observe({ type: 'dialed', at: nine, callId: 'c1' });
    assert.equal(pacer.decide(nine).launch, 2);
    pacer.observe({ type: 'answered', at: nine + 5_000, callId: 'c1' });
    assert.equal(pacer.decide(nine + 5_000).launch, 2, 'an answer that waits has taken an agent');
    pacer.observe({ type: 'connected', at: nine + 5_100, callId: 'c1', agentId: 'a0' });
    assert.equal(pacer.decide(nine + 5_100).launch, 2);
    assert.equal(pacer.decide(nine + 5_100).mode, 'progressive');
  });

  it('starts a day without history one line for each free agent, and says why', () => {
    const decision = pacerWith(4, { mode: 'power', powerRatio: 3, abandonCap: 0.01 }).decide(nine);
    assert.equal(decision.launch, 4);
    assert.equal(decision.mode, 'progressive');
    assert.equal(decision.code, 'budget-spent');
    assert.match(decision.reason, /leaves no room/);
  });

  it('rings more lines than free agents once there is budget', () => {
    const pacer = pacerWith(20);
    const at = history(pacer, { answers: 300 });
    const decision = pacer.decide(at);
    assert.ok(decision.launch > 40, `launched ${decision.launch}`);
    assert.equal(decision.mode, 'predictive');
    assert.equal(decision.facts.answers, 300);
    assert.ok(Math.abs(decision.facts.budgetLeft - 9) < 1e-9);
    assert.ok(Math.abs(decision.facts.answerProbability - 0.25) < 0.03);
    assert.ok(Math.abs(decision.facts.ringSeconds - 11) < 0.5);
  });

  it('spends nothing on lines ahead once people hung up on by estimate have used the budget up', () => {
    const pacer = pacerWith(20);
    const at = history(pacer, { answers: 300 });
    const { facts } = pacer.decide(at, { hungUpOn: 2 });
    assert.ok(Math.abs(facts.budgetLeft - (9 - 0.97 * 2)) < 1e-9);
    const spent = pacer.decide(at, { hungUpOn: 10 });
    assert.deepEqual([spent.launch, spent.mode, spent.code], [20, 'progressive', 'budget-spent']);
    assert.equal(pacer.decide(at).mode, 'predictive');
  });

  it('falls back to one line for each agent when the cap is broken, and returns by itself', () => {
    const pacer = pacerWith(10);
    let at = history(pacer, { answers: 200, abandoned: 7 });
    const broken = pacer.decide(at);
    assert.equal(broken.launch, 10);
    assert.equal(broken.mode, 'progressive');
    assert.equal(broken.code, 'budget-spent');
    assert.equal(broken.facts.limit, 'budget');
    at = history(pacer, { answers: 300, from: at });
    assert.equal(pacer.decide(at).mode, 'predictive');
    assert.ok(pacer.decide(at).launch > 10);
  });

  it('says that overdialling gains nothing where every call is answered and one agent works', () => {
    const pacer = pacerWith(1);
    const at = history(pacer, { answers: 400, nothing: 0 });
    const decision = pacer.decide(at);
    assert.equal(decision.launch, 1);
  });

  it('power rings its ratio, held by the cap', () => {
    const pacer = pacerWith(4, { mode: 'power', powerRatio: 2 });
    assert.ok(pacer.decide(nine).launch < 8, 'no budget yet');
    const at = history(pacer, { answers: 400, nothing: 9 });
    assert.equal(pacer.decide(at).launch, 8);
    assert.equal(pacer.decide(at).mode, 'power');
  });

  it('never overdials under a cap of nothing', () => {
    const pacer = pacerWith(8, { abandonCap: 0 });
    const at = history(pacer, { answers: 100 });
    assert.equal(pacer.decide(at).launch, 8);
  });

  it('keeps to lines, leads and lines for each agent, and names the one that bound', () => {
    const pacer = pacerWith(5, { mode: 'progressive', maxLinesPerAgent: 0.5 });
    assert.deepEqual([pacer.decide(nine).launch, pacer.decide(nine).code], [2, 'lines-per-agent']);
    assert.deepEqual(
      [pacer.decide(nine, { lines: 1 }).launch, pacer.decide(nine, { lines: 1 }).code],
      [1, 'no-lines'],
    );
    const none = pacer.decide(nine, { lines: 1, leads: 0 });
    assert.deepEqual([none.launch, none.code, none.facts.limit], [0, 'no-leads', 'leads']);
    assert.equal(pacerWith(0).decide(nine).code, 'no-agents');
    // Agents are lent away from a campaign that has nobody to call.
    assert.equal(pacerWith(0).decide(nine, { lines: 9, leads: 0 }).code, 'no-leads');
  });

  it('lets a line go whose end was never told, so that lost events cannot hold a campaign', () => {
    const pacer = pacerWith(1, { mode: 'progressive' });
    pacer.observe({ type: 'dialed', at: nine, callId: 'lost' });
    assert.equal(pacer.decide(nine).launch, 0);
    const later = nine + 10 * 60_000;
    pacer.observe({ type: 'agent', at: later, agentId: 'b', state: 'away' });
    assert.equal(pacer.decide(later).launch, 1);
  });

  it('counts an abandoned call of a line it had let go', () => {
    const pacer = pacerWith(1);
    pacer.observe({ type: 'dialed', at: nine, callId: 'late' });
    const later = nine + 10 * 60_000;
    pacer.observe({ type: 'agent', at: later, agentId: 'b', state: 'away' });
    assert.equal(pacer.decide(later).facts.ringing, 0);
    pacer.observe({ type: 'answered', at: later, callId: 'late' });
    pacer.observe({ type: 'abandoned', at: later, callId: 'late' });
    pacer.observe({ type: 'abandoned', at: later, callId: 'late' });
    assert.equal(pacer.decide(later).facts.abandoned, 1);
  });

  it('counts a call as abandoned whose agent was not there after all, once, also after its end', () => {
    for (const end of [[], [{ type: 'ended' }]] as const) {
      const pacer = pacerWith(1);
      const told = [{ type: 'dialed' }, { type: 'answered' }, { type: 'connected' }, ...end] as const;
      for (const { type } of [...told, { type: 'unmet' }, { type: 'unmet' }, { type: 'abandoned' }] as const)
        pacer.observe({ type, at: nine, callId: 'c', agentId: 'a0' });
      const { answers, abandoned } = pacer.decide(nine).facts;
      assert.deepEqual([answers, abandoned], [1, 1]);
    }
  });

  it('uses what is left of the budget when the day closes, and keeps a reserve before', () => {
    const pacer = pacerWith(20);
    const at = history(pacer, { answers: 100 });
    const midday = pacer.decide(at, { closesAt: at + 8 * 3_600_000 });
    const closing = pacer.decide(at, { closesAt: at + 60_000 });
    assert.ok(closing.facts.price < midday.facts.price);
  });
});

describe('what pacing expects', () => {
  it('sees an agent free soon who has talked for nearly as long as every talk lasts', () => {
    const pacer = pacerWith(0);
    let at = history(pacer, { answers: 150 });
    pacer.observe({ type: 'agent', at, agentId: 'late', state: 'talking' });
    const early = pacer.decide(at + 10_000).facts.expectedFree;
    at += 95_000;
    const late = pacer.decide(at).facts.expectedFree;
    assert.ok(early < 0.15, `early ${early}`);
    assert.ok(late > 0.5, `late ${late}`);
  });

  it('thinks less of a line that has rung longer than answers take', () => {
    const pacer = pacerWith(0);
    const at = nine;
    for (let k = 0; k < 600; k++) {
      const callId = `c${k}`;
      const from = at + k * 40_000;
      pacer.observe({ type: 'dialed', at: from, callId });
      if (k % 3 === 0) {
        pacer.observe({ type: 'answered', at: from + 6_000 + (k % 5) * 1_000, callId });
        pacer.observe({ type: 'abandoned', at: from + 12_000, callId });
      } else pacer.observe({ type: 'failed', at: from + 30_000, callId, cause: 'no-answer' });
    }
    const from = at + 600 * 40_000;
    pacer.observe({ type: 'dialed', at: from, callId: 'old' });
    const fresh = pacer.decide(from + 1_000).facts.expectedAnswers;
    const old = pacer.decide(from + 25_000).facts.expectedAnswers;
    assert.ok(Math.abs(fresh - 1 / 3) < 0.06, `fresh ${fresh}`);
    assert.ok(old < 0.1, `old ${old}`);
  });

  it('takes the chance of each call from its hint, put right by what came true', () => {
    const pacer = pacerWith(0);
    let at = nine;
    for (let k = 0; k < 400; k++, at += 20_000) {
      pacer.observe({ type: 'dialed', at, callId: `c${k}`, answerProbability: 0.5 });
      // Hints promise one in two; one in four comes true.
      if (k % 4 === 0) pacer.observe({ type: 'answered', at: at + 9_000, callId: `c${k}` });
      if (k % 4 === 0) pacer.observe({ type: 'abandoned', at: at + 9_000, callId: `c${k}` });
      else pacer.observe({ type: 'failed', at: at + 9_000, callId: `c${k}`, cause: 'busy' });
    }
    pacer.observe({ type: 'dialed', at, callId: 'good', answerProbability: 0.8 });
    const { expectedAnswers } = pacer.decide(at).facts;
    assert.ok(Math.abs(expectedAnswers - 0.4) < 0.05, `expected ${expectedAnswers}`);
  });

  it('notices within some hundred calls that the answer probability has halved', () => {
    const pacer = pacerWith(0);
    let at = history(pacer, { answers: 250, nothing: 1 });
    assert.ok(Math.abs(pacer.decide(at).facts.answerProbability - 0.5) < 0.05);
    for (let k = 0; k < 150; k++, at += 2_000) {
      pacer.observe({ type: 'dialed', at, callId: `n${k}` });
      if (k % 5 === 0) pacer.observe({ type: 'answered', at: at + 1_000, callId: `n${k}` });
      if (k % 5 === 0) pacer.observe({ type: 'abandoned', at: at + 1_000, callId: `n${k}` });
      else pacer.observe({ type: 'failed', at: at + 1_000, callId: `n${k}`, cause: 'busy' });
    }
    const { answerProbability } = pacer.decide(at).facts;
    assert.ok(answerProbability < 0.3, `still ${answerProbability}`);
  });
});
