import assert from 'node:assert/strict';
import { Router } from 'express';
import { after, before, describe, it } from 'mocha';
import { z } from 'zod';
import type { WebArea } from '../../core/http/index.ts';
import type { SettingDefinition } from '../../core/settings/settings.ts';
import { organisation } from '../../web/settings/general-settings.ts';
import { testWeb, type TestWeb, type Visitor } from './support.ts';

const wrapUp: SettingDefinition<number> = {
  key: 'test.wrapUpMs',
  schema: z.number().int().min(5_000).max(600_000),
  fallback: 30_000,
};
const recording: SettingDefinition<boolean> = { key: 'test.record', schema: z.boolean(), fallback: true };
const key: SettingDefinition<string> = {
  key: 'test.key',
  schema: z.string().max(40),
  fallback: '',
  secret: true,
};

const area: WebArea = {
  name: 'test',
  router: Router(),
  settings: [
    {
      key: 'calls',
      labelKey: 'web:settings.general.title',
      helpKey: 'web:settings.general.help',
      order: 100,
      fields: [
        {
          definition: wrapUp,
          labelKey: 'a',
          helpKey: 'b',
          input: 'number',
          scale: 1_000,
          unitKey: 'common:units.seconds',
        },
        { definition: recording, labelKey: 'c', helpKey: 'd', input: 'checkbox' },
        { definition: key, labelKey: 'e', helpKey: 'f', input: 'text' },
      ],
    },
  ],
};

