import assert from 'node:assert/strict';
import { before, beforeEach } from 'mocha';
import { createImportRowsStore } from '../../../campaigns/import/import-rows-store.ts';
import { createImportStore } from '../../../campaigns/import/import-store.ts';
import { defaultOptions, type ImportOptions } from '../../../campaigns/import/import.ts';
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import type { TestApp } from '../../support/app.ts';
import { putFile } from './files.ts';

export const options: ImportOptions = {
  ...defaultOptions,
  columns: ['name', 'phone', 'external_id', 'company'],
  headers: ['Name', 'Phone', 'Id', 'Company'],
};

/** An empty list, and files that are loaded onto it; call where a suite of tests begins. */
export function importRig(theApp: () => TestApp) {
  let app: TestApp;
  let listId: number;
  before(() => (app = theApp()));
  beforeEach(async () => {
    for (const table of [
      'customers',
      'customer_phones',
      'customer_terms',
      'customer_tags',
      'leads',
      'list_members',
      'timeline_entries',
      'consents',
    ])
      // prettier-ignore
      await app.db.knex(table).delete();
    listId = await createListStore(app).create({ name: 'L', defaultCountry: 'US' }, { userId: 1, now: 1 });
  });

  const job = (importId: number) => ({
    id: '1',
    data: { importId },
    attempt: 1,
    signal: new AbortController().signal,
    progress: async () => {},
  });
  /** Loaded as far as the dry run, and about to be written. */
  async function foretell(
    lines: string[],
    changes: Partial<ImportOptions> = {},
    onto = listId,
  ): Promise<number> {
    const content = `${(changes.headers ?? options.headers).join(',')}\n${lines.join('\n')}\n`;
    const filePath = putFile(app, `${Math.random()}.csv`, content);
    const file = {
      listId: onto,
      fileName: 'p.csv',
      filePath,
      fileSize: 1,
      options: { ...options, ...changes },
    };
    const store = createImportStore(app);
    const id = await store.create(file, { userId: 1, now: 1 });
    await store.move(id, 'check', 1);
    await createImportJobs(app).check(job(id));
    await store.move(id, 'commit', 1, { rowsDone: 0 });
    return id;
  }
  async function load(lines: string[], changes: Partial<ImportOptions> = {}, onto = listId): Promise<number> {
    const id = await foretell(lines, changes, onto);
    await createImportJobs(app).commit(job(id));
    const { checked, committed } = (await createImportStore(app).get(id))!;
    assert.deepEqual(committed, checked, 'what was foretold is what was done');
    return id;
  }
  const verdictsOf = async (id: number) =>
    (await createImportRowsStore(app).list(id, { limit: 100 })).map(({ verdict }) => verdict);
  const countOf = async (table: string) => Number((await app.db.knex(table).count({ n: '*' }).first())!.n);
  async function undo(id: number) {
    const store = createImportStore(app);
    assert.ok(await store.move(id, 'undo', 2));
    await createImportJobs(app).undo(job(id));
    return (await store.get(id))!;
  }

  return {
    ...{ foretell, load, undo, job, verdictsOf, countOf },
    get listId() {
      return listId;
    },
  };
}
