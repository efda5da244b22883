import { DateTime } from 'luxon';

/**
 * Numbers kept for fiction whose last two digits are free, in places around the globe: at any hour somebody there may
 * be called, and somebody may not.
 */
interface Place {
  prefix: string;
  zone: string;
  region: string;
  /** The last hour in which a test may begin, on Saturdays and Sundays too unless said otherwise; null: none. */
  saturday?: number;
  sunday?: number | null;
}

/** No telemarketing on Sundays, and on Saturdays until five. */
const australian = { saturday: 15, sunday: null };

const places: readonly Place[] = [
  { prefix: '+121255501', zone: 'America/New_York', region: 'US-NY-10001' },
  { prefix: '+130355501', zone: 'America/Denver', region: 'US-CO-80202' },
  { prefix: '+180855501', zone: 'Pacific/Honolulu', region: 'US-HI-96813' },
  { prefix: '+4420794609', zone: 'Europe/London', region: 'GB-ENG' },
  { prefix: '+4420794608', zone: 'Europe/London', region: 'GB-ENG' },
  { prefix: '+6125550009', zone: 'Australia/Sydney', region: 'AU-NSW-2000', ...australian },
  { prefix: '+6185550009', zone: 'Australia/Perth', region: 'AU-WA-6000', ...australian },
  // Open on the Sunday mornings (UTC) on which nobody else may be called.
  { prefix: '+852912345', zone: 'Asia/Hong_Kong', region: 'HK' },
  { prefix: '+852912346', zone: 'Asia/Hong_Kong', region: 'HK' },
];

const hourAt = (zone: string, now: number) => DateTime.fromMillis(now, { zone }).hour;

const lastHour = 18;

function isOpen({ zone, saturday = lastHour, sunday = lastHour }: Place, now: number): boolean {
  const { hour, weekday } = DateTime.fromMillis(now, { zone });
  const last = weekday === 7 ? sunday : weekday === 6 ? saturday : lastHour;
  return last !== null && hour >= 10 && hour <= last;
}

/** The place where the day is youngest within ten to seven: the test has hours before it closes there. */
export function openPlace(now: number): Place {
  return openPlaces(now)[0]!;
}

/** All in which it is ten to seven, the youngest day first; there are two or more. */
export function openPlaces(now: number): Place[] {
  const open = places
    .filter((place) => isOpen(place, now))
    .map((place) => ({ place, hour: hourAt(place.zone, now) }))
    .sort((a, b) => a.hour - b.hour);
  if (open.length < 2) throw new Error('no place on earth is open: the table of places needs another');
  return open.map(({ place }) => place);
}

/** A place in the middle of its night. */
export function closedPlace(now: number): Place {
  const closed = places.find(({ zone }) => {
    const hour = hourAt(zone, now);
    return hour >= 22 || hour < 6;
  });
  if (!closed) throw new Error('no place on earth sleeps: the table of places needs another');
  return closed;
}
