import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPacer } from '../../dialer/pacing/index.ts';
import { runDay } from '../../dialer/pacing/simulation/day.ts';
import { best, CAP, engineSettings, peersOnDefaults, peersTuned, play, type Score } from './contest.ts';
import { solveOptimum } from './optimum.ts';
import { Parts } from './parts.ts';
import { writeReport, type ChangingResult, type DayTrace, type Results } from './report.ts';
import { decisionSpeed } from './speed.ts';
import { book, prizeOf, published, type Prize } from './textbook.ts';
import { changing, stationary } from './traffic.ts';

interface Effort {
  /** Calls to simulate for each stationary case, and the most days. */
  calls: number;
  days: number;
  changingDays: number;
  tuningDays: number;
  hardDays: number;
  agents: number[];
  handles: number[];
  quick: boolean;
}

const full: Effort = {
  calls: Number.POSITIVE_INFINITY,
  days: 210,
  changingDays: 200,
  tuningDays: 8,
  hardDays: 1000,
  agents: [5, 10, 20, 50, 100],
  handles: [60, 180],
  quick: false,
};

/** Some hundred thousand calls a case: an hour instead of a night; standard errors say what that is worth. */
const short: Effort = {
  ...full,
  calls: 120_000,
  days: 60,
  changingDays: 20,
  tuningDays: 2,
};

const quick: Effort = {
  ...full,
  calls: 30_000,
  days: 8,
  changingDays: 3,
  tuningDays: 1,
  hardDays: 20,
  agents: [5, 20],
  handles: [180],
  quick: true,
};

const say = (line: string): void => console.log(line);

/**
 * `npm run bench -- pacing [--short | --quick] [--keep FOLDER] [--only PREFIX]`: writes docs/PACING.md and its charts. With
 * a folder, what has been played is kept there part by part and not played again, so that a night's run can be cut off, or
 * shared out over several processes by `--only`, which plays and writes nothing else.
 */
export async function run(options: readonly string[]): Promise<void> {
  const flag = options.find((option) => option === '--quick' || option === '--short') ?? '';
  const valueOf = (name: string): string | undefined => options[options.indexOf(name) + 1];
  const parts = new Parts(
    options.includes('--keep') ? valueOf('--keep')! : null,
    options.includes('--only') ? valueOf('--only')! : null,
  );
  const effort = flag === '--quick' ? quick : flag === '--short' ? short : full;
  const played = {
    command: `npm run bench -- pacing ${flag}`.trim(),
    checks: parts.of('checks', () => checkSolver(effort)),
    hard: playHard(effort, parts),
    day: playTextbook(effort, 'day', parts),
    month: playTextbook(effort, 'month', parts),
    changing: playChanging(effort, parts),
    speed: parts.of('speed', () => decisionSpeed(effort.quick ? 4000 : 40_000)),
    trace: parts.of('trace', () => traceDay()),
  };
  const { checks, speed, trace } = played;
  if (parts.isPartial || !checks || !speed || !trace)
    return say('played; the report is written by a run without --only');
  const results: Results = { ...played, checks, speed, trace };
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  writeReport(root, results);
  say('written: docs/PACING.md, docs/pacing/*.svg');
}

function checkSolver(effort: Effort): Results['checks'] {
  const rows = effort.quick ? published.filter(([agents]) => agents <= 20) : published;
  return rows.map(([agents, handle, p, cap, utilization]) => {
    const solved = solveOptimum(book(agents, handle, p, cap)).utilization;
    say(`optimum ${agents} agents ${handle} s p ${p} cap ${cap}: ${solved.toFixed(4)} (${utilization})`);
    return { agents, handle, p, cap, published: utilization, solved };
  });
}

function playTextbook(effort: Effort, cap: 'month' | 'day', parts: Parts): Prize[] {
  const rows: Prize[] = [];
  for (const handle of effort.handles)
    for (const agents of effort.agents)
      for (const p of [0.1, 0.25, 0.5]) {
        const callsADay = (agents * 0.9 * 28_800) / handle / p;
        const fits = Math.min(effort.days, Math.max(3, Math.floor(effort.calls / callsADay)));
        const windowDays = cap === 'day' ? 1 : Math.min(30, fits);
        const days = Math.max(windowDays, Math.floor(fits / windowDays) * windowDays);
        const row = parts.of(`${cap}-${agents}-${handle}-${p}`, () =>
          prizeOf(agents, handle, p, days, windowDays),
        );
        if (!row) continue;
        rows.push(row);
        say(
          `${cap}: ${agents} agents ${handle} s p ${p}, ${days} days: prize ${row.prize.toFixed(3)} ± ${row.error.toFixed(3)}, ` +
            `abandoned ${(100 * row.score.abandonShare).toFixed(2)} %, days over ${row.score.daysOver}`,
        );
      }
  return rows;
}

function playHard(effort: Effort, parts: Parts): Results['hard'] {
  const cases: [number, number, number][] = [
    [5, 180, 0.1],
    [5, 180, 0.25],
    [10, 180, 0.5],
  ];
  return cases.flatMap(([agents, handle, p]) => {
    const traffic = stationary(agents, handle, p);
    const settings = engineSettings({ answerGraceMs: 0 });
    const score = parts.of(`hard-${agents}-${handle}-${p}`, () =>
      play(traffic, () => createPacer(settings), effort.hardDays, { firstSeed: 10_001, tickMs: 2000 }),
    );
    if (!score) return [];
    say(`hard: ${agents} agents ${handle} s p ${p}: ${score.daysOver} of ${score.days} days over`);
    return [{ agents, handle, p, score }];
  });
}

function playChanging(effort: Effort, parts: Parts): ChangingResult[] {
  return changing().map(({ name, about, traffic }) => {
    const rows: ChangingResult['rows'] = [];
    const add = (dialer: string, make: () => Score): void => {
      const score = parts.of(`changing-${name}-${dialer}`, make);
      if (score) rows.push({ name: dialer, score });
    };
    add('Ringwise', () => play(traffic, () => createPacer(engineSettings()), effort.changingDays));
    for (const peer of [...peersOnDefaults(), ...peersTuned(effort.quick)])
      add(peer.name, () => best(traffic, peer, effort.changingDays, effort.tuningDays));
    for (const row of rows)
      say(
        `${name}: ${row.name} ${row.score.utilization.toFixed(4)} abandoned ${(100 * row.score.abandonShare).toFixed(2)} % ` +
          `days over ${row.score.daysOver} ${row.score.setting}`,
      );
    return { name, about, rows };
  });
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
