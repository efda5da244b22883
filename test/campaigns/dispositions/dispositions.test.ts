import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { revisionOf } from '../../../campaigns/dispositions/disposition-editor.ts';
import { createDispositionStore, seedDispositions } from '../../../campaigns/dispositions/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { up as markUsedBefore } from '../../../migrations/0050-dispositions-used-before.ts';
import { up as learnWhoAnswered } from '../../../migrations/0275-dispositions-answered-by-known.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';

describe('dispositions', () => {
  let app: TestApp;
  before(async () => (app = await testApp()));
  after(() => app.close());

  it('are seeded once, named in three languages, each with a key of its own', async () => {
    const store = createDispositionStore(app);
    await store.seed();
    await store.seed();
    const all = await store.all();
    assert.equal(all.length, seedDispositions.length);
    assert.ok(all.every(({ names }) => names.en && names['zh-CN'] && names['zh-TW']));
    assert.equal(new Set(all.map(({ hotkey }) => hotkey)).size, all.length);
    for (const category of ['sale', 'callback', 'refused', 'dnc'])
      assert.ok(all.some((disposition) => disposition.category === category));
  });

  it('of a campaign come in its order, inactive ones left out', async () => {
    const store = createDispositionStore(app);
    const [a, b, c] = (await store.all()).map(({ id }) => id) as [number, number, number];
    const campaignId = await makeCampaign(app, { dispositionIds: [c, a, b] });
    const first = (await store.get(a))!;
    const shown = revisionOf(first, [campaignId]);
    assert.ok(await store.save(a, shown, { ...first, active: false, campaignIds: [campaignId] }, 2));
    assert.deepEqual(
      (await store.ofCampaign(campaignId)).map(({ id }) => id),
      [c, b],
    );
  });
});

onBothEngines('dispositions', (theApp) => {
  it('are made, offered, ordered, marked as used and taken away', async () => {
    const app = theApp();
    const store = createDispositionStore(app);
    await store.seed();
    const campaignId = await makeCampaign(app, { dispositionIds: [1] });
    const seed = (await store.get(1))!;
    const input = { ...seed, code: '', hotkey: null, campaignIds: [campaignId] };
    const made = (await store.create(input, 7))!;
    assert.equal((await store.get(made))!.code, 'sale_2');
    assert.deepEqual(
      (await store.ofCampaign(campaignId)).map(({ id }) => id),
      [1, made],
    );
    const shown = revisionOf((await store.get(made))!, [campaignId]);
    const other = { ...input, retryMinutes: 60, final: false, campaignIds: [] };
    const change = (await store.save(made, shown, other, 8))!;
    // Over what another has saved since, nothing is: the row, or where it is offered.
    assert.equal(await store.save(made, shown, input, 8), null);
    assert.equal((await store.get(made))!.retryMinutes, 60);
    assert.deepEqual(change.after, { final: false, retryMinutes: 60, campaignIds: [] });
    assert.deepEqual(change.before, { final: true, retryMinutes: null, campaignIds: [campaignId] });
    const order = (await store.move(made, 'up'))!;
    assert.equal(order.indexOf(made), order.length - 2);
    await app.db.transaction((trx) => store.markUsed(seed, 9, trx));
    assert.equal((await store.get(1))!.usedAt, 9);
    assert.equal(await store.remove(1, 10), false);
    assert.equal(await store.remove(made, 10), true);
  });

  it('that calls refer to are marked as used by the migration', async () => {
    const app = theApp();
    const call = { id: 'old', direction: 'out', path: 'power', state: 'ended', created_at: 3 };
    await app.db.knex('calls').insert({ ...call, disposition_id: 2 });
    await markUsedBefore(app.db.knex);
    assert.equal((await createDispositionStore(app).get(2))!.usedAt, 3);
    assert.equal((await createDispositionStore(app).get(3))!.usedAt, null);
  });

  it('that were there before say who was on the line where that is plain, and nothing where it is not', async () => {
    const app = theApp();
    const store = createDispositionStore(app);
    const seed = (await store.get(1))!;
    const own = { ...seed, code: 'fax', category: 'other' as const, answeredBy: null, hotkey: null };
    const id = (await store.create({ ...own, campaignIds: [] }, 9))!;
    const undecided = { ...own, code: 'no_decision_own', category: 'no_decision' as const };
    const ownUndecided = (await store.create({ ...undecided, campaignIds: [] }, 9))!;
    await app.db.knex('dispositions').update({ answered_by: null });
    await learnWhoAnswered(app.db.knex);
    const said = new Map((await store.all()).map(({ code, answeredBy }) => [code, answeredBy]));
    assert.equal((await store.get(id))!.answeredBy, null);
    assert.equal((await store.get(ownUndecided))!.answeredBy, null);
    assert.equal(said.get('nobody_spoke'), null);
    for (const { code, answeredBy } of seedDispositions) assert.equal(said.get(code), answeredBy, code);
  });
});