describe('settings', () => {
  let t: TestWeb;
  let admin: Visitor;
  before(async () => {
    t = await testWeb({ areas: [area] });
    admin = await t.signedIn('administrator');
    await admin.get('/settings');
  });
  after(() => t.close());

  const changes = async () =>
    (await t.app.db.knex('audit_log').where({ action: 'settings.changed' }).orderBy('id')) as {
      user_id: number;
      entity_id: string;
      before: string;
      after: string;
    }[];

  it('of an area are asked for in the unit that people think in', async () => {
    const { text } = await admin.get('/settings');
    assert.match(text, /name="test\.wrapUpMs" value="30"/);
    const done = await admin.saveSettings('calls', { 'test.wrapUpMs': '45', 'test.record': 'on' });
    assert.equal(done.headers.location, '/settings#calls');
    assert.equal(await t.app.settings.get(wrapUp), 45_000);
    assert.match((await admin.get('/settings')).text, /General: 1 setting saved/);
  });

  it('are audited with who changed what from what to what, and only where something changed', async () => {
    const before = (await changes()).length;
    await admin.saveSettings('calls', { 'test.wrapUpMs': '45', 'test.record': 'on' });
    assert.equal((await changes()).length, before);
    assert.match((await admin.get('/settings')).text, /Nothing was changed/);
    await admin.saveSettings('calls', { 'test.wrapUpMs': '60' }); // an unticked box sends nothing
    const made = (await changes()).slice(before);
    assert.deepEqual(
      made.map((row) => [row.entity_id, row.before, row.after]),
      [
        ['test.wrapUpMs', '45000', '60000'],
        ['test.record', 'true', 'false'],
      ],
    );
    assert.ok(made.every((row) => row.user_id > 0));
  });

  it('are stored all or not at all: one that is wrong keeps the others, and what was typed', async () => {
    const refused = await admin.saveSettings('calls', { 'test.wrapUpMs': '1', 'test.record': 'on' });
    assert.equal(refused.status, 422);
    assert.match(refused.text, /name="test\.wrapUpMs" value="1"/);
    assert.match(refused.text, /field-error/);
    assert.equal(await t.app.settings.get(wrapUp), 60_000);
    assert.equal(await t.app.settings.get(recording), false);
    assert.equal((await admin.saveSettings('calls', { 'test.wrapUpMs': 'soon' })).status, 422);
    assert.equal((await admin.saveSettings('calls', { 'test.wrapUpMs': '' })).status, 422);
  });

  it('fault: somebody else saved the group while it was being edited – theirs stays, and what was typed is kept', async () => {
    const seen = await admin.settingsRevision('calls');
    await t.app.settings.set(wrapUp, 90_000, { userId: null });
    const form = { 'test.wrapUpMs': '75', 'test.record': 'on' };
    const late = await admin.post('/settings/calls', { ...form, revision: seen });
    assert.equal(late.status, 409);
    assert.match(late.text, /Somebody else has saved these settings/);
    assert.match(late.text, /name="test\.wrapUpMs" value="75"/);
    assert.equal(await t.app.settings.get(wrapUp), 90_000);
    assert.equal(await t.app.settings.get(recording), false);
    const shown = /action="\/settings\/calls"[\s\S]*?name="revision" value="([^"]*)"/.exec(late.text)![1];
    const over = { 'test.wrapUpMs': '60', revision: shown };
    assert.equal((await admin.post('/settings/calls', over)).status, 303);
    assert.equal(await t.app.settings.get(wrapUp), 60_000);
  });

  it('that were wrong when somebody else saved them do not go over theirs once they are right', async () => {
    const seen = await admin.settingsRevision('calls');
    const wrong = await admin.post('/settings/calls', { 'test.wrapUpMs': '1', revision: seen });
    assert.match(wrong.text, new RegExp(`name="revision" value="${seen}"`));
  });

  it('that are secret are never shown, stay when left empty, and can be taken away', async () => {
    const form = { 'test.wrapUpMs': '60' };
    await admin.saveSettings('calls', { ...form, 'test.key': 'very secret key' });
    assert.equal(await t.app.settings.get(key), 'very secret key');
    assert.doesNotMatch((await admin.get('/settings')).text, /very secret key/);
    assert.doesNotMatch(JSON.stringify(await changes()), /very secret key/);
    await admin.saveSettings('calls', { ...form, 'test.key': '' });
    assert.equal(await t.app.settings.get(key), 'very secret key');
    await admin.saveSettings('calls', { ...form, 'test.key': '', 'test.key.clear': 'on' });
    assert.equal(await t.app.settings.get(key), '');
  });

  it('of no known group are not found', async () => {
    assert.equal((await admin.post('/settings/nothing', {})).status, 404);
  });

  it('show the firm’s name on every page, escaped', async () => {
    await t.app.settings.set(organisation, '<b>遠傳</b> & Co', { userId: null });
    const { text } = await t.visitor().get('/sign-in');
    assert.match(text, /&lt;b&gt;遠傳&lt;\/b&gt; &amp; Co/);
  });

  describe('and the audit page', () => {
    it('tells who, what, when and from what to what, and filters by each', async () => {
      const page = await admin.get('/audit?action=settings.changed&entity=settings&id=test.record');
      assert.match(page.text, /<del>Yes<\/del>/);
      assert.match(page.text, /<ins>No<\/ins>/);
      assert.match(page.text, /Setting: common:c/);
      const none = await admin.get('/audit?user=999999');
      assert.match(none.text, /Nothing matches the filters/);
    });

    it('says of what it shows all that was done, and leads back to everything', async () => {
      const { text } = await admin.get('/audit?entity=settings&id=test.record');
      assert.match(
        text,
        /Shown is only what was done to: Setting: common:c\. <a href="\/audit">Show everything/,
      );
      const filtered = await admin.get('/audit?entity=trunks&id=1&action=trunk.changed');
      assert.match(filtered.text, /done to: Trunk 1\. <a href="\/audit\?action&#x3D;trunk.changed">/);
      assert.doesNotMatch((await admin.get('/audit')).text, /Shown is only/);
    });

    it('takes days in the reader’s own zone', async () => {
      // The test clock stands at 2026-11-23 15:00 UTC: already the 24th in Auckland, still the 23rd in Los Angeles.
      const rows = async (zone: string, day: string) => {
        admin.agent.jar.setCookie(`ringwise.zone=${zone}; path=/`, '127.0.0.1', '/');
        const { text } = await admin.get(`/audit?from=${day}&to=${day}`);
        return !text.includes('Nothing matches the filters');
      };
      assert.equal(await rows('Pacific/Auckland', '2026-11-24'), true);
      assert.equal(await rows('Pacific/Auckland', '2026-11-23'), false);
      assert.equal(await rows('America/Los_Angeles', '2026-11-23'), true);
      assert.equal(await rows('America/Los_Angeles', '2026-11-24'), false);
      assert.equal((await admin.get('/audit?from=soon')).status, 400);
    });

    it('gives what is shown as CSV', async () => {
      const { text } = await admin.get(
        '/audit?id=test.record&columns=who,what,entity,change,code&format=csv',
      );
      const [head, line] = text.replace('\uFEFF', '').split('\r\n');
      assert.equal(head, 'Who,What,On what,Change,Code');
      assert.equal(line, 'The administrator,Setting changed,Setting: common:c,Yes → No,settings.changed');
    });
  });
});
