import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createConsentStore, createGate } from '../../../campaigns/compliance/index.ts';
import { type ImportOptions } from '../../../campaigns/import/import.ts';
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import { createImportStore } from '../../../campaigns/import/import-store.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { createLeadBuilder } from '../../../campaigns/leads/lead-builder.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { createCustomerStore, createTimelineStore } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';

import { importRig } from './import-rig.ts';

onBothEngines('an import that is undone', (theApp) => {
  let app: TestApp;
  let listId: number;
  const rig = importRig(theApp);
  const { load, undo, job, countOf } = rig;
  before(() => (app = theApp()));
  beforeEach(() => (listId = rig.listId));

  it('takes a whole import back: customers, fields of others, places on the list, leads', async () => {
    const customers = createCustomerStore(app);
    const made = await customers.create(customerFields({ name: 'Known', company: null, phones: [{ e164: '+12125550101', type: 'home' }] }), 1); // prettier-ignore
    assert.ok(made.created);
    const before = (await customers.get(made.id))!;
    const campaignId = await makeCampaign(app);
    await createCampaignStore(app).attachList(campaignId, listId, 5);
    const id = await load(['Known,2125550101,K1,Firm', 'New One,2125550102,,', 'New Two,2125550103,,']);
    await createLeadBuilder(app).runBuild({ ...job(0), data: { campaignId, listId } });
    assert.deepEqual([await countOf('leads'), await countOf('customers')], [3, 3]);
    assert.equal((await customers.get(made.id))!.company, 'Firm');
    const done = await undo(id);
    assert.deepEqual([done.state, done.undone!.back, done.undone!.kept], ['undone', 3, 0]);
    for (const table of ['leads', 'list_members']) assert.equal(await countOf(table), 0, table);
    assert.equal(await countOf('customers'), 1);
    const { revision: _r, updatedAt: _u, ...after } = (await customers.get(made.id))!;
    const { revision: _br, updatedAt: _bu, ...was } = before;
    assert.deepEqual(after, was);
    assert.equal((await createListStore(app).get(listId))!.size, 0);
    assert.deepEqual(await customers.search('new one'), []);
    const kinds = (await createTimelineStore(app).of(made.id)).map(({ kind, data }) => [
      kind,
      data.undone ?? false,
    ]);
    assert.deepEqual(kinds.map(([kind]) => kind), ['import', 'import']); // prettier-ignore
  });

  it('lets a customer meet the filter of a campaign by what it fills in, and takes that back as well', async () => {
    const known = await createCustomerStore(app).create(customerFields({ company: null, phones: [{ e164: '+12125550101', type: 'home' }] }), 1); // prettier-ignore
    assert.ok(known.created);
    const conditions = [{ field: 'company', operator: 'is', values: ['Firm'] }] as const;
    const campaign_id = await makeCampaign(app, { leadFilter: { meet: 'all', conditions } });
    const lead = { campaign_id, customer_id: known.id, list_id: 0, created_at: 1, updated_at: 1 };
    await app.db.knex('leads').insert({ ...lead, state: 'blocked', state_reason: 'filtered', reserved_from: 'new' }); // prettier-ignore
    const state = async () => (await app.db.knex('leads').where({ campaign_id }).first('state')).state as string; // prettier-ignore
    const id = await load(['Known,2125550101,K1,Firm']);
    assert.equal(await state(), 'new');
    await undo(id);
    assert.equal(await state(), 'blocked');
  });

  it('takes back the consents of its own file and not of another of the same name', async () => {
    const columns = ['name', 'phone', 'external_id', 'consent'] as const;
    const headers = ['Name', 'Phone', 'Id', 'Consent'];
    const first = await load(['A,2125550101,,yes'], { columns, headers, repeats: 'file' });
    await load(['A,2125550101,,pewc'], { columns, headers, repeats: 'file' });
    assert.deepEqual([first > 0, await countOf('consents')], [true, 2]);
    await undo(first);
    const left = (await app.db.knex('consents').select('kind')) as { kind: string }[];
    assert.deepEqual(left, [{ kind: 'pewc' }]);
  });

  it('consents are taken back with their import, also those written before they named it, and no others', async () => {
    const changes: Partial<ImportOptions> = { columns: ['name', 'phone', 'consent'], headers: ['Name', 'Phone', 'Consent'], defaultCountry: 'DE' }; // prettier-ignore
    const first = await load(['A,+493012345678,opt_in'], changes);
    const other = await createListStore(app).create(
      { name: 'O', defaultCountry: 'DE' },
      { userId: 1, now: 1 },
    );
    const second = await load(['A,+493012345678,pewc'], changes, other);
    const { knex } = app.db;
    // Both files have one name; they were written at different times.
    await knex('imports').where({ id: first }).update({ created_at: 1, finished_at: 9 });
    await knex('consents').where({ import_id: first }).update({ recorded_at: 5 });
    await knex('imports').where({ id: second }).update({ created_at: 50, finished_at: 60 });
    await knex('consents').where({ import_id: second }).update({ recorded_at: 55 });
    await knex('consents').update({ import_id: null });
    const kinds = async () => (await knex('consents').orderBy('id').select('kind')).map(({ kind }: { kind: string }) => kind); // prettier-ignore
    assert.deepEqual(await kinds(), ['opt_in', 'pewc']);
    await undo(second);
    assert.deepEqual(await kinds(), ['opt_in']);
    await undo(first);
    assert.deepEqual(await kinds(), []);
  });

  it('an import that is undone leaves the leads of those who are on its list without it, or on another of the campaign', async () => {
    const campaignId = await makeCampaign(app);
    const campaigns = createCampaignStore(app);
    const other = await createListStore(app).create({ name: 'Other', defaultCountry: 'US' }, { userId: 1, now: 1 }); // prettier-ignore
    for (const list of [listId, other]) await campaigns.attachList(campaignId, list, list === other ? 6 : 5);
    await load(['Before,2125550101,,']);
    const id = await load(['Before,2125550101,,', 'Both,2125550102,,', 'Only,2125550103,,'], { repeats: 'file' }); // prettier-ignore
    await load(['Both,2125550102,,'], { repeats: 'file' }, other);
    for (const list of [listId, other])
      await createLeadBuilder(app).runBuild({ ...job(0), data: { campaignId, listId: list } });
    await undo(id);
    const left = await app.db.knex('leads').join('customers', 'customers.id', 'leads.customer_id').orderBy('leads.id').select('customers.name', 'leads.list_id'); // prettier-ignore
    assert.deepEqual(left, [{ name: 'Before', list_id: listId }, { name: 'Both', list_id: other }]); // prettier-ignore
  });

  it('whom a later import has put on the same list stays on it, with the lead, until that one is undone too', async () => {
    const campaignId = await makeCampaign(app);
    await createCampaignStore(app).attachList(campaignId, listId, 5);
    const first = await load(['Both,2125550102,,', 'Only,2125550103,,']);
    const second = await load(['Both,2125550102,,'], { repeats: 'file' });
    const third = await load(['Both,2125550102,,'], { repeats: 'file' });
    await createLeadBuilder(app).runBuild({ ...job(0), data: { campaignId, listId } });
    const { knex } = app.db;
    const there = async () => [
      (await knex('list_members').join('customers', 'customers.id', 'customer_id').select('name')).map(({ name }: { name: string }) => name), // prettier-ignore
      await countOf('leads'),
      (await createListStore(app).get(listId))!.size,
    ];
    await undo(third);
    await undo(first);
    assert.deepEqual(await there(), [['Both'], 1, 1]);
    await undo(second);
    assert.deepEqual(await there(), [[], 0, 0]);
  });

  it('keeps whose lead was called and put back to work since', async () => {
    const campaignId = await makeCampaign(app);
    await createCampaignStore(app).attachList(campaignId, listId, 5);
    const id = await load(['A,2125550101,,', 'B,2125550102,,']);
    await createLeadBuilder(app).runBuild({ ...job(0), data: { campaignId, listId } });
    const [called] = await app.db.knex('leads').where({ campaign_id: campaignId }).orderBy('customer_id');
    await app.db.knex('leads').where({ id: called.id }).update({ state: 'waiting', state_reason: 'recycled', attempts: 0, last_outcome: 'no-answer', last_attempt_at: 2 }); // prettier-ignore
    const done = await undo(id);
    assert.deepEqual([done.undone!.back, done.undone!.kept], [1, 1]);
    assert.deepEqual(await app.db.knex('leads').where({ campaign_id: campaignId }).pluck('id'), [called.id]);
  });

  it('fault: it is taken back by two jobs at once – the later one alone goes on, and nothing is counted twice', async () => {
    const store = createImportStore(app);
    const id = await load(['A,2125550101,,', 'B,2125550102,,']);
    assert.ok(await store.move(id, 'undo', 2));
    await store.setJob(id, 'another');
    await createImportJobs(app).undo(job(id));
    assert.deepEqual([(await store.get(id))!.state, await countOf('list_members')], ['undoing', 2]);
    const { undo: run } = createImportJobs(app);
    const mine = { ...job(id), id: 'another' };
    await Promise.all([run(mine), run(mine)]);
    const { state, undone } = (await store.get(id))!;
    assert.deepEqual([state, undone!.back, undone!.kept, await countOf('list_members')], ['undone', 2, 0, 0]);
  });

  it('who has taken consent back since stays when the import is undone, and so does the revocation', async () => {
    const columns = ['name', 'phone', 'consent'] as const;
    const headers = ['Name', 'Phone', 'Consent'];
    const id = await load(['A,2125550101,pewc', 'B,2125550102,pewc'], { columns, headers });
    const [first] = await app.db.knex('customers').orderBy('id').select('id');
    const at = app.clock.now();
    const ledger = createConsentStore(app);
    const [given] = await ledger.ofCustomer(first.id, []);
    await ledger.revoke(given!.id, { reason: 'STOP', userId: 1, at });
    const done = await undo(id);
    assert.deepEqual([done.undone!.back, done.undone!.kept], [1, 1]);
    const left = await app.db.knex('consents').select('customer_id', 'revoke_reason');
    assert.deepEqual(left, [{ customer_id: first.id, revoke_reason: 'STOP' }]);
    assert.ok(await createCustomerStore(app).get(first.id), 'whom the revocation is of');
    const ask = { e164: '+12125550101', customerId: first.id, campaignId: await makeCampaign(app), stage: 'dial', path: 'manual' } as const; // prettier-ignore
    assert.equal((await createGate(app).mayCall(ask)).reasonCode, 'CONSENT_REVOKED');
  });

  it('what somebody has worked with since stays, and is counted', async () => {
    const customers = createCustomerStore(app);
    const campaignId = await makeCampaign(app);
    const campaigns = createCampaignStore(app);
    await campaigns.attachList(campaignId, listId, 5);
    const id = await load([
      'Edited,2125550101,,',
      'Noted,2125550102,,',
      'Called,2125550103,,',
      'Plain,2125550104,,',
    ]);
    await createLeadBuilder(app).runBuild({ ...job(0), data: { campaignId, listId } });
    const [edited] = await customers.search('edited');
    await customers.update(edited!.id, 0, { ...edited!, company: 'Firm' }, 2);
    const [noted] = await customers.search('noted');
    await createTimelineStore(app).append({
      customerId: noted!.id,
      at: 2,
      kind: 'note',
      data: { text: 'hm' },
    });
    const [called] = await customers.search('called');
    await app.db.knex('leads').where({ customer_id: called!.id }).update({ attempts: 1 });
    const done = await undo(id);
    assert.deepEqual([done.undone!.back, done.undone!.kept], [1, 3]);
    const names = (await app.db.knex('customers').orderBy('id').select('name')).map(
      ({ name }: { name: string }) => name,
    );
    assert.deepEqual(names, ['Edited', 'Noted', 'Called']);
    assert.equal((await createLeadStore(app).ofCustomer(campaignId, called!.id))?.attempts, 1);
  });
});
