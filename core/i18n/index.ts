export { locales, localeNames, negotiateLocale, toLocale, type Locale } from './locale.ts';
export { joinSentences } from './sentences.ts';
export { createTranslator, type Translate, type Translator } from './translator.ts';
export {
  formatDate,
  formatDuration,
  formatNumber,
  formatPercent,
  formatPhone,
  isZone,
  zoneLabel,
  zoneLongName,
  zoneName,
  type DateShape,
  type Reader,
} from './format.ts';
