import { z } from 'zod';
import { formSchema } from '../../crm/index.ts';

export const forecastModes = ['progressive', 'power', 'predictive'] as const;

/**
 * The figures a forecast rests on, as people type them: shares are fractions, lengths seconds, times of day `HH:MM` in the
 * campaign's zone.
 */
export interface ForecastFigures {
  mode: (typeof forecastModes)[number];
  powerRatio: number;
  abandonCap: number;
  maxLinesPerAgent: number;
  /** Agents in hours without a figure of their own. */
  agents: number;
  /** Agents by hour of the campaign's day. */
  agentsByHour: Readonly<Record<string, number>>;
  from: string;
  until: string;
  answer: number;
  machine: number;
  /** Busy, congestion and dead numbers. */
  failed: number;
  talkSeconds: number;
  wrapupSeconds: number;
  ringSeconds: number;
  /** Null: as many as wanted. */
  lines: number | null;
  callsPerSecond: number | null;
  /** Days in which the list should be called through; null: no such wish. */
  goalDays: number | null;
}

const clock = z
  .string()
  .trim()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'reports:forecast.errors.time');
const share = z.coerce
  .number()
  .min(0)
  .max(100)
  .transform((value) => value / 100);
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' || value === undefined ? null : value), schema.nullable());
const seconds = (least: number, most: number) => z.coerce.number().min(least).max(most);

/** Hours of a day, as names of the form's fields. */
export const hourFields = Array.from({ length: 24 }, (_, hour) => `agents_${hour}`);

const base = z.object({
  mode: z.enum(forecastModes),
  powerRatio: z.coerce.number().min(1).max(10),
  abandonCap: z.coerce
    .number()
    .min(0.1)
    .max(20)
    .transform((value) => value / 100),
  maxLinesPerAgent: z.coerce.number().int().min(1).max(20),
  agents: z.coerce.number().int().min(1).max(500),
  from: clock,
  until: clock,
  answer: share,
  machine: share,
  failed: share,
  talkSeconds: seconds(1, 7200),
  wrapupSeconds: seconds(0, 3600),
  ringSeconds: seconds(1, 120),
  lines: optional(z.coerce.number().int().min(1).max(100_000)),
  callsPerSecond: optional(z.coerce.number().min(0.1).max(1000)),
  goalDays: optional(z.coerce.number().min(0.1).max(1000)),
});
const hours = Object.fromEntries(
  hourFields.map((name) => [name, optional(z.coerce.number().int().min(0).max(500))]),
);

/** The form of a forecast as it is posted. */
export const forecastForm: z.ZodType<ForecastFigures> = formSchema(
  base.extend(hours),
  (_input, parsed, context): ForecastFigures | null => {
    if (!parsed) return null;
    const form = parsed as z.output<typeof base> & Record<string, number | null>;
    if (form.answer + form.machine + form.failed > 1)
      context.addIssue({ code: 'custom', path: ['answer'], message: 'reports:forecast.errors.shares' });
    if (form.answer < 0.005)
      context.addIssue({ code: 'custom', path: ['answer'], message: 'reports:forecast.errors.noAnswers' });
    const agentsByHour: Record<string, number> = {};
    for (const [hour, name] of hourFields.entries()) {
      const agents = form[name];
      if (agents !== null && agents !== undefined) agentsByHour[hour] = agents;
    }
    const { mode, powerRatio, abandonCap, maxLinesPerAgent, agents, from, until } = form;
    const { answer, machine, failed, talkSeconds, wrapupSeconds, ringSeconds } = form;
    const { lines, callsPerSecond, goalDays } = form;
    return {
      ...{ mode, powerRatio, abandonCap, maxLinesPerAgent, agents, agentsByHour, from, until },
      ...{ answer, machine, failed, talkSeconds, wrapupSeconds, ringSeconds },
      ...{ lines, callsPerSecond, goalDays },
    };
  },
);

const tidy = (value: number, digits: number): number => Number(value.toFixed(digits));

/** What the form shows of them. */
export function forecastFormOf(figures: ForecastFigures): Record<string, unknown> {
  const form: Record<string, unknown> = {
    ...figures,
    agentsByHour: undefined,
    abandonCap: tidy(figures.abandonCap * 100, 2),
    answer: tidy(figures.answer * 100, 1),
    machine: tidy(figures.machine * 100, 1),
    failed: tidy(figures.failed * 100, 1),
    talkSeconds: tidy(figures.talkSeconds, 0),
    wrapupSeconds: tidy(figures.wrapupSeconds, 0),
    ringSeconds: tidy(figures.ringSeconds, 1),
    lines: figures.lines ?? '',
    callsPerSecond: figures.callsPerSecond ?? '',
    goalDays: figures.goalDays ?? '',
  };
  for (const [hour, name] of hourFields.entries()) form[name] = figures.agentsByHour[hour] ?? '';
  return form;
}

/** The same as they come back from the form, so that figures nobody touched count as unchanged. */
export function asTyped(figures: ForecastFigures): ForecastFigures {
  return forecastForm.parse(forecastFormOf(figures));
}

/** Names of the figures in which `typed` differs from `present`. */
export function changesIn(present: ForecastFigures, typed: ForecastFigures): (keyof ForecastFigures)[] {
  const ignored: (keyof ForecastFigures)[] = ['goalDays'];
  if (typed.mode !== 'power') ignored.push('powerRatio');
  return (Object.keys(present) as (keyof ForecastFigures)[]).filter(
    (key) => !ignored.includes(key) && JSON.stringify(present[key]) !== JSON.stringify(typed[key]),
  );
}

/** Minutes since midnight of `HH:MM`. */
export function minutesOf(clockTime: string): number {
  const [hours = 0, minutes = 0] = clockTime.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Seconds from one time of day to another; the same time is a whole day. */
export function secondsBetween(from: string, until: string): number {
  const minutes = (minutesOf(until) - minutesOf(from) + 1440) % 1440;
  return (minutes === 0 ? 1440 : minutes) * 60;
}
