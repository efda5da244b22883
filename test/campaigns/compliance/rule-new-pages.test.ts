import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { complianceAreas, defineComplianceJobs } from '../../../campaigns/compliance/compliance-areas.ts';
import { createGate } from '../../../campaigns/compliance/index.ts';
import { createRuleBook } from '../../../campaigns/compliance/rulebook/rule-book.ts';
import { testApp } from '../../support/app.ts';
import { testWeb, type TestWeb } from '../../web/support.ts';
import { shows } from '../pages.ts';

const url = '/compliance/rules';

describe('the page of a new rule set', () => {
  let t: TestWeb;
  before(async () => {
    const app = await testApp();
    defineComplianceJobs(app);
    await app.jobs.start();
    t = await testWeb({ areas: complianceAreas(app) }, app);
  });
  after(() => t.close());

  const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const hours = (text: string) => Object.fromEntries(weekdays.map((day) => [`windows_${day}`, text]));
  const brazil = {
    ...{
      name: 'br.sales',
      places: 'BR',
      source: 'Lei 1',
      confidence: 'statute',
      note: 'our counsel',
      effective: '',
    },
    ...hours('09:00-21:00'),
  };
  const chosen = async (e164: string) =>
    (await createRuleBook(t.app).at(t.app.clock.now())).choose(e164, null, false).map(({ name }) => name);

  it('makes a set from nothing, which holds where it says once somebody else has approved it', async () => {
    const manager = await t.signedIn('manager', 'writes');
    await manager.get(`${url}/new`);
    const wrong = await manager.post(`${url}/new`, { ...brazil, name: 'Brazil', windows_mon: '21:00-09:00' });
    assert.equal(wrong.status, 422);
    shows(wrong.text, /Write two to five letters/);
    const crooked = await manager.post(`${url}/new`, { ...brazil, windows_mon: '21:00-09:00' });
    assert.equal(crooked.status, 422);
    assert.match(crooked.text, /value="21:00-09:00"/);
    assert.equal((await manager.post(`${url}/new`, { ...brazil, name: 'us.fl' })).status, 422);
    const made = await manager.post(`${url}/new`, brazil);
    assert.equal(made.status, 303);
    assert.deepEqual(await chosen('+5511987654321'), ['intl.policy'], 'nobody else has approved it');
    shows((await manager.get(made.headers.location!)).text, /Brazil/);
    assert.equal(
      (await manager.post(`${made.headers.location}/approve`, { reason: 'I wrote it' })).status,
      409,
    );
    const second = await t.signedIn('manager', 'approves');
    assert.equal((await second.post(`${made.headers.location}/approve`, { reason: 'read it' })).status, 303);
    assert.deepEqual(await chosen('+5511987654321'), ['br.sales']);
    assert.deepEqual(await chosen('+12125550101'), ['us.fed_tm']);
    shows((await second.get(`${url}/sets/br.sales`)).text, /Brazil/);
    // Monday 2026-11-23, 12:00 in São Paulo; the policy for all others is closed on Sundays, this set is not.
    const ask = async () =>
      (await createGate(t.app).mayCall({ e164: '+5511987654321', stage: 'dial', path: 'manual', campaignId: null })).ruleSet; // prettier-ignore
    assert.equal(await ask(), 'br.sales');
  });

  it('begins with what another set says, and adds a part of a country to what holds there', async () => {
    const manager = await t.signedIn('manager', 'copies');
    const { text } = await manager.get(`${url}/new?from=us.fl`);
    assert.match(text, /name="source"[^>]*value="Fla\. Stat\. 501\.616/);
    assert.match(text, /name="windows_mon"[^>]*value="08:00-20:00"/);
    const nevada = {
      ...brazil,
      ...hours('10:00-18:00'),
      name: 'us.nv_own',
      places: 'us-nv',
      automated_only: 'on',
    };
    const made = await manager.post(`${url}/new`, nevada);
    const second = await t.signedIn('administrator', 'approves-too');
    await second.get(url);
    assert.equal((await second.post(`${made.headers.location}/approve`, { reason: 'stricter' })).status, 303);
    const catalogue = await createRuleBook(t.app).at(t.app.clock.now());
    const names = (automated: boolean) =>
      catalogue.choose('+17025550101', 'US-NV-89101', automated).map(({ name }) => name).sort(); // prettier-ignore
    assert.deepEqual(names(true), ['us.fed_tm', 'us.nv_own']);
    assert.deepEqual(names(false), ['us.fed_tm']);
  });

  it('says in words what was typed, and what is wrong with it, before anything is kept', async () => {
    const manager = await t.signedIn('manager', 'checks');
    await manager.get(`${url}/new`);
    const right = await manager.post(`${url}/check`, {
      ...brazil,
      freq_0_type: 'calendar_day',
      freq_0_max: '2',
    });
    shows(right.text, /09:00–21:00/);
    shows(right.text, /2/);
    const wrong = await manager.post(`${url}/check`, { ...brazil, windows_tue: '9-12', calendar: 'Mars' });
    assert.match(wrong.text, /href="#f-windows_tue"/);
    assert.equal((await t.app.db.knex('rule_versions').where({ note: 'never' })).length, 0);
    const supervisor = await t.signedIn('supervisor', 'may-not');
    await supervisor.get(url);
    assert.equal((await supervisor.post(`${url}/check`, brazil)).status, 403);
    assert.equal((await supervisor.get(`${url}/new`)).status, 403);
  });
});
