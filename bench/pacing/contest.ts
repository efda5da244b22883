import { createPacer, type Pacer, type PacingSettings } from '../../dialer/pacing/index.ts';
import { ErlangBRate } from './peers/erlang-b.ts';
import { ReplayDialer } from './peers/replay.ts';
import { Vicidial, type VicidialSettings } from './peers/vicidial.ts';
import { runDay, type DayResult, type Traffic } from '../../dialer/pacing/simulation/day.ts';

export const CAP = 0.03;
export const DAY = 86_400_000;

export interface Contestant {
  name: string;
  /** Every maker is tried, and the best that holds the cap over all days together is shown: tuned by hand, in hindsight. */
  makers: { setting: string; make(): Pacer }[];
}

export const engineSettings = (changed: Partial<PacingSettings> = {}): PacingSettings => ({
  mode: 'predictive',
  abandonCap: CAP,
  abandonWindowMs: DAY,
  answerGraceMs: 2_000,
  ringTimeoutMs: 60_000,
  maxLinesPerAgent: 50,
  ...changed,
});

const defaults: VicidialSettings = {
  method: 'HARD_LIMIT',
  level: 1,
  maxLevel: 3,
  difference: 0,
  readyOnly: false,
  cap: CAP,
  shiftMs: 8 * 3_600_000,
};

const vicidial = (changed: Partial<VicidialSettings>): (() => Pacer) => {
  return () => new Vicidial({ ...defaults, ...changed });
};

function tunedAdaptive(method: VicidialSettings['method'], quick: boolean): Contestant['makers'] {
  const levels = quick ? [4, 8] : [3, 5, 8, 14];
  const differences = quick ? [-1, -2] : [-1, -2, -3, -4.5];
  return levels.flatMap((maxLevel) =>
    differences.map((difference) => ({
      setting: `ready agents only, max level ${maxLevel}, difference ${difference}`,
      make: vicidial({ method, maxLevel, difference, readyOnly: true }),
    })),
  );
}

/** The peers on the settings they come with. */
export function peersOnDefaults(): Contestant[] {
  return [
    {
      name: 'progressive',
      makers: [{ setting: '', make: () => createPacer(engineSettings({ mode: 'progressive' })) }],
    },
    ...(['HARD_LIMIT', 'AVERAGE', 'TAPERED'] as const).map((method) => ({
      name: `VICIdial ADAPT ${method}, defaults`,
      makers: [{ setting: 'defaults', make: vicidial({ method }) }],
    })),
    { name: 'replay (Impact-style)', makers: [{ setting: '', make: () => new ReplayDialer(CAP) }] },
    { name: 'Erlang-B rate', makers: [{ setting: '', make: () => new ErlangBRate(CAP) }] },
  ];
}

/** The peers with the best settings for these very days. */
export function peersTuned(quick: boolean): Contestant[] {
  const ratios = quick ? [1.5, 2, 3] : [1.25, 1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4, 5, 6];
  return [
    {
      name: 'VICIdial RATIO, tuned',
      makers: ratios.map((level) => ({
        setting: `ready agents only, level ${level}`,
        make: vicidial({ method: 'RATIO', level, readyOnly: true }),
      })),
    },
    ...(['HARD_LIMIT', 'AVERAGE', 'TAPERED'] as const).map((method) => ({
      name: `VICIdial ADAPT ${method}, tuned`,
      makers: tunedAdaptive(method, quick),
    })),
    {
      name: 'Erlang-B rate, tuned',
      makers: [0.8, 0.9, 1, 1.05, 1.1].map((factor) => ({
        setting: `rate × ${factor}`,
        make: () => new ErlangBRate(CAP, factor),
      })),
    },
  ];
}

export interface Score {
  setting: string;
  days: number;
  utilization: number;
  /** Standard error over days. */
  error: number;
  abandonShare: number;
  /** Days with at least a hundred answers that ended over the cap, and those that were over at any moment after. */
  daysOver: number;
  daysEverOver: number;
  perDay: number[];
  microsPerDecision: number;
}

/** Plays days one after the other; a window of more than a day keeps its pacer for that many days. */
export function play(
  traffic: Traffic,
  make: () => Pacer,
  days: number,
  of: { windowDays?: number; firstSeed?: number; tickMs?: number; setting?: string } = {},
): Score & { windowsOver: number; windows: number } {
  const windowDays = of.windowDays ?? 1;
  const results: DayResult[] = [];
  let pacer = make();
  let windowsOver = 0;
  let windows = 0;
  const window = { answers: 0, abandoned: 0 };
  let decisions = 0;
  const started = performance.now();
  for (let day = 0; day < days; day++) {
    if (day > 0 && day % windowDays === 0) pacer = make();
    const result = runDay(traffic, pacer, {
      seed: (of.firstSeed ?? 1) + day,
      start: Date.UTC(2026, 0, 5, 9) + day * DAY,
      tickMs: of.tickMs ?? 1000,
      cap: CAP,
    });
    results.push(result);
    decisions += result.decisions;
    window.answers += result.answers;
    window.abandoned += result.abandoned;
    if ((day + 1) % windowDays === 0) {
      windows++;
      if (window.answers >= 100 && window.abandoned > CAP * window.answers) windowsOver++;
      window.answers = window.abandoned = 0;
    }
  }
  const took = performance.now() - started;
  const sum = (of: (day: DayResult) => number): number => results.reduce((total, day) => total + of(day), 0);
  const utilization = sum((day) => day.busy) / sum((day) => day.signedIn);
  const perDay = results.map((day) => day.busy / day.signedIn);
  const variance = perDay.reduce((total, u) => total + (u - utilization) ** 2, 0) / days;
  return {
    setting: of.setting ?? '',
    days,
    utilization,
    error: Math.sqrt(variance / days),
    abandonShare:
      sum((day) => day.abandoned) /
      Math.max(
        1,
        sum((day) => day.answers),
      ),
    daysOver: results.filter((day) => day.answers >= 100 && day.abandoned > CAP * day.answers).length,
    daysEverOver: results.filter((day) => day.worstExcess > 1e-9).length,
    perDay,
    microsPerDecision: (took * 1000) / decisions,
    windowsOver,
    windows,
  };
}

/** The best of a contestant's settings: highest utilization among those at or under the cap over all days together. */
export function best(traffic: Traffic, contestant: Contestant, days: number, tryDays: number): Score {
  if (contestant.makers.length === 1)
    return play(traffic, contestant.makers[0]!.make, days, {
      setting: contestant.makers[0]!.setting,
    });
  const tried = contestant.makers.map((maker) => ({
    maker,
    score: play(traffic, maker.make, tryDays, { setting: maker.setting }),
  }));
  const lawful = tried.filter(({ score }) => score.abandonShare <= CAP);
  const pool = lawful.length > 0 ? lawful : tried;
  pool.sort((a, b) => b.score.utilization - a.score.utilization);
  for (const { maker } of pool.slice(0, 3)) {
    const score = play(traffic, maker.make, days, { setting: maker.setting });
    if (score.abandonShare <= CAP) return score;
  }
  const { maker } = pool[Math.min(3, pool.length - 1)]!;
  return play(traffic, maker.make, days, { setting: maker.setting });
}
