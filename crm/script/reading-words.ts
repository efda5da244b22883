import type { Translate } from '../../core/i18n/index.ts';

const keys = ['step', 'required', 'number', 'date'];

/** What the page's script says of a script that is read. Parameters stay in double braces: the browser fills them in. */
export function readingWords(t: Translate): Record<string, string> {
  return Object.fromEntries(
    keys.map((key) => [`reading.${key}`, t(`scripts:reading.${key}`, { skipInterpolation: true })]),
  );
}
