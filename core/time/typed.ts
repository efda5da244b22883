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
/** Words for a half of the day; what they leave open is read on a clock of 24 hours. */
const halves: Readonly<Record<string, 'am' | 'pm' | undefined>> = {
  ...{ am: 'am', 上午: 'am', 早上: 'am', 凌晨: 'am' },
  ...{ pm: 'pm', 下午: 'pm', 晚上: 'pm' },
};

/** 15:30, 1530, 15.30, 3:30 pm, 下午3点30分, 8. As `HH:MM`, 24:00 at the most; null: no such time. */
export function clockTime(text: string): string | null {
  const [, before = '', hours, minutes, close, after = ''] =
    written.exec(text.normalize('NFKC').trim().toLowerCase()) ?? [];
  const word = (before || after).replaceAll('.', '');
  const half = halves[word];
  if (hours === undefined || (before && after) || (word && !half)) return null;
  let hour = Number(hours);
  const minute = Number(minutes ?? close ?? 0);
  if (half && hour > 12) return null;
  if (half) hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  if (minute > 59 || hour * 60 + minute > 24 * 60) return null;
  return `${two(hour)}:${two(minute)}`;
}
