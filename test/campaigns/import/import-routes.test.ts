import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import iconv from 'iconv-lite';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createImportStore } from '../../../campaigns/import/import-store.ts';
import { importLimit } from '../../../campaigns/import/settings.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import type { Visitor } from '../../web/support.ts';
import { makeCampaign } from '../fixtures.ts';
import { campaignsWeb, type CampaignsWeb } from '../web.ts';
import { hides, shows } from '../pages.ts';

describe('import pages', () => {
  let web: CampaignsWeb;
  let marketing: Visitor;
  before(async () => {
    web = await campaignsWeb();
    marketing = await web.signedIn('marketing');
  });
  after(() => web.close());

  async function upload(content: string | Buffer, name = 'people.csv', fields: Record<string, string> = {}) {
    await marketing.get('/imports/new');
    const request = marketing.agent
      .post('/imports')
      .set({ accept: 'application/json', 'x-csrf-token': marketing.token })
      .field('defaultCountry', fields.defaultCountry ?? 'US')
      .field('listName', fields.listName ?? '')
      .field('list', fields.list ?? '')
      .field('campaign', fields.campaign ?? '');
    return request.attach('file', typeof content === 'string' ? Buffer.from(content) : content, name);
  }
  const idOf = (location: string) => Number(/imports\/(\d+)/.exec(location)![1]);
  const stored = (id: number) => createImportStore(web.app).get(id);
  const storedFiles = () => {
    const folder = join(web.app.config.dataDir, 'imports');
    return existsSync(folder) ? readdirSync(folder).length : 0;
  };

  it('goes from a GBK file to customers on a new list in four steps', async () => {
    const text =
      '姓名,手机号,城市\r\n王小明,13800138000,上海\r\n李娜,1.39E+10,北京\r\n陈静,13700137000,广州\r\n';
    const sent = await upload(iconv.encode(text, 'gb18030'), '客户 名单.csv', {
      defaultCountry: 'CN',
      listName: '春季',
    });
    assert.equal(sent.status, 200, sent.text);
    const id = idOf((sent.body as { location: string }).location);
    assert.equal((await stored(id))!.fileName, '客户 名单.csv');

    const columns = await marketing.get(`/imports/${id}/columns`);
    shows(columns.text, /王小明/);
    shows(columns.text, /value="gb18030" selected/);
    shows(columns.text, /value="phone_mobile" selected/);
    const wrong = await marketing.get(`/imports/${id}/columns?encoding=big5`);
    hides(wrong.text, /王小明/);

    await marketing.get(`/imports/${id}/columns`);
    const choice = {
      encoding: 'gb18030',
      delimiter: 'comma',
      header: 'yes',
      defaultCountry: 'CN',
      existing: 'fill',
      tags: '春季',
      'columns[0]': 'name',
      'columns[1]': 'phone_mobile',
      'columns[2]': 'custom',
    };
    const refused = await marketing.post(`/imports/${id}/columns`, { ...choice, 'columns[1]': 'custom' });
    assert.equal(refused.status, 422);
    shows(refused.text, /No column holds a phone number/);
    const named = { 'columns[0]': 'custom', 'names[0]': 'Plan', 'names[1]': '', 'names[2]': 'Plan' };
    const long = await marketing.post(`/imports/${id}/columns`, {
      ...choice,
      tags: `vip, ${'x'.repeat(61)}`,
    });
    assert.equal(long.status, 422);
    assert.match(long.text, /A tag has 60 characters at most/);
    const twice = await marketing.post(`/imports/${id}/columns`, { ...choice, ...named });
    assert.equal(twice.status, 422);
    shows(twice.text, /would both fill the field “Plan”/);
    assert.equal((await marketing.post(`/imports/${id}/columns`, choice)).status, 303);
    await web.until(async () => (await stored(id))!.state === 'checked');
    const checked = await marketing.get(`/imports/${id}`);
    shows(checked.text, /2 become new customers, 1 is refused/);
    assert.equal(Number((await web.app.db.knex('customers').count({ n: '*' }).first())!.n), 0);
    assert.equal((await createListStore(web.app).all()).length, 0);
    shows((await marketing.get(`/imports/${id}/rows?verdict=refused`)).text, /1\.39E\+10/);

    const csv = await marketing.get(`/imports/${id}/refused.csv`);
    assert.match(
      csv.text,
      /^\ufeff姓名,手机号,城市,Reason\r\n李娜,1\.39E\+10,北京,"?手机号: the spreadsheet has replaced/,
    );

    await marketing.get(`/imports/${id}`);
    assert.equal((await marketing.post(`/imports/${id}/commit`)).status, 303);
    await web.until(async () => (await stored(id))!.state === 'done');
    const [list] = await createListStore(web.app).all();
    assert.deepEqual([list!.name, list!.size], ['春季', 2]);
    const page = await marketing.get(`/lists/${list!.id}`);
    shows(page.text, /王小明/);
    shows(page.text, /1–2 of 2/);
    shows((await marketing.get(`/imports/${id}`)).text, /Written to “春季”/);
    assert.equal((await marketing.post(`/imports/${id}/commit`)).status, 409);
  });

  it('reads provinces by name, tells of places that nobody knows, and says afterwards what was done', async () => {
    const text =
      '姓名,手机号,地区\n王大明,13800138001,上海\n李大娜,13900139001,广东省深圳市\n陈大静,13700137001,火星\n赵大雷,"13,700,137,002",火星\n';
    const sent = await upload(text, '地区.csv', { defaultCountry: 'CN', listName: '地区' });
    const id = idOf((sent.body as { location: string }).location);
    const columns = await marketing.get(`/imports/${id}/columns`);
    shows(columns.text, /value="region" selected/);
    const choice = { encoding: 'utf-8', delimiter: 'comma', header: 'yes', defaultCountry: 'CN', existing: 'fill', tags: '', 'columns[0]': 'name', 'columns[1]': 'phone_mobile', 'columns[2]': 'region' }; // prettier-ignore
    assert.equal((await marketing.post(`/imports/${id}/columns`, choice)).status, 303);
    await web.until(async () => (await stored(id))!.state === 'checked');
    const checked = await marketing.get(`/imports/${id}`);
    shows(checked.text, /The places in 2 rows are known to nobody here.*“火星” \(2\)/s);
    shows(checked.text, /become customers/);
    await marketing.post(`/imports/${id}/commit`);
    await web.until(async () => (await stored(id))!.state === 'done');
    const { knex } = web.app.db;
    const rows = (await knex('customers').whereLike('name', '%大%').orderBy('id').select('address_region', 'custom')) as { address_region: string; custom: unknown }[]; // prettier-ignore
    assert.deepEqual(rows.map(({ address_region }) => address_region), ['CN-SH', 'CN-GD', 'CN', 'CN']); // prettier-ignore
    const kept = rows.map(({ custom }) => (typeof custom === 'string' ? JSON.parse(custom) : custom) as unknown); // prettier-ignore
    assert.deepEqual(kept.slice(1), [{ 地区: '广东省深圳市' }, { 地区: '火星' }, { 地区: '火星' }]);
    const done = await marketing.get(`/imports/${id}`);
    shows(done.text, /4 became new customers/);
    shows(done.text, /became customers/);
    hides(done.text, /become/);
  });

  it('says before and after the writing which campaigns have finished, and that they do not go on by themselves', async () => {
    const { app } = web;
    const campaigns = createCampaignStore(app);
    const listId = await createListStore(app).create({ name: 'Autumn', defaultCountry: 'US' }, { userId: 1, now: 1 }); // prettier-ignore
    const [named, other] = [await makeCampaign(app, { name: 'Named one' }), await makeCampaign(app, { name: 'Other one' })]; // prettier-ignore
    await campaigns.attachList(other, listId, 5);
    await app.db.knex('campaigns').whereIn('id', [named, other]).update({ state: 'finished' });
    const sent = await upload('name,phone\nAda,(212) 555-0177\n', 'a.csv', { list: String(listId), campaign: String(named) }); // prettier-ignore
    const id = idOf((sent.body as { location: string }).location);
    await marketing.get(`/imports/${id}/columns`);
    const choice = { encoding: 'utf-8', delimiter: 'comma', header: 'yes', defaultCountry: 'US', existing: 'fill', tags: '', 'columns[0]': 'name', 'columns[1]': 'phone' }; // prettier-ignore
    assert.equal((await marketing.post(`/imports/${id}/columns`, choice)).status, 303);
    await web.until(async () => (await stored(id))!.state === 'checked');
    const said = async (...what: RegExp[]) => {
      const { text } = await marketing.get(`/imports/${id}`);
      for (const words of what) shows(text, words);
    };
    const others = /Another campaign that calls this list has finished\..*Other one/s;
    await said(/joins the campaign “Named one”\. It has finished, and does not go on by itself/, others);
    assert.equal((await marketing.post(`/imports/${id}/commit`)).status, 303);
    await web.until(async () => (await stored(id))!.state === 'done');
    await said(/“Named one” has finished, and does not go on by itself/, others);
  });

  const bad: [string, string | Buffer, string, RegExp][] = [
    ['empty', '', 'a.csv', /empty/],
    ['binary', Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(5000)]), 'a.csv', /not a text file/],
    ['a broken workbook', Buffer.from('PK\x03\x04xxxx'), 'a.xlsx', /workbook is damaged/],
    ['another extension', 'a,b', 'a.docx', /“\.docx” are not lists/],
    ['an unclosed quote', 'name,phone\n"a,1\nb,2\n', 'a.csv', /In line 2 a quotation mark opens/],
    ['a million columns', `${','.repeat(999_999)}\n`, 'a.csv', /1,000,000 columns; at most 500/],
    ['one line of a megabyte', 'x'.repeat(1 << 20), 'a.csv', /longer than 262,144 characters/],
  ];
  for (const [what, content, name, words] of bad)
    it(`fault: ${what} is refused in words, and nothing is kept of it`, async () => {
      const before = storedFiles();
      const answer = await upload(content, name);
      assert.equal(answer.status, 422, answer.text);
      assert.match((answer.body as { detail: string }).detail, words);
      assert.equal(storedFiles(), before);
    });

  it('fault: larger than allowed', async () => {
    await web.app.settings.set(importLimit, 1, { userId: null });
    const answer = await upload(Buffer.alloc(1_100_000, 'a,b\n'));
    assert.equal(answer.status, 422);
    assert.match((answer.body as { detail: string }).detail, /larger than 1 MB/);
    await web.app.settings.set(importLimit, 512, { userId: null });
  });

  it('one column of numbers is a list, with a warning', async () => {
    const sent = await upload('2125550123\n2125550124\n', 'numbers.txt');
    const id = idOf((sent.body as { location: string }).location);
    const page = await marketing.get(`/imports/${id}/columns`);
    shows(page.text, /Only one column was found/);
    shows(page.text, /value="phone" selected/);
  });

  it('says of a check that was stopped what has become of it and what to do next, as often as it is looked at', async () => {
    const sent = await upload('name,phone\nAda,2125550123\n');
    const id = idOf((sent.body as { location: string }).location);
    const store = createImportStore(web.app);
    await store.move(id, 'check', web.app.clock.now());
    const counts = JSON.stringify({
      checked: { total: 2_000, taken: 1_990, created: 1, verdicts: {}, reasons: {} },
    });
    await web.app.db.knex('imports').where({ id }).update({ counts });
    await marketing.get(`/imports/${id}`);
    assert.equal((await marketing.post(`/imports/${id}/stop`)).status, 303);
    // The page that was open asks once more and is sent on; only then whoever stopped it sees the columns.
    assert.equal((await marketing.get(`/imports/${id}/live`)).headers.location, `/imports/${id}/columns`);
    for (const look of [1, 2]) {
      const { text } = await marketing.get(`/imports/${id}/columns`);
      shows(text, /The check was stopped after 2,000 rows\. Nothing was written/, `look ${look}`);
      shows(text, /Check every row/);
    }
    await store.move(id, 'check', 2, { error: null });
    assert.ok(await store.move(id, 'checked', 3));
    hides((await marketing.get(`/imports/${id}/columns`)).text, /was stopped/);
  });

  it('fault: the job of an import is lost; whoever looks at it sees it go on', async () => {
    const sent = await upload('name,phone\nAda,2125550123\n');
    const id = idOf((sent.body as { location: string }).location);
    const store = createImportStore(web.app);
    await store.move(id, 'check', web.app.clock.now());
    assert.equal((await marketing.get(`/imports/${id}`)).status, 200);
    assert.equal((await stored(id))!.jobId, null);
    web.app.clock.advance(61_000);
    shows((await marketing.get(`/imports/${id}`)).text, /import-stop/);
    assert.ok((await stored(id))!.jobId);
  });

  it('fault: it is lost again and again after some rows were written – the page says so and lets it go on, and says when the file is gone', async () => {
    const sent = await upload('name,phone\nAda,2125550123\n');
    const id = idOf((sent.body as { location: string }).location);
    const { app } = web;
    const listId = await createListStore(app).create(
      { name: 'Half', defaultCountry: 'US' },
      { userId: 1, now: 1 },
    );
    const campaignId = await makeCampaign(app);
    await createCampaignStore(app).attachList(campaignId, listId, 5);
    const counts = JSON.stringify({ committed: { total: 1, taken: 1 }, checked: { total: 2, taken: 2 } });
    await app.db.knex('imports').where({ id }).update({ state: 'committing', list_id: listId, rows_done: 1, taken_up: 2, counts, updated_at: app.clock.now() }); // prettier-ignore
    app.clock.advance(61_000);
    const page = await marketing.get(`/imports/${id}`);
    assert.match(page.text, /action="\/imports\/\d+\/commit"/);
    shows(page.text, /broke off again and again behind row 1 and was given up/);
    assert.equal((await stored(id))!.state, 'failed');
    const built = await app.db.knex('jobs').where({ name: 'leads.build' }).pluck<string[]>('data');
    assert.ok(built.some((data) => (JSON.parse(data) as { campaignId: number }).campaignId === campaignId));
    await rm(join(app.config.dataDir, (await stored(id))!.filePath));
    const gone = await marketing.get(`/imports/${id}`);
    assert.match(gone.text, /kept for 14 days/);
    assert.doesNotMatch(gone.text, /action="\/imports\/\d+\/commit"/);
    await app.db.knex('imports').where({ id }).update({ state: 'paused' });
    const held = await marketing.get(`/imports/${id}`);
    assert.match(held.text, /action="\/imports\/\d+\/stop"/, 'it can still be ended');
  });

  it('choices kept under a name are those of the next file with these headings, own fields too', async () => {
    const file = 'Who,Ring,Memo\nAda,2125550160,gold\n';
    const choice = {
      encoding: 'utf-8',
      delimiter: 'comma',
      header: 'yes',
      defaultCountry: 'US',
      existing: 'overwrite',
      matchBy: 'phone',
      repeats: 'list',
      template: 'Spring partner',
      'columns[0]': 'company',
      'columns[1]': 'phone_work',
      'columns[2]': 'custom',
      'names[0]': '',
      'names[1]': '',
      'names[2]': 'Card',
    };
    const first = idOf(((await upload(file)).body as { location: string }).location);
    await marketing.get(`/imports/${first}/columns`);
    assert.equal((await marketing.post(`/imports/${first}/columns`, choice)).status, 303);
    const other = file.replace('Who,Ring,Memo', ' who , RING,memo').replace('Ada', 'Bo');
    const second = idOf(((await upload(other, 'next.csv')).body as { location: string }).location);
    const { options } = (await stored(second))!;
    assert.deepEqual(options.columns, ['company', 'phone_work', 'custom']);
    assert.deepEqual([options.existing, options.matchBy, options.repeats], ['overwrite', 'phone', 'list']);
    assert.equal(options.names[2], 'Card');
    const page = await marketing.get(`/imports/${second}/columns`);
    shows(page.text, /Spring partner/);
    const remove = /action="(\/imports\/\d+\/templates\/\d+\/remove)"/.exec(page.text)![1]!;
    await marketing.post(remove, {});
    const third = idOf(((await upload(file)).body as { location: string }).location);
    assert.notDeepEqual((await stored(third))!.options.columns, options.columns);
  });

  it('the country chosen with a file is no matter of the choices kept', async () => {
    const file = 'Who,Ring,Own\nAda,2125550161,gold\n';
    const choice = {
      ...{ encoding: 'utf-8', delimiter: 'comma', header: 'yes', defaultCountry: 'US', existing: 'fill' },
      ...{ template: 'Of America', 'columns[0]': 'name', 'columns[1]': 'phone', 'columns[2]': 'custom' },
      ...{ 'names[0]': '', 'names[1]': '', 'names[2]': '' },
    };
    const first = idOf(((await upload(file)).body as { location: string }).location);
    await marketing.get(`/imports/${first}/columns`);
    assert.equal((await marketing.post(`/imports/${first}/columns`, choice)).status, 303);
    // As choices were kept before.
    const old = await web.app.db.knex('import_templates').where({ name: 'Of America' }).first();
    const options = JSON.stringify({ ...JSON.parse(old.options), defaultCountry: 'US' });
    await web.app.db.knex('import_templates').where({ id: old.id }).update({ options });
    const sent = await upload(file, 'british.csv', { defaultCountry: 'GB' });
    const second = (await stored(idOf((sent.body as { location: string }).location)))!;
    assert.deepEqual([second.options.defaultCountry, second.options.columns[1]], ['GB', 'phone']);
  });

  it('fault: a form refused while another separator was tried keeps its layout, columns and names', async () => {
    const many = Array.from({ length: 25 }, (_, n) => `More${n}`);
    const file = `Who;Ring;Own, not;${many.join(';')}\nAda;2125550162;gold, yes;${many.map(() => 'x').join(';')}\n`;
    const id = idOf(((await upload(file)).body as { location: string }).location);
    const { options } = (await stored(id))!;
    await createImportStore(web.app).saveOptions(id, { ...options, delimiter: ',', columns: ['ignore', 'ignore'], headers: ['a', 'b'] }, 1); // prettier-ignore
    await marketing.get(`/imports/${id}/columns?delimiter=semicolon`);
    const columns = ['company', 'note', 'custom', ...many.map(() => 'ignore')];
    const choice = Object.fromEntries([
      ...columns.map((target, n) => [`columns[${n}]`, target]),
      ...columns.map((_, n) => [`names[${n}]`, n === 2 ? 'Card' : '']),
      ...columns.map((_, n) => [`wins[${n}]`, n === 0 ? 'file' : '']),
    ]) as Record<string, string>;
    const refused = await marketing.post(`/imports/${id}/columns`, {
      ...choice,
      ...{ encoding: 'utf-8', delimiter: 'semicolon', header: 'yes', defaultCountry: 'US', existing: 'fill' },
    });
    assert.equal(refused.status, 422, 'no column of numbers');
    const chosen = [...refused.text.matchAll(/<option value="([a-z_]+)" selected/g)].map(
      ([, value]) => value,
    );
    assert.deepEqual(chosen.filter((value) => ['company', 'note', 'custom'].includes(value!)), ['company', 'note', 'custom']); // prettier-ignore
    shows(refused.text, /value="Card"/);
    shows(refused.text, /gold, yes/);
    shows(refused.text, /More24/);
  });

  it('only marketing, managers and administrators load lists', async () => {
    const supervisor = await web.signedIn('supervisor');
    assert.equal((await supervisor.get('/imports/new')).status, 403);
    assert.equal((await supervisor.get('/lists')).status, 200);
  });
});
