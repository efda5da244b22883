import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  createCalendarBook,
  markOf,
  type Calendar,
  type CalendarBook,
} from '../../../core/calendar/index.ts';
import { isOvernight, minutesOf, toWindows, type OpenHours } from '../../../core/calendar/open-hours.ts';
import { dayMs, parseDay, type DayNumber } from '../../../core/time/local-day.ts';
import { defaultAbandonCap, defaultAbandonWindowMs } from '../abandonment.ts';

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const clockTime = z
  .string()
  .regex(/^([0-3]\d|4[0-8]):[0-5]\d$/, 'must be HH:MM, up to 48:00 for a window that ends on the next day');
const windowForm = z
  .tuple([clockTime, clockTime])
  .refine(([start, end]) => minutesOf(start) < minutesOf(end), 'must end after its start')
  .refine(([start]) => minutesOf(start) < 24 * 60, 'must start before 24:00');
const windowsForm = z.array(windowForm);
const dayForm = z.string().refine(isDay, 'must be a calendar date YYYY-MM-DD');
const atLeastOne = z.number().int().min(1);

const frequencyForm = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('rolling'),
    max: atLeastOne,
    hours: z.number().positive(),
    key: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('rolling_days'), max: atLeastOne, days: atLeastOne }),
  z.strictObject({ type: z.literal('calendar_day'), max: atLeastOne }),
  z.strictObject({
    type: z.literal('calendar_week'),
    max: atLeastOne,
    week_start: z.number().int().min(0).max(6),
  }),
  z.strictObject({ type: z.literal('regf_7in7') }),
  z.strictObject({ type: z.literal('regf_conversation') }),
  z.strictObject({ type: z.literal('refusal_cooldown'), days: atLeastOne }),
  z.strictObject({ type: z.literal('abandon_cooldown'), hours: z.number().positive() }),
]);

/** A rule set as it is written down: in the shipped files, in the database, in a replay file. */
export const ruleSetForm = z.strictObject({
  windows: z.strictObject(
    Object.fromEntries(weekdays.map((name) => [name, windowsForm.optional()])) as Record<
      (typeof weekdays)[number],
      z.ZodOptional<typeof windowsForm>
    >,
  ),
  /** Where it bears by itself; shipped sets are placed by their files. */
  places: z.array(z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'compliance:errors.place')).optional(),
  /** There for dialling by machine alone. */
  automated_only: z.boolean().optional(),
  /** Name of a calendar whose holidays, make-up workdays and half-days hold besides those written here. */
  calendar: z.string().optional(),
  holidays: z.array(dayForm).optional(),
  holiday_windows: windowsForm.optional(),
  preholiday_windows: windowsForm.optional(),
  makeup_workdays: z.array(dayForm).optional(),
  freq: z.array(frequencyForm).optional(),
  waived_by: z.array(z.string()).optional(),
  consent_required_from: dayForm.optional(),
  consent_ok: z.array(z.string()).optional(),
  dnc_scrub_max_days: atLeastOne.optional(),
  /** True: nobody is called whose number no national list speaks of. */
  dnc_scrub_required: z.boolean().optional(),
  /** Fraction of live answers; 0.03 unless given. */
  abandon_cap: z.number().min(0).max(1).optional(),
  /** Over how many days the share is counted; 30 unless given. */
  abandon_window_days: atLeastOne.max(30).optional(),
  /** True: an estimate of the people whom machine detection has hung up on is part of the abandoned calls. */
  abandon_counts_amd_errors: z.boolean().optional(),
  /** Months for which a national DNC entry yields to a purchase or an inquiry. */
  business_relationship: z
    .strictObject({ transaction_months: atLeastOne, inquiry_months: atLeastOne })
    .optional(),
  /** Sets that are for calls other than sales. */
  kind: z.enum(['debt_collection', 'research']).optional(),
  source: z.string(),
  confidence: z.string(),
});
export type RuleSetForm = z.infer<typeof ruleSetForm>;
export type FrequencyRule = z.infer<typeof frequencyForm>;

/** A rule set made ready for evaluation. */
export interface RuleSet extends OpenHours {
  readonly name: string;
  /** Same text, same rules, same calendar. */
  readonly version: string;
  readonly form: RuleSetForm;
  readonly frequency: readonly FrequencyRule[];
  readonly waivedBy: readonly string[];
  /** Law, or a firm's own rules, of the United States. */
  readonly ofUs: boolean;
  readonly consentRequiredFrom: DayNumber | null;
  readonly consentOk: readonly string[];
  readonly scrubMaxDays: number;
  readonly scrubRequired: boolean;
  readonly abandonCap: number;
  readonly abandonWindowMs: number;
  /** People whom machine detection has hung up on count as abandoned, by estimate. */
  readonly countsHungUpOn: boolean;
  /** Null: the law of this set knows none. `any`: a firm's own set, which leaves the matter to the others. */
  readonly businessRelationship: { transactionMonths: number; inquiryMonths: number } | 'any' | null;
}

