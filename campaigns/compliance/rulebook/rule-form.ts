import { z } from 'zod';
import { lookBackOf } from '../rules/frequency.ts';
import { ruleSetForm, type FrequencyRule, type RuleSetForm } from '../rules/rule-set.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const frequencyTypes = [
  'rolling',
  'rolling_days',
  'calendar_day',
  'calendar_week',
  'regf_7in7',
  'regf_conversation',
  'refusal_cooldown',
  'abandon_cooldown',
] as const;
export const frequencyRows = 6;

const text = z.string().max(4_000).default('');
const field = z.string().trim().max(200).default('');
const rows = Array.from({ length: frequencyRows }, (_, row) => row);

/** What the page's form sends: texts, as people write hours, days and lists. */
export const ruleFields = z.object({
  ...(Object.fromEntries(weekdays.map((day) => [`windows_${day}`, field])) as Record<
    `windows_${(typeof weekdays)[number]}`,
    typeof field
  >),
  ...{ places: field, automated_only: field, calendar: field },
  ...{ holidays: text, holiday_windows: field, preholiday_windows: field, makeup_workdays: text },
  ...(Object.fromEntries(
    rows.flatMap((row) => ['type', 'max', 'span', 'key'].map((part) => [`freq_${row}_${part}`, field])),
  ) as Record<`freq_${number}_${'type' | 'max' | 'span' | 'key'}`, typeof field>),
  ...{ waived_by: field, consent_required_from: field, consent_ok: field, dnc_scrub_max_days: field },
  dnc_scrub_required: field,
  ...{ abandon_percent: field, abandon_window_days: field, abandon_counts_amd_errors: field },
  ...{ transaction_months: field, inquiry_months: field, kind: field, source: field, confidence: field },
});
export type RuleFields = z.output<typeof ruleFields>;

/** @throws ZodError whose paths are names of the form's fields. */
export function readRuleForm(given: RuleFields): RuleSetForm {
  const parsed = writableRules.safeParse(toWritten(given));
  if (parsed.success) return parsed.data;
  throw new z.ZodError(parsed.error.issues.map((issue) => ({ ...issue, path: [fieldOf(issue.path)] })));
}

/** Each call is looked at over all that time, and what blocks for longer than this is better a DNC entry. */
const longestLookBackMs = 366 * 86_400_000;

/** What may be written from now on; what holds already is kept, however far it looks back. */
const writableRules = ruleSetForm.superRefine(({ freq = [], kind, places = [] }, context) => {
  if (kind && places.length > 0)
    context.addIssue({ code: 'custom', path: ['kind'], message: 'compliance:errors.kindPlaces' });
  for (const [row, rule] of freq.entries())
    if (lookBackOf(rule) > longestLookBackMs)
      context.addIssue({ code: 'custom', path: ['freq', row], message: 'compliance:errors.lookBack' });
});

function toWritten(given: RuleFields): unknown {
  const optional = (key: string, value: unknown) => (value === undefined ? {} : { [key]: value });
  const dates = (value: string) => (value.trim() === '' ? undefined : [...new Set(split(value))].sort());
  const list = (value: string) => (value === '' ? undefined : split(value));
  const windows = (value: string) => (value === '' ? undefined : readWindows(value));
  const months = given.transaction_months || given.inquiry_months;
  const freq = rows.flatMap((row) => {
    const part = (name: 'type' | 'max' | 'span' | 'key') =>
      (given as Record<string, string>)[`freq_${row}_${name}`] ?? '';
    return part('type') === '' ? [] : [readFrequency(part('type'), part('max'), part('span'), part('key'))];
  });
  return {
    windows: Object.fromEntries(weekdays.map((day) => [day, readWindows(given[`windows_${day}`])])),
    ...optional('places', list(given.places.toUpperCase())),
    ...optional('automated_only', given.automated_only === '' ? undefined : true),
    ...optional('calendar', given.calendar || undefined),
    ...optional('holidays', dates(given.holidays)),
    ...optional('holiday_windows', windows(given.holiday_windows)),
    ...optional('preholiday_windows', windows(given.preholiday_windows)),
    ...optional('makeup_workdays', dates(given.makeup_workdays)),
    ...optional('freq', freq.length > 0 ? freq : undefined),
    ...optional('waived_by', list(given.waived_by)),
    ...optional('consent_required_from', given.consent_required_from || undefined),
    ...optional('consent_ok', list(given.consent_ok)),
    ...optional('dnc_scrub_max_days', numberOf(given.dnc_scrub_max_days)),
    ...optional('dnc_scrub_required', given.dnc_scrub_required === '' ? undefined : true),
    ...optional(
      'abandon_cap',
      given.abandon_percent === '' ? undefined : Number(given.abandon_percent) / 100,
    ),
    ...optional('abandon_window_days', numberOf(given.abandon_window_days)),
    ...optional('abandon_counts_amd_errors', given.abandon_counts_amd_errors === '' ? undefined : true),
    ...optional(
      'business_relationship',
      months
        ? {
            transaction_months: Number(given.transaction_months),
            inquiry_months: Number(given.inquiry_months),
          }
        : undefined,
    ),
    ...optional('kind', given.kind || undefined),
    source: given.source,
    confidence: given.confidence,
  };
}

