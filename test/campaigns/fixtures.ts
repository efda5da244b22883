import type { App } from '../../core/app.ts';
import { createCampaignStore, defaultCampaign, type CampaignDraft } from '../../campaigns/campaigns/index.ts';
import { createCustomerStore } from '../../crm/index.ts';
import { customerFields } from '../crm/fixtures.ts';

export function campaignDraft(overrides: Partial<CampaignDraft> = {}): CampaignDraft {
  return {
    ...defaultCampaign,
    name: 'Spring offer',
    trunkIds: [],
    agentIds: [],
    dispositionIds: [],
    ...overrides,
  };
}

export async function makeCampaign(app: App, overrides: Partial<CampaignDraft> = {}): Promise<number> {
  return createCampaignStore(app).create(campaignDraft(overrides), { userId: null, now: app.clock.now() });
}

let serial = 0;

/** Adds a customer and a lead for each entry; `phones` are the customer's, the rest are columns of the lead. */
export async function addLeads(
  app: App,
  campaignId: number,
  entries: readonly ({ phones?: string[] } & Record<string, unknown>)[],
): Promise<number[]> {
  const now = app.clock.now();
  const store = createCustomerStore(app);
  return app.db.transaction(async (trx) => {
    const ids: number[] = [];
    for (const { phones, ...columns } of entries) {
      serial += 1;
      const numbers = phones ?? [`+1212555${String(serial % 10_000).padStart(4, '0')}`];
      const [customerId] = await store.insertMany(
        [
          customerFields({
            name: `Customer ${serial}`,
            phones: numbers.map((e164) => ({ e164, type: 'mobile' as const })),
          }),
        ],
        now,
        trx,
      );
      const row = {
        campaign_id: campaignId,
        customer_id: customerId,
        list_id: 0,
        state: 'new',
        created_at: now,
        updated_at: now,
        ...columns,
      };
      ids.push(await app.db.insertId('leads', row, trx));
    }
    return ids;
  });
}
