import { z } from 'zod';
import { createList } from '../../core/http/index.ts';
import type { Locale } from '../../core/i18n/index.ts';
import { languageName, regionName } from './countries.ts';
import { customerEditors, type Customer } from './customer.ts';

/** A customer as a row of the list, with what depends on the reader. */
export interface CustomerListRow {
  readonly customer: Customer;
  readonly language: string;
  readonly region: string;
}

export const customerFilters = z.object({
  q: z.string().max(200).optional(),
  tag: z.string().max(60).optional(),
  language: z.string().max(10).optional(),
  region: z
    .string()
    .regex(/^[A-Z]{2}(-[A-Z0-9]{1,10})?$/i)
    .transform((region) => region.toUpperCase())
    .optional(),
});

export function listRow(customer: Customer, locale: Locale): CustomerListRow {
  return {
    customer,
    language: languageName(customer.language, locale),
    region: regionName(customer.addressRegion, locale),
  };
}

export const customerList = createList<CustomerListRow, typeof customerFilters>({
  file: 'customers',
  exported: 'customers.exported',
  columns: [
    {
      key: 'name',
      labelKey: 'crm:fields.name',
      value: ({ customer }) => customer.name,
      sortable: true,
      partial: 'crm/customer-name',
    },
    {
      key: 'phone',
      labelKey: 'crm:fields.phones',
      value: ({ customer }) => customer.phones.map(({ e164 }) => e164).join(' '),
      partial: 'crm/customer-phones',
    },
    { key: 'language', labelKey: 'crm:fields.language', value: (row) => row.language },
    { key: 'region', labelKey: 'crm:fields.addressRegion', value: (row) => row.region },
    {
      key: 'tags',
      labelKey: 'crm:fields.tags',
      value: ({ customer }) => customer.tags.join(', '),
      partial: 'crm/customer-tags',
    },
    {
      key: 'company',
      labelKey: 'crm:fields.company',
      value: ({ customer }) => customer.company,
      hidden: true,
    },
    { key: 'email', labelKey: 'crm:fields.email', value: ({ customer }) => customer.email, hidden: true },
    {
      key: 'externalId',
      labelKey: 'crm:fields.externalId',
      value: ({ customer }) => customer.externalId,
      hidden: true,
    },
    {
      key: 'id',
      labelKey: 'crm:fields.createdAt',
      value: ({ customer }) => customer.createdAt,
      format: 'date',
      sortable: true,
    },
  ],
  sort: { column: 'id', direction: 'desc' },
  filters: customerFilters,
  pageSize: 50,
  empty: {
    titleKey: 'crm:list.empty',
    textKey: 'crm:list.emptyText',
    action: { href: '/customers/new', labelKey: 'crm:add', roles: customerEditors },
  },
  exporters: customerEditors,
});
