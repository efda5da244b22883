import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { createListStore, defaultCampaign } from '../../campaigns/index.ts';
import type { LeadList } from '../../dialer/pacing/index.ts';
import {
  asTyped,
  createPreparation,
  dayStart,
  forecastModes,
  runForecast,
  startOf,
  taskOf,
  typical,
  type ForecastFigures,
  type Starting,
} from '../../reports/forecast/index.ts';
import { forecastTable } from '../forecast-table.ts';
import { CommandError, withApp } from '../with-app.ts';

/** More simulated agent-hours than this would keep the terminal waiting for minutes. */
const MOST_AGENT_HOURS = 60_000;

interface Options {
  campaign?: number;
  list?: number;
  agents?: number;
  staffing?: number[];
  mode?: string;
  ratio?: number;
  from?: string;
  hours?: number;
  answer?: number;
  machine?: number;
  failed?: number;
  talk?: number;
  wrapup?: number;
  ring?: number;
  cap?: number;
  maxLines?: number;
  lines?: number;
  cps?: number;
  leads?: number;
  days?: number;
  runs?: number;
  seed: number;
  json?: boolean;
}

export function register(program: Command): void {
  const pacing = program.command('pacing').description('how calls are paced');
  pacing
    .command('simulate')
    .description(
      'plays a day through the pacing engine many times and shows what to expect; figures that are not typed come from the ' +
        'campaign, from past calls, or are typical ones',
    )
    .option('--campaign <id>', 'the leads, rules and past calls of this campaign', whole(1, 1e9))
    .option('--list <id>', 'the make-up of this list; with --campaign under its rules', whole(1, 1e9))
    .option('--agents <n>', 'agents signed in', whole(1, 500))
    .option('--staffing <list>', 'head counts to compare, for example 8,10,12', heads)
    .option('--mode <mode>', forecastModes.join(', '))
    .option('--ratio <n>', 'lines for each free agent (mode power)', above(0))
    .option('--from <time>', 'when dialling begins, for example 09:00')
    .option('--hours <n>', 'hours of dialling', above(0))
    .option('--answer <percent>', 'calls that a person answers', percent)
    .option('--machine <percent>', 'calls that a machine answers', percent)
    .option('--failed <percent>', 'calls that fail at once', percent)
    .option('--talk <seconds>', 'mean talk', above(0))
    .option('--wrapup <seconds>', 'mean wrap-up', zeroOrMore)
    .option('--ring <seconds>', 'mean ring until an answer', above(0))
    .option('--cap <percent>', 'most live answers that may be abandoned', percent)
    .option('--max-lines <n>', 'most lines for each agent', whole(1, 20))
    .option('--lines <n>', 'lines there are', whole(1, 100_000))
    .option('--cps <n>', 'calls launched in a second', above(0))
    .option('--leads <n>', 'leads in the list, where no list is named', whole(1, 1e9))
    .option('--days <n>', 'the list is to be done within so many days', above(0))
    .option('--runs <n>', 'days to play (as many as fit into some seconds)', whole(1, 500))
    .option('--seed <n>', 'start of the random numbers', whole(0, 1e9), 1)
    .option('--json', 'print JSON')
    .action(simulate);
}

async function simulate(options: Options, command: Command): Promise<void> {
  if (options.mode !== undefined && !forecastModes.some((mode) => mode === options.mode))
    throw new CommandError(`--mode is one of ${forecastModes.join(', ')}, not ${options.mode}`);
  if (options.from !== undefined && !/^([01]\d|2[0-3]):[0-5]\d$/.test(options.from))
    throw new CommandError(`--from is a time of day like 09:00, not ${options.from}`);
  if ((options.hours ?? 0) > 24) throw new CommandError('--hours is at most 24');
  if (options.leads !== undefined && (options.campaign ?? options.list) !== undefined)
    throw new CommandError('--leads is for a list that does not exist yet; leave --campaign and --list out');
  const needsData = options.campaign !== undefined || options.list !== undefined;
  const ground = needsData ? await withApp(command, (app) => groundOf(app, options)) : typedGround(options);
  const { figures, starting, rules, list, start, makeUp } = ground;
  const counts = options.staffing ?? [];
  const task = taskOf(
    { present: figures, typed: figures, runs: options.runs, heads: options.staffing, seed: options.seed },
    starting,
    rules,
    list,
    start,
  );
  const agentHours =
    ((figures.agents * task.runs + counts.reduce((sum, n) => sum + n, 0) * task.staffingRuns) *
      task.present.seconds) /
    3600;
  if (agentHours > MOST_AGENT_HOURS)
    throw new CommandError(
      `that is ${Math.round(agentHours)} agent-hours to play, more than ${MOST_AGENT_HOURS}: take fewer --runs`,
    );
  const result = await runForecast(task, { progress: showProgress });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ figures, learned: starting.learned.from, makeUp, ...result }, null, 2)}\n`
      : forecastTable({ figures, starting, makeUp, result, seconds: task.present.seconds }),
  );
}

function showProgress(share: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.round(100 * share)} %   Ctrl-C stops`);
}

type Preparation = Parameters<Parameters<typeof withApp>[1]>[0];

