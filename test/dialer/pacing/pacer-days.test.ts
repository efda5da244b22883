import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  createPacer,
  type Pacer,
  type PacingDecision,
  type PacingEvent,
  type PacingLimits,
  type PacingMode,
} from '../../../dialer/pacing/index.ts';
import { between, exponential, lognormal, shifted } from '../../../dialer/pacing/simulation/random.ts';
import { runDay, type Traffic } from '../../../dialer/pacing/simulation/day.ts';
import { history, nine, pacerWith, settings } from './floor-of-events.ts';

const hour = 3_600_000;

const shortDay = (agents: number, minutes: number, p: number): Traffic => ({
  seconds: minutes * 60,
  staffing: [{ at: 0, agents }],
  answerProbability: () => p,
  ringToAnswer: exponential(10),
  ringToNothing: between(20, 26),
  talk: () => lognormal(100, 0.9),
  wrapup: shifted(5, 15),
  graceMs: 2_000,
});

/** Passes on everything, with the close of the day said. */
const closing = (pacer: Pacer, closesAt: number): Pacer => ({
  observe: (event) => pacer.observe(event),
  decide: (now, limits) => pacer.decide(now, { ...limits, closesAt }),
});

describe('days too short for a hundred answers', () => {
  it('abandon nobody when all their answers together do not carry one', () => {
    for (const mode of ['predictive', 'power'] as const)
      for (let seed = 1; seed <= 6; seed++) {
        const pacer = closing(createPacer({ ...settings, mode, powerRatio: 3 }), nine + 25 * 60_000);
        const day = runDay(shortDay(2, 25, 0.3), pacer, { seed, start: nine });
        assert.ok(day.answers < 34);
        assert.equal(day.abandoned, 0);
      }
  });

  it('end at or under the cap whatever their length', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(
        fc.constantFrom(2, 3, 5, 8),
        fc.constantFrom(30, 50, 80, 110),
        fc.constantFrom(0.15, 0.3, 0.6),
        fc.integer({ min: 1, max: 100_000 }),
        (agents, minutes, p, seed) => {
          const pacer = closing(createPacer(settings), nine + minutes * 60_000);
          const day = runDay(shortDay(agents, minutes, p), pacer, { seed, start: nine });
          assert.ok(day.abandoned <= 0.03 * day.answers, `${day.abandoned} of ${day.answers}`);
        },
      ),
      { numRuns: 20, seed: 20260105 },
    );
  });
});

describe('a list too short for a hundred answers', () => {
  it('ends at or under the cap whatever its length, who answers it and how it is dialled', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(
        fc.constantFrom<PacingMode>('predictive', 'power'),
        fc.constantFrom(1, 3, 8),
        fc.integer({ min: 5, max: 250 }),
        fc.constantFrom(0.3, 0.6, 1),
        fc.constantFrom(0.03, 0.2),
        fc.integer({ min: 1, max: 100_000 }),
        (mode, agents, leads, p, abandonCap, seed) => {
          const pacer = createPacer({ ...settings, mode, powerRatio: 5, abandonCap });
          const day = runDay({ ...shortDay(agents, 240, p), leads }, pacer, { seed, start: nine });
          if (day.answers < 100)
            assert.ok(day.abandoned <= abandonCap * day.answers, `${day.abandoned} of ${day.answers}`);
        },
      ),
      { numRuns: 60, seed: 20260106 },
    );
  });
});

