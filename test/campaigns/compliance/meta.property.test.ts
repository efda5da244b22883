import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, it } from 'mocha';
import { compileRuleSet, evaluate, rulesOfZones, type Facts } from '../../../campaigns/compliance/index.ts';

/*
 * A second gate, written from the meaning that the example file gives its words, on luxon and the engine's own zone
 * data, slow and without a thought of speed. Whatever it says the gate has to say.
 */

interface Form {
  windows: Record<string, [string, string][]>;
  holidays?: string[];
  holiday_windows?: [string, string][];
  preholiday_windows?: [string, string][];
  makeup_workdays?: string[];
  freq?: { type: string; max?: number; hours?: number; days?: number; week_start?: number }[];
  waived_by?: string[];
  consent_required_from?: string;
  consent_ok?: string[];
  dnc_scrub_max_days?: number;
}
interface Case {
  readonly sets: readonly string[];
  readonly zones: readonly string[];
  readonly at: number;
  readonly kind: string;
  readonly consents: readonly string[];
  readonly attempts: readonly number[];
  readonly conversation?: number;
  readonly refusal?: number;
  readonly abandoned?: number;
  readonly scrubbedOn?: string;
}

const file = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as {
  rule_sets: Record<string, Form>;
};
const compiled = new Map(
  Object.entries(file.rule_sets).map(([name, form]) => [name, compileRuleSet(name, form)]),
);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const order = [
  'DNC_SCRUB_STALE',
  'CONSENT_MISSING',
  'FREQ_CAP_ROLLING',
  'FREQ_CAP_DAY',
  'FREQ_CAP_WEEK',
  'FREQ_CAP_30D',
  'FREQ_CAP_7IN7',
  'CONVERSATION_COOLDOWN_7D',
  'REFUSAL_COOLDOWN_60D',
  'ABANDON_RETRY_72H',
  'HOLIDAY_PROHIBITED',
  'DAY_PROHIBITED',
  'TIME_AFTER_CLOSE',
  'TIME_BETWEEN_WINDOWS',
  'TIME_BEFORE_OPEN',
];

const quarterMs = 15 * minuteMs;
const offsets = new Map<string, number>();
/** The wall clock as if it were UTC. Clocks of these zones change at quarters of an hour only. */
function clock(zone: string, at: number): Date {
  const quarter = Math.floor(at / quarterMs) * quarterMs;
  const key = `${zone} ${quarter}`;
  let offset = offsets.get(key);
  if (offset === undefined)
    offsets.set(key, (offset = DateTime.fromMillis(quarter, { zone }).offset * minuteMs));
  return new Date(at + offset);
}
const date = (local: Date): string => local.toISOString().slice(0, 10);
const utcOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
/** Days from one date to another, by the calendar. */
const between = (from: string, to: string): number => Math.round((utcOf(to) - utcOf(from)) / dayMs);
const shifted = (day: string, by: number): string => date(new Date(utcOf(day) + by * dayMs));
/** Monday is 0. */
const weekdayOf = (day: string): number => (new Date(utcOf(day)).getUTCDay() + 6) % 7;
const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function windowsOf(form: Form, day: string): [string, string][] {
  if (form.holidays?.includes(day)) return form.holiday_windows ?? [];
  const name = form.makeup_workdays?.includes(day) ? 'mon' : weekdays[weekdayOf(day)]!;
  const usual = form.windows[name] ?? [];
  const eve = form.holidays?.includes(shifted(day, 1));
  return eve && form.preholiday_windows && usual.length > 0 ? form.preholiday_windows : usual;
}

function timeReason(form: Form, zone: string, at: number): string | null {
  const local = clock(zone, at);
  const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
  const day = date(local);
  const today = windowsOf(form, day);
  const last = windowsOf(form, shifted(day, -1));
  const inside = (list: [string, string][], value: number) =>
    list.some(([start, end]) => value >= minutes(start) && value < minutes(end));
  if (inside(today, minute) || inside(last, minute + 24 * 60)) return null;
  if (today.length === 0) return form.holidays?.includes(day) ? 'HOLIDAY_PROHIBITED' : 'DAY_PROHIBITED';
  if (minute < minutes(today[0]![0])) return 'TIME_BEFORE_OPEN';
  return minute >= minutes(today.at(-1)![1]) ? 'TIME_AFTER_CLOSE' : 'TIME_BETWEEN_WINDOWS';
}

