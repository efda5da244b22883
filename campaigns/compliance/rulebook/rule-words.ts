import type { RequestContext } from '../../../core/http/index.ts';
import { formatDate, formatNumber, formatPercent } from '../../../core/i18n/index.ts';
import { regionName } from '../../../crm/index.ts';
import type { FrequencyRule, RuleSetForm } from '../rules/rule-set.ts';

type Words = Pick<RequestContext, 't' | 'locale'>;

const confidences = new Set([
  'statute',
  'regulator',
  'code',
  'policy',
  'secondary',
  'memory',
  'carrier',
  'synthetic',
  'collections',
]);

/** `statute+policy`, `statute(collections)` in words; what people wrote themselves as they wrote it. */
export function confidenceWords(confidence: string, { t }: Words): string {
  return confidence.replace(/\w+/g, (part) =>
    confidences.has(part) ? t(`compliance:rules.confidences.${part}`) : part,
  );
}

/** What `confidence` says in the reader's own words stands in some sources too, as a remark for whoever keeps them. */
const remarks = [
  /\s*\([^()]*\b(?:memory|verify)\b[^()]*\)/g,
  /^policy(?: default)?(?: \([^()]*\))?(?:[;,]\s*|$)/,
];

/** The law, code or rule that a set comes from, without remarks; empty where it is policy and nothing else. */
export function sourceName(source: string): string {
  return remarks.reduce((text, remark) => text.replace(remark, ''), source);
}

/** Source and confidence in one line. */
export function sourceWords({ source, confidence }: RuleSetForm, words: Words): string {
  return [sourceName(source), confidenceWords(confidence, words)].filter(Boolean).join(' · ');
}

/** Where a rule set is for, by its name: `us.fl` is Florida's, in the United States. */
export function placeOf(name: string, { t, locale }: Words): string {
  const [land = '', part = ''] = name.split('.');
  if (!/^[a-z]{2}$/.test(land)) return t('compliance:rules.otherPlaces');
  const country = land === 'uk' ? 'GB' : land.toUpperCase();
  // States of the United States are told by their letters; other names say what a set is about.
  const region = land === 'us' && /^[a-z]{2}(_|$)/.test(part) ? `-${part.slice(0, 2).toUpperCase()}` : '';
  return regionName(country + region, locale);
}

export function consentWords(kinds: readonly string[], { t }: Words): string {
  return kinds.map((kind) => t(`compliance:consents.kinds.${kind}`, { defaultValue: kind })).join(', ');
}

function frequencyWords(rules: readonly FrequencyRule[], { t, locale }: Words): string {
  const number = (value: number) => formatNumber(value, locale);
  return rules
    .map((rule) => {
      const max = 'max' in rule ? number(rule.max) : '';
      const span = 'hours' in rule ? number(rule.hours) : 'days' in rule ? number(rule.days) : '';
      const text = t(`compliance:rules.frequencyText.${rule.type}`, { max, span });
      const byNumber = 'key' in rule && /number/.test(rule.key ?? '');
      return byNumber ? `${text} (${t('compliance:rules.frequencyText.byNumber')})` : text;
    })
    .join('; ');
}

/** What a rule set says about one field, where the plain text of its form is no words. */
export function ruleWords(field: string, form: RuleSetForm, words: Words, plain: string): string {
  const { t, locale } = words;
  switch (field) {
    case 'freq':
      return frequencyWords(form.freq ?? [], words);
    case 'waived_by':
      return consentWords(form.waived_by ?? [], words);
    case 'consent_ok':
      return consentWords(form.consent_ok ?? [], words);
    case 'dnc_scrub_required':
      return form.dnc_scrub_required ? t('compliance:yes') : '';
    case 'abandon_counts_amd_errors':
      return form.abandon_counts_amd_errors ? t('compliance:yes') : '';
    case 'automated_only':
      return form.automated_only ? t('compliance:yes') : '';
    case 'places':
      return (form.places ?? []).map((place) => regionName(place, locale)).join(', ');
    case 'calendar':
      return form.calendar ? t(`calendar:names.${form.calendar}`, { defaultValue: form.calendar }) : '';
    case 'dnc_scrub_max_days':
    case 'abandon_window_days':
      return plain && `${plain} ${t('common:units.days')}`;
    case 'abandon_cap':
      return form.abandon_cap === undefined ? '' : formatPercent(form.abandon_cap, locale);
    case 'business_relationship':
      return form.business_relationship
        ? t('compliance:rules.months', {
            transaction: form.business_relationship.transaction_months,
            inquiry: form.business_relationship.inquiry_months,
          })
        : '';
    case 'kind':
      return form.kind ? t(`compliance:kind.${form.kind}`) : '';
    case 'confidence':
      return confidenceWords(form.confidence, words);
    case 'consent_required_from':
    case 'holidays':
    case 'makeup_workdays':
      return plain.replace(/\d{4}-\d\d-\d\d/g, (day) =>
        formatDate(Date.parse(day), 'date', { locale, zone: 'UTC' }),
      );
    default:
      return plain;
  }
}
