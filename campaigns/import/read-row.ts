import { readPhone, type CustomerFields, type CustomerPhone, type PhoneType } from '../../crm/index.ts';
import { consentKinds, type ConsentKind } from '../compliance/consents/consent.ts';
import type { ColumnTarget } from './columns.ts';
import type { ImportOptions } from './import.ts';
import { languageTag } from './language.ts';
import { addressRegion } from './region.ts';

/** Why a row is refused. Words in `campaigns:rowReasons.<code>`, with `details`. */
export const rowReasons = [
  'no-number',
  'rounded-by-spreadsheet',
  'not-a-number',
  'too-short',
  'too-long',
  'not-assigned',
  'unknown-country',
  'column-count',
  'unreadable',
  'text-too-long',
  'same-number-before',
  'same-id-before',
  /** Another customer has this id in the firm's systems. */
  'id-taken',
] as const;
export type RowReason = (typeof rowReasons)[number];

export interface ReadRow {
  readonly fields: CustomerFields;
  readonly note: string | null;
  /** Permissions to call that the row speaks of: lines for the ledger of consents. */
  readonly consents: readonly ConsentKind[];
}

export type RowReading =
  | { readonly ok: true; readonly row: ReadRow }
  /** `detail` is shown behind the reason: the column, or the row that had the number first. */
  | { readonly ok: false; readonly reason: RowReason; readonly detail: string };

const longest: Readonly<Record<string, number>> = {
  name: 191,
  salutation: 100,
  external_id: 100,
  company: 191,
  email: 191,
  address: 255,
};

/** What a column of the firm's own is called. */
export function ownFieldName(
  { names, headers }: Pick<ImportOptions, 'names' | 'headers'>,
  column: number,
): string {
  return (names[column] || headers[column] || `column ${column + 1}`).slice(0, 60);
}

/** What one row says about a customer, or why it says nothing that can be used. No look at the database. */
export function readRow(cells: readonly string[], options: ImportOptions): RowReading {
  const width = options.columns.length;
  if (
    cells.slice(width).some((cell) => cell.trim() !== '') ||
    (cells.length < width && cells.length < 2 && width > 1)
  )
    return refuse('column-count', `${cells.length}/${width}`);
  const value = new Map<ColumnTarget, string>();
  const custom: Record<string, string> = {};
  const tags = new Set(options.tags);
  const notes: string[] = [];
  const consents = new Set<ConsentKind>();
  const numbers: { text: string; target: ColumnTarget; column: number }[] = [];
  for (const [column, target] of options.columns.entries()) {
    const text = (cells[column] ?? '').trim();
    if (text === '' || target === 'ignore') continue;
    if (text.includes('\ufffd')) return refuse('unreadable', options.headers[column] ?? String(column + 1));
    if (target.startsWith('phone')) numbers.push({ text, target, column });
    else if (target === 'tags') for (const tag of splitTags(text)) tags.add(tag);
    else if (target === 'note') notes.push(text);
    else if (target === 'custom') custom[ownFieldName(options, column)] = text.slice(0, 500);
    else if (target === 'consent') consentsIn(text).forEach((kind) => consents.add(kind));
    else value.set(target, text);
  }
  for (const [target, most] of Object.entries(longest))
    if ((value.get(target as ColumnTarget)?.length ?? 0) > most) return refuse('text-too-long', target);

  const phones = readPhones(numbers, options);
  if ('reason' in phones) return refuse(phones.reason, phones.detail);
  const fields: CustomerFields = {
    name: nameOf(value) || value.get('company') || phones[0]!.e164,
    salutation: value.get('salutation') ?? null,
    externalId: value.get('external_id') ?? null,
    language: languageTag(value.get('language') ?? ''),
    company: value.get('company') ?? null,
    email: value.get('email') ?? null,
    address: value.get('address') ?? null,
    addressRegion: addressRegion(
      {
        region: value.get('region'),
        country: value.get('country'),
        state: value.get('state'),
        postalCode: value.get('postal_code'),
      },
      options.defaultCountry,
    ),
    custom,
    phones,
    tags: [...tags],
  };
  return {
    ok: true,
    row: { fields, note: notes.join('\n').slice(0, 2000) || null, consents: [...consents] },
  };
}

/** Two phones may share a cell: `13800138000 / 021-5550100`. One number that can be called is enough. */
function readPhones(
  numbers: readonly { text: string; target: ColumnTarget; column: number }[],
  options: ImportOptions,
): CustomerPhone[] | { reason: RowReason; detail: string } {
  const phones = new Map<string, CustomerPhone>();
  let problem: { reason: RowReason; detail: string } | null = null;
  for (const { text, target, column } of numbers)
    for (const part of text.split(/[;/、，,|\n]+/).filter((piece) => piece.trim() !== '')) {
      const reading = readPhone(part, options.defaultCountry);
      if (reading.ok) {
        const type: PhoneType =
          target === 'phone' ? reading.type : (target.slice('phone_'.length) as PhoneType);
        if (!phones.has(reading.e164)) phones.set(reading.e164, { e164: reading.e164, type });
      } else if (reading.problem !== 'missing')
        problem ??= { reason: reading.problem, detail: options.headers[column] || String(column + 1) };
    }
  if (phones.size > 0) return [...phones.values()].slice(0, 10);
  return problem ?? { reason: 'no-number', detail: '' };
}

function nameOf(value: ReadonlyMap<ColumnTarget, string>): string {
  const whole = value.get('name');
  if (whole) return whole;
  const given = value.get('given_name') ?? '';
  const family = value.get('family_name') ?? '';
  const cjk = /\p{Script=Han}|\p{Script=Hangul}/u.test(family + given);
  return (cjk ? family + given : `${given} ${family}`.trim()).slice(0, 191);
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
    .map((tag) => tag.trim().slice(0, 60))
    .filter(Boolean)
    .slice(0, 20);
}

const refuse = (reason: RowReason, detail: string): RowReading => ({
  ok: false,
  reason,
  detail: detail.slice(0, 60),
});
