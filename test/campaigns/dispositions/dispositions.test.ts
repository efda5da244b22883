import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createDispositionStore, seedDispositions } from '../../../campaigns/dispositions/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';
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
    await store.update(a, { ...first, active: false });
    assert.deepEqual(
      (await store.ofCampaign(campaignId)).map(({ id }) => id),
      [c, b],
    );
  });
});
