import { zoneLabel } from './format.ts';
import type { Locale } from './locale.ts';

const choicesOf = new Map<Locale, { value: string; label: string }[]>();

/** Every zone by its name in the reader's language; made once for each, as naming 400 zones takes a while. */
export function zoneChoices(locale: Locale): { value: string; label: string }[] {
  let choices = choicesOf.get(locale);
  if (!choices) {
    choices = ['UTC', ...Intl.supportedValuesOf('timeZone')]
      .map((value) => ({ value, label: zoneLabel(value, locale) }))
      .sort((a, b) => a.label.localeCompare(b.label, locale));
    choicesOf.set(locale, choices);
  }
  return choices;
}
