import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  evenHours,
  forecast,
  type ForecastResult,
  type ForecastStep,
  type ForecastTask,
  type LeadList,
  type Scenario,
} from '../../../../dialer/pacing/index.ts';
import { ListSupply } from '../../../../dialer/pacing/simulation/list-supply.ts';
import { callsNeeded, play } from '../../../../dialer/pacing/simulation/play.ts';
import { recommendedOf } from '../../../../dialer/pacing/simulation/recommend.ts';
import { band, type Outlook } from '../../../../dialer/pacing/simulation/outlook.ts';

const rule = (attempts: number, delaySeconds = 3600) => ({ attempts, delaySeconds });
const retries: LeadList['retries'] = {
  answered: rule(1),
  abandoned: rule(1),
  machine: rule(2),
  'no-answer': rule(3),
  busy: rule(3, 900),
  congestion: rule(3, 300),
  unallocated: rule(1),
};
const listOf = (...segments: LeadList['segments']): LeadList => ({ segments, maxAttempts: 4, retries });

const scenario: Scenario = {
  settings: {
    mode: 'predictive',
    abandonCap: 0.03,
    abandonWindowMs: 86_400_000,
    answerGraceMs: 2_000,
    ringTimeoutMs: 25_000,
    maxLinesPerAgent: 5,
  },
  start: Date.UTC(2026, 10, 23, 9),
  seconds: 2 * 3600,
  closesAt: Date.UTC(2026, 10, 23, 11),
  localMinutes: 540,
  staffing: [{ at: 0, agents: 6 }],
  answer: { base: 0.3, byHour: evenHours, byAttempt: [1] },
  shares: { machine: 0.1, busy: 0.03, congestion: 0.01, unallocated: 0.02 },
  lengths: {
    answer: { mean: 11 },
    machine: { mean: 14 },
    silence: { mean: 25 },
    failure: { mean: 1 },
    talk: { mean: 90 },
    wrapup: { mean: 15 },
  },
  list: null,
  lines: null,
  callsPerSecond: null,
  present: null,
  account: { answers: 0, abandoned: 0 },
};
const always: readonly (readonly [number, number])[] = [[0, 86_400]];

function result(
  task: Partial<ForecastTask> & { present: Scenario },
  each: (step: ForecastStep) => void = () => {},
): ForecastResult {
  const days = forecast({
    changed: null,
    heads: [],
    goal: { listHours: null },
    runs: 4,
    staffingRuns: 2,
    seed: 1,
    spanSeconds: 900,
    ...task,
  });
  for (;;) {
    const next = days.next();
    if (next.done) return next.value;
    const { share } = next.value;
    assert.ok(share > 0 && share <= 1);
    each(next.value);
  }
}

