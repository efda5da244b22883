import type { App } from '../../core/app.ts';
import { createTimelineStore } from '../timeline/timeline-store.ts';
import type { TimelineEntry } from '../timeline/timeline.ts';
import type { Customer } from './customer.ts';
import { createCustomerMatcher } from './customer-match.ts';
import { createCustomerPhones } from './customer-phones.ts';
import { createCustomerReader } from './customer-read.ts';
import { createCustomerRemover } from './customer-remove.ts';
import { createCustomerUpdater } from './customer-update-many.ts';
import { createCustomerWarnings } from './customer-warnings.ts';
import { createCustomerWriter, type CustomersChanged } from './customer-write.ts';

/** What an agent has to be told before saying a word; words in `crm:warnings.<code>`. */
export type CustomerWarning = 'vip' | 'complaint' | 'refused-before' | 'opted-out';

/** What stands before an agent during a call. */
export interface CustomerCard {
  readonly customer: Customer;
  readonly warnings: readonly CustomerWarning[];
  /** The newest first. */
  readonly timeline: readonly TimelineEntry[];
  readonly lastSpokenAt: number | null;
}

const warningTags: Readonly<Record<string, CustomerWarning>> = {
  vip: 'vip',
  贵宾: 'vip',
  貴賓: 'vip',
  complaint: 'complaint',
  投诉: 'complaint',
  投訴: 'complaint',
  客訴: 'complaint',
};

export type CustomerStore = ReturnType<typeof createCustomerStore>;

/**
 * All SQL for customers, their phones, tags and search index. Whoever changes customers who are there says what follows
 * from it.
 */
export function createCustomerStore(app: Pick<App, 'db'>, follow?: CustomersChanged) {
  const reader = createCustomerReader(app);
  const writer = createCustomerWriter(app, follow);
  const phones = createCustomerPhones(app);
  const { candidates, match } = createCustomerMatcher(app);
  const { updateMany } = createCustomerUpdater(app, follow);
  const { removeMany } = createCustomerRemover(app);
  const timeline = createTimelineStore(app);
  const warningsOf = createCustomerWarnings(app);

  async function card(
    customerId: number,
    now: number,
    campaignId?: number | null,
  ): Promise<CustomerCard | null> {
    const customer = await reader.get(customerId);
    if (!customer) return null;
    const entries = await timeline.of(customerId, { limit: 30 });
    const warnings = new Set<CustomerWarning>();
    for (const tag of customer.tags) {
      const warning = warningTags[tag.toLowerCase()];
      if (warning) warnings.add(warning);
    }
    for (const warning of await warningsOf(customer, now, campaignId)) warnings.add(warning);
    const [spoken] = await timeline.of(customerId, { limit: 1, kinds: ['disposition'] });
    return { customer, warnings: [...warnings], timeline: entries, lastSpokenAt: spoken?.at ?? null };
  }

  return {
    ...reader,
    ...writer,
    updateMany,
    removeMany,
    numbersOf: phones.numbersOf,
    candidates,
    match,
    card,
  };
}
