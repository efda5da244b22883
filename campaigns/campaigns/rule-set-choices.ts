import type { Locale, Translate } from '../../core/i18n/index.ts';
import { sourceWords, type RuleCatalogue } from '../compliance/index.ts';

export interface RuleSetChoice {
  readonly value: string;
  readonly label: string;
  /** The law or policy it comes from, and how sure that is; empty when it is no longer installed. */
  readonly source: string;
  readonly checked: boolean;
}

/** Codes of names that ISO has otherwise. */
const countryCodes: Readonly<Record<string, string>> = { uk: 'GB' };

/** Every rule set there is, by country and in the reader's words; what is chosen and gone stays to be seen. */
export function ruleSetChoices(
  catalogue: RuleCatalogue,
  chosen: readonly string[],
  t: Translate,
  locale: Locale,
): RuleSetChoice[] {
  const regions = new Intl.DisplayNames([locale], { type: 'region' });
  const placeOf = (name: string) => {
    const [prefix = ''] = name.split('.');
    const code = countryCodes[prefix] ?? prefix.toUpperCase();
    return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? '') : '';
  };
  const label = (name: string) => {
    const words = t(`campaigns:ruleSets.${name.replaceAll('.', '-')}`, { defaultValue: name });
    return [placeOf(name), words].filter(Boolean).join(' · ');
  };
  // Made to try rules out, not to call by.
  const offered = catalogue.names.filter(
    (name) => catalogue.get(name)!.form.confidence !== 'synthetic' || chosen.includes(name),
  );
  const gone = chosen.filter((name) => !catalogue.names.includes(name));
  return [
    ...gone.map((value) => ({
      value,
      label: t('campaigns:ruleSetGone', { name: value }),
      source: '',
      checked: true,
    })),
    ...offered
      .map((value) => ({
        value,
        label: label(value),
        source: sourceWords(catalogue.get(value)!.form, { t, locale }),
        checked: chosen.includes(value),
      }))
      .sort((a, b) => a.label.localeCompare(b.label, locale)),
  ];
}
