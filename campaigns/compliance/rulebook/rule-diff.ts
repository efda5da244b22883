import { canonical, contractConsent, type FrequencyRule, type RuleSetForm } from '../rules/rule-set.ts';

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Windows = readonly (readonly [string, string])[];

/** One thing that two versions of a rule set have differently. Texts are as the form has them. */
export interface RuleDifference {
  /** `windows.mon`, `holidays`, `freq` … */
  readonly field: string;
  readonly before: string;
  readonly after: string;
  readonly loosens: boolean;
}

/**
 * What two versions have differently, and which of it may let through a call that was blocked. Where that cannot be
 * said for certain it counts as loosening.
 */
export function diffRules(before: RuleSetForm, after: RuleSetForm): RuleDifference[] {
  const found: RuleDifference[] = [];
  const compare = <T>(field: string, a: T, b: T, show: (value: T) => string, loosens: boolean): void => {
    if (canonical(a ?? null) !== canonical(b ?? null))
      found.push({ field, before: show(a), after: show(b), loosens });
  };
  for (const day of weekdays) {
    const [a, b] = [before.windows[day] ?? [], after.windows[day] ?? []];
    compare(`windows.${day}`, a, b, showWindows, !within(b, a));
  }
  const [daysBefore, daysAfter] = [before.holidays ?? [], after.holidays ?? []];
  const [gone, fresh] = [minus(daysBefore, daysAfter), minus(daysAfter, daysBefore)];
  // A day that becomes a holiday opens calls where holidays have hours of their own.
  const opensHolidays = after.holiday_windows !== undefined && fresh.length > 0;
  if (gone.length + fresh.length > 0)
    found.push({
      ...{ field: 'holidays', before: gone.join(', '), after: fresh.join(', ') },
      loosens: gone.length > 0 || opensHolidays,
    });
  const [placesA, placesB] = [before.places ?? [], after.places ?? []];
  // A set for a whole country takes the place of the policy for all others.
  const moved =
    minus(placesA, placesB).length > 0 || minus(placesB, placesA).some((place) => place.length === 2);
  compare('places', placesA, placesB, showList, moved);
  const [onlyA, onlyB] = [before.automated_only, after.automated_only];
  compare('automated_only', onlyA, onlyB, showText, onlyB === true && onlyA !== true);
  const [calendarA, calendarB] = [before.calendar, after.calendar];
  // Another calendar may have days fewer; the first one only adds holidays, unless they are open or workdays come with it.
  compare('calendar', calendarA, calendarB, showText, true);
  const [openA, openB] = [before.holiday_windows, after.holiday_windows];
  compare('holiday_windows', openA, openB, showWindows, openB !== undefined && !within(openB, openA ?? []));
  const [eveA, eveB] = [before.preholiday_windows, after.preholiday_windows];
  compare(
    'preholiday_windows',
    eveA,
    eveB,
    showWindows,
    eveA !== undefined && (!eveB || !within(eveB, eveA)),
  );
  compare('makeup_workdays', before.makeup_workdays, after.makeup_workdays, showList, true);
  compare(
    'freq',
    before.freq,
    after.freq,
    showFrequency,
    !atLeastAsStrict(before.freq ?? [], after.freq ?? []),
  );
  const moreWaivers = minus(after.waived_by ?? [], before.waived_by ?? []).length > 0;
  compare('waived_by', before.waived_by, after.waived_by, showList, moreWaivers);
  const [fromA, fromB] = [before.consent_required_from, after.consent_required_from];
  compare('consent_required_from', fromA, fromB, showText, fromA !== undefined && (fromB ?? '9999') > fromA);
  const moreKinds = minus(after.consent_ok ?? [], before.consent_ok ?? []);
  // A contract lifts the national list also where nobody has to ask for consent.
  const kindsLoosen = fromA !== undefined ? moreKinds.length > 0 : moreKinds.includes(contractConsent);
  compare('consent_ok', before.consent_ok, after.consent_ok, showList, kindsLoosen);
  const [ageA, ageB] = [before.dnc_scrub_max_days, after.dnc_scrub_max_days];
  compare('dnc_scrub_max_days', ageA, ageB, showText, (ageB ?? 31) > (ageA ?? 31));
  const [mustA, mustB] = [before.dnc_scrub_required, after.dnc_scrub_required];
  compare('dnc_scrub_required', mustA, mustB, showText, mustA === true && mustB !== true);
  const [capA, capB] = [before.abandon_cap, after.abandon_cap];
  compare('abandon_cap', capA, capB, showText, (capB ?? 0.03) > (capA ?? 0.03));
  // Over a shorter window one bad day weighs more, and is over sooner.
  compare('abandon_window_days', before.abandon_window_days, after.abandon_window_days, showText, true);
  const [errorsA, errorsB] = [before.abandon_counts_amd_errors, after.abandon_counts_amd_errors];
  compare('abandon_counts_amd_errors', errorsA, errorsB, showText, errorsA === true && errorsB !== true);
  compare(
    'business_relationship',
    before.business_relationship,
    after.business_relationship,
    showObject,
    true,
  );
  compare('kind', before.kind, after.kind, showText, true);
  compare('source', before.source, after.source, showText, false);
  compare('confidence', before.confidence, after.confidence, showText, false);
  return found;
}

