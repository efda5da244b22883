import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPacer } from '../../dialer/pacing/index.ts';
import { runDay } from '../../dialer/pacing/simulation/day.ts';
import { bestSetting, engineSettings, peersOnDefaults, peersTuned, type Contestant } from './contest.ts';
import { CAP, playDays, scoreOf } from './days.ts';
import { solveOptimum, type Optimum } from './optimum.ts';
import { Parts, type Work } from './parts.ts';
import { writeReport, type ChangingResult, type DayTrace, type Results } from './report.ts';
import { decisionSpeed } from './speed.ts';
import { book, callsADay, playCase, prizeOf, published, type Case, type Prize } from './textbook.ts';
import { changing, EIGHT_HOURS } from './traffic.ts';

interface Effort {
  /** Days wanted: of each textbook case, of those whose promise is proved, of each dialer on changing traffic. */
  days: number;
  hardDays: number;
  changingDays: number;
  agents: number[];
  handles: number[];
  quick: boolean;
}

const full: Effort = {
  days: 210,
  hardDays: 1000,
  changingDays: 200,
  agents: [5, 10, 20, 50, 100],
  handles: [60, 180],
  quick: false,
};
const quick: Effort = {
  ...full,
  days: 8,
  hardDays: 20,
  changingDays: 3,
  agents: [5, 20],
  handles: [180],
  quick: true,
};

/** Cases with at most so many calls a day are played for a thousand days: the promise is hardest to keep for small teams. */
const HARD_CALLS = 8_000;
/** Calls played between two looks at the clock, and in one window of several days. */
const STEP_CALLS = 30_000;
const WINDOW_CALLS = 400_000;

const say = (line: string): void => console.log(line);

/**
 * `npm run bench -- pacing [--quick] [--keep FOLDER] [--minutes N] [--only PREFIX,…]` writes docs/PACING.md and its charts. With
 * a folder, what has been played is kept there and not played again: a run of N minutes plays on where the last one stopped,
 * and reports what there is. Several processes share the work by `--only`, which plays and writes nothing else.
 */
export async function run(options: readonly string[]): Promise<void> {
  const valueOf = (name: string): string | null =>
    options.includes(name) ? (options[options.indexOf(name) + 1] ?? null) : null;
  const effort = options.includes('--quick') ? quick : full;
  const only = valueOf('--only')?.split(',') ?? null;
  const minutes = Number(valueOf('--minutes') ?? Number.POSITIVE_INFINITY);
  const until = performance.now() + minutes * 60_000;
  const parts = new Parts(valueOf('--keep'));
  const plays = [...textbookPlays(effort, parts), ...changingPlays(effort, parts)];
  const works = plays
    .map(({ work }) => work)
    .filter(({ name }) => !only || only.some((prefix) => name.startsWith(prefix)));
  if (works.length > 0) parts.grow(works, () => performance.now() > until, say);
  if (only !== null) return say('played; the report is written by a run without --only');
  const results: Results = {
    command: `npm run bench -- pacing ${effort.quick ? '--quick' : ''}`.trim(),
    checks: parts.of('checks', () => checkSolver(effort)),
    speed: parts.of('speed', () => decisionSpeed(effort.quick ? 4000 : 40_000)),
    trace: parts.of('trace', () => traceDay()),
    day: [],
    month: [],
    changing: [],
    unplayed: plays.flatMap(({ work: { name } }) => (parts.days(name).length === 0 ? [name] : [])),
  };
  for (const { report } of plays) report(results);
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  writeReport(root, results);
  say('written: docs/PACING.md, docs/pacing/*.svg');
}

/** Something to play, and how its days come into the report. */
interface Play {
  work: Work;
  report(results: Results): void;
}

function checkSolver(effort: Effort): Results['checks'] {
  const rows = effort.quick ? published.filter(([agents]) => agents <= 20) : published;
  return rows.map(([agents, handle, p, cap, utilization]) => {
    const solved = solveOptimum(book(agents, handle, p, cap)).utilization;
    say(`optimum ${agents} agents ${handle} s p ${p} cap ${cap}: ${solved.toFixed(4)} (${utilization})`);
    return { agents, handle, p, cap, published: utilization, solved };
  });
}

