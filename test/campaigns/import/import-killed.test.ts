import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createImportStore } from '../../../campaigns/import/import-store.ts';
import { batchSizes } from '../../../campaigns/import/jobs/import-job.ts';
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { checkedImport, jobOf, mixedList, runProcess, traces } from './killed.ts';

/** `npm run bench -- import-kill` does it with 200,000 rows and ten kills. */
const batches = 4;
const tables = ['customers', 'customer_phones', 'customer_terms', 'list_members', 'timeline_entries', 'import_rows', 'import_runs', 'customer_origins', 'imports', 'lists']; // prettier-ignore

onBothEngines('a killed import', (theApp) => {
  let app: TestApp;
  before(() => (app = theApp()));

  it('fault: its process is killed twice in the middle; the end is the same as if nothing had happened', async function () {
    this.timeout(300_000);
    const content = mixedList(batchSizes[app.db.engine] * batches);
    const undisturbed = await checkedImport(app, content);
    await createImportJobs(app).commit(jobOf(undisturbed));
    const expected = await traces(app, undisturbed);
    assert.equal(expected.state, 'done');
    for (const table of tables) await app.db.knex(table).delete();
    const id = await checkedImport(app, content);
    for (const after of [1, 1]) {
      assert.equal(await runProcess(app, id, after), 'batch');
      assert.equal((await createImportStore(app).get(id))!.state, 'committing');
    }
    assert.equal(await runProcess(app, id, null), 'done');
    assert.deepEqual(await traces(app, id), expected);
  });
});
