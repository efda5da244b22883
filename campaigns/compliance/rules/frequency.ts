import { dayMs, localDay, pieceAt, weekday, type DayNumber } from '../../../core/time/local-day.ts';
import type { ZoneRules } from '../../../core/time/zone-rules.ts';
import type { BlockReason } from '../reason.ts';
import { mayAbandon, type Facts } from './facts.ts';
import type { FrequencyRule } from './rule-set.ts';

const hourMs = 3_600_000;
const regFMax = 7;
const regFDays = 7;

/** One cap as it bears on one call. `passes` and `next` look at the same instant scale: epoch ms. */
export interface Cap {
  readonly reason: BlockReason;
  passes(at: number): boolean;
  /** First instant at or after `from` that passes; Infinity when none does. */
  next(from: number, limit: number): number;
}

/** Caps that bear on this call in this zone; a rule whose facts are absent gives none. */
export function capsOf(rule: FrequencyRule, facts: Facts, zone: ZoneRules): Cap | null {
  const attempts = facts.attempts ?? [];
  switch (rule.type) {
    case 'rolling': {
      const counted = /number/.test(rule.key ?? '') ? (facts.numberAttempts ?? attempts) : attempts;
      return rollingCap(counted, rule.max, Math.round(rule.hours * hourMs));
    }
    case 'rolling_days': {
      const reason = rule.days === 30 ? 'FREQ_CAP_30D' : 'FREQ_CAP_DAYS';
      return dayCap(reason, zone, attempts, rule.max, (then, today) => then + rule.days > today);
    }
    case 'regf_7in7':
      return dayCap('FREQ_CAP_7IN7', zone, attempts, regFMax, (then, today) => then + regFDays > today);
    case 'calendar_day':
      return dayCap('FREQ_CAP_DAY', zone, attempts, rule.max, (then, today) => then === today);
    case 'calendar_week': {
      const weekOf = (day: DayNumber): number => day - ((weekday(day) - rule.week_start + 7) % 7);
      return dayCap(
        'FREQ_CAP_WEEK',
        zone,
        attempts,
        rule.max,
        (then, today) => weekOf(then) === weekOf(today),
      );
    }
    case 'regf_conversation':
      // The day of the conversation is the first of the seven.
      return sinceDayCap('CONVERSATION_COOLDOWN_7D', zone, facts.conversationAt, regFDays);
    case 'refusal_cooldown': {
      const reason = rule.days === 60 ? 'REFUSAL_COOLDOWN_60D' : 'REFUSAL_COOLDOWN';
      // Full calendar days after the day of the refusal (C. conso. D.223-9: "jours calendaires révolus").
      return sinceDayCap(reason, zone, facts.refusedAt, rule.days + 1);
    }
    case 'abandon_cooldown': {
      const reason = rule.hours === 72 ? 'ABANDON_RETRY_72H' : 'ABANDON_RETRY';
      // A retry with an agent at hand is lawful at once; only dialling that may abandon again has to wait.
      return facts.lastAbandonedAt !== undefined && mayAbandon(facts)
        ? fromInstant(reason, facts.lastAbandonedAt + Math.round(rule.hours * hourMs))
        : null;
    }
  }
}

/** For how long before a call a rule looks at what has been, in ms. */
export function lookBackOf(rule: FrequencyRule): number {
  switch (rule.type) {
    case 'rolling':
    case 'abandon_cooldown':
      return Math.round(rule.hours * hourMs);
    case 'rolling_days':
      return rule.days * dayMs;
    case 'refusal_cooldown':
      return (rule.days + 1) * dayMs;
    case 'calendar_day':
      return dayMs;
    default:
      return regFDays * dayMs;
  }
}

function fromInstant(reason: BlockReason, opens: number): Cap {
  return { reason, passes: (at) => at >= opens, next: (from) => Math.max(from, opens) };
}

/** Fewer than `max` attempts younger than `ms`; one exactly that old has left the window. */
function rollingCap(attempts: readonly number[], max: number, ms: number): Cap | null {
  if (attempts.length < max) return null;
  const newestFirst = [...attempts].sort((a, b) => b - a);
  return fromInstant('FREQ_CAP_ROLLING', (newestFirst[max - 1] as number) + ms);
}

/** Fewer than `max` attempts on the local days that `counts` selects. */
function dayCap(
  reason: BlockReason,
  zone: ZoneRules,
  attempts: readonly number[],
  max: number,
  counts: (then: DayNumber, today: DayNumber) => boolean,
): Cap | null {
  if (attempts.length < max) return null;
  const days = attempts.map((at) => localDay(zone, at));
  return byDay(reason, zone, (today) => {
    let counted = 0;
    for (const day of days) if (counts(day, today)) counted += 1;
    return counted < max;
  });
}

function sinceDayCap(
  reason: BlockReason,
  zone: ZoneRules,
  since: number | undefined,
  days: number,
): Cap | null {
  if (since === undefined) return null;
  const opens = localDay(zone, since) + days;
  return byDay(reason, zone, (today) => today >= opens);
}

function byDay(reason: BlockReason, zone: ZoneRules, passesOn: (today: DayNumber) => boolean): Cap {
  return {
    reason,
    passes: (at) => passesOn(localDay(zone, at)),
    next(from, limit) {
      for (let at = from; at < limit;) {
        const piece = pieceAt(zone, at);
        if (passesOn(piece.day)) return at;
        at = piece.until;
      }
      return Infinity;
    },
  };
}
