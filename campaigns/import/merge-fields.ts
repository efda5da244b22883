import { isNameless, type Customer, type CustomerFields } from '../../crm/index.ts';
import type { ColumnTarget } from './columns.ts';
import type { FieldWinner, ImportOptions } from './import.ts';
import { ownFieldName } from './read-row.ts';

type Rules = Pick<ImportOptions, 'existing' | 'columns' | 'wins' | 'headers' | 'names'>;

/** What a known customer is after a row of the file was merged in: by the general choice, and a column's own. */
export function mergeFields(known: Customer, row: CustomerFields, options: Rules): CustomerFields {
  const { id: _, revision: _r, createdAt: _c, updatedAt: _u, ...fields } = known;
  if (options.existing === 'keep' && !options.wins.includes('file')) return fields;
  const winner = winners(options);
  const choose = (before: string | null, after: string | null, ...targets: ColumnTarget[]) => {
    const side = winner(...targets);
    return side === 'known' ? before : side === 'file' ? (after ?? before) : (before ?? after);
  };
  const name = winner('name', 'given_name', 'family_name');
  return {
    name:
      !isNameless(row) && (name === 'file' || (name !== 'known' && isNameless(known)))
        ? row.name
        : known.name,
    salutation: choose(known.salutation, row.salutation, 'salutation'),
    externalId: winner('external_id') === 'known' ? known.externalId : (known.externalId ?? row.externalId),
    language: choose(known.language, row.language, 'language'),
    company: choose(known.company, row.company, 'company'),
    email: choose(known.email, row.email, 'email'),
    address: choose(known.address, row.address, 'address'),
    addressRegion: choose(
      known.addressRegion,
      row.addressRegion,
      'region',
      'country',
      'state',
      'postal_code',
    ),
    custom: mergeCustom(known.custom, row.custom, options),
    phones: mergePhones(known, row, winner('phone', 'phone_mobile', 'phone_home', 'phone_work')),
    tags: winner('tags') === 'known' ? fields.tags : [...new Set([...known.tags, ...row.tags])].sort(),
  };
}

/** `fill`: the file fills in what is empty. */
type Side = 'file' | 'known' | 'fill';
const general = { fill: 'fill', overwrite: 'file', keep: 'known' } as const;

function winners({ existing, columns, wins }: Rules): (...targets: ColumnTarget[]) => Side {
  return (...targets) => {
    const own = columns.findIndex((target, index) => targets.includes(target) && Boolean(wins[index]));
    return (own >= 0 ? (wins[own] as Exclude<FieldWinner, ''>) : null) ?? general[existing];
  };
}

function mergeCustom(
  known: CustomerFields['custom'],
  row: CustomerFields['custom'],
  options: Rules,
): Record<string, string> {
  const merged: Record<string, string> = { ...known };
  for (const [key, value] of Object.entries(row)) {
    const column = options.columns.findIndex(
      (target, index) => target === 'custom' && ownFieldName(options, index) === key,
    );
    const side = options.wins[column] || general[options.existing];
    if (side === 'file' || (side === 'fill' && !(key in merged))) merged[key] = value;
  }
  return merged;
}

/** Where the file wins its numbers come first and are called first; none is lost either way. */
function mergePhones(known: Customer, row: CustomerFields, side: Side): CustomerFields['phones'] {
  if (side === 'known') return known.phones;
  const [first, then] = side === 'file' ? [row.phones, known.phones] : [known.phones, row.phones];
  const numbers = new Set(first.map(({ e164 }) => e164));
  return [...first, ...then.filter(({ e164 }) => !numbers.has(e164))];
}
