import type { z } from 'zod';
import type { Locale } from '../../core/i18n/index.ts';
import {
  countryLabel,
  countryNamed,
  isCountryAlone,
  isRegion,
  placeName,
  regionCode,
  regionLabel,
} from '../../crm/index.ts';
import {
  filterFields,
  filterOperators,
  isNumeric,
  takesNoValue,
  type FilterCondition,
  type FilterField,
  type FilterOperator,
  type LeadFilter,
} from '../leads/lead-filter.ts';

const mostConditions = 12;
const spareRows = 2;
const mostValues = 200;
const longestValue = 191;

const nameOf = (index: number, part: 'field' | 'op' | 'value') => `filter_${index}_${part}`;

/**
 * The filter of a posted form: rows without a field are left out. Null: no condition. Regions are read for the campaign's
 * country; where it is not given, whether they are any is not judged.
 */
export function readFilter(
  form: Readonly<Record<string, unknown>>,
  context: Pick<z.RefinementCtx, 'addIssue'>,
  usual?: string,
): LeadFilter | null {
  const typed = (name: string) => (typeof form[name] === 'string' ? form[name].trim() : '');
  const conditions: FilterCondition[] = [];
  for (let index = 0; index < mostConditions; index++) {
    const field = typed(nameOf(index, 'field'));
    const operator = typed(nameOf(index, 'op')) as FilterOperator;
    if (!isField(field) || !filterOperators.includes(operator)) continue;
    // Chinese commas are commas.
    const given = typed(nameOf(index, 'value')).split(/[,，、;；\n]/).map((value) => value.trim().slice(0, longestValue)); // prettier-ignore
    const known = given.map((value) => codeOf(field, value, usual) ?? value);
    const values = takesNoValue(operator) ? [] : known.filter((value) => value !== '').slice(0, mostValues);
    const wrong = (key: string) =>
      void context.addIssue({ code: 'custom', path: [nameOf(index, 'value')], message: `campaigns:errors.${key}` }); // prettier-ignore
    if (isNumeric(operator) && (values.length !== 1 || !Number.isFinite(Number(values[0]))))
      wrong('filterNumber');
    else if (values.length === 0 && !takesNoValue(operator)) wrong('filterValue');
    else if (field === 'addressCountry' && !takesNoValue(operator) && !isExact(operator))
      wrong('filterCountryIs');
    else if (field === 'addressCountry' && !values.every((value) => countryNamed(value) === value))
      wrong('filterCountry');
    else if (field === 'addressRegion' && isExact(operator) && usual !== undefined) {
      if (!values.every((value) => isRegion(value, usual))) wrong('filterRegion');
      else if (values.some(isCountryAlone)) wrong('filterRegionIsCountry');
      else conditions.push({ field, operator, values });
    } else conditions.push({ field, operator, values });
  }
  return conditions.length > 0 ? { meet: form.filter_match === 'any' ? 'any' : 'all', conditions } : null;
}

const isExact = (operator: FilterOperator): boolean => operator === 'is' || operator === 'is-not';

/** The same letters are one thing as a country and another as a region of the campaign's own. */
function codeOf(field: FilterField, value: string, usual?: string): string | null {
  if (field === 'addressCountry') return countryNamed(value);
  return field === 'addressRegion' ? regionCode(value, usual) : value;
}

/** Countries were once asked for as regions. */
function shownField({ field, operator, values }: FilterCondition): FilterField {
  const isCountries = isExact(operator) && values.length > 0 && values.every(isCountryAlone);
  return field === 'addressRegion' && isCountries ? 'addressCountry' : field;
}

function isField(name: string): name is FilterField {
  return (filterFields as readonly string[]).includes(name) || /^custom\..{1,60}$/.test(name);
}

/** What the form shows of a filter. */
export function filterFieldsOf(filter: LeadFilter | null, locale: Locale): Record<string, string> {
  const fields: Record<string, string> = { filter_match: filter?.meet ?? 'all' };
  filter?.conditions.forEach((condition, index) => {
    const { operator, values } = condition;
    const field = shownField(condition);
    fields[nameOf(index, 'field')] = field;
    fields[nameOf(index, 'op')] = operator;
    fields[nameOf(index, 'value')] = filterValues({ field, values }, locale).join(', ');
  });
  return fields;
}

/** The values of a condition as the reader calls them. */
export function filterValues(
  { field, values }: Pick<FilterCondition, 'field' | 'values'>,
  locale: Locale,
): readonly string[] {
  if (field === 'addressCountry') return values.map((value) => countryLabel(value, locale));
  return field === 'addressRegion' ? values.map((value) => regionLabel(value, locale)) : values;
}

/** Countries and regions of a filter by name, as they were read. */
export function placesOfFilter(
  filter: LeadFilter | null,
  locale: Locale,
): readonly { field: FilterField; names: readonly string[] }[] {
  return (filter?.conditions ?? []).flatMap(({ field, values }) =>
    values.length > 0 && (field === 'addressCountry' || field === 'addressRegion')
      ? { field, names: values.map((value) => placeName(value, locale)) }
      : [],
  );
}

/** The rows of the form by the names of their fields: those filled in, and some to spare. */
export function filterRows(values: Readonly<Record<string, unknown>>) {
  let used = 0;
  for (let index = 0; index < mostConditions; index++) if (values[nameOf(index, 'field')]) used = index + 1;
  return Array.from({ length: Math.min(mostConditions, used + spareRows) }, (_, index) => ({
    field: nameOf(index, 'field'),
    op: nameOf(index, 'op'),
    value: nameOf(index, 'value'),
  }));
}
