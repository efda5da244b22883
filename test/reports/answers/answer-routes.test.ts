import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createAnswerStore, createCustomerStore, createScriptStore } from '../../../crm/index.ts';
import { createAnswerKeeper } from '../../../dialer/answers/index.ts';
import { answersArea } from '../../../reports/index.ts';
import { makeCampaign } from '../../campaigns/fixtures.ts';
import { customerFields } from '../../crm/fixtures.ts';
import { chosen, guide, ids, publishedScript } from '../../crm/script-fixtures.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

describe('the report of answers', () => {
  let app: TestApp;
  let t: TestWeb;
  let manager: Visitor;
  let campaignId = 0;
  before(async () => {
    app = await testApp();
    t = await testWeb({ areas: [answersArea(app)] }, { db: app.db, bus: app.bus, clock: app.clock });
    manager = await t.signedIn('manager');
    const steps = guide.steps.map((step) =>
      step.id === ids.bye
        ? { ...step, question: { kind: 'short-text' as const, words: { en: 'Why not?' }, required: false, saveTo: null, options: [] } } // prettier-ignore
        : step,
    );
    const scriptId = await publishedScript(app, { ...guide, steps });
    campaignId = await makeCampaign(app, { name: 'Renewal', zone: 'America/New_York', scriptId });
    const made = await createCustomerStore(app).create(customerFields({ name: '=cmd()' }), app.clock.now());
    const version = (await createScriptStore(app).newest(scriptId))!;
    await createAnswerStore(app).open('told', version.id, campaignId, app.clock.now());
    const customerId = made.created ? made.id : null;
    const form = {
      ...{ scriptPath: [ids.greet, ids.offer, ids.bye].join(','), [`answer.${ids.greet}`]: 'no' },
      ...{ [`answer.${ids.offer}`]: chosen.price, [`words.${ids.bye}`]: '=HYPERLINK("http://x")<b>' },
    };
    await createAnswerKeeper(app).keep(
      { id: 'told', campaignId, customerId, userId: null },
      form,
      app.clock.now(),
    );
  });
  after(() => app.close());

  it('shows counts in words and each answer, escaped', async () => {
    const { text, status } = await manager.get(`/campaigns/${campaignId}/answers`);
    assert.equal(status, 200);
    for (const words of ['A good moment?', 'What matters?', 'Answered in 1 call.', '100.0%', 'Speed'])
      assert.ok(text.includes(words), words);
    assert.match(text, /&#x3D;HYPERLINK\(&quot;http:\/\/x&quot;\)&lt;b&gt;/);
    assert.doesNotMatch(text, /<b>/);
    const chinese = await manager.get(`/campaigns/${campaignId}/answers`, { 'accept-language': 'zh-CN' });
    assert.match(chinese.text, /现在方便吗？/);
  });

  it('is of the question and days that are asked for, and says where there is nothing', async () => {
    const one = await manager.get(`/campaigns/${campaignId}/answers?question=${ids.greet}`);
    assert.doesNotMatch(one.text, /HYPERLINK/);
    const never = await manager.get(`/campaigns/${campaignId}/answers?from=2199-01-01`);
    assert.doesNotMatch(never.text, /Answered in/);
    assert.equal((await manager.get('/campaigns/999/answers')).status, 404);
    assert.equal((await manager.get(`/campaigns/${campaignId}/answers?question=x%27y`)).status, 400);
  });

  it('gives both as files that run nothing in a spreadsheet, to managers alone, and tells the audit', async () => {
    const files = [
      `/campaigns/${campaignId}/answers?format=csv`,
      `/campaigns/${campaignId}/answers/counts.csv`,
    ];
    const [each, counts] = await Promise.all(files.map((path) => manager.get(path)));
    assert.match(each!.text, /'=cmd\(\)/);
    assert.match(each!.text, /"'=HYPERLINK\(""http:\/\/x""\)<b>"/);
    assert.match(counts!.text, /Spring guide,What matters\?,'=Price,1,1\.0000/);
    assert.match(counts!.text, /Spring guide,What matters\?,Speed,0,0\.0000/);
    assert.match(counts!.text, /Spring guide,A good moment\?,No,1,1\.0000/);
    const told = await app.db.knex('audit_log').where({ action: 'campaign.answers-exported' });
    assert.deepEqual(told.map(({ entity, entity_id }) => [entity, Number(entity_id)]), [['campaigns', campaignId], ['campaigns', campaignId]]); // prettier-ignore
    const marketing = await t.signedIn('marketing');
    assert.equal((await marketing.get(`/campaigns/${campaignId}/answers`)).status, 200);
    for (const path of files) assert.equal((await marketing.get(path)).status, 403, path);
    for (const role of ['agent', 'supervisor'] as const) {
      const visitor = await t.signedIn(role);
      for (const path of [...files, `/campaigns/${campaignId}/answers`])
        assert.equal((await visitor.get(path)).status, 403, `${role} ${path}`);
    }
  });
});
