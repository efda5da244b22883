import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  staffingChoices,
  type Band,
  type Forecast,
  type ForecastInput,
  type PacingMode,
} from '../../dialer/pacing/index.ts';
import { CommandError } from '../with-app.ts';

const modes: readonly string[] = ['progressive', 'power', 'predictive'];
/** More simulated agent-hours than this would keep the terminal waiting for minutes. */
const MOST_AGENT_HOURS = 60_000;

interface Options {
  agents: number;
  staffing?: number[];
  mode: string;
  ratio: number;
  hours: number;
  answer: number;
  machine: number;
  failed: number;
  talk: number;
  wrapup: number;
  ring: number;
  timeout: number;
  cap: number;
  window: number;
  grace: number;
  lines?: number;
  list?: number;
  runs: number;
  seed: number;
  json?: boolean;
}

export function register(program: Command): void {
  const pacing = program.command('pacing').description('how calls are paced');
  pacing
    .command('simulate')
    .description('plays days of a campaign through the pacing engine and shows what to expect')
    .option('--agents <n>', 'agents signed in', whole(1, 1000), 10)
    .option('--staffing <list>', 'head counts to compare, for example 8,10,12', heads)
    .option('--mode <mode>', modes.join(', '), 'predictive')
    .option('--ratio <n>', 'lines for each free agent (mode power)', positive, 2)
    .option('--hours <n>', 'hours of dialling a day', positive, 8)
    .addOption(
      new Option('--answer <percent>', 'calls that a person answers').argParser(percent).default(0.25, '25'),
    )
    .addOption(
      new Option('--machine <percent>', 'calls that a machine answers').argParser(percent).default(0.1, '10'),
    )
    .addOption(
      new Option('--failed <percent>', 'calls that fail at once').argParser(percent).default(0.05, '5'),
    )
    .option('--talk <seconds>', 'mean talk', positive, 150)
    .option('--wrapup <seconds>', 'mean wrap-up', zeroOrMore, 20)
    .option('--ring <seconds>', 'mean ring until an answer', positive, 11)
    .option('--timeout <seconds>', 'ring until a line is given up', positive, 25)
    .addOption(
      new Option('--cap <percent>', 'most live answers that may be abandoned')
        .argParser(percent)
        .default(0.03, '3'),
    )
    .option('--window <days>', 'days over which the cap holds', positive, 1)
    .option('--grace <seconds>', 'an answer meets an agent within', zeroOrMore, 2)
    .option('--lines <n>', 'lines there are', whole(1, 100_000))
    .option('--list <calls>', 'calls the list has in it: leads times attempts', whole(1, 1e9))
    .option('--runs <n>', 'days to play', whole(1, 500), 12)
    .option('--seed <n>', 'start of the random numbers', whole(0, 1e9), 1)
    .option('--json', 'print JSON')
    .action(simulate);
}

function simulate(options: Options): void {
  if (!modes.includes(options.mode))
    throw new CommandError(`--mode is one of ${modes.join(', ')}, not ${options.mode}`);
  if (options.answer + options.machine + options.failed > 1)
    throw new CommandError('--answer, --machine and --failed together are more than 100 %');
  if (options.hours > 24) throw new CommandError('--hours is at most 24');
  const counts = options.staffing ?? [options.agents];
  const agentHours = counts.reduce((sum, n) => sum + n, 0) * options.hours * options.runs;
  if (agentHours > MOST_AGENT_HOURS)
    throw new CommandError(
      `that is ${Math.round(agentHours)} agent-hours to play, more than ${MOST_AGENT_HOURS}: take fewer --runs`,
    );
  const input: ForecastInput = {
    agents: options.agents,
    mode: options.mode as PacingMode,
    powerRatio: options.ratio,
    hours: options.hours,
    answerProbability: options.answer,
    machineShare: options.machine,
    failShare: options.failed,
    talkSeconds: options.talk,
    wrapupSeconds: options.wrapup,
    ringSeconds: options.ring,
    ringTimeoutSeconds: options.timeout,
    abandonCap: options.cap,
    abandonWindowMs: options.window * 86_400_000,
    answerGraceMs: options.grace * 1000,
    lines: options.lines,
    callsInList: options.list,
    runs: options.runs,
    seed: options.seed,
  };
  const forecasts = staffingChoices(input, counts);
  process.stdout.write(options.json ? `${JSON.stringify(forecasts, null, 2)}\n` : table(forecasts, options));
}

function table(forecasts: readonly Forecast[], options: Options): string {
  const percentOf = (band: Band): string => show(band, (x) => `${(100 * x).toFixed(1)}`, ' %');
  const count = (band: Band): string => show(band, (x) => Math.round(x).toString());
  const rows = forecasts.map((one) => [
    String(one.agents),
    percentOf(one.utilization),
    percentOf(one.abandonShare),
    count(one.calls),
    count(one.answers),
    show(one.waitSeconds, (x) => x.toFixed(0), ' s'),
    ...(one.listDays ? [show(one.listDays, (x) => x.toFixed(1))] : []),
  ]);
  const heading = ['agents', 'agents busy', 'abandoned', 'calls', 'answers', 'wait for a call'];
  if (forecasts.some((one) => one.listDays)) heading.push('days of list');
  const widths = heading.map((text, column) =>
    Math.max(text.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('   ')
      .trimEnd();
  return [
    `${options.mode}, ${options.runs} days of ${options.hours} h: the middle day, and in brackets what nine in ten lie between`,
    '',
    line(heading),
    ...rows.map(line),
    '',
  ].join('\n');
}

const show = (band: Band, text: (value: number) => string, unit = ''): string =>
  `${text(band.middle)}${unit} (${text(band.low)}–${text(band.high)})`;

function number(value: string): number {
  const parsed = Number(value.replace(/%$/, ''));
  if (!Number.isFinite(parsed)) throw new InvalidArgumentError('It must be a number.');
  return parsed;
}

function positive(value: string): number {
  const parsed = number(value);
  if (parsed <= 0) throw new InvalidArgumentError('It must be above 0.');
  return parsed;
}

function zeroOrMore(value: string): number {
  const parsed = number(value);
  if (parsed < 0) throw new InvalidArgumentError('It must not be below 0.');
  return parsed;
}

function percent(value: string): number {
  const parsed = number(value);
  if (parsed < 0 || parsed > 100) throw new InvalidArgumentError('It must be from 0 to 100.');
  return parsed / 100;
}

const whole =
  (least: number, most: number) =>
  (value: string): number => {
    const parsed = number(value);
    if (!Number.isInteger(parsed) || parsed < least || parsed > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return parsed;
  };

function heads(value: string): number[] {
  return value.split(',').map(whole(1, 1000));
}
