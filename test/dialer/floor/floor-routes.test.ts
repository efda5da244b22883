import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createTranslator } from '../../../core/i18n/index.ts';
import { paths } from '../../../core/paths.ts';
import type { FloorView } from '../../../dialer/floor/floor-row.ts';
import { floorWords } from '../../../dialer/floor/words.ts';
import type { Visitor } from '../../web/support.ts';
import { callOf } from '../workspace/support.ts';
import { testFloor, type TestFloor } from './support.ts';

describe('the floor’s page', () => {
  let f: TestFloor;
  let supervisor: Visitor;
  before(async () => {
    f = await testFloor();
    supervisor = await f.signedIn('supervisor');
  });
  after(() => f.close());

  const viewOf = async (visitor: Visitor, headers = {}): Promise<FloorView> => {
    const { text } = await visitor.get('/floor', headers);
    const data = /<script type="application\/json" id="page-data"[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1];
    return JSON.parse(data ?? 'null') as FloorView;
  };

  it('is for supervisors, managers and administrators, and nobody else', async () => {
    for (const [role, status] of [
      ['manager', 200],
      ['administrator', 200],
      ['agent', 403],
      ['marketing', 403],
    ] as const) {
      const visitor = await f.signedIn(role);
      for (const path of ['/floor', '/floor/events'])
        if (path === '/floor' || status === 403)
          assert.equal((await visitor.get(path)).status, status, `${role} ${path}`);
    }
    assert.equal((await f.visitor().get('/floor')).status, 404);
  });

  it('shows each agent with state, since when, call and campaign, and each call that rings or waits', async () => {
    const id = await f.agent('Ann');
    const since = f.app.clock.now();
    const call = callOf({ id: 'c1', campaignId: 7, connectedAt: since });
    f.set(id, { state: 'on-call', phone: 'up', since, call }, { tell: false });
    f.call({ id: 'r1', state: 'waiting', userId: null }, { tell: false });
    f.call({ id: 't1', state: 'connected' }, { tell: false });
    const view = await viewOf(supervisor);
    const ann = view.agents.find((row) => row.id === id)!;
    assert.deepEqual([ann.name, ann.word, ann.tone, ann.since], ['Ann', 'on-call', 'call', since]);
    assert.deepEqual([ann.call?.phone, ann.campaignId], ['+1 415 555 0123', 7]);
    assert.equal(ann.limitMs, 15 * 60_000);
    assert.deepEqual(
      view.calls.map(({ id: callId, state }) => [callId, state]),
      [['r1', 'waiting']],
    );
  });

  it('goes by the limit of a pause code, in the reader’s words, else by the setting', async () => {
    const id = await f.agent('Ben');
    await f.app.db.knex('pause_codes').insert({
      ...{ id: 1, code: 'break', paid: 1, limit_ms: 60_000, position: 0, active: 1 },
      names: JSON.stringify({ en: 'Break', 'zh-CN': '小休', 'zh-TW': '休息' }),
    });
    f.set(id, { state: 'paused', phone: 'up', pauseCodeId: 1 }, { tell: false });
    const row = async (language: string) =>
      (await viewOf(supervisor, { 'accept-language': language })).agents.find((agent) => agent.id === id)!;
    assert.deepEqual([(await row('zh-CN')).note, (await row('en')).limitMs], ['小休', 60_000]);
    f.set(id, { pauseCodeId: null, pauseReason: 'phone-lost' }, { tell: false });
    assert.deepEqual([(await row('en')).note, (await row('en')).limitMs], ['Phone lost', 15 * 60_000]);
    f.set(id, { phone: 'lost' }, { tell: false });
    const lost = await row('en');
    assert.deepEqual([lost.word, lost.note], ['phone-lost', ''], 'the word says it already');
  });

  it('says on its page which dialers are silent', async () => {
    const alone = await testFloor();
    after(() => alone.close());
    alone.silence();
    const visitor = await alone.signedIn('supervisor');
    assert.equal((await viewOf(visitor)).away, true);
  });

  it('hands its script the words for every key that it says', () => {
    const words = floorWords(createTranslator(join(paths.views, 'locales')).for('en'));
    const folder = join(paths.views, 'browser', 'floor');
    const source = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const said = [...source.matchAll(/\bsay\(\s*'([\w.-]+)'/g)].map(([, key]) => key!);
    assert.ok(said.length > 5);
    assert.deepEqual(
      said.filter((key) => !Object.hasOwn(words, key)),
      [],
    );
    for (const [key, text] of Object.entries(words)) assert.doesNotMatch(text, /^(floor|workspace):/, key);
  });
});
