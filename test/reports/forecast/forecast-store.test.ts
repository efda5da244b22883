import assert from 'node:assert/strict';
import { it } from 'mocha';
import { defaultCampaign } from '../../../campaigns/index.ts';
import { createForecastStore } from '../../../reports/forecast/forecast-store.ts';
import type { ForecastAnswer, ForecastQuestion } from '../../../reports/forecast/forecast.ts';
import { createPreparation } from '../../../reports/forecast/prepare.ts';
import { addLeads, makeCampaign } from '../../campaigns/fixtures.ts';
import { onBothEngines } from '../../campaigns/engines.ts';

onBothEngines('forecasts', (app) => {
  const question = { running: false } as ForecastQuestion;

  it('are kept with their answer, and end once', async () => {
    const store = createForecastStore(app());
    const id = await store.create({ campaignId: 1, question, createdBy: 5 }, 1000);
    await store.setJob(id, 'job');
    assert.ok(await store.move(id, ['waiting'], 'running'));
    const answer = { start: 1, seconds: 2 } as ForecastAnswer;
    assert.ok(await store.move(id, ['running'], 'done', { answer, now: 2000 }));
    assert.equal(await store.move(id, ['waiting', 'running'], 'stopped'), false, 'it had ended');
    const kept = await store.newest(1);
    assert.deepEqual(
      [kept!.state, kept!.answer, kept!.jobId, kept!.finishedAt],
      ['done', answer, 'job', 2000],
    );
  });

  it('are forgotten beyond the newest twenty of a campaign', async () => {
    const store = createForecastStore(app());
    for (let n = 0; n < 25; n++) await store.create({ campaignId: 2, question, createdBy: null }, n);
    const [row] = (await app().db.knex('forecasts').where({ campaign_id: 2 }).count({ count: '*' })) as {
      count: number;
    }[];
    assert.equal(Number(row!.count), 20);
    assert.equal((await store.newest(1))!.campaignId, 1, 'others keep theirs');
  });

  it('know the list of a campaign: leads by zone, and when the gate lets them be called', async () => {
    const preparation = createPreparation(app());
    const campaignId = await makeCampaign(app(), {
      zone: 'America/New_York',
      hours: { ...defaultCampaign.hours, mon: [['09:00', '20:00']] },
    });
    const { knex } = app().db;
    const listId = await app().db.insertId('lists', {
      name: 'Two coasts',
      default_country: 'US',
      size: 5,
      created_at: 1,
    });
    await knex('campaign_lists').insert({ campaign_id: campaignId, list_id: listId, priority: 5 });
    await addLeads(app(), campaignId, [
      { phones: ['+12125550101'], list_id: listId },
      { phones: ['+12125550102'], list_id: listId, attempts: 1, state: 'waiting', next_at: 0 },
      { phones: ['+14155550103'], list_id: listId },
      { phones: ['+12125550104'], list_id: listId, state: 'done' },
      { phones: ['+12125550105'], list_id: listId, state: 'blocked' },
    ]);
    const campaign = (await preparation.campaigns.get(campaignId))!;
    const sample = await preparation.samples.ofCampaign(campaignId);
    assert.equal(sample.leads, 3);
    // A Monday at nine in New York.
    const start = Date.parse('2026-11-23T14:00:00Z');
    const makeUp = await preparation.makeUp(sample, { start, seconds: 86_400 }, campaign);
    assert.deepEqual(
      makeUp.zones.map(({ zone, leads }) => [zone, leads]),
      [
        ['America/New_York', 2],
        ['America/Los_Angeles', 1],
      ],
    );
    assert.equal(makeUp.zones[0]!.from, 0);
    assert.equal(makeUp.zones[1]!.from, 3 * 3600, 'three hours later in California');
    const { figures, learned, running } = await preparation.starting(campaign);
    assert.deepEqual([learned.from, running, figures.mode], ['typical', false, 'predictive']);
    const account = await preparation.starting({ ...campaign, state: 'running' });
    assert.deepEqual(account.present, { idle: 0, talking: [], wrapup: [], ringing: [] });
  });
});