export const defaultScrubMaxDays = 31;
/** The kind of consent that is none, but lifts a national list where the law counts it as one. */
export const contractConsent = 'contract_in_progress';
/** 47 CFR 64.1200(f)(5): 18 months after a purchase, 3 after an inquiry. */
const federalRelationship = { transactionMonths: 18, inquiryMonths: 3 };

const shippedBook = createCalendarBook();

/** @throws ZodError that names the field. */
export function compileRuleSet(
  name: string,
  written: unknown,
  calendars: CalendarBook = shippedBook,
): RuleSet {
  const form = ruleSetForm.parse(written);
  const week = weekdays.map((day) => toWindows(form.windows[day] ?? []));
  const calendar = form.calendar === undefined ? null : calendarNamed(form.calendar, calendars);
  const holidayWindows = form.holiday_windows ? toWindows(form.holiday_windows) : null;
  return {
    name,
    version: versionOf(form, calendar),
    form,
    week,
    overnight: isOvernight([...week, holidayWindows ?? []]),
    mark: marksOf(form, calendar),
    holidayWindows,
    preholidayWindows: form.preholiday_windows ? toWindows(form.preholiday_windows) : null,
    frequency: form.freq ?? [],
    waivedBy: form.waived_by ?? [],
    consentRequiredFrom: form.consent_required_from ? parseDay(form.consent_required_from) : null,
    consentOk: form.consent_ok ?? [],
    scrubMaxDays: form.dnc_scrub_max_days ?? defaultScrubMaxDays,
    scrubRequired: form.dnc_scrub_required ?? false,
    abandonCap: form.abandon_cap ?? defaultAbandonCap,
    abandonWindowMs: abandonWindowOf(form),
    countsHungUpOn: form.abandon_counts_amd_errors ?? false,
    ofUs: isOfUs(name, form),
    businessRelationship: relationshipOf(name, form),
  };
}

function calendarNamed(name: string, calendars: CalendarBook): Calendar {
  const calendar = calendars.get(name);
  if (calendar) return calendar;
  throw new z.ZodError([
    { code: 'custom', path: ['calendar'], message: `calendar "${name}" is not there`, input: name },
  ]);
}

/** Of the rules as they are written; what a calendar adds to them is not in it. */
export function formVersion(form: RuleSetForm): string {
  return createHash('sha256').update(canonical(form)).digest('hex').slice(0, 10);
}

function versionOf(form: RuleSetForm, calendar: Calendar | null): string {
  return calendar ? `${formVersion(form)}.${calendar.version.slice(0, 6)}` : formVersion(form);
}

/** Days that are written down go before those of the calendar. */
function marksOf(form: RuleSetForm, calendar: Calendar | null): OpenHours['mark'] {
  const holidays = new Set((form.holidays ?? []).map(parseDay));
  const workdays = new Set((form.makeup_workdays ?? []).map(parseDay));
  const ofCalendar: OpenHours['mark'] = calendar ? (day) => markOf(calendar.on(day)) : () => undefined;
  if (holidays.size + workdays.size === 0) return ofCalendar;
  return (day) => {
    if (holidays.has(day)) return 'holiday';
    return workdays.has(day) ? 'workday' : ofCalendar(day);
  };
}

function abandonWindowOf({ abandon_window_days: days }: RuleSetForm): number {
  return days === undefined ? defaultAbandonWindowMs : days * dayMs;
}

function relationshipOf(name: string, form: RuleSetForm): RuleSet['businessRelationship'] {
  const written = form.business_relationship;
  if (written)
    return { transactionMonths: written.transaction_months, inquiryMonths: written.inquiry_months };
  if (name.startsWith('campaign.')) return 'any';
  return isOfUs(name, form) ? federalRelationship : null;
}

/** By the places that it holds in; the name alone speaks for one that a country's list or a campaign names. */
function isOfUs(name: string, { places }: RuleSetForm): boolean {
  if (places && places.length > 0) return places.some(isInUs);
  return name.startsWith('us.');
}

/** Also the territories that federal law holds in. */
const countriesOfUs: ReadonlySet<string> = new Set(['US', 'PR', 'VI', 'GU', 'MP', 'AS']);

export function isInUs(place: string): boolean {
  return countriesOfUs.has(place.split('-')[0]!);
}

function isDay(text: string): boolean {
  try {
    parseDay(text);
    return true;
  } catch {
    return false;
  }
}

/** JSON with keys in order, so that the same rules have the same version. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
