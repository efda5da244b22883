import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { constant, exponential, lognormal } from '../../../dialer/pacing/simulation/random.ts';
import { runDay, type Traffic } from '../../../dialer/pacing/simulation/day.ts';
import { createPacer, type PacingEvent, type PacingMode } from '../../../dialer/pacing/index.ts';
import { nine, settings } from './floor-of-events.ts';

const ids = fc.integer({ min: 0, max: 12 }).map((n) => `c${n}`);
const agents = fc.integer({ min: 0, max: 6 }).map((n) => `a${n}`);
const times = fc.integer({ min: -90_000, max: 3_600_000 }).map((ms) => nine + ms);

/** Any event at any time about any call, in any order: repeated, foreign, late, impossible. */
const anyEvent: fc.Arbitrary<PacingEvent> = fc.oneof(
  fc.record({
    type: fc.constant('dialed' as const),
    at: times,
    callId: ids,
    answerProbability: fc.option(
      fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(-1, 2, Number.NaN, Infinity)),
      { nil: undefined },
    ),
  }),
  fc.record({
    type: fc.constantFrom('answered', 'machine', 'abandoned', 'ended'),
    at: times,
    callId: ids,
  }),
  fc.record({
    type: fc.constant('failed' as const),
    at: times,
    callId: ids,
    cause: fc.string({ maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('connected' as const), at: times, callId: ids, agentId: agents }),
  fc.record({
    type: fc.constant('agent' as const),
    at: times,
    agentId: agents,
    state: fc.constantFrom('idle', 'talking', 'wrapup', 'away'),
  }),
) as fc.Arbitrary<PacingEvent>;

const modes = fc.constantFrom<PacingMode>('progressive', 'power', 'predictive');

describe('pacing, whatever happens', () => {
  it('launches a whole number from zero up, within lines, leads and lines for each agent', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 200 }),
        modes,
        fc.nat(40),
        fc.nat(40),
        (events, mode, lines, leads) => {
          const pacer = createPacer({ ...settings, mode, powerRatio: 3, maxLinesPerAgent: 4 });
          for (const event of events) {
            pacer.observe(event);
            const { launch, facts } = pacer.decide(event.at, { lines, leads });
            assert.ok(Number.isInteger(launch) && launch >= 0);
            assert.ok(launch <= lines && launch <= leads);
            assert.ok(launch === 0 || launch + facts.ringing <= 4 * facts.agents);
            assert.ok(facts.idle >= 0 && facts.ringing >= 0 && facts.expectedFree >= 0);
            for (const fact of Object.values(facts))
              if (typeof fact === 'number') assert.ok(!Number.isNaN(fact));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('decides the same after the same events, however often it was asked before', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 150 }), modes, (events, mode) => {
        const asked = createPacer({ ...settings, mode });
        const quiet = createPacer({ ...settings, mode });
        for (const event of events) {
          asked.observe(event);
          asked.decide(event.at + 250);
          quiet.observe(event);
        }
        const now = nine + 3_700_000;
        assert.deepEqual(asked.decide(now), quiet.decide(now));
      }),
      { numRuns: 200 },
    );
  });

  it('takes a repeated event for what it is', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 100 }), (events) => {
        const inOrder = [...events].sort((a, b) => a.at - b.at);
        const once = createPacer(settings);
        const twice = createPacer(settings);
        for (const event of inOrder) {
          once.observe(event);
          twice.observe(event);
          if (event.type !== 'agent') twice.observe(event);
        }
        assert.deepEqual(twice.decide(nine + 3_700_000), once.decide(nine + 3_700_000));
      }),
      { numRuns: 200 },
    );
  });
});

