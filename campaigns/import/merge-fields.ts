import type { Customer, CustomerFields } from '../../crm/index.ts';
import type { MergeMode } from './import.ts';

const maxPhones = 10;

/** What a known customer is after a row of the file was merged in. */
export function mergeFields(known: Customer, row: CustomerFields, mode: MergeMode): CustomerFields {
  const { id: _, revision: _r, createdAt: _c, updatedAt: _u, ...fields } = known;
  if (mode === 'keep') return fields;
  const choose = (before: string | null, after: string | null) =>
    mode === 'overwrite' ? (after ?? before) : (before ?? after);
  const numbers = new Set(known.phones.map(({ e164 }) => e164));
  const added = row.phones.filter(({ e164 }) => !numbers.has(e164));
  return {
    // A customer imported without a name is called by its number until somebody says more.
    name: mode === 'overwrite' || known.name.startsWith('+') ? row.name : known.name,
    salutation: choose(known.salutation, row.salutation),
    externalId: known.externalId ?? row.externalId,
    language: choose(known.language, row.language),
    company: choose(known.company, row.company),
    email: choose(known.email, row.email),
    address: choose(known.address, row.address),
    addressRegion: choose(known.addressRegion, row.addressRegion),
    custom: mode === 'overwrite' ? { ...known.custom, ...row.custom } : { ...row.custom, ...known.custom },
    phones: [...known.phones, ...added].slice(0, maxPhones),
    tags: [...new Set([...known.tags, ...row.tags])].sort(),
  };
}
