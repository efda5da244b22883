import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Hindsight, minuteMs } from '../../../dialer/hindsight/index.ts';
import type { PacingDecision, PacingEvent } from '../../../dialer/pacing/index.ts';

const ringTimeoutMs = 25_000;
const start = 1_000 * minuteMs;

function decision(facts: { expectedAnswers: number; expectedFree: number; agents?: number }): PacingDecision {
  return {
    launch: 0,
    mode: 'predictive',
    reason: '',
    code: 'pacing',
    facts: { agents: 4, ringSeconds: 12, ...facts },
  } as PacingDecision;
}
const agent = (
  agentId: string,
  state: 'idle' | 'talking' | 'wrapup' | 'away',
  seconds: number,
): PacingEvent => ({
  type: 'agent',
  agentId,
  state,
  at: start + seconds * 1000,
});

describe('forecasts in hindsight', () => {
  it('are held against the lines that rang and the agents who became free within a ring', () => {
    const hindsight = new Hindsight(7);
    for (const id of ['a', 'b', 'c']) hindsight.observe({ type: 'dialed', at: start, callId: id });
    hindsight.observe(agent('1', 'talking', 0));
    hindsight.observe(agent('2', 'wrapup', 0));
    hindsight.observe(agent('3', 'idle', 0));
    hindsight.decided(start, decision({ expectedAnswers: 0.8, expectedFree: 1.5 }), ringTimeoutMs);
    hindsight.observe({ type: 'answered', at: start + 3_000, callId: 'a' });
    hindsight.observe({ type: 'failed', at: start + 4_000, callId: 'b', cause: 'busy' });
    // Dialled after the forecast: none of its lines.
    hindsight.observe({ type: 'dialed', at: start + 4_000, callId: 'd' });
    hindsight.observe({ type: 'answered', at: start + 9_000, callId: 'd' });
    hindsight.observe(agent('2', 'idle', 5));
    hindsight.observe(agent('2', 'talking', 6));
    // Later than a ring: not in time for a call launched then.
    hindsight.observe(agent('1', 'idle', 13));
    assert.deepEqual(hindsight.take(), [], 'the last line has not ended yet');
    hindsight.decided(start + 30_000, decision({ expectedAnswers: 0, expectedFree: 0 }), ringTimeoutMs);
    assert.deepEqual(hindsight.take(), [
      {
        campaignId: 7,
        at: start,
        samples: 1,
        answersForecast: 0.8,
        answersActual: 1,
        freeForecast: 1.5,
        freeActual: 1,
      },
    ]);
    assert.deepEqual(hindsight.take(), [], 'told once');
  });

  it('are kept every five seconds, and not while nobody is there', () => {
    const hindsight = new Hindsight(7);
    const facts = { expectedAnswers: 1, expectedFree: 1 };
    for (let ms = 0; ms < 60_000; ms += 250) hindsight.decided(start + ms, decision(facts), ringTimeoutMs);
    hindsight.decided(start + 120_000, decision({ ...facts, agents: 0 }), ringTimeoutMs);
    assert.deepEqual(
      hindsight.take().map(({ samples }) => samples),
      [12],
    );
    hindsight.decided(start + 200_000, decision({ ...facts, agents: 0 }), ringTimeoutMs);
    assert.deepEqual(hindsight.take(), []);
  });
});
