import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { testApp } from '../support/app.ts';

describe('an App for tests', () => {
  it('has a schema, settings that are audited, and jobs that run', async () => {
    const app = await testApp();
    try {
      const pause = { key: 'test.pause', schema: z.number().int().min(0), fallback: 5 };
      assert.equal(await app.settings.get(pause), 5);
      await app.settings.set(pause, 9, { userId: null });
      assert.equal(await app.settings.get(pause), 9);
      await assert.rejects(app.settings.set(pause, -1, { userId: null }), z.ZodError);
      const [entry] = await app.db.knex('audit_log').select();
      assert.deepEqual(
        [entry.action, entry.before, entry.after, entry.at],
        ['settings.changed', '5', '9', app.clock.now()],
      );

      const done = new Promise<unknown>((resolve) => {
        app.jobs.define('greet', async (job: { data: { word: string } }) => resolve(job.data.word));
      });
      await app.jobs.start();
      await app.jobs.add('greet', { word: 'hello' });
      assert.equal(await done, 'hello');
    } finally {
      await app.close();
    }
    assert.equal(existsSync(app.config.dataDir), false);
  });
});