const traffic = fc.record({
  agents: fc.constantFrom(1, 2, 4, 9, 25),
  p: fc.constantFrom(0.05, 0.15, 0.4, 0.8, 1),
  handle: fc.constantFrom('exponential', 'constant', 'lognormal'),
  seconds: fc.constantFrom(40, 120),
  graceMs: fc.constantFrom(0, 2_000),
  leaves: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

function hoursOf(of: {
  agents: number;
  p: number;
  handle: string;
  seconds: number;
  graceMs: number;
  leaves: boolean;
}): Traffic {
  const length =
    of.handle === 'constant'
      ? constant(of.seconds)
      : of.handle === 'lognormal'
        ? lognormal(of.seconds, 0.8)
        : exponential(of.seconds);
  return {
    seconds: 2 * 3600,
    staffing: [
      { at: 0, agents: of.agents },
      ...(of.leaves ? [{ at: 3600, agents: Math.ceil(of.agents / 2) }] : []),
    ],
    answerProbability: () => of.p,
    ringToAnswer: exponential(10),
    ringToNothing: constant(25),
    failShare: 0.05 * (1 - of.p),
    machineShare: 0.1 * (1 - of.p),
    talk: () => length,
    wrapup: constant(10),
    graceMs: of.graceMs,
  };
}

describe('the abandonment cap in simulated hours', () => {
  it('holds in every mode once there are a hundred answers', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(traffic, modes, (of, mode) => {
        const pacer = createPacer({ ...settings, mode, powerRatio: 4, answerGraceMs: of.graceMs });
        const day = runDay(hoursOf(of), pacer, { seed: of.seed, start: nine });
        if (day.answers < 100) return;
        assert.ok(day.abandoned <= 0.03 * day.answers, `${day.abandoned} of ${day.answers}`);
      }),
      { numRuns: 32, seed: 20260105 },
    );
  });

  it('progressive abandons nobody while agents stay', () => {
    fc.assert(
      fc.property(traffic, (of) => {
        const pacer = createPacer({ ...settings, mode: 'progressive' });
        const day = runDay(hoursOf({ ...of, leaves: false }), pacer, { seed: of.seed, start: nine });
        assert.equal(day.abandoned, 0);
      }),
      { numRuns: 20 },
    );
  });

  it('learns nothing from being told again what an agent does', function () {
    this.timeout(40_000);
    fc.assert(
      fc.property(traffic, fc.nat(4_999), (of, early) => {
        const log: PacingEvent[] = [];
        const first = createPacer(settings);
        const observe = (event: PacingEvent): void => {
          log.push(event);
          first.observe(event);
        };
        runDay(
          hoursOf(of),
          { observe, decide: (now, limits) => first.decide(now, limits) },
          { seed: of.seed, start: nine },
        );
        const again = createPacer(settings);
        again.observe({ type: 'agent', at: nine - early, agentId: 'nobody', state: 'away' });
        for (const [n, event] of log.entries()) {
          again.observe(event);
          const next = log[n + 1]?.at ?? event.at;
          if (event.type === 'agent') again.observe({ ...event, at: (event.at + next) / 2 });
        }
        const now = nine + 7_300_000;
        assert.deepEqual(again.decide(now), first.decide(now));
      }),
      { numRuns: 12 },
    );
  });

  it('predictive beats progressive with twenty agents, and a restart changes nothing', function () {
    this.timeout(40_000);
    const floor = hoursOf({
      agents: 20,
      p: 0.25,
      handle: 'exponential',
      seconds: 120,
      graceMs: 2_000,
      leaves: false,
    });
    const log: PacingEvent[] = [];
    const first = createPacer(settings);
    const day = runDay(
      floor,
      {
        observe: (event) => {
          log.push(event);
          first.observe(event);
        },
        decide: (now, limits) => first.decide(now, limits),
      },
      { seed: 7, start: nine },
    );
    const steady = runDay(floor, createPacer({ ...settings, mode: 'progressive' }), {
      seed: 7,
      start: nine,
    });
    assert.ok(day.busy / day.signedIn > steady.busy / steady.signedIn + 0.05);
    const restarted = createPacer(settings);
    for (const event of log) restarted.observe(event);
    const now = nine + 7_300_000;
    assert.deepEqual(restarted.decide(now), first.decide(now));
  });
});