function frequencyReason(
  rule: NonNullable<Form['freq']>[number],
  zone: string,
  one: Case,
  at: number,
): string | null {
  const today = date(clock(zone, at));
  const days = one.attempts.map((then) => date(clock(zone, then)));
  const count = (counts: (day: string) => boolean) => days.filter(counts).length;
  const monday = (day: string) => shifted(day, -weekdayOf(day));
  const since = (instant: number) => between(date(clock(zone, instant)), today);
  switch (rule.type) {
    case 'rolling': {
      const young = one.attempts.filter((then) => at - then < Math.round(rule.hours! * 3600) * 1000);
      return young.length >= rule.max! ? 'FREQ_CAP_ROLLING' : null;
    }
    case 'rolling_days':
      return count((day) => between(day, today) < rule.days!) >= rule.max! ? 'FREQ_CAP_30D' : null;
    case 'calendar_day':
      return count((day) => day === today) >= rule.max! ? 'FREQ_CAP_DAY' : null;
    case 'calendar_week':
      assert.equal(rule.week_start, 0);
      return count((day) => monday(day) === monday(today)) >= rule.max! ? 'FREQ_CAP_WEEK' : null;
    case 'regf_7in7':
      return count((day) => between(day, today) < 7) >= 7 ? 'FREQ_CAP_7IN7' : null;
    case 'regf_conversation':
      return one.conversation !== undefined && since(one.conversation) < 7
        ? 'CONVERSATION_COOLDOWN_7D'
        : null;
    case 'refusal_cooldown':
      return one.refusal !== undefined && since(one.refusal) <= rule.days! ? 'REFUSAL_COOLDOWN_60D' : null;
    case 'abandon_cooldown': {
      const held = one.abandoned !== undefined && at - one.abandoned < rule.hours! * hourMs;
      return held && /^(predictive|prerecorded)/.test(one.kind) ? 'ABANDON_RETRY_72H' : null;
    }
    default:
      throw new Error(`rule ${rule.type} has no meaning here`);
  }
}

/** What time does not cure. */
function standing(one: Case, at: number): string | null {
  const forms = one.sets.map((name) => file.rule_sets[name]!);
  const days = one.zones.map((zone) => date(clock(zone, at)));
  const sells = one.kind !== 'debt_collection' && one.kind !== 'research';
  if (!sells) return null;
  for (const form of forms)
    for (const day of days)
      if (one.scrubbedOn !== undefined && between(one.scrubbedOn, day) > (form.dnc_scrub_max_days ?? 31))
        return 'DNC_SCRUB_STALE';
  for (const form of forms)
    if (form.consent_required_from && days.some((day) => day >= form.consent_required_from!))
      if (!one.consents.some((kind) => form.consent_ok!.includes(kind))) return 'CONSENT_MISSING';
  return null;
}

function reasonAt(one: Case, at: number): string {
  const reasons = [standing(one, at), ...timed(one, at)];
  return order.find((reason) => reasons.includes(reason)) ?? 'OK';
}

/** What rules of time and frequency say. */
function timed(one: Case, at: number): string[] {
  const reasons: (string | null)[] = [];
  for (const name of one.sets) {
    const form = file.rule_sets[name]!;
    const waived = one.consents.some((kind) => form.waived_by?.includes(kind));
    for (const zone of one.zones) {
      for (const rule of form.freq ?? []) reasons.push(frequencyReason(rule, zone, one, at));
      if (!waived) reasons.push(timeReason(form, zone, at));
    }
  }
  return reasons.filter((reason) => reason !== null);
}

const lookedAtMs = 90 * dayMs;

/** Windows, midnights and shifts of the clocks fall on quarters of an hour; what else opens is an old event's age. */
function nextOf(one: Case): number | null {
  if (reasonAt(one, one.at) === 'OK' || standing(one, one.at)) return null;
  const ends = one.attempts.flatMap((then) => [then + 24 * hourMs, then + 5 * minuteMs]);
  if (one.abandoned !== undefined) ends.push(one.abandoned + 72 * hourMs);
  const instants: number[] = ends.filter((end) => end > one.at);
  const first = Math.floor(one.at / quarterMs) * quarterMs + quarterMs;
  for (let n = 0; n < lookedAtMs / quarterMs; n += 1) instants.push(first + n * quarterMs);
  for (const instant of instants.sort((a, b) => a - b)) {
    if (timed(one, instant).length === 0) return instant;
  }
  return null;
}

function factsOf(one: Case): Facts {
  return {
    kind: one.kind,
    numberValid: true,
    consent: one.consents[0] ?? 'none',
    extraConsents: one.consents.slice(1),
    attempts: one.attempts,
    conversationAt: one.conversation,
    refusedAt: one.refusal,
    lastAbandonedAt: one.abandoned,
    dncScrubbedOn: one.scrubbedOn === undefined ? undefined : between('1970-01-01', one.scrubbedOn),
  };
}

const text = (instant: number | null): string | null =>
  instant === null ? null : new Date(instant).toISOString();

