import { loadLine } from '../../core/database/bulk-load.ts';
import type { CustomerFields } from './customer.ts';
import { fieldsToRow } from './customer-row.ts';

/** What `customerLine` fills, in this order. */
export const lineColumns = [
  ...['external_id', 'name', 'salutation', 'language', 'company', 'email', 'address', 'address_region'],
  ...['custom', 'search_text'],
] as const;

/** The fields of a customer as the table is loaded with them. A thread that reads a file makes them ahead. */
export function customerLine(fields: CustomerFields): string {
  const row = fieldsToRow(fields);
  return loadLine([
    ...[row.external_id, row.name, row.salutation, row.language, row.company, row.email],
    ...[row.address, row.address_region, row.custom, row.search_text],
  ]);
}
