import { between, constant, exponential, lognormal, shifted } from '../../dialer/pacing/simulation/random.ts';
import type { Traffic } from '../../dialer/pacing/simulation/day.ts';

export const EIGHT_HOURS = 8 * 3600;

/** The textbook floor of the exact optimum. */
export function stationary(agents: number, handle: number, p: number, ring = 12): Traffic {
  const talk = exponential(handle);
  return {
    seconds: EIGHT_HOURS,
    staffing: [{ at: 0, agents }],
    answerProbability: () => p,
    ringToAnswer: exponential(ring),
    ringToNothing: exponential(ring),
    talk: () => talk,
    graceMs: 0,
  };
}

export interface Changing {
  name: string;
  about: string;
  traffic: Traffic;
}

/** From `from` to `to` between two times, straight. */
const ramp = (t: number, start: number, end: number, from: number, to: number): number =>
  t <= start ? from : t >= end ? to : from + ((to - from) * (t - start)) / (end - start);

const hour = 3600;

/** Days that change: what the textbook leaves out. Two seconds of grace; talk and wrap-up apart. */
export function changing(): Changing[] {
  const usual: Traffic = {
    seconds: EIGHT_HOURS,
    staffing: [{ at: 0, agents: 20 }],
    answerProbability: () => 0.3,
    ringToAnswer: shifted(3, 12),
    ringToNothing: between(20, 28),
    ringToMachine: shifted(5, 14),
    ringToFailure: between(0.3, 1.5),
    machineShare: 0.1,
    failShare: 0.08,
    talk: () => lognormal(120, 0.9),
    wrapup: shifted(8, 20),
    graceMs: 2_000,
  };
  return [
    {
      name: 'halving',
      about: 'answer probability falls from .4 to .2 within ten minutes, and comes back in the afternoon',
      traffic: {
        ...usual,
        answerProbability: (t) =>
          t < 5 * hour
            ? ramp(t, 2.5 * hour, 2.5 * hour + 600, 0.4, 0.2)
            : ramp(t, 5.5 * hour, 5.5 * hour + 600, 0.2, 0.4),
      },
    },
    {
      name: 'lunch',
      about: 'half of the agents go to lunch together, then the other half',
      traffic: {
        ...usual,
        staffing: [
          { at: 0, agents: 24 },
          { at: 3 * hour, agents: 12 },
          { at: 4.5 * hour, agents: 24 },
        ],
      },
    },
    {
      name: 'long calls',
      about: 'talk doubles for two hours',
      traffic: {
        ...usual,
        talk: (t) => lognormal(t > 3 * hour && t < 5 * hour ? 240 : 120, 0.9),
      },
    },
    {
      name: 'even calls',
      about: 'talk of 90 s give or take a quarter: who is free soon can be foreseen',
      traffic: { ...usual, talk: () => lognormal(90, 0.25), wrapup: constant(15) },
    },
    {
      name: 'small team',
      about: 'five agents, one leaves at noon; mixed leads',
      traffic: {
        ...usual,
        staffing: [
          { at: 0, agents: 5 },
          { at: 4 * hour, agents: 4 },
        ],
        leadSpread: 0.6,
        hints: true,
      },
    },
    {
      name: 'everything',
      about: 'drift of answers through the day, lunch, longer talk in the evening, mixed leads',
      traffic: {
        ...usual,
        staffing: [
          { at: 0, agents: 20 },
          { at: 1 * hour, agents: 40 },
          { at: 3.5 * hour, agents: 20 },
          { at: 4.5 * hour, agents: 40 },
          { at: 7 * hour, agents: 25 },
        ],
        answerProbability: (t) => 0.25 + 0.1 * Math.sin((t / EIGHT_HOURS) * 9),
        talk: (t) => lognormal(ramp(t, 4 * hour, 8 * hour, 110, 170), 0.9),
        leadSpread: 0.5,
      },
    },
  ];
}
