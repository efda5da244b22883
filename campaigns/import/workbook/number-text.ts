/** How a number of a sheet is shown, as far as it matters to a list. */
export type NumberForm = { readonly kind: 'plain' } | { readonly kind: 'date' | 'time' | 'date-time' } | { readonly kind: 'digits'; readonly width: number }; // prettier-ignore

export const plainNumber: NumberForm = { kind: 'plain' };
const dayMs = 86_400_000;

/** Formats that every workbook has without saying so. */
export function builtInForm(id: number): NumberForm {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return { kind: 'date' };
  if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return { kind: 'time' };
  return id === 22 ? { kind: 'date-time' } : plainNumber;
}

/** What a format of the workbook's own makes of a number: `yyyy/m/d`, `0000000000`. */
export function formOfCode(code: string): NumberForm {
  const first = code.split(';')[0] ?? '';
  const bare = first.replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '');
  if (/^0{2,}$/.test(bare)) return { kind: 'digits', width: bare.length };
  const day = /[yd]/i.test(bare) || /[年月日]/.test(first);
  const time = /[hs]/i.test(bare);
  if (day) return { kind: time ? 'date-time' : 'date' };
  return time ? { kind: 'time' } : plainNumber;
}

/**
 * The text of a number as a person sees it. The file holds every digit of what a narrow column shows as 1.38E+10; zeros
 * that a format puts in front are given back; a date is not the number of its day.
 */
export function numberText(written: string, form: NumberForm, from1904: boolean): string {
  const value = Number(written);
  if (written.trim() === '' || !Number.isFinite(value)) return written;
  if (form.kind === 'digits' && Number.isSafeInteger(value) && value >= 0)
    return String(value).padStart(form.width, '0');
  if (form.kind === 'plain' || form.kind === 'digits' || value < 0 || value > 2_958_466) return String(value);
  const moment = new Date(Math.round((value + (from1904 ? 1462 : 0) - 25_569) * dayMs + phantomDay(value, from1904))); // prettier-ignore
  const iso = moment.toISOString();
  const [date, time] = [iso.slice(0, 10), iso.slice(11, iso.slice(17, 19) === '00' ? 16 : 19)];
  if (form.kind === 'time' && value < 1) return time;
  return form.kind === 'date' || Number.isInteger(value) ? date : `${date} ${time}`;
}

/** Excel counts a 29 February 1900, which never was. */
const phantomDay = (value: number, from1904: boolean): number => (!from1904 && value < 60 ? dayMs : 0);
