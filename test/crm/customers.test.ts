import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { createCustomerStore, createTimelineStore } from '../../crm/index.ts';
import { queryWords, termsOf } from '../../crm/customers/search-terms.ts';
import { createLeadReader } from '../../campaigns/leads/lead-read.ts';
import type { Cursor } from '../../core/http/index.ts';
import { makeCampaign } from '../campaigns/fixtures.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { onBothEngines } from '../campaigns/engines.ts';
import { customerFields } from './fixtures.ts';

onBothEngines('finding customers', (theApp) => {
  let app: TestApp;
  let store: ReturnType<typeof createCustomerStore>;
  const ids: Record<string, number> = {};

  before(async () => {
    app = theApp();
    store = createCustomerStore(app);
    const people = [
      customerFields({ name: 'Zoë Müller-Łukasz', phones: [{ e164: '+441632960961', type: 'mobile' }] }),
      customerFields({ name: '陈小明', phones: [{ e164: '+8613800138000', type: 'mobile' }] }),
      customerFields({ name: '林 美玲', phones: [{ e164: '+886912345678', type: 'home' }] }),
      customerFields({ name: "Siobhan O'Brien", externalId: 'C-1042', company: 'Fathom Ltd' }),
    ];
    for (const person of people) {
      const result = await store.create(person, 1);
      assert.ok(result.created);
      ids[person.name] = result.id;
    }
  });

  const cases: [string, string][] = [
    ['muller', 'Zoë Müller-Łukasz'],
    ['ÜLL', 'Zoë Müller-Łukasz'],
    ['ｚｏｅ', 'Zoë Müller-Łukasz'],
    ['luk zoe', 'Zoë Müller-Łukasz'],
    ['0961', 'Zoë Müller-Łukasz'],
    ['+44 1632 960961', 'Zoë Müller-Łukasz'],
    ['01632 960', 'Zoë Müller-Łukasz'],
    ['小明', '陈小明'],
    ['陈', '陈小明'],
    ['明', '陈小明'],
    ['138-0013', '陈小明'],
    ['美玲 林', '林 美玲'],
    ['0912 345 678', '林 美玲'],
    ['obrien', "Siobhan O'Brien"],
    ["o'brien sio", "Siobhan O'Brien"],
    ['1042', "Siobhan O'Brien"],
    ['fathom', "Siobhan O'Brien"],
  ];
  for (const [query, name] of cases)
    it(`"${query}" finds ${name}`, async () => {
      assert.deepEqual((await store.search(query)).map((customer) => customer.id), [ids[name]]); // prettier-ignore
    });

  it('all words must be found in the same customer', async () => {
    assert.deepEqual(await store.search('zoe 小明'), []);
    assert.deepEqual(await store.search('   '), []);
    assert.deepEqual(await store.search('%%%'), []);
  });

  it('a changed name is found by the new one and no longer by the old one', async () => {
    const made = await store.create(customerFields({ name: 'Oldname Person' }), 1);
    assert.ok(made.created);
    const customer = (await store.get(made.id))!;
    const saved = await store.update(made.id, 0, { ...customer, name: 'Fresh Person' }, 2);
    assert.deepEqual(saved, { saved: true, revision: 1, changed: ['name'] });
    assert.deepEqual(await store.search('oldname'), []);
    assert.equal((await store.search('fresh'))[0]?.id, made.id);
  });

  it('words longer than an index entry are checked in full', async () => {
    const made = await store.create(customerFields({ name: 'Wolfeschlegelsteinhausenberger' }), 1);
    assert.ok(made.created);
    assert.equal((await store.search('wolfeschlegelsteinhausen'))[0]?.id, made.id);
    assert.deepEqual(await store.search('wolfeschlegelsteinhaxxxx'), []);
  });
});