function agree(one: Case, withNext = true): void {
  const decision = evaluate(
    one.sets.map((name) => compiled.get(name)!),
    rulesOfZones(one.zones),
    factsOf(one),
    one.at,
  );
  assert.equal(decision.reasonCode, reasonAt(one, one.at), 'reason');
  if (!withNext) return;
  // Beyond what the second gate looks at: two sets may first meet after a change of the clocks months away.
  const next = decision.nextAllowedAt ?? decision.opensAt ?? null;
  const far = (next ?? 0) > one.at + lookedAtMs;
  assert.equal(far ? null : text(next), text(nextOf(one)), 'next');
  const standsThen = next !== null && standing(one, next) !== null;
  assert.equal(decision.nextAllowedAt === null, next === null || standsThen, 'and a lead that is given up');
}

/** Zones in which the engine's data are right. */
const zoneNames = [
  'America/New_York',
  'America/St_Johns',
  'America/Chicago',
  'America/Los_Angeles',
  'Europe/London',
  'Europe/Rome',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Asia/Shanghai',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'Pacific/Honolulu',
];
const zonesAt = fc.uniqueArray(fc.constantFrom(...zoneNames), { minLength: 1, maxLength: 3 });
const names = Object.keys(file.rule_sets);

const cases: fc.Arbitrary<Case> = fc
  .record({
    sets: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }),
    zones: zonesAt,
    at: fc.oneof(
      fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 5, 1) }),
      fc
        .tuple(
          fc.constantFrom(
            '2026-11-01T06:00:00Z',
            '2027-03-14T07:00:00Z',
            '2026-10-25T01:00:00Z',
            '2028-02-29T00:00:00Z',
            '2026-12-25T00:00:00Z',
            '2026-10-01T00:00:00Z',
            '2026-10-10T00:00:00Z',
          ),
          fc.integer({ min: -40 * 60, max: 40 * 60 }),
        )
        .map(([turn, minute]) => Date.parse(turn) + minute * minuteMs),
    ),
    kind: fc.constantFrom('live_telemarketing', 'predictive_telemarketing', 'debt_collection', 'research'),
    consents: fc.uniqueArray(
      fc.constantFrom('opt_in', 'contract_in_progress', 'prior_express_consent', 'pewc', 'night_consent'),
      { maxLength: 2 },
    ),
    ages: fc.array(
      fc.oneof(fc.integer({ min: 1, max: 35 * 24 * 60 }), fc.constantFrom(5, 1440, 7 * 1440, 30 * 1440)),
      { maxLength: 9 },
    ),
    conversation: fc.option(fc.integer({ min: 1, max: 9 * 1440 }), { nil: undefined }),
    refusal: fc.option(fc.integer({ min: 1, max: 62 * 1440 }), { nil: undefined }),
    abandoned: fc.option(fc.integer({ min: 1, max: 80 * 60 }), { nil: undefined }),
    scrubAge: fc.option(fc.integer({ min: 0, max: 33 }), { nil: undefined }),
  })
  .map(({ ages, conversation, refusal, abandoned, scrubAge, at: raw, ...rest }) => {
    const at = Math.floor(raw / 1000) * 1000;
    const ago = (age: number | undefined) => (age === undefined ? undefined : at - age * minuteMs);
    return {
      ...{ ...rest, at, attempts: ages.map((age) => at - age * minuteMs) },
      ...{ conversation: ago(conversation), refusal: ago(refusal), abandoned: ago(abandoned) },
      scrubbedOn:
        scrubAge === undefined ? undefined : new Date(at - scrubAge * dayMs).toISOString().slice(0, 10),
    };
  });

describe('the gate and its meaning written anew', () => {
  it('agree in reason and next instant, for any sets, zones, instants, consents and histories', () => {
    fc.assert(
      fc.property(cases, (one) => agree(one)),
      { numRuns: 120 },
    );
  }).timeout(120_000);

  for (const name of names)
    it(`agree at the first and the last millisecond of each window of ${name}, ordinary days and its own`, () => {
      const form = file.rule_sets[name]!;
      const special = [...(form.holidays ?? []), ...(form.makeup_workdays ?? [])];
      const around = special.flatMap((day) => [-1, 0, 1].map((shift) => shifted(day, shift)));
      const week = Array.from({ length: 8 }, (_, day) => `2026-11-${String(15 + day)}`);
      const turns = ['2026-11-01', '2027-03-14', '2028-02-29'];
      const asking = { kind: 'live_telemarketing', consents: ['opt_in'], attempts: [] };
      for (const zone of ['America/New_York', 'Asia/Kolkata'])
        for (const day of new Set([...week, ...turns, ...around]))
          for (const [start, end] of windowsOf(form, day))
            for (const edge of [start, end]) {
              const midnight = DateTime.fromISO(day, { zone });
              const instant = midnight.plus({ days: minutes(edge) < 1440 ? 0 : 1 }).set({
                hour: Math.floor((minutes(edge) % 1440) / 60),
                minute: minutes(edge) % 60,
              });
              for (const shift of [-1, 0])
                agree({ sets: [name], zones: [zone], at: instant.toMillis() + shift, ...asking }, false);
            }
    }).timeout(60_000);
});