function textbookPlays(effort: Effort, parts: Parts): Play[] {
  const cases: Case[] = effort.handles.flatMap((handle) =>
    effort.agents.flatMap((agents) => [0.1, 0.25, 0.5].map((p) => ({ agents, handle, p }))),
  );
  return cases.flatMap((one) => {
    const calls = callsADay(one);
    const id = `${one.agents}-${one.handle}-${one.p}`;
    const optimum = (): Optimum =>
      parts.of(`optimum-${id}`, () => solveOptimum(book(one.agents, one.handle, one.p)));
    const playOf = (cap: 'day' | 'month', windowDays: number, target: number, step: number): Play => {
      const name = `${cap}-${id}`;
      const list = (results: Results): Prize[] => results[cap];
      return {
        work: {
          name,
          target,
          step,
          cost: 1.5 * calls + EIGHT_HOURS / 5,
          play: (first, count) => playCase(one, optimum(), windowDays, first, count),
        },
        report: (results) => {
          const days = parts.days(name);
          if (days.length > 0) list(results).push(prizeOf(one, optimum(), windowDays, days));
        },
      };
    };
    const window = Math.min(30, effort.days, Math.max(3, Math.floor(WINDOW_CALLS / calls)));
    const step = Math.max(1, Math.min(20, Math.floor(STEP_CALLS / calls)));
    return [
      playOf('day', 1, calls <= HARD_CALLS ? effort.hardDays : effort.days, step),
      playOf('month', window, effort.days, window),
    ];
  });
}

const CHANGING_STEP = 5;

function changingPlays(effort: Effort, parts: Parts): Play[] {
  const engine: Contestant = {
    name: 'Ringwise',
    makers: [{ setting: '', make: () => createPacer(engineSettings()) }],
  };
  return changing().flatMap(({ name, about, traffic }) =>
    [engine, ...peersOnDefaults(), ...peersTuned(effort.quick)].map((contestant): Play => {
      const id = `changing-${name}-${contestant.name}`;
      const maker = () =>
        contestant.makers[parts.of(`setting-${id}`, () => bestSetting(traffic, contestant))]!;
      return {
        work: {
          name: id,
          target: effort.changingDays,
          step: Math.min(CHANGING_STEP, effort.changingDays),
          cost: 2 * EIGHT_HOURS,
          play: (first, count) => playDays(traffic, maker().make, { first, count }),
        },
        report: ({ changing: results }) => {
          const days = parts.days(id);
          if (days.length === 0) return;
          let result: ChangingResult | undefined = results.find((one) => one.name === name);
          if (!result) results.push((result = { name, about, rows: [] }));
          result.rows.push({ name: contestant.name, setting: maker().setting, score: scoreOf(days) });
        },
      };
    }),
  );
}

/** One changing day, as the dashboard would show it. */
function traceDay(): DayTrace {
  const traffic = changing().at(-1)!.traffic;
  const spent: [number, number][] = [];
  const granted: [number, number][] = [];
  const expected: [number, number][] = [];
  const came: [number, number][] = [];
  let answers = 0;
  let promised = 0;
  const bucket = { expected: 0, samples: 0 };
  runDay(traffic, createPacer(engineSettings()), {
    seed: 4,
    probe: {
      every: 12,
      sample(t, _floor, { facts }) {
        bucket.expected += facts.expectedAnswers;
        bucket.samples++;
        if (bucket.samples < 50) return;
        const hours = t / 3600;
        spent.push([hours, facts.abandoned]);
        granted.push([hours, CAP * facts.answers]);
        expected.push([hours, (bucket.expected / bucket.samples) * 50]);
        came.push([hours, facts.answers - answers]);
        promised += bucket.expected;
        answers = facts.answers;
        bucket.expected = bucket.samples = 0;
      },
    },
  });
  // The lines ringing at one moment bring their answers over one ring time: scaled to ten minutes by their own total.
  const scale = promised > 0 ? answers / promised : 1;
  return {
    spent: [
      { name: 'abandoned', points: spent },
      { name: 'granted by the cap', points: granted },
    ],
    forecast: [
      { name: 'expected', points: expected.map(([hours, value]) => [hours, value * scale]) },
      { name: 'came true', points: came },
    ],
  };
}
