import { DateTime, IANAZone, Zone } from 'luxon';
import { zoneRules, type ZoneRules } from './zone-rules.ts';

/**
 * A zone for luxon whose clock is the one of `zoneRules`. What the gate decides, what a page shows and what an agent
 * promises then speak of the same hour, also where the engine's own data are out of date.
 */
class RulesZone extends Zone {
  readonly #rules: ZoneRules;

  constructor(rules: ZoneRules) {
    super();
    this.#rules = rules;
  }

  override get type(): string {
    return 'rules';
  }

  override get name(): string {
    return this.#rules.name;
  }

  override get isUniversal(): boolean {
    return false;
  }

  override get isValid(): boolean {
    return true;
  }

  override offset(at: number): number {
    return this.#rules.offsetAt(at) / 60_000;
  }

  override offsetName(at: number): string {
    return `GMT${this.formatOffset(at, 'short')}`;
  }

  override formatOffset(at: number, format: 'narrow' | 'short' | 'techie'): string {
    const minutes = this.offset(at);
    const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
    const [hours, rest] = [Math.abs(minutes) / 60, Math.abs(minutes) % 60];
    const sign = minutes < 0 ? '-' : '+';
    if (format === 'narrow') return `${sign}${Math.floor(hours)}${rest > 0 ? `:${two(rest)}` : ''}`;
    return `${sign}${two(hours)}${format === 'techie' ? '' : ':'}${two(rest)}`;
  }

  override equals(other: Zone): boolean {
    return other instanceof RulesZone && other.name === this.name;
  }
}

const zones = new Map<string, Zone>();

function clockOf(name: string): Zone {
  let zone = zones.get(name);
  if (!zone) {
    const rules = zoneRules(name);
    zone = rules ? new RulesZone(rules) : IANAZone.create(name);
    zones.set(name, zone);
  }
  return zone;
}

/** What the clocks of an IANA zone show at an instant of epoch ms. */
export function localTime(at: number, zone: string): DateTime {
  return DateTime.fromMillis(at, { zone: clockOf(zone) });
}

/** The moment when the clocks of a zone show `2026-12-01` or `2026-12-01T10:00`; not valid for any other text. */
export function fromLocal(text: string, zone: string): DateTime {
  return DateTime.fromISO(text, { zone: clockOf(zone) });
}

/** Offsets from UTC in ms, each from an instant on, the last before the first time asked for. For a page's own script. */
export type OffsetsAhead = readonly (readonly [from: number, offset: number])[];

/** How a zone's clocks stand from one instant (epoch ms) to another. */
export function offsetsOf(zone: string, from: number, until: number): OffsetsAhead {
  const rules = zoneRules(zone);
  if (!rules) return [[from, localTime(from, zone).offset * 60_000]];
  const offsets: [number, number][] = [];
  for (let at = from; at < until || offsets.length === 0; at = rules.stretchAt(at).until)
    offsets.push([at, rules.offsetAt(at)]);
  return offsets;
}
