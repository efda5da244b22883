import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { paths } from '../../core/paths.ts';
import { auditWordsExist, demandAuditWords } from '../support/audit-words.ts';
import { testWeb, type TestWeb, type Visitor } from './support.ts';

/** Verbs in the past tense behind an area: `trunk.created`, `campaign.list-left`. */
const action = /'([a-z]+(?:-[a-z]+)*\.[a-z-]*(?:ed|left|sent|made|reset|out|in|everywhere))'/g;
const elsewhere = /(publish|subscribe|request|where|on)\s*(<[^>]*>)?\(\s*$/;

/** Actions that stand in files that write to the audit. */
function actionsInCode(): Set<string> {
  const found = new Set<string>();
  for (const folder of ['core', 'crm', 'campaigns', 'dialer', 'reports', 'web', 'bin'])
    for (const entry of readdirSync(join(paths.root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      if (!/audit\b[^\n]*record|audit\(/.test(text)) continue;
      for (const match of text.matchAll(action))
        if (!elsewhere.test(text.slice(0, match.index))) found.add(match[1]!);
    }
  return found;
}

describe('words of the audit', () => {
  it('are there for every action that stands in code', () => {
    const actions = [...actionsInCode()];
    for (const known of ['trunk.created', 'campaign.list-left', 'user.signed-in', 'settings.changed'])
      assert.ok(actions.includes(known), `${known} is not found in code any more`);
    assert.deepEqual(
      actions.filter((name) => !auditWordsExist('auditActions', name)),
      [],
      'put them as auditActions into the locale files of their area',
    );
    for (const verb of ['started', 'paused', 'stopped'])
      assert.ok(auditWordsExist('auditActions', `campaign.${verb}`), verb);
  });

  it('are demanded of every test that writes to it', () => {
    const entry = { userId: null, action: 'user.changed', entity: 'users', after: { name: 'x' } };
    demandAuditWords(entry);
    assert.throws(
      () => demandAuditWords({ ...entry, action: 'user.vanished' }),
      /auditActions.user.vanished/,
    );
    assert.throws(() => demandAuditWords({ ...entry, entity: 'ghosts' }), /auditEntities.ghosts/);
    assert.throws(
      () => demandAuditWords({ ...entry, after: { identification: { noSuchField: 1 } } }),
      /auditFields.noSuchField/,
    );
  });

  describe('on the page', () => {
    let t: TestWeb;
    let admin: Visitor;
    before(async () => {
      t = await testWeb();
      admin = await t.signedIn('administrator');
      await admin.post('/preferences', { locale: 'zh-TW' });
    });
    after(() => t.close());

    it('stand for actions, fields and values, down into fields of fields', async () => {
      await t.app.audit.record({
        userId: null,
        action: 'campaign.changed',
        entity: 'campaigns',
        entityId: 3,
        before: { abandonCap: 0.03, ringTimeoutMs: 25_000, mode: 'power', retryRules: { busy: { attempts: 2, delayMinutes: 5 } } }, // prettier-ignore
        after: { abandonCap: 0.02, ringTimeoutMs: 30_000, mode: 'preview', retryRules: { busy: { attempts: 3, delayMinutes: 5 } } }, // prettier-ignore
      });
      // Words of an area for what is its own.
      await t.app.audit.record({ userId: null, action: 'campaign.changed', after: { mustRead: true } });
      const { text } = await admin.get('/audit?action=campaign.changed&format=csv');
      assert.match(text, /須閱讀: – → 是/);
      assert.match(text, /修改外撥活動/);
      assert.match(text, /外撥活動 3/);
      assert.match(text, /放棄率上限: 3\.0% → 2\.0%/);
      assert.match(text, /響鈴時間: 25 秒 → 30 秒/);
      assert.match(text, /外撥模式: 倍率式 → 預覽式/);
      assert.match(text, /重撥規則 › 忙線 › 最多次數: 2 → 3/);
    });

    it('name every action that can be looked for', async () => {
      const { text } = await admin.get('/audit');
      const [, choices = ''] = /<select[^>]*name="action"[^>]*>([\s\S]*?)<\/select>/.exec(text) ?? [];
      const options = [...choices.matchAll(/<option value="([^"]+)"[^>]*>([^<]*)</g)];
      const names = options.map(([, name]) => name!);
      assert.ok(names.includes('trunk.created') && names.includes('user.signed-in'), names.join(' '));
      for (const [, name, words] of options)
        assert.match(`${name}: ${words}`, /^[a-z-]+\.[a-z-]+: .*\p{Script=Han}/u);
    });
  });
});
