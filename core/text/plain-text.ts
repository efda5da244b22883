import { z } from 'zod';

/**
 * Controls of machines (C0, C1) and those that turn the order of writing round or shut it in. Nobody sees them in a
 * field; they come with what is copied out of other programs, and let a name show itself as another one.
 */
const unseen = /(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** A text without signs that nobody sees. Line breaks and tabs stay. */
export function plainText(text: string): string {
  return text.replace(unseen, '');
}

/** A text of one line: a name, a title. */
export function plainLine(text: string): string {
  return plainText(text)
    .replace(/\s*[\t\n\r]\s*/g, ' ')
    .trim();
}

/** What people call a thing: `line.min(1).max(120)`. */
export const line = z.string().overwrite(plainLine);

/** How deep a body is looked through; a form is three deep. */
const deepest = 20;

/** The same with each text in it plain, names of fields too; other values as they are. */
export function plainTexts<T>(value: T, depth = 0): T {
  if (typeof value === 'string') return plainText(value) as T;
  if (typeof value !== 'object' || value === null || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => plainTexts(one, depth + 1)) as T;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const entries = Object.entries(value).map(([name, one]: [string, unknown]) => [
    plainText(name),
    plainTexts(one, depth + 1),
  ]);
  return Object.fromEntries(entries) as T;
}
