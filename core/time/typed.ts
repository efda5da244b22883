const two = (n: number) => String(n).padStart(2, '0');

/** 2026-11-29, 2026/11/29, 20261129, 2026年11月29日. Null: no such day. */
export function isoDay(text: string): string | null {
  const plain = text.normalize('NFKC').trim();
  const parts =
    /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/.exec(plain) ??
    /^(\d{4})(\d\d)(\d\d)$/.exec(plain);
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const iso = `${parts[1]}-${two(month)}-${two(day)}`;
  const moment = new Date(Date.UTC(year, month - 1, day));
  return moment.toISOString().slice(0, 10) === iso ? iso : null;
}

const written = /^(\D*?)\s*(\d{1,2})(?:\s*[:.点點时時]\s*(?:(\d\d)\s*分?)?|(\d\d))?\s*([ap]\.?m\.?)?$/;
/** The hours of a day that each word speaks of, from one to another; without a word the clock has 24 hours. */
const parts: readonly (readonly [words: string, ...hours: (readonly [number, number])[]])[] = [
  ['am 上午', [0, 11]],
  ['pm 下午', [12, 23]],
  ['凌晨', [0, 6]],
  ['早 早上 早晨 清晨', [1, 11]],
  ['中午', [11, 14]],
  ['傍晚', [16, 20]],
  ['晚 晚上 晚间 晚間', [17, 24]],
  ['夜里 夜裡 夜裏 夜间 夜間 深夜 半夜 午夜', [18, 24], [1, 5]],
];
const hoursOf = new Map(parts.flatMap(([words, ...hours]) => words.split(' ').map((word) => [word, hours])));

/** The hour that 1 to 12 on the face of a clock means in these hours of the day; null: none, or more than one. */
function hourOfDay(onFace: number, spans: readonly (readonly [number, number])[]): number | null {
  const could = onFace === 12 ? [0, 12, 24] : onFace === 0 ? [0] : [onFace, onFace + 12];
  const meant = could.filter((hour) => spans.some(([from, to]) => hour >= from && hour <= to));
  return onFace <= 12 && meant.length === 1 ? meant[0]! : null;
}

/**
 * 15:30, 1530, 15.30, 3:30 pm, 下午3点30分, 8. As `HH:MM`, 24:00 at the most, as the midnight at the end of a day is that
 * of its night (晚上12点); null: no such time.
 */
export function clockTime(text: string): string | null {
  const [, before = '', hours, minutes, close, after = ''] =
    written.exec(text.normalize('NFKC').trim().toLowerCase()) ?? [];
  const word = (before || after).replaceAll('.', '');
  if (hours === undefined || (before && after)) return null;
  const hour = word ? hourOfDay(Number(hours), hoursOf.get(word) ?? []) : Number(hours);
  const minute = Number(minutes ?? close ?? 0);
  if (hour === null || minute > 59 || hour * 60 + minute > 24 * 60) return null;
  return `${two(hour)}:${two(minute)}`;
}
