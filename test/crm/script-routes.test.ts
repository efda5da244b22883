import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCustomerStore, createScriptStore } from '../../crm/index.ts';
import { campaignsWeb, type CampaignsWeb } from '../campaigns/web.ts';
import { makeCampaign } from '../campaigns/fixtures.ts';
import type { Visitor } from '../web/support.ts';
import { customerFields } from './fixtures.ts';
import { ids, publishedScript } from './script-fixtures.ts';

describe('pages of scripts', () => {
  let t: CampaignsWeb;
  let marketing: Visitor;
  let manager: Visitor;
  const scripts = () => createScriptStore(t.app);
  const script = async (id: number) => (await scripts().get(id))!;
  before(async () => {
    t = await campaignsWeb();
    marketing = await t.signedIn('marketing');
    manager = await t.signedIn('manager');
    await manager.get('/scripts');
  });
  after(() => t.close());

  async function made(name = 'New guide'): Promise<number> {
    await marketing.get('/scripts');
    const answer = await marketing.post('/scripts', { name });
    assert.equal(answer.status, 303);
    return Number(/\/scripts\/(\d+)/.exec(answer.headers.location!)![1]);
  }
  async function post(id: number, form: Record<string, unknown>, visitor = marketing, headers = {}) {
    const { draft, revision } = await script(id);
    const step = (form.step as string) ?? draft.steps[0]!.id;
    const blank = {
      revision,
      language: draft.languages[0],
      op: 'keep',
      title: 'Greeting',
      text: 'Hello',
      next: 'end',
    };
    return visitor.post(`/scripts/${id}/steps/${step}`, asForm({ ...blank, ...form }), headers);
  }
  /** As a form sends its rows. */
  const asForm = (form: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(form).flatMap(([name, value]) =>
        Array.isArray(value)
          ? value.flatMap((row: object, n) =>
              Object.entries(row).map(([key, one]) => [`${name}[${n}][${key}]`, one]),
            )
          : [[name, value]],
      ),
    ) as Record<string, unknown>;

  it('are for marketing, managers and administrators, and for nobody else', async () => {
    const id = await publishedScript(t.app);
    const admin = await t.signedIn('administrator');
    for (const visitor of [marketing, manager, admin])
      assert.equal((await visitor.get(`/scripts/${id}`)).status, 200);
    for (const role of ['agent', 'supervisor'] as const) {
      const visitor = await t.signedIn(role);
      for (const path of [
        '/scripts',
        `/scripts/${id}`,
        `/scripts/${id}/preview`,
        `/scripts/${id}/beside`,
        `/scripts/${id}/versions/1`,
      ])
        assert.equal((await visitor.get(path)).status, 403, `${role} ${path}`);
      await visitor.get('/profile');
      for (const path of ['', `/${id}/publish`, `/${id}/copy`, `/${id}/archive`, `/${id}/name`, `/${id}/steps/${ids.greet}`])
        assert.equal((await visitor.post(`/scripts${path}`, { name: 'x', revision: 1, archived: 'yes', language: 'en' })).status, 403, `${role} ${path}`); // prettier-ignore
    }
    assert.equal((await marketing.get('/scripts/999')).status, 404);
  });

  it('make a script, and keep each step as it is typed', async () => {
    const id = await made();
    assert.equal((await post(id, { title: 'Opening', text: 'Hi {{name}}' })).status, 303);
    const { draft } = await script(id);
    assert.deepEqual(
      [draft.steps[0]!.title, draft.steps[0]!.text],
      ['Opening', { [draft.languages[0]!]: 'Hi {{name}}' }],
    );
    const answer = await post(id, { title: 'Later' }, marketing, { accept: 'application/json' });
    assert.deepEqual(answer.body, { revision: 3 });
  });

  it('refuse a name that is none, and input of no kind that there is', async () => {
    await marketing.get('/scripts');
    const empty = await marketing.post('/scripts', { name: '  ' });
    assert.equal(empty.status, 422);
    assert.match(empty.text, /<h1/);
    const id = await made();
    for (const wrong of [
      { kind: 'essay' },
      { next: 'nowhere' },
      { language: '<b>' },
      { branches: [{ when: 'is:x', to: 'end' }] },
    ])
      assert.equal((await post(id, wrong)).status, 422, JSON.stringify(wrong));
    assert.equal((await script(id)).revision, 1);
  });

  it('add, move and remove steps, answers, branches and languages', async () => {
    const id = await made();
    await post(id, { op: 'add-step' });
    const [first, second] = (await script(id)).draft.steps;
    assert.equal(first!.next, 'following');
    await post(id, { op: `up-step:${second!.id}`, next: 'following' });
    assert.deepEqual(
      (await script(id)).draft.steps.map((step) => step.id),
      [second!.id, first!.id],
    );
    await post(id, { step: second!.id, title: 'Two', kind: 'choice', words: 'Which?', next: first!.id });
    const { question } = (await script(id)).draft.steps[0]!;
    assert.equal(question!.options.length, 2, 'a question to choose from begins with two answers');
    const options = question!.options.map((option, n) => ({ id: option.id, words: `Answer ${n}` }));
    const asked = {
      step: second!.id,
      title: 'Two',
      kind: 'choice',
      words: 'Which?',
      options,
      next: first!.id,
    };
    await post(id, { ...asked, op: 'add-branch' });
    assert.deepEqual((await script(id)).draft.steps[0]!.branches[0]!.condition, { on: 'answer', operator: 'is', value: options[0]!.id }); // prettier-ignore
    await post(id, { ...asked, op: 'up-option:1' });
    assert.deepEqual((await script(id)).draft.steps[0]!.question!.options.map(({ id: one }) => one), [options[1]!.id, options[0]!.id]); // prettier-ignore
    await post(id, { ...asked, op: 'add-language', newLanguage: 'ja' });
    assert.equal((await script(id)).draft.languages.at(-1), 'ja');
    await post(id, {
      ...asked,
      language: 'ja',
      text: 'こんにちは',
      words: '',
      options: options.map((one) => ({ ...one, words: '' })),
    });
    const inBoth = (await script(id)).draft.steps[0]!;
    assert.deepEqual(Object.values(inBoth.text), ['Hello', 'こんにちは']);
    assert.equal(
      Object.values(inBoth.question!.options[0]!.words)[0],
      'Answer 0',
      'the other language keeps its words',
    );
    await post(id, { op: 'remove-step', step: first!.id });
    const left = (await script(id)).draft;
    assert.deepEqual([left.steps.length, left.steps[0]!.next], [1, 'end'], 'what led to it leads on');
  });

  it('do not let one editor overwrite the other: what was typed stands over theirs, unsaved, until it is chosen', async () => {
    const id = await made();
    const { revision, draft } = await script(id);
    await post(id, { title: 'Theirs', text: 'From the manager' }, manager);
    const step = draft.steps[0]!.id;
    const mine = {
      revision,
      language: draft.languages[0],
      op: 'keep',
      title: 'Mine',
      text: 'From marketing',
      next: 'end',
    };
    const json = await marketing.post(`/scripts/${id}/steps/${step}`, mine, { accept: 'application/json' });
    assert.deepEqual([json.status, json.body.code], [409, 'script-changed']);
    const clash = await marketing.post(`/scripts/${id}/steps/${step}`, mine);
    assert.equal(clash.status, 409);
    assert.match(clash.text, /From marketing/);
    assert.match(clash.text, /data-conflict/);
    assert.equal((await script(id)).draft.steps[0]!.title, 'Theirs');
    const [, now] = /name="revision" value="(\d+)"/.exec(clash.text.slice(clash.text.indexOf('step-form')))!;
    assert.equal(
      (await marketing.post(`/scripts/${id}/steps/${step}`, { ...mine, revision: now })).status,
      303,
    );
    assert.equal((await script(id)).draft.steps[0]!.title, 'Mine');
  });

  it('publish only what is in order, and only what the reader has seen', async () => {
    const id = await made();
    await post(id, { text: 'Hello {{nmae}}' });
    const page = await marketing.get(`/scripts/${id}`);
    assert.match(page.text, /nmae/);
    const headers = { accept: 'application/json' };
    const { revision } = await script(id);
    const refused = await marketing.post(`/scripts/${id}/publish`, { revision }, headers);
    assert.deepEqual([refused.status, refused.body.code], [409, 'script-has-problems']);
    await post(id, { text: 'Hello {{name}}' });
    const old = await marketing.post(`/scripts/${id}/publish`, { revision }, headers);
    assert.equal(old.body.code, 'script-changed');
    assert.equal((await marketing.post(`/scripts/${id}/publish`, { revision: revision + 1 })).status, 303);
    assert.equal((await script(id)).version, 1);
    const again = await marketing.post(`/scripts/${id}/publish`, { revision: revision + 1 }, headers);
    assert.equal(again.body.code, 'script-unchanged');
    assert.equal((await marketing.get(`/scripts/${id}/versions/1`)).status, 200);
    assert.equal((await marketing.get(`/scripts/${id}/versions/2`)).status, 404);
  });

  it('offer published scripts to campaigns, refuse others, and keep one that is in use from the archive', async () => {
    const id = await publishedScript(t.app, undefined, 'In use');
    const draftOnly = await made('Never published');
    const form = (await manager.get('/campaigns/new')).text;
    assert.match(form, /In use \(version 1\)/);
    assert.doesNotMatch(form, /Never published/);
    await makeCampaign(t.app, { name: 'Autumn', scriptId: id });
    const refused = await marketing.post(
      `/scripts/${id}/archive`,
      { archived: 'yes' },
      { accept: 'application/json' },
    );
    assert.equal(refused.body.code, 'script-in-use');
    assert.match(refused.body.detail, /Autumn/);
    assert.equal((await marketing.post(`/scripts/${draftOnly}/archive`, { archived: 'yes' })).status, 303);
    assert.equal(
      (await post(draftOnly, {}, marketing, { accept: 'application/json' })).body.code,
      'script-archived',
    );
  });

  it('copy a script with steps of its own', async () => {
    const id = await publishedScript(t.app, undefined, 'Original');
    await marketing.get('/scripts');
    const answer = await marketing.post(`/scripts/${id}/copy`);
    const copy = await script(Number(/\/scripts\/(\d+)/.exec(answer.headers.location!)![1]));
    assert.equal(copy.version, 0);
    assert.equal(
      copy.draft.steps.some((step) => Object.values(ids).includes(step.id as never)),
      false,
    );
    assert.equal(
      copy.draft.steps[0]!.branches[0]!.to,
      copy.draft.steps[3]!.id,
      'its branches lead to its own steps',
    );
  });

  it('try it out with a customer, their fields filled in, and text escaped', async () => {
    const id = await made('Tried');
    await post(id, { text: 'Hello <b>{{name}}</b>, {{company}}?' });
    const { text } = await marketing.get(`/scripts/${id}/preview?customer=nobody-of-that-name`);
    assert.match(text, /Hello &lt;b&gt;/);
    assert.match(text, /ws-gap-field/);
    assert.equal((await marketing.get(`/scripts/${id}/preview?lang=%3Cb%3E`)).status, 400);
  });

  it('try it out as the campaign does that uses it: its name, and a customer of its country', async () => {
    const id = await made('Of a campaign');
    await post(id, { text: 'I call for {{campaign}}, {{name}}.' });
    const customers = createCustomerStore(t.app);
    for (const [name, addressRegion] of [
      ['Ivy of Leeds', 'GB-LDS'],
      ['Bob of Boise', 'US-ID'],
    ] as const)
      await customers.create(customerFields({ name, addressRegion }), t.app.clock.now());
    const preview = async () => (await marketing.get(`/scripts/${id}/preview`)).text;
    assert.match(await preview(), /I call for [^.]*the campaign.*Bob of Boise/s);
    await makeCampaign(t.app, { name: 'Leeds renewal', scriptId: id, defaultCountry: 'GB' });
    const now = await preview();
    assert.match(now, /I call for [^.]*Leeds renewal.*Ivy of Leeds/s);
    assert.match(now, /Campaign “Leeds renewal” \(United Kingdom\)/);
    await t.app.db.knex('customers').where({ name: 'Ivy of Leeds' }).update({ address_region: 'US-ID' });
    assert.match(await preview(), /Bob of Boise/, 'where nobody is from there, whoever came last');
  });
});
