import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCustomerStore, createTimelineStore } from '../../crm/index.ts';
import { campaignsWeb, type CampaignsWeb } from '../campaigns/web.ts';
import { makeCampaign } from '../campaigns/fixtures.ts';
import type { Visitor } from '../web/support.ts';
import { customerFields } from './fixtures.ts';
import { hides, shows } from '../campaigns/pages.ts';

describe('customer pages', () => {
  let web: CampaignsWeb;
  let marketing: Visitor;
  let agent: Visitor;
  let store: ReturnType<typeof createCustomerStore>;
  before(async () => {
    web = await campaignsWeb();
    store = createCustomerStore(web.app);
    marketing = await web.signedIn('marketing');
    agent = await web.signedIn('agent');
  });
  after(() => web.close());

  const make = async (overrides = {}) => {
    const made = await store.create(customerFields(overrides), 1);
    assert.ok(made.created);
    return made.id;
  };

  it('adds a customer, reading numbers for the country, and shows it', async () => {
    await marketing.get('/customers/new');
    const answer = await marketing.post('/customers', {
      name: 'Grace <Hopper>',
      country: 'GB',
      'phones[0][number]': '020 7946 0018',
      'phones[0][type]': 'work',
      'phones[1][number]': '',
      'phones[1][type]': 'mobile',
      tags: 'navy, navy，vip',
      'custom[0][key]': 'Policy',
      'custom[0][value]': 'P-1',
    });
    assert.equal(answer.status, 303);
    const page = await marketing.get(answer.headers.location as string);
    shows(page.text, /Grace &lt;Hopper&gt;/);
    shows(page.text, /\+44 20 7946 0018/);
    shows(page.text, /VIP customer/);
    const [customer] = await store.search('hopper');
    assert.deepEqual(customer!.phones, [{ e164: '+442079460018', type: 'work' }]);
    assert.deepEqual(customer!.tags, ['navy', 'vip']);
    assert.deepEqual(customer!.custom, { Policy: 'P-1' });
  });

  it('says beside the field what is wrong, and keeps what was typed', async () => {
    await marketing.get('/customers/new');
    const answer = await marketing.post('/customers', {
      name: '',
      company: 'Kept Ltd',
      email: 'nonsense',
      'phones[0][number]': '1.38E+10',
      'phones[0][type]': 'home',
    });
    assert.equal(answer.status, 422);
    shows(answer.text, /value="Kept Ltd"/);
    shows(answer.text, /value="1\.38E\+10"/);
    shows(answer.text, /rounded this number/);
    shows(answer.text, /not an email address/);
  });

  it('refuses a tag that is too long in its own words, and cuts nothing', async () => {
    const form = await marketing.get('/customers/new');
    shows(form.text, /id="customer-form" novalidate/);
    const long = `two tags without a comma ${'x'.repeat(40)}`;
    const answer = await marketing.post('/customers', { name: 'Tag Long', tags: `vip, ${long}` });
    assert.equal(answer.status, 422);
    shows(answer.text, /A tag has 60 characters at most/);
    shows(answer.text, new RegExp(`value="vip, ${long}"`));
    assert.equal((await store.search('tag long')).length, 0);
    const nameless = await marketing.post(
      '/customers',
      { name: ' ', tags: '' },
      { 'accept-language': 'zh-CN' },
    );
    assert.equal(nameless.status, 422);
    shows(nameless.text, /id="f-name"[^>]*aria-invalid="true"/);
  });

  it('fault: a state without its country is refused, as is what is no state', async () => {
    await marketing.get('/customers/new');
    const form = {
      name: 'Placed Somewhere',
      'phones[0][number]': '+12125550188',
      'phones[0][type]': 'mobile',
    };
    const without = await marketing.post('/customers', { ...form, country: '', regionRest: 'CA' });
    assert.equal(without.status, 422);
    shows(without.text, /Say the country as well/);
    const unknown = await marketing.post('/customers', { ...form, country: 'US', regionRest: 'Nowhere' });
    assert.equal(unknown.status, 422);
    shows(unknown.text, /Write the state or province by its letters or name/);
    assert.equal(
      (await marketing.post('/customers', { ...form, country: 'US', regionRest: 'ca 90210' })).status,
      303,
    );
    assert.equal((await store.search('Placed Somewhere'))[0]!.addressRegion, 'US-CA-90210');
    assert.equal((await marketing.post('/customers', { ...form, name: 'Placed in Shanghai', 'phones[0][number]': '+12125550186', country: 'CN', regionRest: '上海 200000' })).status, 303); // prettier-ignore
    const shanghai = (await store.search('Placed in Shanghai'))[0]!;
    assert.equal(shanghai.addressRegion, 'CN-SH-200000');
    shows((await marketing.get(`/customers/${shanghai.id}/edit`)).text, /value="Shanghai 200000"/);
    shows((await marketing.get(`/customers/${shanghai.id}`)).text, /China · Shanghai 200000/);
  });

  it('a place is as it was when what the form shows is saved, however it was kept', async () => {
    const regions = ['KR-11-04524', 'FR-75-75001', 'TR-34-34000', 'JP-13-100-0001', 'PT-11-1250-096', 'PL-14-00-950', 'US-NY-10001-1234', 'CA-BC-V1J 4M7', 'CN-31-200000', 'TW-TPQ', 'US-ZZ']; // prettier-ignore
    for (const addressRegion of regions) {
      const id = await make({ name: `Of ${addressRegion}`, addressRegion, phones: [], externalId: null });
      const page = await marketing.get(`/customers/${id}/edit`);
      const regionRest = /name="regionRest"[^>]*?value="([^"]*)"/.exec(page.text)![1]!;
      const { revision } = (await store.get(id))!;
      const form = { revision, name: 'Same place', country: addressRegion.slice(0, 2), regionRest };
      assert.equal((await marketing.post(`/customers/${id}`, form)).status, 303, addressRegion);
      assert.equal((await store.get(id))!.addressRegion, addressRegion);
    }
  });

  it('an agent’s numbers are read for the country of the customer', async () => {
    const id = await make({ name: 'Of London', addressRegion: 'GB', phones: [] });
    await agent.get(`/customers/${id}/edit`);
    const form = { revision: 0, 'phones[0][number]': '020 7946 0021', 'phones[0][type]': 'work' };
    assert.equal((await agent.post(`/customers/${id}`, form)).status, 303);
    assert.deepEqual((await store.get(id))!.phones, [{ e164: '+442079460021', type: 'work' }]);
  });

  it('edits a customer of many fields and numbers, and leaves none out', async () => {
    const custom = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`Field ${n}`, `v${n}`]));
    const phones = Array.from({ length: 14 }, (_, n) => ({ e164: `+121255502${10 + n}`, type: 'work' as const })); // prettier-ignore
    const tags = Array.from({ length: 60 }, (_, n) => `t${10 + n}`);
    const id = await make({ name: 'Many Fields', custom, phones, tags });
    await marketing.get(`/customers/${id}/edit`);
    const form = {
      ...{ revision: 0, name: 'Many Fields', company: 'Edited Ltd', country: 'US', tags: tags.join(', ') },
      ...Object.fromEntries(phones.flatMap(({ e164, type }, n) => [[`phones[${n}][number]`, e164], [`phones[${n}][type]`, type]])), // prettier-ignore
      ...Object.fromEntries(Object.entries(custom).flatMap(([key, value], n) => [[`custom[${n}][key]`, key], [`custom[${n}][value]`, value]])), // prettier-ignore
    };
    const twice = { ...form, 'custom[500][key]': 'Field 7', 'custom[500][value]': 'other' };
    const refused = await marketing.post(`/customers/${id}`, { ...twice, 'custom[501][value]': 'no name' });
    assert.equal(refused.status, 422);
    shows(refused.text, /two fields of this name/);
    shows(refused.text, /has no name/);
    shows(refused.text, /value="other"/);
    assert.equal((await marketing.post(`/customers/${id}`, form)).status, 303);
    const after = (await store.get(id))!;
    assert.equal(after.company, 'Edited Ltd');
    assert.deepEqual(after.custom, custom);
    assert.deepEqual(after.phones, phones);
    assert.deepEqual([...after.tags].sort(), tags);
  });

  it('a tag that the filter of a campaign leaves out takes the customer from who is still to be called', async () => {
    const conditions = [{ field: 'tag', operator: 'is-not', values: ['vip'] }] as const;
    const campaignId = await makeCampaign(web.app, { leadFilter: { meet: 'all', conditions } });
    const id = await make({ phones: [{ e164: '+12125550166', type: 'mobile' }] });
    const times = { created_at: 1, updated_at: 1 };
    const lead = { campaign_id: campaignId, customer_id: id, list_id: 0, state: 'new', ...times };
    await web.app.db.knex('leads').insert(lead);
    await marketing.get(`/customers/${id}/edit`);
    const typed = { name: 'Ann', country: 'US', 'phones[0][number]': '+12125550166', 'phones[0][type]': 'mobile', tags: 'VIP' }; // prettier-ignore
    const saved = await marketing.post(`/customers/${id}`, { ...typed, revision: '0' });
    assert.equal(saved.status, 303);
    const { state, state_reason } = await web.app.db.knex('leads').where({ customer_id: id }).first();
    assert.deepEqual([state, state_reason], ['blocked', 'filtered']);
  });

  it('asks before a second customer gets the same number', async () => {
    await make({ name: 'First Owner', phones: [{ e164: '+12125550177', type: 'mobile' }] });
    await marketing.get('/customers/new');
    const form = {
      name: 'Second Owner',
      country: 'US',
      'phones[0][number]': '2125550177',
      'phones[0][type]': 'mobile',
    };
    const asked = await marketing.post('/customers', form);
    assert.equal(asked.status, 422);
    shows(asked.text, /First Owner/);
    assert.equal((await marketing.post('/customers', { ...form, anyway: 'yes' })).status, 303);
  });

  it('fault: two people edit at once; the second sees both versions and nothing typed is lost', async () => {
    const id = await make({ name: 'Edited Twice', phones: [] });
    await marketing.get(`/customers/${id}/edit`);
    const form = (company: string) => ({ revision: 0, name: 'Edited Twice', company, country: 'US' });
    assert.equal((await marketing.post(`/customers/${id}`, form('First Ltd'))).status, 303);
    const second = await marketing.post(`/customers/${id}`, form('Second Ltd'));
    assert.equal(second.status, 409);
    shows(second.text, /First Ltd/);
    shows(second.text, /value="Second Ltd"/);
    const [notice = ''] = /<dl class="facts compact">[\s\S]*?<\/dl>/.exec(second.text) ?? [];
    assert.deepEqual(notice.match(/<dt>[^<]+<\/dt><dd>[^<]+/g), ['<dt>Company</dt><dd>First Ltd']);
    assert.equal((await store.get(id))!.company, 'First Ltd');
    assert.equal(
      (await marketing.post(`/customers/${id}`, { ...form('Second Ltd'), revision: 1 })).status,
      303,
    );
    assert.equal((await store.get(id))!.company, 'Second Ltd');
    const [entry] = await createTimelineStore(web.app).of(id);
    assert.deepEqual(entry!.data.fields, ['company']);
  });

  it('fault: two people edit at once; whatever the first changed is shown, and nothing is asked where both agree', async () => {
    const id = await make({ name: 'Edited Alike', phones: [{ e164: '+12125550181', type: 'mobile' }] });
    await marketing.get(`/customers/${id}/edit`);
    const form = {
      ...{
        revision: 0,
        name: 'Edited Alike',
        country: 'US',
        regionRest: 'NY',
        language: 'es',
        tags: 'vip, new',
      },
      ...{ salutation: 'Ms Chen', address: '1 Main St', 'custom[0][key]': 'policy', 'custom[0][value]': '7' },
      ...{ 'phones[0][number]': '+12125550181', 'phones[0][type]': 'mobile' },
    };
    assert.equal((await marketing.post(`/customers/${id}`, form)).status, 303);
    assert.equal((await marketing.post(`/customers/${id}`, form)).status, 303, 'the same once more');
    const other = { revision: 0, name: 'Edited Alike', country: 'CA', 'phones[0][number]': '+12125550182' };
    const asked = await marketing.post(`/customers/${id}`, other);
    assert.equal(asked.status, 409);
    const said = [...asked.text.matchAll(/<dt>([^<]+)<\/dt><dd>([^<]+)/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    assert.deepEqual(said, [
      ['How to address', 'Ms Chen'],
      ['Language', 'Spanish'],
      ['Phone numbers', '+1 212 555 0181'],
      ['Region', said.find(([name]) => name === 'Region')![1]],
      ['Address', '1 Main St'],
      ['Tags', 'new, vip'],
      ['Own fields', 'policy: 7'],
    ]);
  });

  it('agents change numbers and write notes, nothing else, and export nothing', async () => {
    const id = await make({ name: 'Agents Customer', phones: [{ e164: '+12125550178', type: 'mobile' }] });
    await agent.get(`/customers/${id}/edit`);
    const form = {
      revision: 0,
      name: 'Renamed',
      company: 'Hacked',
      'phones[0][number]': '+12125550179',
      'phones[0][type]': 'home',
    };
    assert.equal((await agent.post(`/customers/${id}`, form)).status, 303);
    const customer = (await store.get(id))!;
    assert.deepEqual([customer.name, customer.company], ['Agents Customer', null]);
    assert.deepEqual(customer.phones, [{ e164: '+12125550179', type: 'home' }]);
    assert.equal((await agent.post(`/customers/${id}/notes`, { text: 'Called back <b>' })).status, 303);
    shows((await agent.get(`/customers/${id}`)).text, /Called back &lt;b&gt;/);
    assert.equal((await agent.get('/customers?format=csv')).status, 403);
    // What would be refused is not offered.
    assert.doesNotMatch((await agent.get('/customers')).text, /format(=|&#x3D;)csv/);
    assert.match((await marketing.get('/customers')).text, /format(=|&#x3D;)csv/);
    assert.equal((await agent.get('/customers/new')).status, 403);
    assert.equal((await agent.post('/customers', { name: 'X' })).status, 403);
  });

  it('finds while typing, filters, and gives a CSV of what is shown', async () => {
    await make({ name: 'Zephyrine Solo', tags: ['rare'], language: 'ja' });
    const page = await marketing.get('/customers?q=phyri&tag=rare&language=ja');
    shows(page.text, /Zephyrine Solo/);
    shows((await marketing.get('/customers?q=zzzz')).text, /Nothing matches/);
    const gone = await marketing.get('/customers?q=zephyrine&page=99');
    assert.deepEqual([gone.status, gone.headers.location], [302, '/customers?q=zephyrine&page=1']);
    const csv = await marketing.get('/customers?q=zephyrine&format=csv&columns=name,tags');
    assert.equal(csv.text, '\ufeffName,Tags\r\nZephyrine Solo,rare\r\n');
    const json = await agent.agent.get('/customers/search?q=zephyrine').set('accept', 'application/json');
    assert.equal((json.body as { customers: { name: string }[] }).customers[0]!.name, 'Zephyrine Solo');
  });

  for (const locale of ['zh-CN', 'zh-TW'])
    it(`speaks ${locale} on every page`, async () => {
      const id = await make({ name: '陈小明', phones: [] });
      for (const path of ['/customers', '/customers/new', `/customers/${id}`, `/customers/${id}/edit`]) {
        const page = await marketing.get(path, { cookie: '', 'accept-language': locale });
        assert.equal(page.status, 200, path);
        hides(page.text, />(crm|common):/);
      }
    });
});
