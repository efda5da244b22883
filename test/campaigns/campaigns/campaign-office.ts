import assert from 'node:assert/strict';
import { defaultCampaign } from '../../../campaigns/campaigns/index.ts';
import { formOf } from '../../../campaigns/campaigns/campaign-form.ts';
import { createDispositionStore } from '../../../campaigns/dispositions/index.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import { campaignsWeb } from '../web.ts';

/** Campaign pages with a visitor of each role that uses them, a trunk, an agent, and a form that is right. */
export async function campaignOffice() {
  const web = await campaignsWeb();
  const marketing = await web.signedIn('marketing');
  const supervisor = await web.signedIn('supervisor');
  const agent = await web.signedIn('agent');
  const { id: agentId } = (await web.app.db.knex('users').where({ username: 'agent' }).first('id')) as {
    id: number;
  };
  const trunkId = await web.app.db.insertId('trunks', {
    name: 'Main trunk',
    host: 'sip.example.com',
    codecs: 'alaw',
    channels: 30,
    calls_per_second: 5,
    prefix_rules: '[]',
    created_at: 1,
    updated_at: 1,
  });
  const dispositions = await createDispositionStore(web.app).all();
  const form: Record<string, unknown> = formOf(
    {
      ...defaultCampaign,
      name: 'Spring offer',
      callerId: '+12125550100',
      script: { en: 'Hello {{name}}' },
      identification: { words: { en: 'This was Fathom.' }, optOutDigit: '9' },
      trunkIds: [trunkId],
      agentIds: [agentId],
      dispositionIds: dispositions.map(({ id }) => id),
    },
    0,
    'en',
  );

  async function create(changes: object = {}): Promise<number> {
    await marketing.get('/campaigns/new');
    const answer = await marketing.post('/campaigns', { ...form, ...changes });
    assert.equal(answer.status, 303, answer.text);
    return Number(/\/campaigns\/(\d+)/.exec(answer.headers.location as string)![1]);
  }

  async function listOf(count: number): Promise<number> {
    const { app } = web;
    const lists = createListStore(app);
    const listId = await lists.create(
      { name: `List of ${count}`, defaultCountry: 'US' },
      { userId: 1, now: 1 },
    );
    await app.db.transaction(async (trx) => {
      const people = Array.from({ length: count }, (_, i) =>
        customerFields({
          name: `Listed ${listId} ${i}`,
          phones: [{ e164: `+1212555${1000 + i}`, type: 'mobile' }],
        }),
      );
      await lists.addMembers(listId, await createCustomerStore(app).insertMany(people, 1, trx), null, trx);
    });
    return listId;
  }

  async function withList(count = 5): Promise<number> {
    const id = await create();
    const listId = await listOf(count);
    await marketing.get(`/campaigns/${id}`);
    assert.equal((await marketing.post(`/campaigns/${id}/lists`, { listId, priority: 3 })).status, 303);
    await web.until(async () => (await createLeadStore(web.app).countsByState(id)).new === count);
    await web.until(async () =>
      Boolean(
        (await web.app.db.knex('campaign_lists').where({ campaign_id: id }).first('built_at'))?.built_at,
      ),
    );
    return id;
  }

  return {
    ...{ web, marketing, supervisor, agent, form, agentId, trunkId },
    ...{ create, listOf, withList },
  };
}

export type CampaignOffice = Awaited<ReturnType<typeof campaignOffice>>;
