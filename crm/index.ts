export * from './customers/index.ts';
export * from './timeline/index.ts';
export * from './script/index.ts';
export { crmAreas } from './areas.ts';
export { defaultCountry } from './settings.ts';
export {
  countryChoices,
  customerLanguages,
  languageName,
  namedParts,
  regionName,
  usualLanguage,
} from './customers/countries.ts';
export { formSchema } from './form-schema.ts';
