import { defaultAbandonCap } from '../abandonment.ts';
import { canonical, defaultScrubMaxDays, type FrequencyRule, type RuleSetForm } from '../rules/rule-set.ts';
import { covers } from './rule-diff.ts';

type Windows = [string, string][];
type Field = Exclude<keyof RuleSetForm, 'windows'>;

/** Hours that are open by both. */
export function bothOpen(a: Windows = [], b: Windows = []): Windows {
  const open: Windows = [];
  for (const [startA, endA] of a)
    for (const [startB, endB] of b) {
      const [start, end] = [startA > startB ? startA : startB, endA < endB ? endA : endB];
      if (start < end) open.push([start, end]);
    }
  return distinct(open).sort(([x], [y]) => (x < y ? -1 : 1));
}

/**
 * One field as strict as each of two rule sets has it. Null: of this field nobody can say which is the stricter, and the
 * first is taken.
 */
const merges: { [F in Field]: ((a: RuleSetForm, b: RuleSetForm) => RuleSetForm[F]) | null } = {
  places: (a, b) => union(a.places, b.places),
  automated_only: (a, b) => (a.automated_only && b.automated_only ? true : undefined),
  calendar: null,
  holidays: (a, b) => union(a.holidays, b.holidays)?.sort(),
  // Without hours of their own holidays are closed.
  holiday_windows: ({ holiday_windows: a }, { holiday_windows: b }) => (a && b ? bothOpen(a, b) : undefined),
  // Without hours of their own the days before them have those of the week.
  preholiday_windows: ({ preholiday_windows: a }, { preholiday_windows: b }) =>
    a && b ? bothOpen(a, b) : (a ?? b),
  makeup_workdays: null,
  freq: (a, b) => strictest([...(a.freq ?? []), ...(b.freq ?? [])]),
  waived_by: (a, b) => common(a.waived_by, b.waived_by),
  consent_required_from: ({ consent_required_from: a }, { consent_required_from: b }) =>
    a && b ? (a < b ? a : b) : (a ?? b),
  consent_ok: (a, b) => common(a.consent_ok, b.consent_ok),
  dnc_scrub_max_days: (a, b) =>
    Math.min(a.dnc_scrub_max_days ?? defaultScrubMaxDays, b.dnc_scrub_max_days ?? defaultScrubMaxDays),
  dnc_scrub_required: (a, b) => (a.dnc_scrub_required || b.dnc_scrub_required ? true : undefined),
  abandon_cap: (a, b) => Math.min(a.abandon_cap ?? defaultAbandonCap, b.abandon_cap ?? defaultAbandonCap),
  abandon_counts_amd_errors: (a, b) =>
    a.abandon_counts_amd_errors || b.abandon_counts_amd_errors ? true : undefined,
  ...{ abandon_window_days: null, business_relationship: null, kind: null, source: null, confidence: null },
};

export function stricterField(field: Field, a: RuleSetForm, b: RuleSetForm): unknown {
  const merge = merges[field];
  return merge ? merge(a, b) : a[field];
}

/** All rules but those that another one makes idle. */
function strictest(rules: readonly FrequencyRule[]): FrequencyRule[] {
  const kept: FrequencyRule[] = [];
  for (const rule of rules) {
    if (kept.some((other) => covers(other, rule))) continue;
    kept.splice(0, kept.length, ...kept.filter((other) => !covers(rule, other)), rule);
  }
  return kept;
}

function union(a: string[] = [], b: string[] = []): string[] | undefined {
  const all = distinct([...a, ...b]);
  return all.length > 0 ? all : undefined;
}

function common(a: string[] = [], b: string[] = []): string[] | undefined {
  const both = a.filter((item) => b.includes(item));
  return both.length > 0 ? both : undefined;
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [canonical(item), item])).values()];
}
