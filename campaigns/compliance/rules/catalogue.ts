import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { CalendarBook } from '../../../core/calendar/index.ts';
import { paths } from '../../../core/paths.ts';
import { dayMs } from '../../../core/time/local-day.ts';
import { parseAddressRegion, regionCode } from '../../../crm/index.ts';
import { regionsOfAreaCode } from '../zones/area-regions.ts';
import { callingCodeOf, countryOfNumber } from '../zones/number-zones.ts';
import { lookBackOf } from './frequency.ts';
import { compileRuleSet, type RuleSet } from './rule-set.ts';

const names = z.array(z.string());
const fileForm = z.strictObject({
  /** ISO codes; `*` for all that no other file names. */
  countries: names,
  always: names,
  /** Added for a part of the country, by ISO 3166-2 without the country. */
  regions: z.record(z.string(), names).optional(),
  /** Added there for dialling by machine. */
  automated: z.record(z.string(), names).optional(),
  sets: z.record(z.string(), z.unknown()),
});
type CountryRules = z.infer<typeof fileForm>;

/** What rules look at of the past. */
export interface RuleLook {
  /** How far back attempts, talks and refusals have to be known for the longest of all rules, in ms. */
  readonly lookBackMs: number;
  /** Over which windows abandoned calls are counted, in ms, the longest first. */
  readonly abandonWindows: readonly number[];
}

/** The rule sets an installation has, and which of them bear on a number. */
export interface RuleCatalogue extends RuleLook {
  readonly names: readonly string[];
  get(name: string): RuleSet | undefined;
  /** Those that bear somewhere by themselves, as the law of a place or the policy for it. */
  readonly placed: readonly RuleSet[];
  /** Sets of every country and part of it that number or address point to. Never empty. */
  choose(e164: string, addressRegion: string | null, automated: boolean): readonly RuleSet[];
  /** Sets that bear on all of a country, for dialling by machine. Never empty. */
  ofCountry(country: string): readonly RuleSet[];
}

const rememberedChoices = 20_000;
const shipped = join(paths.root, 'campaigns', 'compliance', 'rule-sets');

/** @throws when a file cannot be read: a gate without its rules must not come up. */
export function loadCatalogue(
  folder = shipped,
  edited: ReadonlyMap<string, RuleSet> = new Map(),
  calendars?: CalendarBook,
): RuleCatalogue {
  const sets = new Map<string, RuleSet>();
  const countries = new Map<string, CountryRules>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    try {
      const rules = fileForm.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      for (const [name, form] of Object.entries(rules.sets))
        sets.set(name, compileRuleSet(name, form, calendars));
      for (const country of rules.countries) countries.set(country, rules);
    } catch (error) {
      throw new Error(`rule sets in ${join(folder, file)} cannot be used: ${(error as Error).message}`);
    }
  }
  for (const [name, rules] of edited) sets.set(name, rules);
  for (const rules of countries.values())
    for (const name of namesIn(rules))
      if (!sets.has(name)) throw new Error(`rule set ${name} is named in ${folder} and not there`);
  const placed = setsByPlace(sets.values());
  const choices = new Map<string, readonly RuleSet[]>();
  const others = required(countries.get('*'), folder);

  return {
    names: [...sets.keys()].sort(),
    lookBackMs: lookBackFor(sets.values()),
    abandonWindows: [...new Set([...sets.values()].map((set) => set.abandonWindowMs))].sort((a, b) => b - a),
    get: (name) => sets.get(name),
    placed: [...new Set([...[...countries.values()].flatMap(namesIn), ...[...placed.values()].flat().map(({ name }) => name)])].map((name) => sets.get(name)!), // prettier-ignore
    choose(e164, addressRegion, automated) {
      const key = placeKey(e164, addressRegion) + (automated ? ' machine' : '');
      let rules = choices.get(key);
      if (!rules) {
        rules = select(placesOf(e164, addressRegion), automated);
        if (choices.size < rememberedChoices) choices.set(key, rules);
      }
      return rules;
    },
    ofCountry: (country) => select(new Set([country]), true),
  };

  function select(places: ReadonlySet<string>, automated: boolean): readonly RuleSet[] {
    const chosen = new Set<string>();
    for (const place of places) {
      const [country = '', part = ''] = place.split('-');
      // A set that the firm has written for a whole country stands there instead of the policy for all others.
      const rules = countries.get(country) ?? (placed.has(country) ? null : others);
      for (const where of new Set([country, place]))
        for (const { name, form } of placed.get(where) ?? [])
          if (automated || !form.automated_only) chosen.add(name);
      if (!rules) continue;
      rules.always.forEach((name) => chosen.add(name));
      rules.regions?.[part]?.forEach((name) => chosen.add(name));
      if (automated) rules.automated?.[part]?.forEach((name) => chosen.add(name));
    }
    return [...chosen].map((name) => sets.get(name) as RuleSet);
  }
}

/** Days are those of the place that is called, and may have begun that much earlier. */
const dayMargin = 2 * dayMs;
/** A talk of the last two months also says that a number has not been given to somebody else. */
const leastLookBack = 62 * dayMs;

function lookBackFor(sets: Iterable<RuleSet>): number {
  let longest = leastLookBack;
  for (const { frequency } of sets)
    for (const rule of frequency) longest = Math.max(longest, lookBackOf(rule) + dayMargin);
  return longest;
}

/** Sets for calls other than sales are for campaigns that name them, wherever they hold. */
function setsByPlace(sets: Iterable<RuleSet>): Map<string, RuleSet[]> {
  const placed = new Map<string, RuleSet[]>();
  for (const set of sets)
    for (const written of set.form.kind ? [] : (set.form.places ?? [])) {
      const place = regionCode(written) ?? written;
      placed.set(place, [...(placed.get(place) ?? []), set]);
    }
  return placed;
}

function required(others: CountryRules | undefined, folder: string): CountryRules {
  if (!others) throw new Error(`${folder} holds no rule sets for other countries (countries: ["*"])`);
  return others;
}

/** What `placesOf` looks at: area or calling code, country and part of it. */
function placeKey(e164: string, addressRegion: string | null): string {
  const head = e164.startsWith('+1') ? e164.slice(0, 5) : (callingCodeOf(e164.slice(1)) ?? '?');
  return `${head} ${placeOfAddress(addressRegion) ?? ''}`;
}

function placeOfAddress(addressRegion: string | null): string | null {
  const address = parseAddressRegion(addressRegion);
  return address && (address.subdivision ? `${address.country}-${address.subdivision}` : address.country);
}

function namesIn(rules: CountryRules): string[] {
  const byPart = [...Object.values(rules.regions ?? {}), ...Object.values(rules.automated ?? {})];
  return [...rules.always, ...byPart.flat()];
}

/** Where a number and an address belong to: both count, as the person may be in either. */
export function placesOf(e164: string, addressRegion: string | null): Set<string> {
  const places = new Set<string>();
  const address = placeOfAddress(addressRegion);
  if (address) places.add(address);
  const areas = e164.startsWith('+1') ? regionsOfAreaCode(e164.slice(2, 5)) : [];
  areas.forEach((area) => places.add(area));
  const country = countryOfNumber(e164);
  // A number of +1 that belongs to no place is the address's own; without one the strictest guess is the US.
  if (areas.length === 0 && country && !(e164.startsWith('+1') && address)) places.add(country);
  if (places.size === 0) places.add('*');
  return places;
}
