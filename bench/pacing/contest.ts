import { createPacer, type Pacer, type PacingSettings } from '../../dialer/pacing/index.ts';
import { ErlangBRate } from './peers/erlang-b.ts';
import { ReplayDialer } from './peers/replay.ts';
import { Vicidial, type VicidialSettings } from './peers/vicidial.ts';
import type { Traffic } from '../../dialer/pacing/simulation/day.ts';
import { CAP, DAY, playDays, scoreOf } from './days.ts';

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

/** Days on which settings are tried, and those after which the best one is settled. */
const TRIED_DAYS = 3;
const SETTLED_DAYS = 10;

/**
 * Which of a contestant's settings is the best for these very days: highest utilization among those that are at or under the
 * cap over all days together, tried on the first days of the contest itself.
 */
export function bestSetting(traffic: Traffic, { makers }: Contestant): number {
  if (makers.length === 1) return 0;
  const tried = makers.map(({ make }, index) => ({
    index,
    score: scoreOf(playDays(traffic, make, { first: 0, count: TRIED_DAYS })),
  }));
  const lawful = tried.filter(({ score }) => score.abandonShare <= CAP);
  const pool = (lawful.length > 0 ? lawful : tried).sort((a, b) => b.score.utilization - a.score.utilization);
  const settled = pool.slice(0, 3).find(({ index }) => {
    const days = playDays(traffic, makers[index]!.make, { first: 0, count: SETTLED_DAYS });
    return scoreOf(days).abandonShare <= CAP;
  });
  return (settled ?? pool[Math.min(3, pool.length - 1)]!).index;
}
