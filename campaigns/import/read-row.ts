import { plainLine, plainText } from '../../core/text/index.ts';
import {
  isCountry,
  readAddress,
  readPhone,
  ungrouped,
  type CustomerFields,
  type CustomerPhone,
  type PhoneType,
  type RegionParts,
} from '../../crm/index.ts';
import { consentKinds, type ConsentKind } from '../compliance/consents/consent.ts';
import type { ColumnTarget } from './columns.ts';
import type { ImportOptions } from './import.ts';
import { languageTag } from './language.ts';

/** Why a row is refused. Words in `campaigns:rowReasons.<code>`, with `details`. */
export const rowReasons = [
  'no-number',
  'rounded-by-spreadsheet',
  'not-a-number',
  'too-short',
  'too-long',
  'not-assigned',
  'zeros-before-national',
  'unknown-country',
  'column-count',
  'unreadable',
  'text-too-long',
  'too-many-numbers',
  'too-many-tags',
  'same-number-before',
  'same-id-before',
  /** Another customer has this id in the firm's systems. */
  'id-taken',
] as const;
export type RowReason = (typeof rowReasons)[number];

export interface ReadRow {
  /** What decides whose row it is, and what else each is asked for. */
  readonly key: Pick<CustomerFields, 'name' | 'externalId' | 'phones' | 'tags'>;
  /** All it says of its customer. Costs something to read. */
  readonly fields: CustomerFields;
  /** The same as the database loads it, made ahead; null: it is not. */
  readonly line: string | null;
  readonly note: string | null;
  /** Permissions to call that the row speaks of: lines for the ledger of consents. */
  readonly consents: readonly ConsentKind[];
  /** What it says of where the customer is that nobody understood. It is kept as a field of the firm's own. */
  readonly unread: readonly string[];
}

export type RowReading =
  | { readonly ok: true; readonly row: ReadRow }
  /** `detail` is shown with the reason: the column (and behind a colon how long it may be), or the row that had the number first. */
  | { readonly ok: false; readonly reason: RowReason; readonly detail: string };

const longest = {
  name: 191,
  salutation: 100,
  external_id: 100,
  company: 191,
  email: 191,
  address: 255,
} as const;
/** Of a field of the firm's own, of all notes of a row together, of a tag. */
const longestOwn = 500;
const longestNote = 20_000;
const longestTag = 60;
const mostTags = 20;

/** What a column of the firm's own is called. */
export function ownFieldName(
  { names, headers }: Pick<ImportOptions, 'names' | 'headers'>,
  column: number,
): string {
  return (names[column] || plainLine(headers[column] ?? '') || `column ${column + 1}`).slice(0, 60);
}

/** The first name that two columns give a field of the firm's own, of which one would be lost. */
export function ownFieldTwice(options: Pick<ImportOptions, 'names' | 'headers' | 'columns'>): string | null {
  const names = options.columns.flatMap((target, column) =>
    target === 'custom' ? [ownFieldName(options, column)] : [],
  );
  return names.find((name, index) => names.indexOf(name) !== index) ?? null;
}

type Line = 'given_name' | 'family_name' | keyof typeof longest | 'language' | keyof typeof placeParts;
const placeParts = {
  region: 'region',
  country: 'country',
  state: 'state',
  postal_code: 'postalCode',
} as const;
const targetOf = {
  ...{ region: 'region', country: 'country', state: 'state', postalCode: 'postal_code' },
} as const satisfies Record<keyof RegionParts, keyof typeof placeParts>;
/** Answers kept, for columns in which the same few texts come again and again. */
const remembered = 10_000;

/**
 * Says what a row of a file tells about a customer, or why it tells nothing that can be used. No look at the database.
 * What the options mean for each column is worked out once for all rows.
 */
