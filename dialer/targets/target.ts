import { z } from 'zod';
import { parseDay } from '../../core/time/local-day.ts';

export const measures = ['calls', 'contacts', 'sales', 'talkShare', 'wrapupSeconds'] as const;
export type Measure = (typeof measures)[number];

/** What an agent is to attain in a day; null: no target. */
export type Targets = Readonly<Record<Measure, number | null>>;

export interface TargetSet extends Targets {
  readonly id: number;
  readonly campaignId: number;
  /** A calendar date; empty: every day that has none of its own. */
  readonly day: string;
}

/** What an agent has done in a day: on one campaign, and for the talk share on all. */
export interface AgentDay {
  readonly calls: number;
  /** Talks with the right party, by disposition. */
  readonly contacts: number;
  readonly sales: number;
  readonly wrapupMs: number;
  /** Talk and hold of the whole day. */
  readonly talkMs: number;
  /** Signed in and not paused, the whole day. */
  readonly workMs: number;
}

export interface Attained {
  readonly measure: Measure;
  readonly target: number;
  /** In the target's unit; null while there is nothing to measure. */
  readonly value: number | null;
  /** Of the target, 0 to 1. */
  readonly share: number;
  /** `over`: of what is to stay below its target. */
  readonly state: 'reached' | 'open' | 'over';
}

/** Each target that is set, with what has come of it. */
export function attained(targets: Targets, day: AgentDay): Attained[] {
  return measures.flatMap((measure) => {
    const target = targets[measure];
    if (target === null) return [];
    const value = valueOf(measure, day);
    const share = Math.min(1, (value ?? 0) / target);
    return { measure, target, value, share, state: stateOf(measure, value, target) };
  });
}

function valueOf(measure: Measure, day: AgentDay): number | null {
  if (measure === 'talkShare') return day.workMs > 0 ? Math.round((100 * day.talkMs) / day.workMs) : null;
  if (measure === 'wrapupSeconds') return day.calls > 0 ? Math.round(day.wrapupMs / day.calls / 1000) : null;
  return day[measure];
}

function stateOf(measure: Measure, value: number | null, target: number): Attained['state'] {
  if (value === null) return 'open';
  if (measure === 'wrapupSeconds') return value <= target ? 'reached' : 'over';
  return value >= target ? 'reached' : 'open';
}

const upTo = (most: number) =>
  z.union([z.literal('').transform(() => null), z.coerce.number().int().min(1).max(most)]).default(null);

/** As the form sends it: what is empty is no target. */
export const targetFormSchema = z
  .object({
    campaignId: z.coerce.number().int().positive(),
    day: z.string().trim().max(10).refine(isDay, 'targets:errors.day').default(''),
    calls: upTo(10_000),
    contacts: upTo(10_000),
    sales: upTo(10_000),
    talkShare: upTo(100),
    wrapupSeconds: upTo(3_600),
  })
  .refine((form) => measures.some((measure) => form[measure] !== null), {
    path: ['calls'],
    error: 'targets:errors.none',
  });

export type TargetForm = z.output<typeof targetFormSchema>;

function isDay(text: string): boolean {
  if (text === '') return true;
  try {
    parseDay(text);
    return true;
  } catch {
    return false;
  }
}
