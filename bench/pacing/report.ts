import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAP, type Score } from './days.ts';
import { bars, lines, type Line } from './plot.ts';
import type { Speed } from './speed.ts';
import { caseName, type Prize } from './textbook.ts';
import { opening, closing } from './report-text.ts';

export interface SolverCheck {
  agents: number;
  handle: number;
  p: number;
  cap: number;
  published: number;
  solved: number;
}

export interface ChangingResult {
  name: string;
  about: string;
  rows: { name: string; setting: string; score: Score }[];
}

export interface DayTrace {
  spent: Line[];
  forecast: Line[];
}

export interface Results {
  command: string;
  checks: SolverCheck[];
  month: Prize[];
  day: Prize[];
  changing: ChangingResult[];
  /** What the bench has not come to yet. */
  unplayed: string[];
  speed: Speed;
  trace: DayTrace;
}

const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Fewer days than this say nothing about their spread. */
const FEW_DAYS = 3;

const verdict = ({ prize, error, score }: Prize, target: number): string =>
  score.days < FEW_DAYS
    ? 'too few days'
    : prize >= target
      ? 'met'
      : prize + 2 * error >= target
        ? 'within error'
        : 'missed';

const figuresOf = (row: Prize): string[] => [
  row.progressive.toFixed(3),
  row.optimum.toFixed(4),
  (row.progressive + row.prize * (row.optimum - row.progressive)).toFixed(4),
  row.score.days < FEW_DAYS ? row.prize.toFixed(3) : `${row.prize.toFixed(3)} ± ${row.error.toFixed(3)}`,
  percent(row.score.abandonShare),
];
const figureNames = ['progressive', 'optimum', 'engine', 'prize won', 'abandoned'];

const months = (rows: readonly Prize[]): string =>
  table(
    ['case', 'days', 'window', ...figureNames, 'windows over', 'target'],
    rows.map((row) => [
      caseName(row),
      String(row.score.days),
      `${row.windowDays} days`,
      ...figuresOf(row),
      `${row.score.windowsOver} of ${row.score.windows}`,
      verdict(row, MONTH_TARGET),
    ]),
  );

const days = (rows: readonly Prize[]): string =>
  table(
    ['case', 'days', ...figureNames, 'days over', 'ever over', 'target'],
    rows.map((row) => [
      caseName(row),
      String(row.score.days),
      ...figuresOf(row),
      String(row.score.daysOver),
      String(row.score.daysEverOver),
      verdict(row, DAY_TARGET),
    ]),
  );

const MONTH_TARGET = 0.97;
const DAY_TARGET = 0.9;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function changingTable(result: ChangingResult): string {
  return table(
    ['dialer', 'busy', 'abandoned', 'days over the cap', 'ever over', 'setting'],
    result.rows.map(({ name, setting, score }) => [
      name === 'Ringwise' ? '**Ringwise**' : name,
      `${score.utilization.toFixed(4)} ± ${score.error.toFixed(4)}`,
      percent(score.abandonShare),
      `${score.daysOver} of ${score.days}`,
      String(score.daysEverOver),
      setting,
    ]),
  );
}

