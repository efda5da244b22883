/** Spreadsheets run a cell that begins so as a formula; numbers and phone numbers are left alone. */
const formula = /^[=+\-@\t\r]/;
const harmless = /^[+-]?[\d .,:%()-]*$/;

export function csvCell(value: unknown): string {
  let text = value == null ? '' : String(value);
  if (formula.test(text) && !harmless.test(text)) text = `'${text}`;
  // Where the list separator is another, a cell must not fall apart into a harmless one and a formula.
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

/** Without it, Excel reads UTF-8 as the machine's own code page. */
export const byteOrderMark = '\uFEFF';