describe('the forecast', function () {
  this.timeout(120_000);

  it('gives the same figures for the same task, in bands, and compares with what is', () => {
    const progressive = { ...scenario, settings: { ...scenario.settings, mode: 'progressive' as const } };
    const task = { present: progressive, changed: scenario };
    const first = result(task);
    assert.deepEqual(result(task), first);
    const { utilization } = first.changed!;
    assert.ok(utilization.low <= utilization.middle && utilization.middle <= utilization.high);
    assert.ok(utilization.middle > first.present.utilization.middle, 'predictive wins over progressive');
    assert.equal(first.present.abandonShare.high, 0);
    assert.equal(first.present.spans.length, 8);
  });

  it('shows what the days played so far say, and every way has had as many as are needed for a band', () => {
    const shown: ForecastResult[] = [];
    const whole = result(
      { present: scenario, changed: { ...scenario, lines: 7 }, heads: [4, 6], runs: 4, staffingRuns: 3 },
      ({ soFar }) => {
        const now = soFar();
        if (now) shown.push(now);
      },
    );
    // Four ways, two days each, before anything is shown; fourteen days in all.
    assert.equal(shown.length, 14 - 7);
    assert.deepEqual([shown[0]!.present.runs, shown[0]!.changed!.runs], [2, 2]);
    assert.deepEqual(
      shown[0]!.staffing.map(({ agents, outlook }) => [agents, outlook.runs]),
      [
        [4, 2],
        [6, 2],
      ],
    );
    assert.deepEqual(shown.at(-1), whole, 'the last one is the answer');
  });

  it('holds the most lines and the calls a second', () => {
    const free = play(scenario, 1, 900);
    const narrow = play({ ...scenario, lines: 7 }, 1, 900);
    const slow = play({ ...scenario, callsPerSecond: 0.05 }, 1, 900);
    assert.ok(narrow.calls < free.calls);
    assert.ok(slow.calls <= 0.05 * scenario.seconds + 1, `${slow.calls} calls`);
  });

  it('dials a lead only while its segment is open, and says how long agents had none', () => {
    const closed = listOf({ openings: [[3600, 7200]], localMinutes: 480, due: [5000], later: [] });
    const day = play({ ...scenario, list: closed }, 1, 900);
    const [first] = day.spans;
    assert.equal(first!.calls, 0);
    assert.ok(day.spans[5]!.calls > 0);
    assert.ok(Math.abs(day.starved / day.signedIn - 0.5) < 0.05, `${day.starved / day.signedIn}`);
  });

  it('tells when the list is used up', () => {
    const small = listOf({ openings: always, localMinutes: 540, due: [60], later: [] });
    const played = play({ ...scenario, list: small }, 1, 900);
    assert.ok(played.calls >= 60);
    assert.ok(played.starved > 0);
    const long = listOf({ openings: always, localMinutes: 540, due: [100_000], later: [] });
    const { present } = result({ present: { ...scenario, list: long }, runs: 2 });
    const needed = callsNeeded({ ...scenario, list: long }, long)[0]!;
    const expected = (100_000 * needed) / (present.calls.middle / 2);
    assert.ok(Math.abs(present.listHours!.middle / expected - 1) < 0.05);
  });

  it('begins with the floor as it is: lines ring, agents talk, the account is what it was', () => {
    const present = { idle: 0, talking: [30, 60, 5, 100], wrapup: [5, 10], ringing: [3, 8, 12] };
    const whole = play({ ...scenario, present }, 3, 30);
    const [first] = whole.spans;
    assert.ok(first!.busy / first!.signedIn > 0.75, 'nobody is free at first');
    const broke = { answers: 2_000, abandoned: 100 };
    const spent = result({ present: { ...scenario, account: broke } });
    const full = result({ present: { ...scenario, account: { answers: 2_000, abandoned: 0 } } });
    assert.ok(spent.present.abandonShare.middle < 0.005, `${spent.present.abandonShare.middle}`);
    assert.ok(full.present.utilization.middle > spent.present.utilization.middle);
  });

  it('lets agents come and go by the hour', () => {
    const staffing = [
      { at: 0, agents: 6 },
      { at: 3600, agents: 2 },
    ];
    const { spans } = result({ present: { ...scenario, staffing } }).present;
    assert.ok(spans[1]!.agents > 5.9 && spans[7]!.agents < 2.2);
  });
});

describe('the leads of a play', () => {
  it('are retried at the delay of their outcome, as often as the rules let them', () => {
    const supply = new ListSupply(listOf({ openings: always, localMinutes: 0, due: [1], later: [] }));
    const lead = supply.take(0)!;
    assert.equal(supply.take(0), null);
    supply.ended(lead, 'busy', 10);
    assert.equal(supply.ready(909), 0);
    const again = supply.take(910)!;
    assert.equal(again.attempts, 1);
    supply.ended(again, 'answered', 950);
    assert.equal(supply.left, 0);
    assert.equal(supply.ready(1e6), 0);
  });

  it('that fall due later come then, with the calls made to them', () => {
    const later = [{ at: 600, attempts: 3, count: 2 }];
    const supply = new ListSupply(listOf({ openings: always, localMinutes: 0, due: [], later }));
    assert.equal(supply.left, 2);
    assert.equal(supply.take(599), null);
    const lead = supply.take(600)!;
    assert.equal(lead.attempts, 3);
    supply.ended(lead, 'no-answer', 620);
    assert.equal(supply.left, 1, 'four calls are all');
  });
});

describe('the head count that is recommended', () => {
  const choice = (
    agents: number,
    of: Partial<Record<'utilization' | 'starved' | 'abandonShare' | 'listHours', number>>,
  ) => {
    const at = (value: number) => band([value]);
    const outlook = {
      utilization: at(of.utilization ?? 0.8),
      starved: at(of.starved ?? 0),
      abandonShare: at(of.abandonShare ?? 0.02),
      listHours: of.listHours === undefined ? null : at(of.listHours),
    } as Outlook;
    return { agents, outlook };
  };

  it('is the smallest of those whose agents talk most, none of them waiting for leads', () => {
    const choices = [
      choice(10, { utilization: 0.8 }),
      choice(20, { utilization: 0.88 }),
      choice(30, { utilization: 0.885 }),
      choice(40, { utilization: 0.9, starved: 0.2 }),
    ];
    assert.equal(recommendedOf(choices, 0.03, { listHours: null }), 20);
    assert.equal(recommendedOf([choice(5, { abandonShare: 0.05 })], 0.03, { listHours: null }), null);
  });

  it('is the smallest that finishes the list in time, where that is wished', () => {
    const choices = [
      choice(10, { listHours: 50 }),
      choice(20, { listHours: 25 }),
      choice(30, { listHours: 17 }),
    ];
    assert.equal(recommendedOf(choices, 0.03, { listHours: 26 }), 20);
    assert.equal(recommendedOf(choices, 0.03, { listHours: 5 }), null);
  });
});
