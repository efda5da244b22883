const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    const parts = {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    } as const;
    format = new Intl.DateTimeFormat('en-US', {
      ...parts,
      second: '2-digit',
      hourCycle: 'h23',
      timeZone: zone,
    });
    formats.set(zone, format);
  }
  return format;
}

/** What is added to UTC for the wall clock of `zone` at that moment, in milliseconds. */
function offsetOf(at: number, zone: string): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const wall = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!);
  return wall - Math.floor(at / 1000) * 1000;
}

/** Epoch ms of a wall clock (`2026-11-24`, `15:30`) in a zone; NaN when it is not complete. */
export function momentIn(zone: string, date: string, time: string): number {
  // Browsers make a date of nearly any text.
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !/^\d{2}:\d{2}$/.test(time)) return NaN;
  const wall = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(wall)) return NaN;
  const guess = wall - offsetOf(wall, zone);
  return wall - offsetOf(guess, zone);
}

/** `15:04` in a zone. */
export function timeIn(zone: string, at: number): string {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.hour}:${parts.minute}`;
}
