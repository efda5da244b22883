import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createDispositionStore } from '../../../campaigns/dispositions/index.ts';
import type { Visitor } from '../../web/support.ts';
import { makeCampaign } from '../fixtures.ts';
import { hides, shows } from '../pages.ts';
import { campaignsWeb, type CampaignsWeb } from '../web.ts';

describe('disposition pages', () => {
  let web: CampaignsWeb;
  let manager: Visitor;
  let campaignId: number;
  const store = () => createDispositionStore(web.app);
  const form = {
    names: { en: 'Wants a visit', 'zh-CN': '要求上门', 'zh-TW': '要求到府' },
    category: 'interested',
    rightParty: 'on',
    end: 'later',
    retryAmount: '3',
    retryUnit: 'd',
    active: 'on',
  };
  const named = (changes: object = {}) => ({ ...form, ...changes });
  const byCode = async (code: string) => (await store().all()).find((one) => one.code === code);

  before(async () => {
    web = await campaignsWeb();
    manager = await web.signedIn('manager');
    campaignId = await makeCampaign(web.app, { dispositionIds: [1, 2] });
    await manager.get('/dispositions');
  });
  after(() => web.close());

  const actions = (id: number): Promise<string[]> =>
    web.app.db
      .knex('audit_log')
      .where({ entity: 'dispositions', entity_id: String(id) })
      .pluck('action');

  it('a new one is named in three languages, offered where it was said, and found in the audit', async () => {
    const revision = (await createCampaignStore(web.app).get(campaignId))!.revision;
    const answer = await manager.post('/dispositions', named({ campaignIds: String(campaignId) }));
    assert.equal(answer.status, 303, answer.text);
    const made = (await byCode('wants_a_visit'))!;
    assert.deepEqual(
      [made.retryMinutes, made.final, made.rightParty, made.hotkey],
      [3 * 1440, false, true, null],
    );
    assert.deepEqual(
      (await store().ofCampaign(campaignId)).map(({ id }) => id),
      [1, 2, made.id],
    );
    assert.equal((await createCampaignStore(web.app).get(campaignId))!.revision, revision + 1);
    assert.deepEqual(await actions(made.id), ['disposition.created']);
    const page = await manager.get('/dispositions');
    shows(page.text, /Wants a visit/);
    shows(page.text, /tried again after 3 days/);
  });

  it('fault: nothing typed is lost when a name is missing, a key is taken or a time is not said', async () => {
    const answer = await manager.post(
      '/dispositions',
      named({ names: { ...form.names, 'zh-TW': '' }, retryAmount: '', code: 'Wrong Code' }),
    );
    assert.equal(answer.status, 422);
    shows(answer.text, /value="要求上门"/);
    shows(answer.text, /value="Wrong Code"/);
    shows(answer.text, /Small letters, digits/);
    const late = await manager.post('/dispositions', named({ retryAmount: '' }));
    shows(late.text, /Say after how long/);
    const key = await manager.post(
      '/dispositions',
      named({ hotkey: '1', names: { ...form.names, en: 'Second' } }),
    );
    assert.equal(key.status, 422);
    shows(key.text, /“Sale” has this key/);
    shows(key.text, /value="Second"/);
    const code = await manager.post('/dispositions', named({ code: 'sale' }));
    shows(code.text, /has this short name/);
  });

  it('an own short name is made where none is given, also of a name without Latin letters', async () => {
    await manager.post('/dispositions', named({ names: { ...form.names, en: '到府' } }));
    await manager.post('/dispositions', named({ names: { ...form.names, en: '上门' } }));
    assert.ok(await byCode('disposition'));
    assert.ok(await byCode('disposition_2'));
  });

  it('do not call always finishes the lead, a callback never has a delay of its own', async () => {
    await manager.post('/dispositions', named({ code: 'no_more', category: 'dnc', end: 'rule' }));
    assert.equal((await byCode('no_more'))!.final, true);
    await manager.post('/dispositions', named({ code: 'later_on', category: 'callback', end: 'final' }));
    const later = (await byCode('later_on'))!;
    assert.deepEqual([later.final, later.retryMinutes], [false, null]);
  });

  it('one that was given can be retired but neither deleted nor counted otherwise; one that was not can go', async () => {
    await manager.post('/dispositions', named({ code: 'given', campaignIds: String(campaignId) }));
    const given = (await byCode('given'))!;
    await web.app.db.transaction((trx) => store().markUsed(given, 5, trx));
    const refused = await manager.post(
      `/dispositions/${given.id}/delete`,
      {},
      { accept: 'application/json' },
    );
    assert.deepEqual([refused.status, (refused.body as { code: string }).code], [409, 'disposition-used']);
    const page = await manager.get(`/dispositions/${given.id}`);
    shows(page.text, /cannot be deleted/);
    hides(page.text, new RegExp(`/dispositions/${given.id}/delete`));
    const revision = /name="revision" value="(\w+)"/.exec(page.text)![1];
    const change = { code: 'other', category: 'sale', rightParty: undefined, active: undefined };
    // Another takes it out of the campaign meanwhile: what was typed is not saved over it unseen.
    await web.app.db.knex('campaign_dispositions').where({ disposition_id: given.id }).delete();
    const late = await manager.post(`/dispositions/${given.id}`, named({ ...change, revision }));
    assert.equal(late.status, 409);
    shows(late.text, /Somebody else has saved this disposition/);
    assert.equal((await store().get(given.id))!.active, true);
    const seen = /name="revision" value="(\w+)"/.exec(late.text)![1];
    assert.notEqual(seen, revision);
    await manager.post(`/dispositions/${given.id}`, named({ ...change, revision: seen }));
    const after = (await store().get(given.id))!;
    assert.deepEqual(
      [after.code, after.category, after.rightParty, after.active],
      ['given', 'interested', true, false],
    );
    assert.ok(!(await store().ofCampaign(campaignId)).some(({ id }) => id === given.id));
    assert.deepEqual(await actions(given.id), ['disposition.created', 'disposition.retired']);
    // Who was on the line is kept with each call, so that what it says may be put right at any time.
    const again = /name="revision" value="(\w+)"/.exec(
      (await manager.get(`/dispositions/${given.id}`)).text,
    )![1];
    await manager.post(
      `/dispositions/${given.id}`,
      named({ ...change, revision: again, answeredBy: 'machine' }),
    );
    assert.equal((await store().get(given.id))!.answeredBy, 'machine');
    shows((await manager.get(`/dispositions/${given.id}`)).text, /value="machine" selected/);
    const nonsense = named({ ...change, revision: again, answeredBy: 'nobody' });
    assert.equal((await manager.post(`/dispositions/${given.id}`, nonsense)).status, 422);

    await manager.post('/dispositions', named({ code: 'never', campaignIds: String(campaignId) }));
    const never = (await byCode('never'))!;
    assert.equal((await manager.post(`/dispositions/${never.id}/delete`)).status, 303);
    assert.equal(await byCode('never'), undefined);
    const joined = await web.app.db.knex('campaign_dispositions').where({ disposition_id: never.id });
    assert.deepEqual(joined, []);
  });

  it('the order is moved, and a campaign of its own order stays', async () => {
    const before = (await store().all()).map(({ id }) => id);
    const own = await createCampaignStore(web.app).dispositionsOf(campaignId);
    await manager.post(`/dispositions/${before[1]}/move`, { direction: 'up' });
    assert.deepEqual((await store().all()).map(({ id }) => id).slice(0, 2), [before[1], before[0]]);
    assert.deepEqual(await createCampaignStore(web.app).dispositionsOf(campaignId), own);
    assert.equal((await manager.post(`/dispositions/${before[1]}/move`, { direction: 'up' })).status, 303);
  });

  it('is for managers and administrators', async () => {
    for (const role of ['agent', 'supervisor', 'marketing'] as const) {
      const visitor = await web.signedIn(role);
      assert.equal((await visitor.get('/dispositions')).status, 403, role);
      assert.equal((await visitor.post('/dispositions', named())).status, 403, role);
    }
    const admin = await web.signedIn('administrator');
    assert.equal((await admin.get('/dispositions/new')).status, 200);
  });
});
