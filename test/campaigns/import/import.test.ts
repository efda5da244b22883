import assert from 'node:assert/strict';
import { existsSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createScrubStore } from '../../../campaigns/compliance/index.ts';
import { createDispositionStore } from '../../../campaigns/dispositions/index.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { createImportRowsStore } from '../../../campaigns/import/import-rows-store.ts';
import { createImportStore } from '../../../campaigns/import/import-store.ts';
import { defaultOptions, type ImportOptions } from '../../../campaigns/import/import.ts';
import { batchSizes } from '../../../campaigns/import/jobs/import-job.ts';
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import { dueAgainJob } from '../../../campaigns/leads/due-again.ts';
import { createLeadBuilder } from '../../../campaigns/leads/lead-builder.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import type { App } from '../../../core/app.ts';
import { Users } from '../../../core/users/index.ts';
import { createCustomerStore, createTimelineStore, type Customer } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';
import { testPassword } from '../../web/support.ts';
import { putFile, usNumber } from './files.ts';

const options: ImportOptions = {
  ...defaultOptions,
  repeats: 'file',
  columns: ['name', 'phone', 'external_id', 'note'],
  headers: ['Name', 'Phone', 'Id', 'Note'],
};

onBothEngines('import', (theApp) => {
  let app: TestApp;
  let store: ReturnType<typeof createImportStore>;
  let listId: number;
  before(async () => {
    app = theApp();
    store = createImportStore(app);
  });
  beforeEach(async () => {
    for (const table of ['customers', 'customer_phones', 'customer_terms', 'customer_tags'])
      await app.db.knex(table).delete();
    listId = await createListStore(app).create({ name: 'L', defaultCountry: 'US' }, { userId: 1, now: 1 });
  });

  async function begin(content: string, changes: Partial<ImportOptions> = {}): Promise<number> {
    const filePath = putFile(app, `${Math.random()}.csv`, content);
    const file = {
      listId,
      fileName: 'people.csv',
      filePath,
      fileSize: content.length,
      options: { ...options, ...changes },
    };
    return store.create(file, { userId: 1, now: 1 });
  }
  const job = (importId: number, signal = new AbortController().signal, attempt = 1) => ({
    id: '1',
    data: { importId },
    attempt,
    signal,
    progress: async () => {},
  });
  async function check(id: number, at: App = app) {
    assert.ok(await store.move(id, 'check', 1));
    await createImportJobs(at).check(job(id));
    return (await store.get(id))!;
  }
  async function commit(id: number, at: App = app) {
    await store.move(id, 'commit', 1, { rowsDone: 0 });
    await createImportJobs(at).commit(job(id));
    return (await store.get(id))!;
  }
  const countOf = async (table: string) => Number((await app.db.knex(table).count({ n: '*' }).first())!.n);

  const findOne = async (text: string): Promise<Customer> => {
    const [customer] = await createCustomerStore(app).search(text);
    return customer!;
  };

  it('gives every row a verdict with its reason, and writes nothing before commit', async () => {
    const id = await begin(
      [
        'Name,Phone,Id,Note',
        'Ada,(212) 555-0123,,call after six',
        'Bo,1.38E+10,,',
        'Cy,,,',
        'Di,212 555 0123,,',
        'Ed,12,,',
        'Flo,+44 20 7946 0018,X9,',
        'Gus,+86 138 0013 8000,X9,',
        'Hal,hello,,',
        'Ira,2125550188,,,,surplus',
      ].join('\n'),
    );
    const found = await check(id);
    assert.equal(found.state, 'checked');
    const { reasons, ...counts } = found.checked!;
    assert.deepEqual(counts, {
      total: 9,
      verdicts: { new: 2, duplicate: 2, refused: 5 },
      taken: 2,
      created: 2,
    });
    assert.deepEqual(reasons, { 'rounded-by-spreadsheet': 1, 'no-number': 1, 'too-short': 1, 'not-a-number': 1, 'column-count': 1 }); // prettier-ignore
    const rows = await createImportRowsStore(app).list(id, { limit: 100 });
    assert.deepEqual(
      rows.map(({ number, verdict, reason }) => [number, verdict, reason]),
      [
        [2, 'new', null],
        [3, 'refused', 'rounded-by-spreadsheet:Phone'],
        [4, 'refused', 'no-number:'],
        [5, 'duplicate', 'same-number-before:2'],
        [6, 'refused', 'too-short:Phone'],
        [7, 'new', null],
        [8, 'duplicate', 'same-id-before:7'],
        [9, 'refused', 'not-a-number:Phone'],
        [10, 'refused', 'column-count:6/4'],
      ],
    );
    assert.equal(await countOf('customers'), 0);

    const done = await commit(id);
    assert.equal(done.state, 'done');
    assert.deepEqual(done.committed, found.checked);
    assert.equal(await countOf('customers'), 2);
    const { id: adaId, phones } = await findOne('ada');
    assert.deepEqual(phones, [{ e164: '+12125550123', type: 'mobile' }]);
    const entries = await createTimelineStore(app).of(adaId);
    assert.deepEqual(entries.map(({ kind }) => kind).sort(), ['import', 'note']); // prettier-ignore
    assert.equal((await createListStore(app).get(listId))!.size, 2);
  });

  it('merges into who is known by id or number: fills in, overwrites, or leaves alone', async () => {
    const customers = createCustomerStore(app);
    const known = customerFields({ name: 'Ada Winter', language: null, phones: [{ e164: '+12125550123', type: 'home' }] }); // prettier-ignore
    const made = await customers.create(known, 1);
    assert.ok(made.created);
    const file = 'Name,Phone,Id,Note\nA. Winter,2125550123,C-7,\n';
    for (const [existing, name, externalId] of [
      ['keep', 'Ada Winter', null],
      ['fill', 'Ada Winter', 'C-7'],
      ['overwrite', 'A. Winter', 'C-7'],
    ] as const) {
      const id = await begin(file, { existing, tags: existing === 'fill' ? ['spring'] : [] });
      assert.equal((await check(id)).checked!.verdicts.merged, 1);
      await commit(id);
      const ada: Customer = (await customers.get(made.id))!;
      assert.deepEqual([ada.name, ada.externalId], [name, externalId]);
    }
    assert.deepEqual((await customers.get(made.id))!.tags, ['spring']);
    assert.equal(await countOf('customers'), 1);
    assert.equal((await createListStore(app).get(listId))!.size, 1);
  });

  it('counts who may not be called', async () => {
    const base = { campaignId: null, reason: 'asked', by: null, at: 1 };
    await createDncStore(app).add({ ...base, e164: '+12125550123', source: 'customer' });
    const id = await begin('Name,Phone,Id,Note\nAda,2125550123,,\nBo,2125550124,,\n');
    assert.deepEqual((await check(id)).checked!.verdicts, { new: 1, dnc: 1 });
  });

  /** The app with faults of its database. */
  const withDb = (faults: Partial<App['db']>): App => ({
    ...app,
    db: {
      ...app.db,
      engine: app.db.engine,
      knex: app.db.knex,
      transaction: (work) => app.db.transaction(work),
      insertId: (...args) => app.db.insertId(...args),
      insertMany: (...args) => app.db.insertMany(...args),
      reserveIds: (...args) => app.db.reserveIds(...args),
      load: (...args) => app.db.load(...args),
      ...faults,
    } as App['db'],
  });
  /** An app in which `work` is done between what a job reads and the first that it writes. */
  function beforeFirstWrite(work: () => Promise<void>): App {
    let done = false;
    return withDb({
      transaction: async (what) => {
        const first = !done;
        done = true;
        if (first) await work();
        return app.db.transaction(what);
      },
    });
  }
  const many = (count: number) =>
    `Name,Phone,Id,Note\n${Array.from({ length: count }, (_, i) => `P${i},${usNumber(i)},,`).join('\n')}\n`;

  it('fault: the process dies in the middle of writing; the next one goes on without doubling a row', async () => {
    const batch = batchSizes[app.db.engine];
    const all = batch * 3 + 200;
    const id = await begin(many(all));
    assert.equal((await check(id)).checked!.verdicts.new, all);
    await store.move(id, 'commit', 1, { rowsDone: 0 });
    let inserts = 0;
    const dying = withDb({
      load: (table, ...rest) => {
        if (table === 'list_members' && ++inserts === 3) throw new Error('the process died');
        return app.db.load(table, ...rest);
      },
    });
    await assert.rejects(createImportJobs(dying).commit(job(id)), /died/);
    assert.equal((await store.get(id))!.rowsDone, 2 * batch + 1);
    await createImportJobs(app).commit(job(id, undefined, 2));
    const done = (await store.get(id))!;
    assert.deepEqual([done.state, done.committed!.created, done.committed!.total], ['done', all, all]);
    assert.deepEqual([await countOf('customers'), await countOf('customer_phones')], [all, all]);
    assert.equal((await createListStore(app).get(listId))!.size, all);
  });

  it('fault: paused and gone on with while a batch is written; the next job goes on behind it', async () => {
    const batch = batchSizes[app.db.engine];
    const all = batch + 200;
    const id = await begin(many(all));
    await check(id);
    await store.move(id, 'commit', 1, { rowsDone: 0 });
    const old = new AbortController();
    const late = beforeFirstWrite(() =>
      createImportJobs(app).commit({ ...job(id, old.signal), id: 'old', progress: async () => old.abort() }),
    );
    await createImportJobs(late).commit({ ...job(id), id: 'new' });
    const done = (await store.get(id))!;
    assert.deepEqual([done.state, done.committed!.created], ['done', all]);
    assert.equal(await countOf('customers'), all);
    const kept = await createImportRowsStore(app).takenRows(id, 0, all + 1);
    assert.equal(kept.length, all, 'what became of each row is still known');
  });

  it('fault: stopped and checked again while a batch is looked at; the next job begins anew', async () => {
    const all = batchSizes[app.db.engine] + 200;
    const id = await begin(many(all));
    assert.ok(await store.move(id, 'check', 1));
    const old = new AbortController();
    const late = beforeFirstWrite(() =>
      createImportJobs(app).check({ ...job(id, old.signal), id: 'old', progress: async () => old.abort() }),
    );
    await createImportJobs(late).check({ ...job(id), id: 'new' });
    const done = (await store.get(id))!;
    assert.deepEqual([done.state, done.checked!.verdicts.new], ['checked', all]);
  });

  it('a job writes nothing once another has been begun in its place', async () => {
    const id = await begin(many(10));
    await check(id);
    await store.move(id, 'commit', 1, { rowsDone: 0 });
    const late = beforeFirstWrite(() => store.setJob(id, 'new'));
    await createImportJobs(late).commit({ ...job(id), id: 'old' });
    assert.equal(await countOf('customers'), 0);
    await createImportJobs(app).commit({ ...job(id), id: 'new' });
    assert.equal((await store.get(id))!.state, 'done');
  });

  it('is stopped between two batches and goes on later', async () => {
    const batch = batchSizes[app.db.engine];
    const id = await begin(many(batch * 2 + 200));
    await check(id);
    await store.move(id, 'commit', 1, { rowsDone: 0 });
    const stop = new AbortController();
    const stopping = { ...job(id, stop.signal), progress: async () => stop.abort() };
    await createImportJobs(app).commit(stopping);
    assert.ok(await store.move(id, 'stop', 2));
    assert.equal(await countOf('customers'), batch);
    await store.move(id, 'commit', 3);
    await createImportJobs(app).commit(job(id));
    assert.equal((await store.get(id))!.state, 'done');
    assert.equal(await countOf('customers'), batch * 2 + 200);
  });

  it('fault: it fails after some rows were written – the campaigns of the list get leads of those', async () => {
    const batch = batchSizes[app.db.engine];
    const campaignId = await makeCampaign(app);
    const id = await begin(many(batch * 2));
    await createCampaignStore(app).attachList(campaignId, listId, 5);
    await check(id);
    await store.move(id, 'commit', 1, { rowsDone: 0 });
    const stop = new AbortController();
    await createImportJobs(app).commit({ ...job(id, stop.signal), progress: async () => stop.abort() });
    rmSync(join(app.config.dataDir, (await store.get(id))!.filePath));
    await createImportJobs(app).commit({ ...job(id), attempt: 3 });
    assert.equal((await store.get(id))!.state, 'failed');
    assert.deepEqual(await buildsOf(campaignId), [{ campaignId, listId }]);
  });

  const buildsOf = async (campaignId: number) => {
    const queued: { data: string }[] = await app.db.knex('jobs').where({ name: 'leads.build' });
    return queued.map(({ data }) => JSON.parse(data)).filter((data) => data.campaignId === campaignId);
  };

  /** It has all that a start needs but a list, and has finished. */
  async function finishedCampaign(): Promise<number> {
    const { db } = app;
    const stamps = { created_at: 1, updated_at: 1 };
    const trunk = { name: `T${Math.random()}`, host: 'sip.example.com', codecs: 'alaw', channels: 30, calls_per_second: 5, prefix_rules: '[]' }; // prettier-ignore
    const trunkId = await db.insertId('trunks', { ...trunk, ...stamps });
    const account = { username: `a${Math.random()}`, name: 'A', role: 'agent', password: testPassword, mustChangePassword: false } as const; // prettier-ignore
    const { id: agentId } = await new Users(app).create(account, { userId: null });
    const dispositions = createDispositionStore(app);
    await dispositions.seed();
    const dispositionIds = (await dispositions.all()).map(({ id }) => id);
    const joined = { trunkIds: [trunkId], agentIds: [agentId], dispositionIds };
    const campaignId = await makeCampaign(app, { mode: 'preview', callerId: '+12125550100', ...joined });
    await db.knex('campaigns').where({ id: campaignId }).update({ state: 'finished' });
    return campaignId;
  }

  it('a campaign that has finished goes on where the import was for it and nothing is missing; no other that calls the list does', async () => {
    const [named, other, archived] = [await finishedCampaign(), await finishedCampaign(), await finishedCampaign()]; // prettier-ignore
    for (const one of [other, named, archived]) await createCampaignStore(app).attachList(one, listId, 5);
    await app.db.knex('campaigns').where({ id: archived }).update({ archived_at: 1 });
    const id = await begin(many(3), { campaignId: named });
    await check(id);
    assert.equal((await commit(id)).state, 'done');
    for (const one of [named, other]) assert.deepEqual(await buildsOf(one), [{ campaignId: one, listId }]);
    const state = async (of: number) => (await createCampaignStore(app).get(of))!.state;
    const build = async (of: number) => {
      for (const data of await buildsOf(of)) await createLeadBuilder(app).runBuild({ ...job(id), data });
      return state(of);
    };
    assert.equal(await build(other), 'finished');
    const brought = (campaign_id: number) => app.db.knex('campaign_lists').where({ campaign_id }).update({ goes_on: 1 }); // prettier-ignore
    const agents: object[] = await app.db.knex('campaign_agents').where({ campaign_id: named });
    await app.db.knex('campaign_agents').where({ campaign_id: named }).delete();
    assert.equal(await build(named), 'finished', 'nobody is there who could take its calls');
    await app.db.knex('campaign_agents').insert(agents);
    await brought(named);
    assert.equal(await build(named), 'running');
    const asked: { data: string }[] = await app.db.knex('jobs').where({ name: dueAgainJob });
    assert.ok(asked.some(({ data }) => JSON.parse(data).campaignId === named), 'as after any start'); // prettier-ignore
    await app.db.knex('campaigns').where({ id: named }).update({ state: 'stopped' });
    await brought(named);
    assert.equal(await build(named), 'stopped', 'somebody has stopped it');
    await brought(archived);
    await build(archived);
    assert.equal(await state(archived), 'finished');
  });

  it('fault: a file that turns bad after a thousand rows fails with its reason; nothing was written', async () => {
    const id = await begin(`${many(1_000)}"never closed,2125559999,,\n`);
    const found = await check(id);
    assert.equal(found.state, 'failed');
    assert.equal(found.error!.code, 'quote-unclosed');
    assert.equal(await countOf('customers'), 0);
  });

  it('fault: only a heading', async () => {
    assert.equal((await check(await begin('Name,Phone,Id,Note\n'))).error!.code, 'no-rows');
  });

  it('fault: the process dies before it removes a file; the sweep takes what nobody names, and nothing else', async () => {
    const { knex } = app.db;
    const daysAgo = (days: number) => app.clock.now() - days * 86_400_000;
    const made = async (state: string, days: number) => {
      const id = await begin('Name,Phone,Id,Note\n');
      await knex('imports')
        .where({ id })
        .update({ state, updated_at: daysAgo(days) });
      return (await store.get(id))!.filePath;
    };
    const taken = [
      await made('done', 2),
      await made('undone', 2),
      await made('checked', 15),
      putFile(app, 'a.upload', 'x'),
    ];
    const loading = putFile(app, 'b.upload', 'x');
    const list = { kind: 'national' as const, country: 'US', name: 'R', areas: [], fileName: 'l.txt' };
    await createScrubStore(app).create(
      { ...list, filePath: loading, scrubbedOn: '2026-11-20', loadedBy: null },
      // On its way to its job: one that was left by it long ago has failed, and its file goes too.
      app.clock.now(),
    );
    const kept = [loading, await made('checked', 2), await made('committing', 15), await made('paused', 13)];
    const arriving = putFile(app, 'c.upload', 'x');
    const path = (file: string) => join(app.config.dataDir, file);
    for (const file of [...taken, ...kept]) utimesSync(path(file), daysAgo(2) / 1_000, daysAgo(2) / 1_000);
    utimesSync(path(arriving), app.clock.now() / 1_000, app.clock.now() / 1_000);
    await createImportJobs(app).sweep();
    for (const file of taken) assert.ok(!existsSync(path(file)), file);
    for (const file of [...kept, arriving]) assert.ok(existsSync(path(file)), file);
  });

  it('composes names and regions', async () => {
    const id = await begin('姓,名,电话,州\n陈,小明,+8613800138000,\nWinter,Ada,2125550123,New York\n', {
      columns: ['family_name', 'given_name', 'phone', 'state'],
      headers: ['姓', '名', '电话', '州'],
    });
    await check(id);
    await commit(id);
    const rows = await app.db.knex('customers').orderBy('id').select('name', 'address_region');
    assert.deepEqual(rows, [
      { name: '陈小明', address_region: null },
      { name: 'Ada Winter', address_region: 'US-NY' },
    ]);
  });
});
