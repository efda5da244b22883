import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createConsentStore } from '../../../campaigns/compliance/consents/consent-store.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { createBlockedRound } from '../../../campaigns/leads/blocked-leads.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { createLeadFilters } from '../../../campaigns/leads/lead-filters.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

onBothEngines('blocked leads', (theApp) => {
  let app: TestApp;
  let campaignId: number;

  before(() => {
    app = theApp();
  });
  beforeEach(async () => {
    campaignId = await makeCampaign(app);
    await app.db.knex('campaigns').where({ id: campaignId }).update({ state: 'running' });
  });

  const add = (phones: string[], state_reason: string, more: object = {}) => addLeads(app, campaignId, [{ phones, state: 'blocked', state_reason, ...more }]).then(([id]) => id!); // prettier-ignore
  const round = () => createBlockedRound(app).run({ signal: new AbortController().signal });
  const lead = (id: number) => app.db.knex('leads').where({ id }).first();
  const stands = async (id: number) => (await lead(id)).state as string;
  const customerOf = async (id: number) => (await lead(id)).customer_id as number;

  it('come back when an entry of the DNC list has run out, and not before', async () => {
    const id = await add(['+12125550101'], 'DNC_INTERNAL');
    const at = app.clock.now();
    await createDncStore(app).add({
      ...{ e164: '+12125550101', campaignId: null, reason: 'asked', source: 'customer', by: null, at },
      expiresAt: at + 60_000,
    });
    await round();
    assert.equal(await stands(id), 'blocked');
    await app.clock.advance(60_000);
    await round();
    assert.deepEqual([await stands(id), (await lead(id)).next_at], ['waiting', app.clock.now()]);
  });

  it('come back for the time at which they may be called, and not ahead of who may be called now', async () => {
    // 05:00 in Honolulu; the campaign calls from 09:00.
    const id = await add(['+18085550121'], 'DNC_INTERNAL');
    const opens = Date.UTC(2026, 10, 23, 19);
    await round();
    assert.deepEqual([await stands(id), (await lead(id)).next_at], ['waiting', opens]);
  });

  it('and those put off are asked about again when their customer has moved to where it is open', async () => {
    const later = app.clock.now() + 18 * 3_600_000;
    const put = { state: 'waiting', next_at: later };
    const [moved, stayed] = [await add(['+12125550122'], 'TIME_BEFORE_OPEN', put), await add(['+12125550123'], 'TIME_BEFORE_OPEN', put)]; // prettier-ignore
    await app.clock.advance(1_000);
    const now = app.clock.now();
    await app.db.knex('customers').where({ id: await customerOf(moved) }).update({ updated_at: now }); // prettier-ignore
    await round();
    assert.deepEqual([(await lead(moved)).next_at, (await lead(stayed)).next_at], [now, later]);
  });

  it('come back when a customer gets a number, or one that exists', async () => {
    const none = await add([], 'no-phone');
    const wrong = await add(['+1212'], 'NUMBER_INVALID');
    const customers = [await customerOf(none), await customerOf(wrong)];
    await round();
    assert.deepEqual([await stands(none), await stands(wrong)], ['blocked', 'blocked']);
    await app.db.knex('customer_phones').whereIn('customer_id', customers).delete();
    for (const [index, customer_id] of customers.entries())
      await app.db.knex('customer_phones').insert({ customer_id, e164: `+1212555020${index}`, type: 'mobile', position: 0 }); // prettier-ignore
    await round();
    assert.deepEqual([await stands(none), await stands(wrong)], ['waiting', 'waiting']);
  });

  it('come back when a consent is written down after the one taken back', async () => {
    const id = await add(['+12125550103'], 'CONSENT_REVOKED');
    const consents = createConsentStore(app);
    const by = { userId: null, at: app.clock.now() };
    const line = { customerId: await customerOf(id), e164: null, kind: 'opt_in', source: 'web', proof: 'form 1', givenAt: by.at, expiresAt: null } as const; // prettier-ignore
    const given = await consents.add(line, by);
    assert.ok(given);
    await app.db.knex('consents').update({ revoked_at: by.at, revoke_reason: 'called us' });
    await round();
    assert.equal(await stands(id), 'blocked');
    await app.clock.advance(1_000);
    const now = app.clock.now();
    await consents.add({ ...line, proof: 'form 2', givenAt: now }, { userId: null, at: now });
    await round();
    assert.equal(await stands(id), 'waiting');
  });

  it('stay where an agent, a filter or a campaign that does not dial keeps them', async () => {
    const said = await add(['+12125550104'], 'do-not-call');
    const filtered = await add(['+12125550105'], 'filtered', { reserved_from: 'new' });
    await round();
    assert.deepEqual([await stands(said), await stands(filtered)], ['blocked', 'blocked']);
    const free = await add(['+12125550106'], 'DNC_INTERNAL');
    await app.db.knex('campaigns').where({ id: campaignId }).update({ state: 'stopped' });
    await round();
    assert.equal(await stands(free), 'blocked');
  });

  it('of people who asked an agent not to be called come back when the last of their numbers is off the list', async () => {
    const code = 'asked-not-to';
    await app.db.insertId('dispositions', { code, category: 'dnc', names: '{"en":"Do not call"}', position: 99, active: 1 }); // prettier-ignore
    const id = await add(['+12125550107', '+12125550108'], code);
    const dnc = createDncStore(app);
    const change = (e164: string) => ({ e164, campaignId: null, reason: code, source: 'agent' as const, by: null, at: app.clock.now() }); // prettier-ignore
    await dnc.addMany([change('+12125550107'), change('+12125550108')]);
    await dnc.remove(change('+12125550107'));
    assert.equal(await stands(id), 'blocked');
    await dnc.remove(change('+12125550108'));
    assert.equal(await stands(id), 'waiting');
  });

  it('are filtered like others when they come back, or their number goes off the DNC list', async () => {
    const id = await add(['+12125550109'], 'DNC_INTERNAL');
    const listed = await add(['+12125550111'], 'DNC_INTERNAL');
    const dnc = createDncStore(app);
    const change = { e164: '+12125550111', campaignId: null, reason: 'asked', source: 'customer', by: null, at: app.clock.now() } as const; // prettier-ignore
    await dnc.add(change);
    const filter = { meet: 'all', conditions: [{ field: 'company', operator: 'is', values: ['ACME'] }] };
    await app.db.knex('campaigns').where({ id: campaignId }).update({ lead_filter: JSON.stringify(filter) }); // prettier-ignore
    await round();
    await dnc.remove(change);
    for (const one of [id, listed])
      assert.deepEqual([await stands(one), (await lead(one)).state_reason], ['blocked', 'filtered']);
  });

  it('fault: their list has left the campaign – whatever frees them, they belong to another list of their customer or are done', async () => {
    const lists = createListStore(app);
    const listOf = (name: string) => lists.create({ name, defaultCountry: 'US' }, { userId: 1, now: 1 });
    const [left, other] = [await listOf('Left'), await listOf('Other')];
    await createCampaignStore(app).attachList(campaignId, other, 3);
    const of = { list_id: left, attempts: 1 };
    const asked = await add(['+12125550112'], 'DNC_INTERNAL', of);
    const removed = await add(['+12125550113'], 'DNC_INTERNAL', of);
    const filtered = await add(['+12125550114'], 'filtered', { ...of, reserved_from: 'waiting' });
    const elsewhere = await add(['+12125550115'], 'DNC_INTERNAL', of);
    const onOther = [await customerOf(elsewhere)];
    await app.db.transaction((trx) => lists.addMembers(other, onOther, null, trx));
    await createLeadStore(app).unblock({ customerIds: [await customerOf(removed)], reasons: ['DNC_INTERNAL'], campaignId: null }, 7); // prettier-ignore
    await round();
    await createLeadFilters(app).applyTo(app.db.knex, { id: campaignId, leadFilter: null, quotasMet: [] }, [await customerOf(filtered)], 7); // prettier-ignore
    for (const id of [asked, removed, filtered])
      assert.deepEqual([await stands(id), (await lead(id)).state_reason], ['done', 'list-removed']);
    const { state, list_id, priority } = await lead(elsewhere);
    assert.deepEqual({ state, list_id, priority }, { state: 'waiting', list_id: other, priority: 3 });
  });

  it('fault: the rule set of the campaign is gone, so the gate cannot say – they stay as they are', async () => {
    const id = await add(['+12125550110'], 'DNC_INTERNAL');
    await app.db.knex('campaigns').where({ id: campaignId }).update({ rule_set: 'not-there' });
    await round();
    assert.equal(await stands(id), 'blocked');
  });
});
