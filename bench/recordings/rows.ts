import { seeded } from '../customers/people.ts';

export const columns = [
  ...['call_id', 'name', 'state', 'path', 'duration_ms', 'size', 'started_at', 'finished_at', 'campaign_id'],
  ...['user_id', 'customer_id', 'e164', 'outcome', 'disposition_id'],
] as const;

export type Value = string | number | null;

const dayMs = 86_400_000;
export const newest = Date.UTC(2026, 9, 30);
const span = 3 * 365 * dayMs;

/**
 * Talks of three years, by shifts in Shanghai and New York: by day, hardly any at night. Every tenth was not answered by
 * an agent and has no sound. Numbers are made up and never dialled.
 */
export function* rows(count: number): Generator<Value[]> {
  const random = seeded(11);
  for (let n = 0; n < count; n++) {
    const day = Math.floor((newest - span + (span * n) / count) / dayMs) * dayMs;
    const chinese = random() < 0.5;
    // 09:00 to 20:00 in Shanghai, or in New York's winter, more around noon; one in a thousand whenever it is.
    const minute = random() < 0.001 ? random() * 1_440 : (chinese ? 60 : 840) + 330 * (random() + random());
    const at = day + Math.floor(minute * 60_000);
    const isStored = random() < 0.9;
    const ms = isStored ? Math.round(-90_000 * Math.log(1 - random())) : null;
    const e164 = chinese
      ? `+8613${digits(random, 9)}`
      : `+1${200 + Math.floor(random() * 700)}${digits(random, 7)}`;
    const name = `c-${n}`;
    const outcome = random() < 0.97 ? 'answered' : 'abandoned';
    yield [
      ...[name, name, isStored ? 'stored' : 'failed', isStored ? `recordings/${name}.wav` : null, ms],
      ...[ms === null ? null : ms * 16, at, at + (ms ?? 0), 1 + Math.floor(40 * random() ** 2)],
      ...[1 + Math.floor(300 * random()), 1 + Math.floor(400_000 * random()), e164, outcome],
      1 + Math.floor(20 * random() ** 2),
    ];
  }
}

const digits = (random: () => number, count: number) =>
  String(Math.floor(random() * 10 ** count)).padStart(count, '0');
