import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createCallingTimes, createGate } from '../../../campaigns/compliance/index.ts';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createCalendarStore, type DayEdit } from '../../../core/calendar/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

onBothEngines('the gate and the calendars', (appOf) => {
  let app: TestApp;
  let campaignId: number;
  let leadId: number;
  const e164 = '+12055550144';
  // Monday 23 November 2026, 09:00 in Alabama.
  const now = Date.UTC(2026, 10, 23, 15);
  before(async () => {
    app = appOf();
    app.clock.advance(now - app.clock.now());
    campaignId = await makeCampaign(app, { mode: 'progressive' });
    [leadId = 0] = await addLeads(app, campaignId, [{ phones: [e164] }]);
  });

  const store = () => createCalendarStore(app);
  const write = (calendar: string, days: DayEdit[], loosens: boolean, by = 1) =>
    store().add({ calendar, days, loosens, note: 'for the test', by, at: app.clock.now() });
  const day = (kind: DayEdit['kind'], open?: [string, string]): DayEdit => ({
    ...{ date: '2026-11-23', kind, name: 'storm' },
    ...(open && { open }),
  });

  it('go by the same days, in a gate that is at work already, and by those of the version that holds', async () => {
    const gate = createGate(app);
    const ask = () => gate.mayCall({ e164, stage: 'dial', path: 'progressive', campaignId, leadId });
    const first = await ask();
    assert.equal(first.reasonCode, 'OK');

    await write('US-AL', [day('holiday')], false);
    const shut = await ask();
    assert.equal(shut.reasonCode, 'HOLIDAY_PROHIBITED');
    assert.equal(shut.nextAllowedAt, Date.UTC(2026, 10, 24, 15));
    assert.notEqual(shut.ruleVersion, first.ruleVersion, 'the evidence names other rules');

    const { id, state } = await write('US-AL', [day('half-day', ['00:00', '12:00'])], true);
    assert.equal(state, 'proposed');
    assert.equal((await ask()).reasonCode, 'HOLIDAY_PROHIBITED', 'nobody else has approved it');
    const given = { at: app.clock.now(), note: 'open until noon' };
    assert.equal(await store().decide(id, 'approved', { ...given, by: 1 }), 'own-proposal');
    assert.equal(await store().decide(id, 'approved', { ...given, by: 2 }), 'done');
    assert.equal(await store().decide(id, 'refused', { ...given, by: 3 }), 'decided-before');
    assert.equal((await ask()).reasonCode, 'OK');
    app.clock.advance(3 * 3_600_000);
    const afternoon = await ask();
    assert.equal(afternoon.reasonCode, 'TIME_AFTER_CLOSE', 'noon is the end of the half-day');
    assert.equal(afternoon.nextAllowedAt, Date.UTC(2026, 10, 24, 15));

    const campaign = (await createCampaignStore(app).get(campaignId))!;
    const promised = await createCallingTimes(app).at(campaign, e164, null, app.clock.now());
    assert.deepEqual(promised, { open: false, opensAt: Date.UTC(2026, 10, 24, 15) });
  });

  it('take no newer change of a day back by an older proposal', async () => {
    const older = await write('US-AL', [day('ordinary')], true);
    app.clock.advance(1_000);
    await write('US-AL', [day('holiday')], false);
    const elsewhere = await write('US-AL', [{ ...day('ordinary'), date: '2026-11-26' }], true);
    const given = { at: app.clock.now(), note: 'not seen the newer one', by: 2 };
    assert.equal(await store().decide(older.id, 'approved', given), 'changed-since');
    assert.equal(await store().decide(elsewhere.id, 'approved', given), 'done', 'another day');
  });

  it('close the gate when a decided change cannot be read', async () => {
    const gate = createGate(app);
    const { id } = await write('CN', [day('holiday')], false);
    await app.db.knex('calendar_changes').where({ id }).update({ days: 'not json' });
    const ask = () => gate.mayCall({ e164, stage: 'dial', path: 'progressive', campaignId, leadId });
    assert.equal((await ask()).reasonCode, 'FACTS_UNAVAILABLE');
    await app.db.knex('calendar_changes').where({ id }).delete();
    assert.notEqual((await ask()).reasonCode, 'FACTS_UNAVAILABLE');
  });
});