export function createRowReader(options: ImportOptions): (cells: readonly string[]) => RowReading {
  const width = options.columns.length;
  const columns = options.columns.flatMap((target, column) =>
    target === 'ignore'
      ? []
      : [{ target, column, name: target === 'custom' ? ownFieldName(options, column) : '' }],
  );
  const limited = Object.entries(longest).filter(([target]) => options.columns.includes(target as ColumnTarget)); // prettier-ignore
  const placed = options.columns.some((target) => target in placeParts);
  const tagged = options.columns.includes('tags');
  const languageOf = remembering(languageTag);
  const regionOf = remembering((key: string) => {
    const [region, country, state, postalCode] = key.split('\n').map((part) => part || undefined);
    return readAddress({ region, country, state, postalCode }, options.defaultCountry);
  });
  /** A number without a country code belongs to the country of its row; where that says none, to the chosen one. */
  const countryOf = (region: string | null): string => {
    const country = region?.slice(0, 2) ?? '';
    return isCountry(country) ? country : options.defaultCountry;
  };

  const headerOf = (column: number) => options.headers[column] || String(column + 1);
  const tooLong = (column: number, most: number): RowReading =>
    refuse('text-too-long', `${headerOf(column).slice(0, 50)}:${most}`);
  const columnOf = (...targets: ColumnTarget[]) =>
    options.columns.findIndex((target) => targets.includes(target));

  return (cells) => {
    if (
      cells.slice(width).some((cell) => cell.trim() !== '') ||
      (cells.length < width && cells.length < 2 && width > 1)
    )
      return refuse('column-count', `${cells.length}/${width}`);
    const value: Partial<Record<Line, string>> = {};
    const custom: Record<string, string> = {};
    const tags = tagged ? new Set<string>() : null;
    let notes = '';
    const consents = new Set<ConsentKind>();
    const numbers: { text: string; target: ColumnTarget; column: number }[] = [];
    for (const { target, column, name } of columns) {
      const text = plainText(cells[column] ?? '').trim();
      if (text === '') continue;
      if (text.includes('\ufffd')) return refuse('unreadable', headerOf(column));
      if (target.startsWith('phone')) numbers.push({ text: ungrouped(text), target, column });
      else if (target === 'tags') {
        const own = splitTags(text);
        if (own.some((tag) => tag.length > longestTag)) return tooLong(column, longestTag);
        for (const tag of own) tags!.add(tag);
      } else if (target === 'note') {
        notes += notes === '' ? text : `\n${text}`;
        if (notes.length > longestNote) return tooLong(column, longestNote);
      } else if (target === 'custom') {
        if (text.length > longestOwn) return tooLong(column, longestOwn);
        custom[name] = text;
      } else if (target === 'consent') consentsIn(text).forEach((kind) => consents.add(kind));
      else value[target as Line] = target === 'address' ? text : plainLine(text);
    }
    if (tags && tags.size > mostTags) return refuse('too-many-tags', String(tags.size));
    for (const [target, most] of limited)
      if ((value[target as Line]?.length ?? 0) > most) return tooLong(columnOf(target as ColumnTarget), most);
    const name = nameOf(value);
    if (name.length > longest.name) return tooLong(columnOf('given_name', 'family_name'), longest.name);

    const place = [value.region, value.country, value.state, value.postal_code].map((part) => part ?? '');
    const address = placed ? regionOf(place.map((part) => part.replaceAll('\n', ' ')).join('\n')) : null;
    const region = address?.region ?? null;
    const phones = readPhones(numbers, options, countryOf(region));
    if ('reason' in phones) return refuse(phones.reason, phones.detail);
    const unread = address?.unread.map((part) => value[targetOf[part]] ?? '') ?? [];
    for (const part of address ? [...address.unread, ...address.more] : []) {
      const column = columnOf(targetOf[part]);
      custom[freeName(custom, ownFieldName(options, column))] = value[targetOf[part]]!.slice(0, longestOwn);
    }
    const fields: CustomerFields = {
      name: name || value.company || phones[0]!.e164,
      salutation: value.salutation ?? null,
      externalId: value.external_id ?? null,
      language: value.language ? languageOf(value.language) : null,
      company: value.company ?? null,
      email: value.email ?? null,
      address: value.address ?? null,
      addressRegion: region,
      custom,
      phones,
      tags: tags ? [...new Set([...options.tags, ...tags])] : options.tags,
    };
    return {
      ok: true,
      row: { key: fields, fields, line: null, note: notes || null, consents: [...consents], unread },
    };
  };
}

