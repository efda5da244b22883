import { weekdays, type Campaign } from '../../campaigns/index.ts';
import { dayMs, localDay, weekday } from '../../core/time/local-day.ts';
import { zoneRules } from '../../core/time/zone-rules.ts';

/**
 * When the campaign's calling hours end today in its own zone; undefined on a closed day and once they are over (customers
 * further west may still be called). Customers' own zones decide about each call; this is for planning the day.
 */
export function closesAt({ zone, hours }: Pick<Campaign, 'zone' | 'hours'>, now: number): number | undefined {
  const rules = zoneRules(zone);
  if (!rules) return undefined;
  const day = localDay(rules, now);
  const last = hours[weekdays[weekday(day)]!].at(-1);
  if (!last) return undefined;
  const [hour, minute] = last[1].split(':').map(Number) as [number, number];
  const wall = day * dayMs + (hour * 60 + minute) * 60_000;
  // The clock may be changed on that very day.
  const at = wall - rules.offsetAt(wall - rules.offsetAt(now));
  return at > now ? at : undefined;
}