onBothEngines('customers of a common name', (theApp) => {
  const many = 10_050;
  let app: TestApp;
  let store: ReturnType<typeof createCustomerStore>;
  let last: number;
  before(async () => {
    app = theApp();
    store = createCustomerStore(app);
    const chens = Array.from({ length: many }, (_, n) =>
      customerFields({ name: `Chen ${n}`, phones: [], tags: n === many - 1 ? ['vip'] : [] }),
    );
    const ids = await app.db.transaction((trx) => store.insertMany(chens, 1, trx));
    last = ids.at(-1)!;
  });
  const page = { sort: 'name', direction: 'asc', limit: 50, offset: 0 } as const;

  it('are found by what else is asked of them, however many others bear it', async () => {
    const { rows, total, partial } = await store.list({ search: 'chen', tag: 'vip' }, page);
    assert.deepEqual([rows.map(({ id }) => id), total, partial], [[last], { count: 1, more: false }, false]);
  });

  it('are said to be more than were looked at', async () => {
    const { rows, total, partial } = await store.list({ search: 'chen' }, page);
    assert.deepEqual([rows.length, total, partial], [50, { count: 10_000, more: true }, true]);
    assert.equal((await store.searchWithin('chen', 12)).partial, true);
  });

  it('are all listed, and counted, where a second word leaves few enough', async () => {
    const { rows, total, partial } = await store.list({ search: 'chen 77' }, page);
    const right = Array.from({ length: many }, (_, n) => String(n)).filter((n) => n.includes('77'));
    assert.deepEqual([rows.length, total, partial], [50, { count: right.length, more: false }, false]);
  });

  it('are read in parts that hold each of them once', async () => {
    const names = new Set<string>();
    let read = 0;
    for (let after: Cursor | null | undefined = null; after !== undefined;) {
      const part: Awaited<ReturnType<typeof store.list>> = await store.list(
        {},
        { ...page, limit: 999, after },
      );
      for (const { name } of part.rows) names.add(name);
      read += part.rows.length;
      after = part.next ?? undefined;
    }
    assert.deepEqual([read, names.size], [many, many]);
  });

  it('are found among the leads of a campaign, however many others bear it', async () => {
    const campaignId = await makeCampaign(app);
    const at = app.clock.now();
    await app.db.insertId('leads', {
      ...{
        campaign_id: campaignId,
        customer_id: last,
        list_id: 1,
        state: 'new',
        created_at: at,
        updated_at: at,
      },
    });
    const { rows, total } = await createLeadReader(app).page(campaignId, { search: 'chen' }, page);
    assert.deepEqual([rows.map(({ lead }) => lead.customerId), total.more], [[last], false]);
  });
});

describe('search terms', () => {
  it('one number is one word, however it is grouped', () => {
    assert.deepEqual(queryWords('(212) 555-0123'), ['2125550123']);
    assert.deepEqual(queryWords('0044 1632'), ['441632']);
  });
  it('Latin words have suffixes of two letters and more, Chinese ones each character', () => {
    assert.deepEqual(termsOf({ name: 'Ann 陈明', externalId: null, company: null, phones: [] }), [
      'ann',
      'nn',
      '陈明',
      '明',
    ]);
  });
});