function readFrequency(type: string, max: string, span: string, key: string): unknown {
  switch (type) {
    case 'rolling':
      return { type, max: Number(max), hours: Number(span), ...(key ? { key } : {}) };
    case 'rolling_days':
      return { type, max: Number(max), days: Number(span) };
    case 'calendar_day':
      return { type, max: Number(max) };
    case 'calendar_week':
      return { type, max: Number(max), week_start: Number(span || 0) };
    case 'refusal_cooldown':
      return { type, days: Number(span) };
    case 'abandon_cooldown':
      return { type, hours: Number(span) };
    default:
      return { type };
  }
}

/** `09:00-12:00, 14:00-20:00`; a dash of any length. */
function readWindows(value: string): string[][] {
  return split(value).map((part) => part.split(/[-–—~]/).map((time) => time.trim().padStart(5, '0')));
}

function split(value: string): string[] {
  return value.split(/[\s,;、，；]+/).filter(Boolean);
}

function numberOf(value: string): number | undefined {
  return value === '' ? undefined : Number(value);
}

/** `windows.mon.0.1` is said beside `windows_mon`. */
function fieldOf(path: readonly PropertyKey[]): string {
  const [head = '', second] = path.map(String);
  if (head === 'windows') return `windows_${second}`;
  if (head === 'freq') return `freq_${second}_type`;
  if (head === 'abandon_cap') return 'abandon_percent';
  if (head === 'business_relationship') return second ?? 'transaction_months';
  return head;
}

/** A rule set as the form shows it. */
export function showRuleForm(form: RuleSetForm): Record<string, string> {
  const windows = (given: readonly (readonly [string, string])[] | undefined) =>
    (given ?? []).map(([start, end]) => `${start}-${end}`).join(', ');
  const shown: Record<string, string> = {
    places: (form.places ?? []).join(', '),
    automated_only: form.automated_only ? 'on' : '',
    calendar: form.calendar ?? '',
    holidays: (form.holidays ?? []).join('\n'),
    holiday_windows: windows(form.holiday_windows),
    preholiday_windows: windows(form.preholiday_windows),
    makeup_workdays: (form.makeup_workdays ?? []).join('\n'),
    waived_by: (form.waived_by ?? []).join(', '),
    consent_required_from: form.consent_required_from ?? '',
    consent_ok: (form.consent_ok ?? []).join(', '),
    dnc_scrub_max_days: form.dnc_scrub_max_days === undefined ? '' : String(form.dnc_scrub_max_days),
    dnc_scrub_required: form.dnc_scrub_required ? 'on' : '',
    abandon_percent:
      form.abandon_cap === undefined ? '' : String(Number((form.abandon_cap * 100).toFixed(4))),
    abandon_window_days: String(form.abandon_window_days ?? ''),
    abandon_counts_amd_errors: form.abandon_counts_amd_errors ? 'on' : '',
    transaction_months: String(form.business_relationship?.transaction_months ?? ''),
    inquiry_months: String(form.business_relationship?.inquiry_months ?? ''),
    kind: form.kind ?? '',
    source: form.source,
    confidence: form.confidence,
  };
  for (const day of weekdays) shown[`windows_${day}`] = windows(form.windows[day]);
  for (const [row, rule] of (form.freq ?? []).entries()) Object.assign(shown, showFrequency(row, rule));
  return shown;
}

function showFrequency(row: number, rule: FrequencyRule): Record<string, string> {
  const max = 'max' in rule ? String(rule.max) : '';
  const span =
    'hours' in rule ? rule.hours : 'days' in rule ? rule.days : 'week_start' in rule ? rule.week_start : '';
  return {
    [`freq_${row}_type`]: rule.type,
    [`freq_${row}_max`]: max,
    [`freq_${row}_span`]: String(span),
    [`freq_${row}_key`]: 'key' in rule ? (rule.key ?? '') : '',
  };
}
