import { createPacer } from '../pacer.ts';
import { runDay } from './day.ts';
import { pastAnswers, tellPast } from './history.ts';
import { afterCall, ListSupply } from './list-supply.ts';
import { uniform } from './random.ts';
import { answerChance, distributionOf, type LeadList, type Scenario } from './scenario.ts';
import type { Played } from './outlook.ts';
import type { PlayedLead, PlayedOutcome, Traffic } from './traffic.ts';

/** Milliseconds between decisions while nothing happens: the floor changes by events, and each event brings a decision. */
const TICK_MS = 2_000;
/** Virtual leads by which the calls that a lead still needs are counted. */
const VIRTUAL_LEADS = 400;

/** Plays one day of a scenario through the very engine that will dial it. Same seed, same day. */
export function play(
  scenario: Scenario,
  seed: number,
  spanSeconds: number,
  needed = scenario.list ? callsNeeded(scenario, scenario.list) : [],
): Played {
  const supply = scenario.list && new ListSupply(scenario.list);
  const traffic: Traffic = { ...trafficOf(scenario), supply: supply ?? undefined };
  const pacer = createPacer(scenario.settings, pastAnswers(scenario));
  tellPast(pacer, scenario, traffic, seed);
  const day = runDay(traffic, pacer, {
    seed,
    start: scenario.start,
    tickMs: TICK_MS,
    cap: scenario.settings.abandonCap,
    spanSeconds,
    closesAt: scenario.closesAt,
  });
  return {
    calls: day.dialed,
    answers: day.answers,
    abandoned: day.abandoned,
    busy: day.busy,
    signedIn: day.signedIn,
    starved: day.starvedSeconds,
    callsLeft: supply && supply.callsLeft(needed),
    spans: day.spans,
  };
}

/** The world outside as the scenario describes it, without its list. */
export function trafficOf(scenario: Scenario): Traffic {
  const { lengths, shares, answer, list, settings } = scenario;
  const talk = distributionOf('talk', lengths.talk);
  const localMinutes = list?.segments.map((segment) => segment.localMinutes) ?? [];
  return {
    seconds: scenario.seconds,
    staffing: [...scenario.staffing],
    answerProbability: (t, lead) => {
      const minutes = lead ? localMinutes[lead.segment]! : scenario.localMinutes;
      return answerChance(answer, minutes + t / 60, lead?.attempts ?? 0, shares);
    },
    machineShare: shares.machine,
    failShare: shares.busy + shares.congestion + shares.unallocated,
    failures: shares,
    ringToAnswer: distributionOf('answer', lengths.answer),
    ringToMachine: distributionOf('machine', lengths.machine),
    ringToNothing: distributionOf('silence', lengths.silence),
    ringToFailure: distributionOf('failure', lengths.failure),
    talk: () => talk,
    wrapup: lengths.wrapup.mean > 0 ? distributionOf('wrapup', lengths.wrapup) : undefined,
    graceMs: settings.answerGraceMs,
    lines: scenario.lines ?? undefined,
    callsPerSecond: scenario.callsPerSecond ?? undefined,
    present: scenario.present ?? undefined,
  };
}

/** Mean calls that a lead still needs until it is done or exhausted, by calls made to it before. */
export function callsNeeded({ answer, shares }: Scenario, list: LeadList): number[] {
  const needed: number[] = [];
  for (let made = 0; made < list.maxAttempts; made++) {
    let calls = 0;
    for (let n = 0; n < VIRTUAL_LEADS; n++) {
      let lead: PlayedLead | null = { segment: 0, attempts: made, tries: null };
      for (let k = 0; lead; k++) {
        calls++;
        const p: number = Math.min(
          1,
          answer.base * (answer.byAttempt[Math.min(lead.attempts, answer.byAttempt.length - 1)] ?? 1),
        );
        lead = afterCall(list, lead, drawn(p, shares, uniform(made + 1, 20 + k, n)));
      }
    }
    needed.push(calls / VIRTUAL_LEADS);
  }
  return needed;
}

function drawn(p: number, shares: Scenario['shares'], u: number): PlayedOutcome {
  let left = u;
  const parts: [PlayedOutcome, number][] = [
    ['answered', p],
    ['machine', shares.machine],
    ['busy', shares.busy],
    ['congestion', shares.congestion],
    ['unallocated', shares.unallocated],
  ];
  for (const [outcome, share] of parts) {
    if (left < share) return outcome;
    left -= share;
  }
  return 'no-answer';
}
