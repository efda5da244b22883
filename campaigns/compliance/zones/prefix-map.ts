import { numberCorrections } from './number-corrections.ts';
import { numberZoneData } from './number-zone-data.ts';

/** Zones by the longest prefix of a number's digits. */
export interface PrefixMap {
  zonesOf(digits: string): readonly string[] | undefined;
}

/** libphonenumber's map with the curated corrections applied. */
export function buildPrefixMap(data = numberZoneData, corrections = numberCorrections): PrefixMap {
  const map = readData(data);
  for (const line of corrections.split('\n')) if (line && !line.startsWith('#')) correct(map, line);
  const longest = longestPrefixes(map);
  return {
    zonesOf(digits) {
      const from = longest.get(digits.slice(0, 2)) ?? 0;
      for (let length = Math.min(from, digits.length); length > 0; length -= 1) {
        const zones = map.get(digits.slice(0, length));
        if (zones) return zones;
      }
      return undefined;
    },
  };
}

/** How long prefixes get, by the first two digits: North America needs four of eight. */
function longestPrefixes(map: Map<string, readonly string[]>): Map<string, number> {
  const longest = new Map<string, number>();
  for (const prefix of map.keys()) {
    const heads = prefix.length > 1 ? [prefix.slice(0, 2)] : [...'0123456789'].map((next) => prefix + next);
    for (const head of heads) longest.set(head, Math.max(longest.get(head) ?? 0, prefix.length));
  }
  return longest;
}

function readData(data: string): Map<string, readonly string[]> {
  const map = new Map<string, readonly string[]>();
  let zones: string[] = [];
  for (const line of data.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon >= 0) zones = line.slice(0, colon).split(' ');
    for (const prefix of line.slice(colon + 1).split(' ')) if (prefix) map.set(prefix, zones);
  }
  return map;
}

function correct(map: Map<string, readonly string[]>, line: string): void {
  const [left = '', right = ''] = line.slice(2).split(':');
  const prefixes = left.trim().split(/\s+/);
  const zones = right.trim().split(/\s+/).filter(Boolean);
  switch (line[0]) {
    case '=':
      for (const prefix of prefixes) map.set(prefix, zones);
      return;
    case '!':
      for (const prefix of prefixes) {
        for (const longer of below(map, prefix)) map.delete(longer);
        map.set(prefix, zones);
      }
      return;
    case '+':
      for (const prefix of prefixes)
        for (const entry of [prefix, ...below(map, prefix)]) map.set(entry, union(map.get(entry), zones));
      return;
    case '~': {
      const all = prefixes.reduce<string[]>((sum, prefix) => union(sum, map.get(prefix) ?? []), []);
      for (const prefix of prefixes) map.set(prefix, all);
      return;
    }
    default:
      throw new Error(`unknown correction "${line}"`);
  }
}

function below(map: Map<string, readonly string[]>, prefix: string): string[] {
  return [...map.keys()].filter((key) => key.length > prefix.length && key.startsWith(prefix));
}

function union(a: readonly string[] | undefined, b: readonly string[]): string[] {
  return [...new Set([...(a ?? []), ...b])].sort();
}
