import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createImportStore, type ImportStore } from '../../../campaigns/import/import-store.ts';
import { batchSizes } from '../../../campaigns/import/jobs/import-job.ts';
import { createImportEnd } from '../../../campaigns/import/jobs/end-import.ts';
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import { createLeadBuilder } from '../../../campaigns/leads/lead-builder.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { buildJob, createWantedBuilds } from '../../../campaigns/leads/wanted-builds.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';
import { usNumber } from './files.ts';
import { importRig } from './import-rig.ts';

onBothEngines('the end of an import', (theApp) => {
  let app: TestApp;
  let store: ImportStore;
  before(() => {
    app = theApp();
    store = createImportStore(app);
  });
  const rig = importRig(theApp);
  const many = (rows: number) => Array.from({ length: rows }, (_, row) => `P${row},${usNumber(row)},,`);
  const queueAway = () => ({ ...app, jobs: { ...app.jobs, add: () => Promise.reject(new Error('queue away')) } }) as unknown as TestApp; // prettier-ignore
  const lists = (campaign_id: number) => app.db.knex('campaign_lists').where({ campaign_id }).select('list_id', 'built_at', 'job_id'); // prettier-ignore

  /** Half of it is written when its job is held up. */
  async function half(campaignId: number): Promise<number> {
    const id = await rig.foretell(many(batchSizes[app.db.engine] + 100), { campaignId });
    const stop = new AbortController();
    await createImportJobs(app).commit({ ...rig.job(id), signal: stop.signal, progress: async () => stop.abort() }); // prettier-ignore
    assert.equal((await store.get(id))!.state, 'committing');
    return id;
  }

  const ends: Record<string, (id: number, at: TestApp) => Promise<unknown>> = {
    done: (id, at) => createImportJobs(at).commit(rig.job(id)),
    stopped: (id, at) => createImportEnd(at)(id, 'stop'),
    failed: async (id, at) => {
      rmSync(join(app.config.dataDir, (await store.get(id))!.filePath));
      await createImportJobs(at).commit(rig.job(id));
    },
  };
  for (const [state, end] of Object.entries(ends))
    it(`fault: its process is gone the moment an import is ${state} – its campaign has the list, and all that call the list get leads of who came`, async () => {
      const [named, other] = [await makeCampaign(app), await makeCampaign(app)];
      await createCampaignStore(app).attachList(other, rig.listId, 5);
      await app.db.knex('campaign_lists').where({ campaign_id: other }).update({ built_at: 1 });
      const id = await half(named);
      assert.deepEqual(await lists(named), []);
      // Nothing comes behind the step that ends it: what would be queued is not.
      await end(id, queueAway());
      const item = (await store.get(id))!;
      assert.deepEqual([item.state, item.committed!.total], [state, item.rowsDone - 1]);
      for (const one of [named, other])
        assert.deepEqual(await lists(one), [{ list_id: rig.listId, built_at: null, job_id: null }]);
      await createWantedBuilds(app).sweep();
      const queued = await app.db.knex('jobs').where({ name: buildJob }).pluck<string[]>('data');
      for (const one of [named, other]) {
        const data = queued.map((text) => JSON.parse(text)).find(({ campaignId }) => campaignId === one);
        await createLeadBuilder(app).runBuild({ ...rig.job(0), data });
        assert.equal((await createLeadStore(app).countsByState(one)).new, item.committed!.taken);
      }
    });

  it('fault: the database fails in the step that ends it – it has not ended, its list has joined nothing', async () => {
    const campaignId = await makeCampaign(app);
    const id = await half(campaignId);
    await app.db.knex.schema.renameTable('campaign_lists', 'lists_away');
    await assert.rejects(createImportEnd(app)(id, 'stop'));
    await app.db.knex.schema.renameTable('lists_away', 'campaign_lists');
    assert.equal((await store.get(id))!.state, 'committing');
    assert.deepEqual(await lists(campaignId), []);
  });

  it('a job that has lost its import to another ends nothing', async () => {
    const id = await half(await makeCampaign(app));
    await store.setJob(id, 'another');
    assert.equal(await createImportEnd(app)(id, 'fail', { jobId: '1' }), false);
    assert.equal((await store.get(id))!.state, 'committing');
    assert.equal(await createImportEnd(app)(id, 'fail', { jobId: 'another' }), true);
  });

  it('fault: taking back breaks off at its very end – the list made for the file still goes out of sight', async () => {
    const id = await rig.load(many(2), { newListName: 'L' });
    assert.ok(await store.move(id, 'undo', 2));
    const away = (from: string, to: string) => app.db.knex.schema.renameTable(from, to);
    const dying = { ...rig.job(id), progress: () => away('campaign_lists', 'lists_away') };
    await assert.rejects(createImportJobs(app).undo(dying));
    await away('lists_away', 'campaign_lists');
    await createImportJobs(app).undo({ ...rig.job(id), attempt: 2 });
    assert.equal((await store.get(id))!.state, 'undone');
    assert.notEqual((await createListStore(app).get(rig.listId))!.archivedAt, null);
  });
});
