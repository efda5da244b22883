import { after, before, describe, it } from 'mocha';
import assert from 'node:assert/strict';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { shows, hides } from '../pages.ts';
import { makeCampaign } from '../fixtures.ts';
import { campaignsWeb, type CampaignsWeb } from '../web.ts';

describe('the page of a list', () => {
  let web: CampaignsWeb;
  let id: number;
  before(async () => {
    web = await campaignsWeb();
    const now = web.app.clock.now();
    const people = Array.from({ length: 60 }, (_, index) => ({
      ...{ externalId: null, salutation: null, company: null, language: null, email: null },
      ...{ address: null, addressRegion: null, custom: {}, tags: [] },
      name: `Person ${index + 1}.`,
      phones: [{ e164: `+1212555${String(100 + index).padStart(4, '0')}`, type: 'mobile' as const }],
    }));
    id = await web.app.db.transaction(async (trx) => {
      const ids = await createCustomerStore(web.app).insertMany(people, now, trx);
      const lists = createListStore(web.app);
      const made = await lists.create({ name: 'Sixty', defaultCountry: 'US' }, { userId: null, now }, trx);
      await lists.addMembers(made, ids, null, trx);
      return made;
    });
  });
  after(() => web.close());

  it('shows its customers 25 at a time, to the last of them', async () => {
    const reader = await web.signedIn('supervisor');
    const first = await reader.get(`/lists/${id}`);
    shows(first.text, /1–25 of 60/);
    shows(first.text, /Person 25\./);
    hides(first.text, /Person 26\./);
    shows(first.text, /rel="next" href="[^"]*page&#x3D;2"/);
    const last = await reader.get(`/lists/${id}?page=3`);
    shows(last.text, /51–60 of 60/);
    shows(last.text, /Person 60\./);
    hides(last.text, /rel="next"/);
    const { text } = await reader.get(`/lists/${id}?format=csv`);
    assert.equal(text.trim().split('\r\n').length, 61);
  });

  it('is found by capitals of any script', async () => {
    const reader = await web.signedIn('supervisor', 'finder');
    const by = { userId: null, now: web.app.clock.now() };
    await createListStore(web.app).create({ name: 'ÖSTERREICH Ära', defaultCountry: 'AT' }, by);
    for (const q of ['österreich', 'ÖSTER', 'ära', 'ÄRA'])
      shows((await reader.get(`/lists?q=${encodeURIComponent(q)}`)).text, /ÖSTERREICH Ära/, q);
  });

  it('keeps what was typed when it cannot be the name of a list', async () => {
    const editor = await web.signedIn('marketing', 'renamer');
    const refused = await editor.post(`/lists/${id}`, { name: '  ', description: 'Winners of the raffle' });
    assert.equal(refused.status, 422);
    shows(refused.text, /id="f-name"[^>]*aria-invalid="true"/);
    shows(refused.text, /value="Winners of the raffle"/);
    shows(refused.text, /1–25 of 60/);
  });

  it('fault: two people save a list – the second is told, and keeps what was typed', async () => {
    const editor = await web.signedIn('marketing', 'second-namer');
    const by = { userId: null, now: web.app.clock.now() };
    const list = await createListStore(web.app).create({ name: 'Fair', defaultCountry: 'US' }, by);
    const url = `/lists/${list}`;
    shows((await editor.get(url)).text, /name="revision" value="0"/);
    assert.equal((await editor.post(url, { name: 'Fair', description: 'first', revision: 0 })).status, 303);
    const second = await editor.post(url, { name: 'Trade fair', description: '', revision: 0 });
    assert.equal(second.status, 409);
    shows(second.text, /Somebody else has saved this list/);
    shows(second.text, /value="Trade fair"/);
    const kept = (await createListStore(web.app).get(list))!;
    assert.deepEqual([kept.name, kept.description], ['Fair', 'first']);
    const again = { name: 'Trade fair', description: 'first', revision: kept.revision };
    assert.equal((await editor.post(url, again)).status, 303);
    assert.equal((await createListStore(web.app).get(list))!.name, 'Trade fair');
  });

  it('says when a new name is followed by the filters of campaigns, and keeps that in the audit', async () => {
    const editor = await web.signedIn('marketing', 'name-giver');
    const { app } = web;
    const by = { userId: null, now: app.clock.now() };
    const list = await createListStore(app).create({ name: 'Raffle', defaultCountry: 'US' }, by);
    const conditions = [{ field: 'list', operator: 'is', values: ['Raffle'] }] as const;
    const campaignId = await makeCampaign(app, { leadFilter: { meet: 'all', conditions } });
    await editor.get(`/lists/${list}`);
    assert.equal((await editor.post(`/lists/${list}`, { name: 'Lottery', description: '' })).status, 303);
    shows((await editor.get(`/lists/${list}`)).text, /filter of one campaign names this list/);
    const { lead_filter } = await app.db.knex('campaigns').where({ id: campaignId }).first('lead_filter');
    assert.match(lead_filter, /Lottery/);
    const told = await app.db
      .knex('audit_log')
      .where({ action: 'campaign.changed', entity_id: String(campaignId) });
    assert.equal(told.length, 1);
  });

  it('says of a list without customers what to do', async () => {
    const reader = await web.signedIn('marketing');
    const empty = await createListStore(web.app).create(
      { name: 'Nobody', defaultCountry: 'US' },
      { userId: null, now: web.app.clock.now() },
    );
    shows((await reader.get(`/lists/${empty}`)).text, /Nobody is on this list yet[\s\S]*Load a file/);
  });
});
