import moment from 'moment-timezone';

/**
 * Offsets of time zones from the tz data that moment-timezone carries. The engine's own data is not used: Node 20
 * ships 2025c, which is an hour off in Vancouver, Edmonton, Winnipeg, Casablanca and others from autumn 2026 on.
 */
export interface ZoneRules {
  readonly name: string;
  /** Offset from UTC in ms, east positive, at an instant of epoch ms. */
  offsetAt(at: number): number;
  /** The stretch of constant offset that holds `at`; `until` is Infinity in the last one. */
  stretchAt(at: number): Stretch;
  /** Same text for zones whose clocks agree from 2025 to 2040. */
  readonly signature: string;
}

export interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

/** Version of the tz data in use, for evidence: '2026f'. */
export const zoneDataVersion: string = (moment.tz as unknown as { dataVersion: string }).dataVersion;

const signatureFrom = Date.UTC(2025, 0, 1);
const signatureUntil = Date.UTC(2040, 0, 1);
const known = new Map<string, ZoneRules | undefined>();

/** Undefined for a name that the tz data does not hold. */
export function zoneRules(name: string): ZoneRules | undefined {
  if (known.has(name)) return known.get(name);
  const rules = load(name);
  known.set(name, rules);
  return rules;
}

function load(name: string): ZoneRules | undefined {
  const data = moment.tz.zone(name);
  if (!data) return undefined;
  const stretches: Stretch[] = [];
  let from = -Infinity;
  for (const [index, end] of data.untils.entries()) {
    const until = end ?? Infinity;
    const offset = 0 - Math.round((data.offsets[index] ?? 0) * 60) * 1000;
    const last = stretches.at(-1);
    // Entries that only change the abbreviation are one stretch.
    if (last && last.offset === offset) stretches[stretches.length - 1] = { ...last, until };
    else stretches.push({ from, until, offset });
    from = until;
  }
  const ends = Float64Array.from(stretches, (stretch) => stretch.until);
  let hit = stretches.at(-1) as Stretch;

  const stretchAt = (at: number): Stretch => {
    if (at >= hit.from && at < hit.until) return hit;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at < (ends[middle] as number)) high = middle;
      else low = middle + 1;
    }
    hit = stretches[low] as Stretch;
    return hit;
  };
  return {
    name,
    offsetAt: (at) => stretchAt(at).offset,
    stretchAt,
    signature: stretches
      .filter((stretch) => stretch.until > signatureFrom && stretch.from < signatureUntil)
      .map((stretch) => `${stretch.offset}<${stretch.until}`)
      .join(),
  };
}

const comparedFrom = Date.UTC(2026, 0, 1);
const comparedUntil = Date.UTC(2031, 0, 1);
const comparedEvery = 6 * 3_600_000;

/**
 * False when the engine carries newer tz data than we do and they differ for this zone: ours are out of date then, and
 * nobody may be called there until moment-timezone is brought up to date.
 */
export function isUpToDate(rules: ZoneRules, engineVersion = process.versions.tz ?? ''): boolean {
  return engineVersion <= zoneDataVersion || agreesWithEngine(rules);
}

const yearMs = 366 * 86_400_000;

/**
 * What is wrong with the age of our tz data, for those who keep the product; null: nothing. Governments change their
 * clocks several times a year, at short notice.
 */
export function zoneDataTrouble(now: number, engineVersion = process.versions.tz ?? ''): string | null {
  if (engineVersion > zoneDataVersion)
    return `time zone data are ${zoneDataVersion}, Node has ${engineVersion}: bring moment-timezone up to date; zones in which they differ are not called`;
  const endOfYear = Date.UTC(Number(zoneDataVersion.slice(0, 4)) + 1, 0, 1);
  if (now < endOfYear + yearMs) return null;
  return `time zone data are of ${zoneDataVersion}: bring moment-timezone up to date`;
}

/** Do the engine's own data show the same clock in every quarter of a day of 2026 to 2030? */
export function agreesWithEngine({ name, offsetAt }: ZoneRules): boolean {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  for (let at = comparedFrom; at < comparedUntil; at += comparedEvery) {
    const [month, day, year, hour, minute] = format.format(at).split(/\D+/).map(Number) as number[];
    if (Date.UTC(year!, month! - 1, day, hour, minute) - at !== offsetAt(at)) return false;
  }
  return true;
}