/** Writes `docs/PACING.md` and its charts. */
export function writeReport(root: string, results: Results): void {
  const charts = join(root, 'docs', 'pacing');
  mkdirSync(charts, { recursive: true });
  const chart = (name: string, svg: string): string => {
    writeFileSync(join(charts, `${name}.svg`), svg);
    return `![${name}](pacing/${name}.svg)`;
  };
  const prizeBars = (rows: readonly Prize[]) =>
    rows.map((row) => ({ name: caseName(row), value: row.prize, note: percent(row.score.abandonShare) }));
  const missed = (rows: readonly Prize[], target: number): string => {
    const below = rows.filter((row) => row.prize < target);
    return below.length === 0
      ? `Every case is at or above ${target}.`
      : `${rows.length - below.length} of ${rows.length} cases reach ${target}; below it: ` +
          below.map((row) => `${caseName(row)} (${row.prize.toFixed(3)})`).join('; ') +
          '.';
  };
  const total = (rows: readonly Prize[], of: (score: Score) => number): number =>
    rows.reduce((sum, { score }) => sum + of(score), 0);
  const thousand = results.day.filter(({ score }) => score.days >= 1000);
  const text = [
    opening,
    `## The figures\n\nMade by \`${results.command}\`. A day has eight hours; ± is one standard error over days.`,
    '### The solver against the published table',
    table(
      ['agents', 'handle', 'p', 'cap', 'published', 'solved'],
      results.checks.map((row) => [
        String(row.agents),
        `${row.handle} s`,
        String(row.p),
        percent(row.cap, 0),
        row.published.toFixed(3),
        row.solved.toFixed(4),
      ]),
    ),
    `Largest difference: ${Math.max(...results.checks.map((row) => Math.abs(row.solved - row.published))).toFixed(4)}.`,
    '### Cap over a month, stationary traffic\n\nEach window starts without history and budget. Where a day has very many calls the windows are shorter than 30 days, so that their first morning weighs more.',
    months(results.month),
    `Mean prize won ${mean(results.month.map((row) => row.prize)).toFixed(3)}; windows over the cap: ${total(results.month, ({ windowsOver }) => windowsOver)} of ${total(results.month, ({ windows }) => windows)}. ${missed(results.month, MONTH_TARGET)}`,
    chart(
      'month',
      bars(
        'Share of the prize won, cap over the whole window',
        prizeBars(results.month),
        { from: 0.5, to: 1.02, marks: [{ at: 0.97, name: '0.97' }] },
        (value) => value.toFixed(3),
      ),
    ),
    '### Hard cap over each day, stationary traffic\n\nEach day starts without history. *Days over*: at their end, with at least a hundred answers; *ever over*: at any moment after the hundredth answer.',
    days(results.day),
    `Mean prize won ${mean(results.day.map((row) => row.prize)).toFixed(3)}. Of ${total(results.day, (score) => score.days)} days ${total(results.day, ({ daysOver }) => daysOver)} ended over the cap, and ${total(results.day, ({ daysEverOver }) => daysEverOver)} were over at some moment after their hundredth answer${thousand.length === 0 ? '' : `; played for a thousand days: ${thousand.map(caseName).join('; ')}`}. ${missed(results.day, DAY_TARGET)}`,
    chart(
      'day',
      bars(
        'Share of the prize won, every single day under the cap, no history in the morning',
        prizeBars(results.day),
        { from: 0.5, to: 1.02, marks: [{ at: 0.9, name: '0.90' }] },
        (value) => value.toFixed(3),
      ),
    ),
    '### Changing traffic',
    'Peers marked *tuned* have the best of a grid of settings for these very days, chosen in hindsight among those whose abandonment over all days together is under the cap; Ringwise has none to tune, and starts each day without history under a hard daily cap.',
    ...results.changing.flatMap((result) => [
      `#### ${result.name}\n\n${result.about}.`,
      changingTable(result),
      chart(
        `changing-${result.name.replace(/ /g, '-')}`,
        bars(
          `${result.name}: share of time that agents are busy`,
          result.rows.map(({ name, score }) => ({
            name,
            value: score.utilization,
            note: `(${percent(score.abandonShare)}, ${score.daysOver} days over)`,
            bad: score.abandonShare > CAP || score.daysOver > 0,
          })),
          { from: 0.3, to: 1 },
          (value) => value.toFixed(3),
        ),
      ),
    ]),
    '### One day of the last case',
    chart('budget', lines('Abandoned calls against what the cap has granted', results.trace.spent, 'calls')),
    chart(
      'forecast',
      lines(
        'Answers expected from the lines that ring, against what came true',
        results.trace.forecast,
        'answers',
      ),
    ),
    '### Speed',
    `500 agents, 1,500 lines ringing: a decision takes ${results.speed.medianMicros.toFixed(1)} µs on the clock in the median; of the processor's own time ${results.speed.processorMicros.toFixed(1)} µs on average and ${results.speed.processorP99Micros.toFixed(1)} µs at the 99th percentile of fifty decisions each. The heap grew by ${Math.max(0, results.speed.heapGrowthKb).toFixed(0)} kB over as many events as decisions were timed (the pacer itself keeps fixed tables and one entry for each agent and live call).`,
    ...(results.unplayed.length === 0
      ? []
      : [`### Not played yet\n\nThe bench was stopped before it came to: ${results.unplayed.join('; ')}.`]),
    closing,
  ].join('\n\n');
  writeFileSync(join(root, 'docs', 'PACING.md'), `${text}\n`);
}
