import type { CustomerFields } from '../../crm/index.ts';

/** Fields of an invented customer; numbers come from ranges reserved for fiction. */
export function customerFields(overrides: Partial<CustomerFields> = {}): CustomerFields {
  return {
    name: 'Ada Winter',
    salutation: null,
    externalId: null,
    language: 'en',
    company: null,
    email: null,
    address: null,
    addressRegion: 'US-NY',
    custom: {},
    phones: [{ e164: '+12125550123', type: 'mobile' }],
    tags: [],
    ...overrides,
  };
}