export function loosens(differences: readonly RuleDifference[]): boolean {
  return differences.some((difference) => difference.loosens);
}

/** Is every instant of `inner` in `outer`? */
function within(inner: Windows, outer: Windows): boolean {
  const joined: [string, string][] = [];
  for (const [start, end] of [...outer].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const last = joined.at(-1);
    if (last && start <= last[1]) last[1] = end > last[1] ? end : last[1];
    else joined.push([start, end]);
  }
  return inner.every(([start, end]) => joined.some(([from, until]) => from <= start && end <= until));
}

/** Is there for each rule of before one of after that blocks all that it blocks? */
function atLeastAsStrict(before: readonly FrequencyRule[], after: readonly FrequencyRule[]): boolean {
  return before.every((old) => after.some((rule) => covers(rule, old)));
}

/** Does one rule block all that the other blocks? */
export function covers(rule: FrequencyRule, old: FrequencyRule): boolean {
  if (rule.type === 'rolling' && old.type === 'rolling') {
    const byNumber = (key: string | undefined): boolean => /number/.test(key ?? '');
    // Counting the person counts at least what counting one of their numbers does.
    const counts = byNumber(rule.key) === byNumber(old.key) || !byNumber(rule.key);
    return counts && rule.max <= old.max && rule.hours >= old.hours;
  }
  if (rule.type === 'rolling_days' && old.type === 'rolling_days')
    return rule.max <= old.max && rule.days >= old.days;
  if (rule.type === 'calendar_day' && old.type === 'calendar_day') return rule.max <= old.max;
  if (rule.type === 'calendar_week' && old.type === 'calendar_week')
    return rule.max <= old.max && rule.week_start === old.week_start;
  if (rule.type === 'refusal_cooldown' && old.type === 'refusal_cooldown') return rule.days >= old.days;
  if (rule.type === 'abandon_cooldown' && old.type === 'abandon_cooldown') return rule.hours >= old.hours;
  return rule.type === old.type && (rule.type === 'regf_7in7' || rule.type === 'regf_conversation');
}

function minus(a: readonly string[], b: readonly string[]): string[] {
  return a.filter((item) => !b.includes(item)).sort();
}

const showWindows = (windows: Windows | undefined): string =>
  (windows ?? []).map(([start, end]) => `${start}–${end}`).join(', ');
const showList = (items: readonly string[] | undefined): string => (items ?? []).join(', ');
const showText = (value: string | number | boolean | undefined): string =>
  value === undefined ? '' : String(value);
const showObject = (value: object | undefined): string => (value ? JSON.stringify(value) : '');
const showFrequency = (rules: readonly FrequencyRule[] | undefined): string =>
  (rules ?? [])
    .map(({ type, ...rest }) =>
      [type, ...Object.entries(rest).map(([key, value]) => `${key} ${value}`)].join(' '),
    )
    .join('; ');
