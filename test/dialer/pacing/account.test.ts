import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Closing } from '../../../dialer/pacing/closing.ts';
import { Planner } from '../../../dialer/pacing/planner.ts';
import { solvePlan, solvingPlan } from '../../../dialer/pacing/plan.ts';
import { advance, netGrant } from '../../../dialer/pacing/price.ts';
import { nine } from './floor-of-events.ts';

const hour = 3_600_000;
const day = 24 * hour;
const five = { agents: 5, handle: 15, answerProbability: 0.25, cap: 0.03, grace: 0 };

describe('what the account is worth', () => {
  const { account, fairRung } = solvePlan(five);

  it('makes abandoned calls cheaper the fuller the account is', () => {
    for (const toCome of [0.5, 4, 32, 400])
      for (let calls = 1; calls < 20; calls++)
        assert.ok(account.rung(calls + 1, toCome) >= account.rung(calls, toCome) - 1e-6);
  });

  it('makes them cheaper the nearer the close is, and fair when a long day has as much as it spends', () => {
    for (let near = 0.5; near < 256; near *= 2)
      assert.ok(account.rung(4, near) >= account.rung(4, 2 * near) - 0.05, `${near}`);
    assert.ok(Math.abs(account.rung(16, 64) - fairRung) < 0.6, `${account.rung(16, 64)} for ${fairRung}`);
  });

  it('asks for no more lines the less the account bears at once', () => {
    const plan = solvePlan(five);
    for (let idle = 0; idle <= 5; idle++)
      for (const rung of [0, 1.5, fairRung, 5])
        assert.ok(plan.order(idle, rung, 1) <= plan.order(idle, rung) + 0.25, `${idle} free on rung ${rung}`);
  });
});

describe('planning beside the calls', () => {
  const floor = {
    agents: 23,
    handleSeconds: 171,
    ringSeconds: 11,
    answerProbability: 0.21,
    cap: 0.03,
    graceMs: 2_000,
  };
  const planAfter = (planner: Planner): number => {
    planner.ask(floor);
    let events = 0;
    while (!planner.plan) planner.work(nine + 10 * events++);
    return events;
  };

  it('gives a plan after the same events whether it was solved before or not', () => {
    const first = planAfter(new Planner());
    assert.ok(first > 20, `a plan after ${first} events is one at one go`);
    assert.equal(planAfter(new Planner()), first);
  });

  it('never works long at one event, however large the floor', () => {
    let most = 0;
    for (const part of solvingPlan({ ...five, agents: 500, handle: 8, grace: 0.2 }))
      most = Math.max(most, part);
    assert.ok(most <= 500, `${most} states in one step`);
  });

  it('keeps the plan it has until the next one is there', () => {
    const planner = new Planner();
    planAfter(planner);
    const before = planner.plan;
    planner.ask({ ...floor, agents: 12 });
    planner.work(nine + hour);
    assert.equal(planner.plan, before);
    for (let k = 0; planner.plan === before && k < 10_000; k++) planner.work(nine + hour + k);
    assert.equal(planner.plan?.model.agents, 12);
  });
});

describe('the close of the day', () => {
  it('is what was said, or else eight hours after the first event and then each hour', () => {
    const closing = new Closing(day);
    closing.seen(nine);
    assert.equal(closing.left(nine + hour, nine + 3 * hour), 2 * hour);
    assert.equal(closing.left(nine + hour), 7 * hour);
    assert.equal(closing.left(nine + 8.25 * hour), 0.75 * hour);
    assert.equal(closing.sure(nine + hour), hour);
    assert.equal(closing.sure(nine + hour, nine + 1.5 * hour), 0.5 * hour);
  });

  it('begins anew after a night', () => {
    const closing = new Closing(day);
    closing.seen(nine);
    closing.dialed(nine + hour);
    closing.dialed(nine + 24 * hour);
    assert.equal(closing.left(nine + 25 * hour), 7 * hour);
  });

  it('is never for a window of weeks', () => {
    const closing = new Closing(30 * day);
    closing.seen(nine);
    assert.equal(closing.left(nine, nine + hour), Infinity);
  });

  it('lends the first answers’ grant only to a day that has as many answers to come', () => {
    assert.ok(Math.abs(advance(0.03, 0, 10_000) - 2) < 1e-9);
    assert.equal(advance(0.03, 100, 10_000), 0);
    assert.equal(advance(0.03, 0, 9), 0);
    assert.ok(advance(0.03, 0, 36) < 1, '36 answers to come carry no abandoned call');
    assert.ok(advance(0.03, 50, 10_000) + 50 * 0.03 + netGrant(0.03, 50) <= 3);
  });
});