/** Groups that come and go every quarter of an hour: lunch, meetings, calls of another campaign, inbound queues. */
const rough = fc.record({
  staffing: fc.array(fc.constantFrom(0, 1, 3, 8, 20), { minLength: 8, maxLength: 8 }),
  p: fc.constantFrom(0.08, 0.25, 0.6),
  leads: fc.option(fc.constantFrom(50, 400), { nil: undefined }),
  lines: fc.option(fc.constantFrom(6, 40), { nil: undefined }),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

describe('a floor that is never the same for long', () => {
  it('is dialled for within lines and leads, for nobody when nobody is there, and under the cap', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(
        rough,
        fc.constantFrom<PacingMode>('predictive', 'power'),
        ({ staffing, p, leads, lines, seed }, mode) => {
          const pacer = createPacer({ ...settings, mode, powerRatio: 4 });
          const log: PacingEvent[] = [];
          const watched: Pacer = {
            observe: (event) => (log.push(event), pacer.observe(event)),
            decide(now, limits: PacingLimits = {}): PacingDecision {
              const decision = pacer.decide(now, limits);
              const { launch, facts } = decision;
              assert.ok(launch >= 0 && Number.isInteger(launch));
              assert.ok(launch <= (limits.lines ?? Infinity) && launch <= (limits.leads ?? Infinity));
              assert.ok(facts.agents > 0 || launch === 0, 'lines for nobody');
              if (facts.budgetLeft < 0 && facts.answers >= 100)
                assert.ok(launch <= Math.max(0, facts.idle - facts.waiting - facts.ringing));
              return decision;
            },
          };
          const traffic: Traffic = {
            ...shortDay(0, 120, p),
            staffing: staffing.map((agents, quarter) => ({ at: quarter * 900, agents })),
            leads,
            lines,
          };
          const day = runDay(traffic, watched, { seed, start: nine });
          if (leads !== undefined) assert.ok(day.dialed <= leads);
          if (day.answers >= 100)
            assert.ok(day.abandoned <= 0.03 * day.answers, `${day.abandoned} of ${day.answers}`);
          const replayed = createPacer({ ...settings, mode, powerRatio: 4 });
          for (const event of log) replayed.observe(event);
          const now = nine + 3 * hour;
          assert.deepEqual(replayed.decide(now), pacer.decide(now));
        },
      ),
      { numRuns: 15, seed: 20260106 },
    );
  });

  it('decides the same from the middle of a day on when its events are told again', function () {
    this.timeout(60_000);
    const log: (PacingEvent | { asked: number; launch: number })[] = [];
    const first = createPacer(settings);
    runDay(
      shortDay(12, 150, 0.25),
      {
        observe: (event) => (log.push(event), first.observe(event)),
        decide(now, limits) {
          const decision = first.decide(now, limits);
          log.push({ asked: now, launch: decision.launch });
          return decision;
        },
      },
      { seed: 11, start: nine },
    );
    const restarted = createPacer(settings);
    let compared = 0;
    log.forEach((entry, index) => {
      if (!('asked' in entry)) return restarted.observe(entry);
      if (index < log.length / 2) return;
      compared++;
      assert.equal(restarted.decide(entry.asked).launch, entry.launch, `entry ${index}`);
    });
    assert.ok(compared > 500);
  });

  it('pauses with its agents and goes on when they are back', () => {
    const pacer = pacerWith(6);
    const at = history(pacer, { answers: 200 });
    const all = (state: 'away' | 'idle', when: number): void => {
      for (let a = 0; a < 6; a++) pacer.observe({ type: 'agent', at: when, agentId: `a${a}`, state });
    };
    assert.ok(pacer.decide(at).launch >= 6);
    all('away', at + 1_000);
    assert.deepEqual([pacer.decide(at + 1_000).launch, pacer.decide(at + 1_000).code], [0, 'no-agents']);
    all('idle', at + hour);
    assert.ok(pacer.decide(at + hour).launch >= 6);
  });

  it('counts on no agent whom an inbound call or another campaign has taken', () => {
    const pacer = pacerWith(5, { mode: 'progressive' });
    pacer.observe({ type: 'agent', at: nine, agentId: 'a0', state: 'away' });
    pacer.observe({ type: 'agent', at: nine, agentId: 'a1', state: 'away' });
    assert.equal(pacer.decide(nine).launch, 3);
    pacer.observe({ type: 'agent', at: nine + 60_000, agentId: 'a0', state: 'idle' });
    assert.equal(pacer.decide(nine + 60_000).launch, 4);
  });

  it('takes the last leads one for one agent and says that there are no more', () => {
    const pacer = pacerWith(10);
    const at = history(pacer, { answers: 200 });
    const decision = pacer.decide(at, { leads: 2 });
    assert.deepEqual([decision.launch, decision.code], [2, 'no-leads']);
    assert.equal(pacer.decide(at, { leads: 0 }).launch, 0);
  });
});
