/** Fields of customers and leads that a filter may ask for; besides these `custom.<name>`. */
export const filterFields = [
  'name',
  'company',
  'email',
  'language',
  'addressCountry',
  'addressRegion',
  'externalId',
  'tag',
  'phone',
  'list',
  'attempts',
] as const;
export type FilterField = (typeof filterFields)[number] | `custom.${string}`;

export const filterOperators = [
  'is',
  'is-not',
  'contains',
  'begins',
  'at-least',
  'at-most',
  'empty',
  'not-empty',
] as const;
export type FilterOperator = (typeof filterOperators)[number];

/** Upper and lower case are alike. `values`: one of them is enough; `at-least` and `at-most` take one number. */
export interface FilterCondition {
  readonly field: FilterField;
  readonly operator: FilterOperator;
  readonly values: readonly string[];
}

/** Which leads of a campaign are dialled. A promised callback is kept whatever a filter says. */
export interface LeadFilter {
  readonly meet: 'all' | 'any';
  readonly conditions: readonly FilterCondition[];
}

/** `state_reason` of a lead that is blocked because its campaign has enough successes of its like. */
export const quotaReason = 'quota-met';

/** `state_reason` of a lead that is blocked because it does not meet the campaign's filter. */
export const filteredReason = 'filtered';

export const isNumeric = (operator: FilterOperator): boolean =>
  operator === 'at-least' || operator === 'at-most';
export const takesNoValue = (operator: FilterOperator): boolean =>
  operator === 'empty' || operator === 'not-empty';
