export { formatDuration } from './duration.ts';
export { locales, localeNames, negotiateLocale, toLocale, type Locale } from './locale.ts';
export { joinSentences } from './sentences.ts';
export { createTranslator, type Translate, type Translator } from './translator.ts';
export {
  formatDate,
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
export { zoneChoices } from './zone-choices.ts';