onBothEngines('customers', (theApp) => {
  let app: TestApp;
  let store: ReturnType<typeof createCustomerStore>;
  before(async () => {
    app = theApp();
    store = createCustomerStore(app);
  });

  it('keeps phones in their order, tags and own fields', async () => {
    const fields = customerFields({
      phones: [
        { e164: '+12125550199', type: 'work' },
        { e164: '+12125550100', type: 'mobile' },
      ],
      tags: ['gold', 'vip'],
      custom: { policy: 'P-9' },
    });
    const made = await store.create(fields, 7);
    assert.ok(made.created);
    const { id: _, revision, createdAt, updatedAt, ...read } = (await store.get(made.id))!;
    assert.deepEqual(read, fields);
    assert.deepEqual([revision, createdAt, updatedAt], [0, 7, 7]);
    assert.deepEqual((await store.numbersOf([made.id])).get(made.id), ['+12125550199', '+12125550100']);
  });

  it('fault: two people save at once; the second is told and nothing of the first is lost', async () => {
    const made = await store.create(customerFields({ name: 'Both Edit' }), 1);
    assert.ok(made.created);
    const read = (await store.get(made.id))!;
    assert.ok((await store.update(made.id, 0, { ...read, company: 'First' }, 2)).saved);
    assert.deepEqual(await store.update(made.id, 0, { ...read, company: 'Second' }, 3), {
      saved: false,
      reason: 'changed-meanwhile',
    });
    assert.equal((await store.get(made.id))!.company, 'First');
  });

  it('refuses an external id twice', async () => {
    assert.ok((await store.create(customerFields({ externalId: 'X1' }), 1)).created);
    assert.deepEqual(await store.create(customerFields({ externalId: 'X1' }), 1), {
      created: false,
      reason: 'external-id-taken',
    });
  });

  it('lists by tag, language and region, and knows which tags and languages there are', async () => {
    await store.create(customerFields({ name: 'T1', tags: ['listed'], language: 'ja', addressRegion: 'JP-13' }), 1); // prettier-ignore
    await store.create(customerFields({ name: 'T2', tags: ['listed'], language: 'ko', addressRegion: 'KR' }), 1); // prettier-ignore
    const page = { sort: 'name', direction: 'asc', limit: 10, offset: 0 } as const;
    const names = async (filter: object) =>
      (await store.list(filter, page)).rows.map((customer) => customer.name);
    assert.deepEqual(await names({ tag: 'listed' }), ['T1', 'T2']);
    assert.deepEqual(await names({ tag: 'listed', language: 'ko' }), ['T2']);
    assert.deepEqual(await names({ region: 'JP' }), ['T1']);
    const places = ['CN-31', 'CN-SH-200000', 'CN-310000', 'TW-TPQ', 'CN-HK', 'HK', 'US-10001'];
    for (const region of places)
      await store.create(customerFields({ name: region, tags: ['placed'], addressRegion: region }), 1);
    const placed = (region: string) => names({ tag: 'placed', region });
    for (const region of ['CN-SH', 'CN-31'])
      assert.deepEqual(await placed(region), ['CN-31', 'CN-SH-200000'], region);
    for (const region of ['TW-NWT', 'TW-TPQ']) assert.deepEqual(await placed(region), ['TW-TPQ'], region);
    for (const region of ['HK', 'CN-HK']) assert.deepEqual(await placed(region), ['CN-HK', 'HK'], region);
    assert.deepEqual(await placed('US-100'), ['US-10001']);
    assert.deepEqual(await names({ search: 't2', tag: 'listed' }), ['T2']);
    assert.deepEqual(await store.tags(), ['gold', 'listed', 'placed', 'vip']);
    assert.deepEqual(await store.languages(), ['en', 'ja', 'ko']);
  });

  it('offers the first 500 tags of more than a thousand', async () => {
    const made = await store.create(customerFields({ name: 'Many' }), 1);
    assert.ok(made.created);
    const tags = Array.from({ length: 1_200 }, (_, n) => `a${String(n).padStart(4, '0')}`);
    const rows = tags.map((tag) => ({ customer_id: made.id, tag }));
    for (let at = 0; at < rows.length; at += 300)
      await app.db.knex('customer_tags').insert(rows.slice(at, at + 300));
    assert.deepEqual(await store.tags(), tags.slice(0, 500));
    await app.db.knex('customer_tags').where({ customer_id: made.id }).delete();
  });

  it('the card warns of VIPs, complaints and earlier refusals', async () => {
    const made = await store.create(customerFields({ tags: ['VIP', '投诉'] }), 1);
    assert.ok(made.created);
    const timeline = createTimelineStore(app);
    const data = { code: 'refused', category: 'refused' };
    await timeline.append({ customerId: made.id, at: 5, kind: 'disposition', data });
    const card = (await store.card(made.id, 9))!;
    assert.deepEqual([...card.warnings].sort(), ['complaint', 'refused-before', 'vip']);
    assert.equal(card.lastSpokenAt, 5);
  });

  it('the card warns of an earlier refusal and of a number on the DNC list, however much has happened since', async () => {
    const [first, second] = ['+12125550195', '+12125550196'];
    const phones = [first, second].map((e164) => ({ e164, type: 'mobile' as const }));
    const made = await store.create(customerFields({ phones }), 1);
    assert.ok(made.created);
    const timeline = createTimelineStore(app);
    const customerId = made.id;
    const data = { code: 'refused', category: 'refused' };
    await timeline.append({ customerId, at: 5, kind: 'disposition', data });
    await timeline.appendMany(Array.from({ length: 40 }, (_, n) => ({ customerId, at: 6 + n, kind: 'note' as const, data: { text: 'n' } }))); // prettier-ignore
    const listed = (e164: string, expires_at: number | null) =>
      app.db.knex('dnc_numbers').insert({ e164, campaign_id: 0, reason: 'asked', source: 'page', added_at: 1, expires_at }); // prettier-ignore
    await listed(first!, null);
    await listed(second!, 40);
    // Of another number of theirs, and the last that is told.
    await timeline.append({ customerId, at: 99, kind: 'dnc', data: { action: 'removed', e164: second } });
    const card = async (now: number) => (await store.card(customerId, now))!;
    assert.deepEqual([...(await card(100)).warnings].sort(), ['opted-out', 'refused-before']);
    assert.equal((await card(100)).lastSpokenAt, 5);
    await app.db.knex('dnc_numbers').where({ e164: first }).delete();
    assert.deepEqual((await card(100)).warnings, ['refused-before']);
    assert.deepEqual([...(await card(39)).warnings].sort(), ['opted-out', 'refused-before']);
    await app.db.knex('dnc_numbers').where({ e164: second }).update({ campaign_id: 7 });
    const ofCampaign = async (id: number) => (await store.card(customerId, 39, id))!.warnings.length;
    assert.deepEqual([await ofCampaign(7), await ofCampaign(8)], [2, 1]);
    await app.db.knex('consents').insert({ customer_id: customerId, e164: '', kind: 'refusal', source: 'call', proof: 'c1', given_at: 50, recorded_at: 50, revoked_at: 50 }); // prettier-ignore
    assert.deepEqual([...(await card(100)).warnings].sort(), ['opted-out', 'refused-before']);
    await app.db.knex('consents').where({ customer_id: customerId }).update({ annulled_at: 60 });
    assert.deepEqual((await card(100)).warnings, ['refused-before']);
  });
});

describe('timeline', () => {
  it('is read newest first, page by page, without gaps among entries of one moment', async () => {
    const app = await testApp();
    try {
      const timeline = createTimelineStore(app);
      await timeline.appendMany(
        Array.from({ length: 7 }, (_, i) => ({
          customerId: 3,
          at: i < 4 ? 10 : 20,
          kind: 'note' as const,
          data: { text: String(i) },
        })),
      );
      const first = await timeline.of(3, { limit: 4 });
      const last = first.at(-1)!;
      const second = await timeline.of(3, { limit: 4, after: { at: last.at, id: last.id } });
      assert.deepEqual([...first, ...second].map(({ data }) => data.text), ['6', '5', '4', '3', '2', '1', '0']); // prettier-ignore
    } finally {
      await app.close();
    }
  });
});
