import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { complianceAreas } from '../../../campaigns/compliance/compliance-areas.ts';
import { campaignAreas } from '../../../campaigns/index.ts';
import { createRegisterLook } from '../../../campaigns/compliance/scrubs/register-look.ts';
import { createScrubStore } from '../../../campaigns/compliance/index.ts';
import { formatDay } from '../../../core/time/local-day.ts';
import type { TestApp } from '../../support/app.ts';
import { testWeb } from '../../web/support.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';
import { hides, shows } from '../pages.ts';

const dayMs = 86_400_000;

onBothEngines('registers of a country', (theApp) => {
  let app: TestApp;
  let campaignId: number;
  before(() => {
    app = theApp();
  });
  beforeEach(async () => {
    await app.db.knex('campaigns').delete();
    await app.db.knex('leads').delete();
    await app.db.knex('scrub_lists').delete();
    campaignId = await makeCampaign(app, { mode: 'predictive' });
    await addLeads(app, campaignId, [
      { phones: ['+12125550301'] },
      { phones: ['+4915112345678'] },
      { phones: ['+447911123456', '+14165550301'] },
    ]);
  });

  const look = () => createRegisterLook(app);
  const load = async (country: string, daysOld: number) => {
    const scrubbedOn = formatDay(Math.floor(app.clock.now() / dayMs) - daysOld);
    const list = {
      kind: 'national' as const,
      country,
      name: `Register of ${country}`,
      areas: [],
      scrubbedOn,
    };
    const id = await createScrubStore(app).create({ ...list, fileName: 'f.csv', loadedBy: 1 }, app.clock.now()); // prettier-ignore
    await app.db.knex('scrub_lists').where({ id }).update({ state: 'active' });
  };
  const rules = (rule_set: string | null) =>
    app.db.knex('campaigns').where({ id: campaignId }).update({ rule_set });

  it('are missed where numbers of it are called and no list is in force, and where it is nearly too old', async () => {
    const campaign = { id: campaignId, ruleSet: null };
    assert.deepEqual(await look().of(campaign), { without: ['US', 'CA', 'GB'], old: [] });
    await load('US', 23);
    await load('CA', 24);
    await load('GB', 20);
    assert.deepEqual(await look().of(campaign), { without: [], old: ['CA'] });
    app.clock.advance(dayMs);
    assert.deepEqual(await look().of(campaign), { without: [], old: ['US', 'CA', 'GB'] });
  });

  it('are known of Italy, Spain, India, Korea and Mexico too, and of each it is told before its data is too old', async () => {
    const abroad = ['+390669876543', '+34910001122', '+919876543210', '+821012345678', '+525512345678'];
    await addLeads(app, campaignId, [{ phones: abroad }]);
    const campaign = { id: campaignId, ruleSet: null };
    const without = ['US', 'CA', 'GB', 'IT', 'ES', 'IN', 'KR', 'MX'];
    assert.deepEqual(await look().of(campaign), { without, old: [] });
    for (const country of without) await load(country, 0);
    assert.deepEqual(await look().of(campaign), { without: [], old: [] });
    const days = new Map<string, number>();
    for (let day = 0; day < 31; day++, app.clock.advance(dayMs))
      for (const country of (await look().of(campaign)).old) if (!days.has(country)) days.set(country, day);
    assert.deepEqual([...days], [['IN', 4], ['IT', 8], ['GB', 21], ['ES', 23], ['KR', 23], ['MX', 23], ['US', 24], ['CA', 24]]); // prettier-ignore
  });

  it('are not asked for by calls that sell nothing, nor for campaigns that are over', async () => {
    assert.deepEqual((await look().ofAll()).without, ['US', 'CA', 'GB']);
    await rules('us.regf');
    assert.deepEqual((await look().ofAll()).without, []);
    await rules('us.fed_tm');
    assert.deepEqual((await look().ofAll()).without, ['US', 'CA', 'GB']);
    for (const over of [{ state: 'finished' }, { state: 'draft', archived_at: 1 }]) {
      await app.db.knex('campaigns').where({ id: campaignId }).update(over);
      assert.deepEqual((await look().ofAll()).without, []);
    }
  });

  it('are named on the campaign’s check list and where everything about law begins, in each language', async () => {
    const t = await testWeb({ areas: [...campaignAreas(app), ...complianceAreas(app)] }, app);
    const manager = await t.signedIn('manager', 'register-reader');
    const paths = [`/campaigns/${campaignId}`, '/compliance'];
    for (const path of paths) {
      const { text } = await manager.get(path);
      shows(
        text,
        /No national DNC list is loaded for:? United States \(National Do Not Call Registry\), Canada \(National Do Not Call List\), United Kingdom \(Telephone Preference Service, TPS\)/,
        path,
      );
      shows(text, /href="\/compliance\/lists"/, path);
      for (const locale of ['zh-CN', 'zh-TW'])
        shows(
          (await manager.get(path, { 'accept-language': locale })).text,
          /美[国國]（National Do Not Call Registry）、加拿大（.+）、英[国國]（/,
          path,
        );
    }
    for (const country of ['US', 'CA', 'GB']) await load(country, country === 'GB' ? 25 : 0);
    for (const path of paths) {
      const { text } = await manager.get(path);
      hides(text, /No national DNC list is loaded/, path);
      shows(text, /list is old, or nearly so(:|, for) United Kingdom/, path);
    }
  });
});
