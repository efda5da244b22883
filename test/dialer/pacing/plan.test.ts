import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Oracle, progressiveUtilization, solveOptimum } from '../../../bench/pacing/optimum.ts';
import { book } from '../../../bench/pacing/textbook.ts';
import { stationary } from '../../../bench/pacing/traffic.ts';
import { TOP_RUNG } from '../../../dialer/pacing/ladder.ts';
import { solvePlan } from '../../../dialer/pacing/plan.ts';
import { runDay } from '../../../dialer/pacing/simulation/day.ts';

describe('the plan', () => {
  const plan = solvePlan({
    agents: 20,
    handle: 15,
    answerProbability: 0.25,
    cap: 0.03,
    grace: 0,
  });

  it('is the known optimum for twenty agents: 0, 1, 4, 7, 11, 14 lines at 0 to 5 free', () => {
    const lines = [0, 1, 2, 3, 4, 5].map((idle) => plan.order(idle, plan.fairRung) / 0.25);
    [0, 1, 4, 7, 11, 14].forEach((known, idle) =>
      assert.ok(Math.abs(lines[idle]! - known) <= 1, `${idle} free: ${lines[idle]} for ${known}`),
    );
  });

  it('asks for more the cheaper an abandoned call is and the more agents are free', () => {
    for (let rung = 0; rung < TOP_RUNG; rung++)
      for (let idle = 0; idle < 20; idle++) {
        assert.ok(plan.order(idle, rung + 1) >= plan.order(idle, rung) - 1e-9);
        assert.ok(plan.order(idle + 1, rung) >= plan.order(idle, rung) - 1e-9);
      }
  });

  it('is solved for any floor', () => {
    for (const agents of [1, 2, 37, 500])
      for (const handle of [0.5, 8, 200])
        for (const answerProbability of [0.05, 0.5, 1])
          for (const grace of [0, 0.2]) {
            const any = solvePlan({ agents, handle, answerProbability, cap: 0.03, grace });
            for (const idle of [0, 1, 7.5, agents]) assert.ok(Number.isFinite(any.order(idle, any.fairRung)));
          }
  }).timeout(20_000);
});

describe('the exact optimum', () => {
  it('gives the published utilization', () => {
    assert.ok(Math.abs(solveOptimum(book(5, 180, 0.25)).utilization - 0.841) < 0.001);
    assert.ok(Math.abs(solveOptimum(book(20, 180, 0.5)).utilization - 0.92) < 0.001);
    assert.ok(Math.abs(progressiveUtilization(book(5, 180, 0.25)) - 0.789) < 0.001);
  });

  it('is reached by its policy in the simulator', () => {
    const optimum = solveOptimum(book(10, 60, 0.25));
    let busy = 0;
    let signedIn = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const day = runDay(stationary(10, 60, 0.25), new Oracle(optimum.order), { seed, tickMs: 60_000 });
      busy += day.busy - optimum.price * (day.abandoned - 0.03 * day.answers);
      signedIn += day.signedIn;
    }
    assert.ok(Math.abs(busy / signedIn - optimum.utilization) < 0.006);
  });
});
