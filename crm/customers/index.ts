export {
  isNameless,
  phoneTypes,
  type Customer,
  type CustomerFields,
  type CustomerPhone,
  type PhoneType,
} from './customer.ts';
export {
  createCustomerStore,
  type CustomerCard,
  type CustomerStore,
  type CustomerWarning,
} from './customer-store.ts';
export { type CustomerFilter, type CustomerPage } from './customer-read.ts';
export { CustomerChangedMeanwhile, type CustomerChange } from './customer-update-many.ts';
export { type MatchBy } from './customer-match.ts';
export { type CustomerCreated, type CustomerSaved } from './customer-write.ts';
export {
  parseAddressRegion,
  readAddress,
  readRegion,
  type AddressReading,
  type AddressRegion,
  type RegionParts,
  type RegionReading,
} from './address-region.ts';
export { customerLine } from './customer-line.ts';
export { type PreparedCustomer } from './customer-insert.ts';
export {
  countryLabel,
  countryNamed,
  isCountryAlone,
  isRegion,
  placeName,
  regionCode,
  regionLabel,
  regionSpellings,
} from './region-words.ts';
export { lockNumbers } from './number-locks.ts';
export {
  isCountry,
  phoneProblems,
  readPhone,
  ungrouped,
  type PhoneProblem,
  type PhoneReading,
} from './phone-number.ts';
export { customFieldNames } from './custom-fields.ts';
export { fieldLabels, fieldLabelsSetting, labelledFields } from './field-labels.ts';
export { fitTags, splitTags } from './customer-form.ts';
export { createCustomerIndexer, indexJob } from './customer-index.ts';
export { queryWords } from './search-terms.ts';