/** Another column of the firm's own may be called so. */
const freeName = (custom: Readonly<Record<string, string>>, name: string): string =>
  name in custom ? `${name.slice(0, 56)} (2)` : name;

function remembering<T>(find: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const answer = find(text);
    if (known.size < remembered) known.set(text, answer);
    return answer;
  };
}

/** A row with more is no customer; columns have run into each other. */
export const mostPhones = 50;

/** Two phones may share a cell: `13800138000 / 021-5550100`. One number that can be called is enough. */
function readPhones(
  numbers: readonly { text: string; target: ColumnTarget; column: number }[],
  options: ImportOptions,
  country: string,
): CustomerPhone[] | { reason: RowReason; detail: string } {
  if (numbers.length === 1 && !severalNumbers.test(numbers[0]!.text)) {
    const phone = readOne(numbers[0]!.text, numbers[0]!, options, country);
    return 'reason' in phone ? phone : [phone];
  }
  const phones = new Map<string, CustomerPhone>();
  let problem: { reason: RowReason; detail: string } | null = null;
  for (const number of numbers)
    for (const part of number.text.split(severalNumbers).filter((piece) => piece.trim() !== '')) {
      const phone = readOne(part, number, options, country);
      if (!('reason' in phone)) phones.set(phone.e164, phones.get(phone.e164) ?? phone);
      else if (phone.reason !== 'no-number') problem ??= phone;
    }
  if (phones.size > mostPhones) return { reason: 'too-many-numbers', detail: String(phones.size) };
  if (phones.size > 0) return [...phones.values()];
  return problem ?? { reason: 'no-number', detail: '' };
}

const severalNumbers = /[;/、，,|\n]+/;

function readOne(
  text: string,
  { target, column }: { target: ColumnTarget; column: number },
  options: ImportOptions,
  country: string,
): CustomerPhone | { reason: RowReason; detail: string } {
  const reading = readPhone(text, country);
  if (reading.ok) {
    const type = target === 'phone' ? reading.type : (target.slice('phone_'.length) as PhoneType);
    return { e164: reading.e164, type };
  }
  if (reading.problem === 'missing') return { reason: 'no-number', detail: '' };
  return { reason: reading.problem, detail: options.headers[column] || String(column + 1) };
}

function nameOf(value: { name?: string; given_name?: string; family_name?: string }): string {
  if (value.name) return value.name;
  const { given_name: given = '', family_name: family = '' } = value;
  const cjk = /\p{Script=Han}|\p{Script=Hangul}/u.test(family + given);
  return cjk ? family + given : `${given} ${family}`.trim();
}

const yes: ReadonlySet<string> = new Set([
  'yes',
  'y',
  'true',
  '1',
  'ok',
  '是',
  '有',
  '同意',
  '已同意',
  '已授权',
  '已授權',
]);

/** Kinds of the ledger by their names; a plain yes is an opt-in. Anything else permits nothing. */
function consentsIn(text: string): ConsentKind[] {
  return text
    .toLowerCase()
    .split(/[;,，、|]+/)
    .map((word) => word.trim())
    .flatMap((word) => {
      const kind = consentKinds.find((known) => known === word.replace(/[\s-]+/g, '_'));
      return kind ? [kind] : yes.has(word) ? ['opt_in' as const] : [];
    });
}

function splitTags(text: string): string[] {
  return text
    .split(/[;,，、|]+/)
    .map((tag) => tag.trim())
    .filter(Boolean);
}

const refuse = (reason: RowReason, detail: string): RowReading => ({
  ok: false,
  reason,
  detail: detail.slice(0, 60),
});
