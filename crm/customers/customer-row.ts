import type { Customer, CustomerFields, CustomerPhone, PhoneType } from './customer.ts';
import { searchTextOf } from './search-terms.ts';

export interface CustomerRow {
  id: number;
  external_id: string | null;
  name: string;
  salutation: string | null;
  language: string | null;
  company: string | null;
  email: string | null;
  address: string | null;
  address_region: string | null;
  custom: string | null;
  search_text: string | null;
  revision: number;
  created_at: number;
  updated_at: number;
}

export interface PhoneRow {
  customer_id: number;
  e164: string;
  type: string;
  position: number;
}

export function customerFromRow(
  row: CustomerRow,
  phones: readonly PhoneRow[],
  tags: readonly string[],
): Customer {
  return {
    id: row.id,
    externalId: row.external_id,
    name: row.name,
    salutation: row.salutation,
    language: row.language,
    company: row.company,
    email: row.email,
    address: row.address,
    addressRegion: row.address_region,
    custom: row.custom ? (JSON.parse(row.custom) as Record<string, string>) : {},
    phones: phones.map((phone): CustomerPhone => ({ e164: phone.e164, type: phone.type as PhoneType })),
    tags,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The columns of `customers` that fields fill. */
export function fieldsToRow(
  fields: CustomerFields,
): Omit<CustomerRow, 'id' | 'revision' | 'created_at' | 'updated_at'> {
  return {
    external_id: fields.externalId,
    name: fields.name,
    salutation: fields.salutation,
    language: fields.language,
    company: fields.company,
    email: fields.email,
    address: fields.address,
    address_region: fields.addressRegion,
    custom: Object.keys(fields.custom).length > 0 ? JSON.stringify(fields.custom) : null,
    search_text: searchTextOf(fields),
  };
}