async function groundOf(app: Preparation, options: Options) {
  const preparation = createPreparation(app);
  const campaign = options.campaign === undefined ? null : await preparation.campaigns.get(options.campaign);
  if (options.campaign !== undefined && !campaign)
    throw new CommandError(`there is no campaign ${options.campaign}`);
  const list = options.list === undefined ? null : await createListStore(app).get(options.list);
  if (options.list !== undefined && !list) throw new CommandError(`there is no list ${options.list}`);
  const rules = campaign ?? { ...defaultCampaign };
  const starting = campaign
    ? await preparation.starting(campaign)
    : { ...typedGround(options).starting, learned: typical(rules.ringTimeoutMs) };
  const figures = withOptions(starting.figures, options);
  const sample =
    list && !campaign
      ? await preparation.samples.ofList(list.id, list.size)
      : await preparation.samples.ofCampaign(campaign!.id, list?.id);
  const now = app.clock.now();
  const start = startOf(dayStart(rules, now), rules.zone, figures.from);
  const makeUp =
    sample.rows.length > 0 ? await preparation.makeUp(sample, { start, seconds: 86_400 }, campaign) : null;
  return {
    figures,
    starting: { ...starting, present: null },
    rules,
    list: makeUp?.list ?? null,
    start,
    makeUp,
  };
}

function typedGround(options: Options) {
  const learned = typical(defaultCampaign.ringTimeoutMs);
  const { answer, shares, lengths } = learned;
  const figures: ForecastFigures = {
    mode: 'predictive',
    powerRatio: 2,
    abandonCap: 0.03,
    maxLinesPerAgent: 10,
    agents: 10,
    agentsByHour: {},
    from: '09:00',
    until: '17:00',
    answer: answer.base,
    machine: shares.machine,
    failed: 0.05,
    talkSeconds: lengths.talk.mean,
    wrapupSeconds: lengths.wrapup.mean,
    ringSeconds: lengths.answer.mean,
    lines: null,
    callsPerSecond: null,
    goalDays: null,
  };
  const starting: Starting = {
    learned,
    figures,
    running: false,
    present: null,
    account: { answers: 0, abandoned: 0 },
  };
  const segment = {
    openings: [[0, 86_400]] as const,
    localMinutes: 540,
    due: [options.leads ?? 0],
    later: [],
  };
  const list: Pick<LeadList, 'segments'> | null =
    options.leads === undefined ? null : { segments: [segment] };
  return {
    figures: withOptions(figures, options),
    starting,
    // A day's cap, which is the strictest promise.
    rules: { ...defaultCampaign, abandonWindowMs: 86_400_000 },
    list,
    start: Date.UTC(2026, 0, 5, 9),
    makeUp: null,
  };
}

function withOptions(figures: ForecastFigures, options: Options): ForecastFigures {
  const from = options.from ?? figures.from;
  const merged: ForecastFigures = {
    ...figures,
    from,
    until: options.hours === undefined ? figures.until : after(from, options.hours),
    mode: forecastModes.find((mode) => mode === options.mode) ?? figures.mode,
    powerRatio: options.ratio ?? figures.powerRatio,
    abandonCap: options.cap ?? figures.abandonCap,
    maxLinesPerAgent: options.maxLines ?? figures.maxLinesPerAgent,
    agents: options.agents ?? figures.agents,
    answer: options.answer ?? figures.answer,
    machine: options.machine ?? figures.machine,
    failed: options.failed ?? figures.failed,
    talkSeconds: options.talk ?? figures.talkSeconds,
    wrapupSeconds: options.wrapup ?? figures.wrapupSeconds,
    ringSeconds: options.ring ?? figures.ringSeconds,
    lines: options.lines ?? figures.lines,
    callsPerSecond: options.cps ?? figures.callsPerSecond,
    goalDays: options.days ?? null,
  };
  if (merged.answer + merged.machine + merged.failed > 1)
    throw new CommandError('--answer, --machine and --failed together are more than 100 %');
  if (merged.answer < 0.005) throw new CommandError('--answer is at least 0.5');
  try {
    return asTyped(merged);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const names = error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new CommandError(`out of bounds: ${names}`);
  }
}

function after(from: string, hours: number): string {
  const [hour = 0, minute = 0] = from.split(':').map(Number);
  const end = Math.round(hour * 60 + minute + hours * 60) % 1440;
  return `${String(Math.floor(end / 60)).padStart(2, '0')}:${String(end % 60).padStart(2, '0')}`;
}

function number(value: string): number {
  const parsed = Number(value.replace(/%$/, ''));
  if (!Number.isFinite(parsed)) throw new InvalidArgumentError('It must be a number.');
  return parsed;
}

function above(least: number): (value: string) => number {
  return (value) => {
    const parsed = number(value);
    if (parsed <= least) throw new InvalidArgumentError(`It must be above ${least}.`);
    return parsed;
  };
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

function whole(least: number, most: number): (value: string) => number {
  return (value) => {
    const parsed = number(value);
    if (!Number.isInteger(parsed) || parsed < least || parsed > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return parsed;
  };
}

function heads(value: string): number[] {
  return value.split(',').map(whole(1, 500));
}
