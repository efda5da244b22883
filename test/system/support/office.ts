import type { App } from '../../../core/app.ts';
import { Users } from '../../../core/users/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import {
  createCampaignStore,
  createDispositionStore,
  createListStore,
  defaultCampaign,
  type CampaignDraft,
} from '../../../campaigns/index.ts';
import { createLeadBuilder } from '../../../campaigns/leads/lead-builder.ts';
import { createTrunkStore, type TrunkForm } from '../../../dialer/index.ts';

export const password = 'a long enough password 7';

export interface Person {
  id: number;
  username: string;
  name: string;
}

/** Makes what a firm has before its first campaign. Everything goes through the product's own stores. */
export function office(app: App) {
  const now = () => app.clock.now();
  const by = () => ({ userId: null, now: now() });

  async function user(
    username: string,
    role: 'agent' | 'manager' | 'administrator',
    more = {},
  ): Promise<Person> {
    const name = username[0]!.toUpperCase() + username.slice(1);
    const account = { username, name, role, password, mustChangePassword: false, ...more };
    const { id } = await new Users(app).create(account, { userId: null });
    return { id, username, name };
  }

  async function trunk(name: string, port: number, more: Partial<TrunkForm> = {}): Promise<number> {
    const saved = await createTrunkStore(app).create(
      {
        name,
        host: '127.0.0.1',
        port,
        transport: 'udp',
        username: null,
        register: false,
        loginInFrom: false,
        codecs: ['ulaw'],
        channels: 30,
        callsPerSecond: 20,
        prefixRules: [],
        callerId: null,
        enabled: true,
        ...more,
      } as TrunkForm,
      now(),
    );
    if (!saved.saved) throw new Error(saved.reason);
    return saved.id;
  }

  /** A list of customers, one for each number. */
  async function list(
    name: string,
    people: { e164: string; name?: string; region: string }[],
  ): Promise<number> {
    return app.db.transaction(async (trx) => {
      const ids = await createCustomerStore(app).insertMany(
        people.map(({ e164, name: called, region }) => ({
          name: called ?? `Customer ${e164.slice(-4)}`,
          salutation: null,
          externalId: null,
          language: 'en',
          company: null,
          email: null,
          address: null,
          addressRegion: region,
          custom: {},
          tags: [],
          phones: [{ e164, type: 'mobile' as const }],
        })),
        now(),
        trx,
      );
      const listId = await createListStore(app).create({ name, defaultCountry: 'US' }, by(), trx);
      await createListStore(app).addMembers(listId, ids, null, trx);
      return listId;
    });
  }

  /** A campaign that has its leads and waits to be started. */
  async function campaign(
    draft: Partial<CampaignDraft> & Pick<CampaignDraft, 'name' | 'trunkIds' | 'agentIds'>,
    listIds: number[],
  ): Promise<number> {
    const dispositions = createDispositionStore(app);
    await dispositions.seed();
    const campaigns = createCampaignStore(app);
    const allDay = [['00:00', '24:00']] as const;
    const hours = {
      mon: allDay,
      tue: allDay,
      wed: allDay,
      thu: allDay,
      fri: allDay,
      sat: allDay,
      sun: allDay,
    };
    const id = await campaigns.create(
      {
        ...defaultCampaign,
        callerId: '+12125550199',
        ringTimeoutMs: 15_000,
        hours,
        dispositionIds: (await dispositions.all()).map((one) => one.id),
        identification: {
          words: { en: 'This is a test call. Press 9 to be called no more.' },
          optOutDigit: '9',
        },
        script: { en: 'Good day {{salutation}}, this is {{agent}}.' },
        ...draft,
      },
      by(),
    );
    for (const listId of listIds) {
      await campaigns.attachList(id, listId, 5);
      await createLeadBuilder(app).build(id, listId);
    }
    const built = () =>
      app.db.knex('campaign_lists').where({ campaign_id: id }).whereNull('built_at').first();
    await until('leads are made', async () => !(await built()));
    return id;
  }

  const start = async (id: number) => {
    const moved = await createCampaignStore(app).transition(id, 'start', now());
    if (!moved.moved) throw new Error(`the campaign does not start: ${moved.reason}`);
  };
  const stop = (id: number) => createCampaignStore(app).transition(id, 'stop', now());

  /** The call of each number, by its last two digits. */
  async function callsOf(campaignId: number) {
    const rows: {
      id: string;
      e164: string;
      state: string;
      outcome: string | null;
      trunk_id: number;
      user_id: number | null;
      ringing_at: number | null;
      connected_at: number | null;
      ended_at: number | null;
      ended_by: string | null;
      disposition_id: number | null;
    }[] = await app.db.knex('calls').where({ campaign_id: campaignId }).orderBy('created_at');
    return rows;
  }

  return { user, trunk, list, campaign, start, stop, callsOf };
}

/** Asks until the answer is true, and says at the end what it was that never came. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<T, false | null | undefined>;
    if (performance.now() > end) throw new Error(`did not happen within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
