import { z } from 'zod';
import { createList } from '../../core/http/index.ts';
import type { Customer } from '../../crm/index.ts';

/** The customers on a list, in the order they are called. */
export const memberList = createList<{ customer: Customer }, z.ZodObject<Record<never, never>>>({
  file: 'list-customers',
  exported: 'list.exported',
  columns: [
    {
      key: 'name',
      labelKey: 'crm:fields.name',
      value: ({ customer }) => customer.name,
      partial: 'crm/customer-name',
    },
    {
      key: 'phone',
      labelKey: 'crm:fields.phones',
      value: ({ customer }) => customer.phones.map(({ e164 }) => e164).join(' '),
      partial: 'crm/customer-phones',
    },
    {
      key: 'tags',
      labelKey: 'crm:fields.tags',
      value: ({ customer }) => customer.tags.join(', '),
      partial: 'crm/customer-tags',
    },
  ],
  sort: { column: 'name', direction: 'asc' },
  filters: z.object({}),
  pageSize: 25,
  empty: { titleKey: 'campaigns:lists.noMembers', textKey: 'campaigns:lists.emptyText' },
});
