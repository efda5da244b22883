import { z } from 'zod';
import type { Locale } from '../../core/i18n/index.ts';
import { line } from '../../core/text/index.ts';
import { formSchema } from '../form-schema.ts';
import { parseAddressRegion, readPlace } from './address-region.ts';
import { namedParts } from './countries.ts';
import type { Customer, CustomerFields, CustomerPhone } from './customer.ts';
import { phoneTypes } from './customer.ts';
import { isCountry, readPhone } from './phone-number.ts';

const text = (most: number) => z.string().trim().max(most).default('');
const rows = <T extends z.ZodType>(row: T) =>
  // A form sends rows as a list or, with gaps between their numbers, as an object.
  z.preprocess(
    (value) =>
      value && typeof value === 'object' && !Array.isArray(value) ? Object.values(value) : (value ?? []),
    z.array(row),
  );

const phoneRow = z.object({ number: text(40), type: z.enum(phoneTypes).catch('mobile') });
const customRow = z.object({ key: text(60), value: text(500) });

const longestTag = 60;

const optional = (value: string): string | null => (value === '' ? null : value);

const baseForm = z.object({
  revision: z.coerce.number().int().min(0).default(0),
  name: line.min(1).max(191),
  salutation: line.max(100).default(''),
  externalId: text(100),
  language: text(10),
  company: line.max(191).default(''),
  email: z.union([z.literal(''), z.email().max(191)], { error: 'common:errors.email' }).default(''),
  address: text(255),
  country: text(2),
  regionRest: z
    .string()
    .trim()
    .max(60)
    .regex(/^[\p{L}\p{M}0-9 -]*$/u, 'crm:errors.region')
    .default(''),
  tags: text(1000),
  phones: rows(phoneRow),
  custom: rows(customRow),
  /** Set by "save anyway": somebody else has one of these numbers. */
  anyway: z.string().optional(),
});

/**
 * The form as it is posted; phones are read for `country` where neither they nor the customer have one. The place of who
 * is `shown` stays as it is kept where it was not changed.
 */
export function customerFormSchema(country: string, shown?: { customer: Customer; locale: Locale }) {
  return formSchema(baseForm, (input, form, context) => {
    const own = countryOfPhones(String(input.country ?? ''), country);
    const phones = readPhones(rowsOf(input.phones), own, context);
    if (!form) return null;
    const fields: CustomerFields = {
      name: form.name,
      salutation: optional(form.salutation),
      externalId: optional(form.externalId),
      language: optional(form.language),
      company: optional(form.company),
      email: optional(form.email),
      address: optional(form.address),
      addressRegion: regionShown(form, shown) ?? readRegionOf(form, context),
      custom: readCustom(form.custom, context),
      phones,
      tags: readTags(form.tags, context),
    };
    return { revision: form.revision, anyway: form.anyway === 'yes', fields };
  });
}

interface PlaceTyped {
  readonly country: string;
  readonly regionRest: string;
}

function regionShown(typed: PlaceTyped, shown?: { customer: Customer; locale: Locale }): string | null {
  if (!shown) return null;
  const { country, regionRest } = placeShown(shown.customer, shown.locale);
  const isSame = typed.country === country && typed.regionRest === regionRest.trim();
  return isSame ? shown.customer.addressRegion : null;
}

function readRegionOf({ country, regionRest }: PlaceTyped, context: z.RefinementCtx): string | null {
  const reading = readPlace(country, regionRest);
  if (reading.ok) return reading.region;
  const path = reading.problem === 'regionWithoutCountry' ? 'country' : 'regionRest';
  context.addIssue({ code: 'custom', path: [path], message: `crm:errors.${reading.problem}` });
  return null;
}

/** What an agent may change of a customer: numbers, read as in the form of all fields. */
export function phonesFormSchema(addressRegion: string | null, usual: string) {
  const country = countryOfPhones(parseAddressRegion(addressRegion)?.country ?? '', usual);
  const base = z.object({ revision: z.coerce.number().int().min(0), phones: rows(phoneRow) });
  return formSchema(base, (input, form, context) => {
    const phones = readPhones(rowsOf(input.phones), country, context);
    return form && { revision: form.revision, phones };
  });
}

/** A number without a country code belongs to the customer's country; where none is known, to the usual one. */
const countryOfPhones = (own: string, usual: string): string => (isCountry(own) ? own : usual);

function rowsOf(value: unknown): z.output<typeof phoneRow>[] {
  const result = rows(phoneRow).safeParse(value);
  return result.success ? result.data : [];
}

function readPhones(
  given: readonly z.output<typeof phoneRow>[],
  country: string,
  context: z.RefinementCtx,
): CustomerPhone[] {
  const phones: CustomerPhone[] = [];
  given.forEach(({ number, type }, index) => {
    if (number === '') return;
    const reading = readPhone(number, country);
    if (!reading.ok)
      context.addIssue({
        code: 'custom',
        path: ['phones', index, 'number'],
        message: `crm:phoneProblems.${reading.problem}`,
      });
    else if (phones.some(({ e164 }) => e164 === reading.e164))
      context.addIssue({
        code: 'custom',
        path: ['phones', index, 'number'],
        message: 'crm:errors.phoneTwice',
      });
    else phones.push({ e164: reading.e164, type });
  });
  return phones;
}

/** A field is taken away by emptying it; nothing else that was typed is left out. */
function readCustom(
  given: readonly z.output<typeof customRow>[],
  context: z.RefinementCtx,
): Record<string, string> {
  const fields = new Map<string, string>();
  for (const [index, { key, value }] of given.entries()) {
    if (value === '') continue;
    const refuse = (message: string) =>
      context.addIssue({ code: 'custom', path: ['custom', index, 'key'], message });
    if (key === '') refuse('crm:errors.fieldNameless');
    else if (fields.has(key)) refuse('crm:errors.fieldTwice');
    else fields.set(key, value);
  }
  return Object.fromEntries(fields);
}

function readTags(text: string, context: z.RefinementCtx): string[] {
  const tags = splitTags(text);
  if (!fitTags(tags)) context.addIssue({ code: 'custom', path: ['tags'], message: 'crm:errors.tagLong' });
  return tags;
}

export function fitTags(tags: readonly string[]): boolean {
  return tags.every((tag) => tag.length <= longestTag);
}

export function splitTags(text: string): string[] {
  const tags = text.split(/[,，、;；\n]+/).map((tag) => tag.trim());
  return [...new Set(tags.filter(Boolean))];
}

/** What the form shows of a customer. */
export function formOf(customer: Customer, locale: Locale): Record<string, unknown> {
  return {
    ...customer,
    salutation: customer.salutation ?? '',
    ...placeShown(customer, locale),
    tags: customer.tags.join(', '),
    phones: customer.phones.map(({ e164, type }) => ({ number: e164, type })),
    custom: Object.entries(customer.custom).map(([key, value]) => ({ key, value })),
  };
}

function placeShown({ addressRegion }: Customer, locale: Locale): PlaceTyped {
  const region = addressRegion ?? '';
  return { country: region.slice(0, 2), regionRest: namedParts(region, locale).rest };
}
