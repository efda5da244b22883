import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { z } from 'zod';
import { createAudit } from '../../../core/audit/table-audit.ts';
import { LocalBus } from '../../../core/bus/local-bus.ts';
import { createSettings } from '../../../core/settings/table-settings.ts';
import type { SettingDefinition } from '../../../core/settings/settings.ts';
import { testApp, type TestApp } from '../../support/app.ts';

const limit: SettingDefinition<number> = { key: 'test.limit', schema: z.number().int().min(1), fallback: 5 };
const shape: SettingDefinition<{ words: string[] }> = {
  key: 'test.shape',
  schema: z.object({ words: z.array(z.string()) }),
  fallback: { words: [] },
};

describe('settings', () => {
  let app: TestApp;
  before(async () => void (app = await testApp()));
  after(() => app.close());

  /** Settings as another process of the same installation has them, with a bus that hears nothing. */
  const elsewhere = (bus = new LocalBus({ log: app.log })) => createSettings({ ...app, bus });

  it('have their default until they are set, and then what was set', async () => {
    assert.equal(await app.settings.get(limit), 5);
    await app.settings.set(limit, 9, { userId: 3 });
    assert.equal(await app.settings.get(limit), 9);
    await app.settings.set(shape, { words: ['李', 'é'] }, { userId: 3 });
    assert.deepEqual(await app.settings.get(shape), { words: ['李', 'é'] });
  });

  it('refuse a value that does not fit', async () => {
    await assert.rejects(app.settings.set(limit, 0, { userId: null }), z.ZodError);
    assert.equal(await app.settings.get(limit), 9);
  });

  it('are audited with who, before and after; a secret without its values', async () => {
    const secret = { key: 'test.secret', schema: z.string(), fallback: '', secret: true };
    await app.settings.set(secret, 'hush', { userId: 4 });
    const rows = await app.db.knex('audit_log').where({ action: 'settings.changed' }).orderBy('id');
    const shown = rows.map((row: Record<string, unknown>) => [
      row.user_id,
      row.entity_id,
      row.before,
      row.after,
    ]);
    assert.deepEqual(shown, [
      [3, 'test.limit', '5', '9'],
      [3, 'test.shape', '{"words":[]}', '{"words":["李","é"]}'],
      [4, 'test.secret', '"(changed)"', '"(changed)"'],
    ]);
  });

  it('changed elsewhere are seen at once over the bus, and without it within 15 s', async () => {
    const told = elsewhere(app.bus as LocalBus);
    const deaf = elsewhere();
    assert.deepEqual([await told.get(limit), await deaf.get(limit)], [9, 9]);
    const heard = new Promise<void>((resolve) => app.bus.subscribe('settings.changed', () => resolve()));
    await app.settings.set(limit, 12, { userId: null });
    await heard;
    assert.equal(await told.get(limit), 12);
    assert.equal(await deaf.get(limit), 9);
    app.clock.advance(15_000);
    assert.equal(await deaf.get(limit), 12);
  });

  it('give the default, and say so in the log, when what is stored does not fit any more', async () => {
    for (const value of ['"text"', 'not json']) {
      await app.db.knex('settings').where({ key: limit.key }).update({ value });
      assert.equal(await elsewhere().get(limit), 5);
    }
  });

  it('are read once by many who ask at the same time, and again after a failure', async () => {
    const settings = elsewhere();
    let queries = 0;
    const count = ({ sql }: { sql: string }) => void (queries += sql.includes('settings') ? 1 : 0);
    app.db.knex.on('query', count);
    await Promise.all(Array.from({ length: 20 }, () => settings.get(shape)));
    assert.equal(queries, 1);
    app.db.knex.removeListener('query', count);
    await app.db.knex.schema.renameTable('settings', 'away');
    const fresh = elsewhere();
    await assert.rejects(fresh.get(shape));
    await app.db.knex.schema.renameTable('away', 'settings');
    assert.deepEqual(await fresh.get(shape), { words: ['李', 'é'] });
  });
});

describe('audit', () => {
  it('is written inside the transaction it belongs to, and goes with it', async () => {
    const app = await testApp();
    const audit = createAudit(app);
    const entry = { userId: 1, action: 'list.created', entity: 'lists', entityId: 7, ip: '::1' };
    await assert.rejects(
      app.db.transaction(async (trx) => {
        await audit.record(entry, trx);
        throw new Error('no');
      }),
    );
    assert.equal(await app.db.knex('audit_log').first(), undefined);
    await audit.record({ ...entry, after: { name: 'x', none: null } });
    const row = await app.db.knex('audit_log').first();
    assert.deepEqual(
      { ...row, id: 0 },
      {
        ...{
          id: 0,
          at: app.clock.now(),
          user_id: 1,
          action: 'list.created',
          entity: 'lists',
          entity_id: '7',
        },
        ...{ before: null, after: '{"name":"x","none":null}', ip: '::1' },
      },
    );
    await app.close();
  });
});
