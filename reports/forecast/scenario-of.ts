import { localTime } from '../../core/time/local-time.ts';
import type { Campaign } from '../../campaigns/index.ts';
import type { LeadList, Length, RetryRuleOf, Scenario } from '../../dialer/pacing/index.ts';
import { closesAt } from '../../dialer/engine/closing-time.ts';
import { minutesOf, secondsBetween, type ForecastFigures } from './figures.ts';
import type { Learned } from './learned.ts';
import type { Starting } from './prepare.ts';

/** What of a campaign a day of dialling depends on, beside the figures. */
export type DayRules = Pick<
  Campaign,
  'hours' | 'abandonWindowMs' | 'answerGraceMs' | 'ringTimeoutMs' | 'maxAttempts' | 'retryRules' | 'zone'
>;

/** The day as a play: the figures typed, with the shape of what was learnt. `start` is epoch ms. */
export function scenarioOf(
  figures: ForecastFigures,
  { learned, present, account }: Pick<Starting, 'learned' | 'present' | 'account'>,
  rules: DayRules,
  list: Pick<LeadList, 'segments'> | null,
  start: number,
): Scenario {
  const seconds = secondsBetween(figures.from, figures.until);
  return {
    settings: {
      mode: figures.mode,
      abandonCap: figures.abandonCap,
      abandonWindowMs: rules.abandonWindowMs,
      answerGraceMs: rules.answerGraceMs,
      ringTimeoutMs: rules.ringTimeoutMs,
      maxLinesPerAgent: figures.maxLinesPerAgent,
      powerRatio: figures.powerRatio,
    },
    start,
    seconds,
    closesAt: Math.max(start + seconds * 1000, closesAt(rules, start) ?? 0),
    localMinutes: minutesOf(figures.from),
    staffing: staffingOf(figures, seconds),
    answer: { ...learned.answer, base: figures.answer },
    shares: sharesOf(figures, learned),
    lengths: {
      answer: withMean(learned.lengths.answer, figures.ringSeconds),
      machine: learned.lengths.machine,
      silence: learned.lengths.silence,
      failure: learned.lengths.failure,
      talk: withMean(learned.lengths.talk, figures.talkSeconds),
      wrapup: withMean(learned.lengths.wrapup, figures.wrapupSeconds),
    },
    list: list && { segments: list.segments, maxAttempts: rules.maxAttempts, retries: retriesOf(rules) },
    lines: figures.lines,
    callsPerSecond: figures.callsPerSecond,
    present,
    account,
  };
}

const withMean = ({ quantiles }: Length, mean: number): Length => ({ mean, quantiles });

/** The failures typed, divided by kind as they were measured. */
function sharesOf(figures: ForecastFigures, { shares }: Learned): Scenario['shares'] {
  const { busy, congestion, unallocated } = shares;
  const all = busy + congestion + unallocated;
  const part = (share: number): number => (all > 0 ? (figures.failed * share) / all : figures.failed / 3);
  return {
    machine: figures.machine,
    busy: part(busy),
    congestion: part(congestion),
    unallocated: part(unallocated),
  };
}

/** Head counts at each full hour, and at the start. */
function staffingOf({ agents, agentsByHour, from }: ForecastFigures, seconds: number): Scenario['staffing'] {
  const first = minutesOf(from);
  const steps: { at: number; agents: number }[] = [];
  for (let minute = first; (minute - first) * 60 < seconds; minute += 60 - (minute % 60)) {
    const planned = agentsByHour[Math.floor(minute / 60) % 24] ?? agents;
    if (steps.at(-1)?.agents !== planned) steps.push({ at: (minute - first) * 60, agents: planned });
  }
  return steps;
}

function retriesOf({ retryRules }: DayRules): RetryRuleOf {
  const rule = (outcome: keyof RetryRuleOf) => ({
    attempts: retryRules[outcome].attempts,
    delaySeconds: retryRules[outcome].delayMinutes * 60,
  });
  return {
    answered: rule('answered'),
    abandoned: rule('abandoned'),
    machine: rule('machine'),
    'no-answer': rule('no-answer'),
    busy: rule('busy'),
    congestion: rule('congestion'),
    unallocated: rule('unallocated'),
  };
}

/** When a forecast day starts: that time of day in the campaign's zone, epoch ms. */
export function startOf(midnight: number, zone: string, from: string): number {
  const [hour = 0, minute = 0] = from.split(':').map(Number);
  return localTime(midnight, zone).set({ hour, minute }).toMillis();
}
