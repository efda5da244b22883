import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCalendars } from '../../core/calendar/index.ts';
import { parseDay } from '../../core/time/local-day.ts';
import { hides, shows } from '../campaigns/pages.ts';
import { testWeb, type TestWeb } from './support.ts';

describe('pages of calendars', () => {
  let t: TestWeb;
  before(async () => void (t = await testWeb()));
  after(() => t.close());

  const kind = async (name: string, date: string) =>
    (await createCalendars(t.app).now()).get(name)?.on(parseDay(date))?.kind;
  const audited = async (action: string) => t.app.db.knex('audit_log').where({ action }).first();
  const form = { until: '', opens: '', closes: '', note: 'order of the governor' };

  it('show the year to whoever plans calls, and let only managers and administrators change it', async () => {
    const supervisor = await t.signedIn('supervisor', 'looks');
    shows((await supervisor.get('/calendars')).text, /Mainland China[\s\S]*cn\.nx_collect/);
    const { text } = await supervisor.get('/calendars/CN?year=2026');
    assert.match(text, /day-holiday" title="National Day · Holiday">1<small>off</);
    assert.match(text, /day-workday" title="Make-up workday · Make-up workday">10<small>work</);
    assert.doesNotMatch(text, /action="\/calendars\/CN\/days/);
    shows(
      (await supervisor.get('/calendars/CN?year=2027')).text,
      /The arrangement of 2027 has not been published/,
    );
    assert.equal((await supervisor.post('/calendars/CN/days', {})).status, 403);
    assert.equal((await supervisor.get('/calendars/Nowhere')).status, 404);
    const agent = await t.signedIn('agent', 'no-calendars');
    assert.equal((await agent.get('/calendars')).status, 403);
  });

  it('change a day at once where that tightens, and wait for somebody else where it loosens', async () => {
    const manager = await t.signedIn('manager', 'first');
    await manager.get('/calendars/US-AL');
    const holiday = { ...form, date: '2026-11-27', kind: 'holiday', name: 'Storm' };
    const wrong = await manager.post('/calendars/US-AL/days', { ...holiday, note: '' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /value="Storm"/);
    assert.equal((await manager.post('/calendars/US-AL/days', holiday)).status, 303);
    assert.equal(await kind('US-AL', '2026-11-27'), 'holiday');
    assert.ok(await audited('calendar.changed'));
    shows((await manager.post('/calendars/US-AL/days', holiday)).text, /The calendar says so already/);

    const back = { ...holiday, kind: 'ordinary' };
    assert.equal((await manager.post('/calendars/US-AL/days', back)).status, 303);
    assert.equal(await kind('US-AL', '2026-11-27'), 'holiday', 'it waits');
    const { text } = await manager.get('/calendars/US-AL?year=2026');
    shows(text, /somebody else has to approve it/);
    const [, id] = /calendars\/changes\/(\d+)\/refuse/.exec(text) ?? [];
    const own = await manager.post(`/calendars/changes/${id}/approve`, { reason: 'I say so' });
    assert.equal(own.status, 409);
    const second = await t.signedIn('administrator', 'second');
    shows((await second.get('/calendars')).text, /Waiting for a second person/);
    assert.equal((await second.post(`/calendars/changes/${id}/approve`, { reason: 'the storm is over' })).status, 303); // prettier-ignore
    assert.equal(await kind('US-AL', '2026-11-27'), undefined);
    assert.ok(await audited('calendar.approved'));
    shows((await second.get('/calendars/US-AL?year=2026')).text, /the storm is over/);
  });

  it('take half-days with their hours, and days in a row', async () => {
    const manager = await t.signedIn('manager', 'halves');
    await manager.get('/calendars/DE');
    const half = { ...form, date: '2026-12-22', until: '2026-12-23', kind: 'half-day', name: 'Inventory' };
    const wrong = await manager.post('/calendars/DE/days', half);
    assert.equal(wrong.status, 422);
    shows(wrong.text, /Give the hours of the half-day/);
    assert.equal((await manager.post('/calendars/DE/days', { ...half, until: '2027-12-23' })).status, 422);
    assert.equal((await manager.post('/calendars/DE/days', { ...half, opens: '08:00', closes: '12:00' })).status, 303); // prettier-ignore
    assert.equal(await kind('DE', '2026-12-22'), 'half-day');
    assert.equal(await kind('DE-BY', '2026-12-23'), 'half-day');
  });

  it('look at an imported year before it is kept, and say which lines cannot be read', async () => {
    const manager = await t.signedIn('manager', 'imports');
    await manager.get('/calendars/CN');
    const list = '2027-02-05..2027-02-11, 休, 春节\n2027-02-14, 班, 补班\nnonsense';
    const looked = await manager.post('/calendars/CN/import?year=2027', {
      list,
      importNote: '',
      step: 'look',
    });
    assert.equal(looked.status, 200);
    shows(looked.text, /What would change[\s\S]*2027-02-14[\s\S]*Lines that cannot be read[\s\S]*nonsense/);
    assert.equal(await kind('CN', '2027-02-14'), undefined);
    const nameless = await manager.post('/calendars/CN/import', { list, importNote: '', step: 'save' });
    assert.equal(nameless.status, 422);
    const saved = await manager.post('/calendars/CN/import', {
      list,
      importNote: '国办发明电',
      step: 'save',
    });
    assert.equal(saved.headers.location, '/calendars/CN?year=2027');
    // A provincial rule set goes by this calendar and has hours for holidays: somebody else has to look.
    const second = await t.signedIn('manager', 'imports-too');
    const { text } = await second.get('/calendars/CN?year=2027');
    const [, id] = /calendars\/changes\/(\d+)\/approve/.exec(text) ?? [];
    assert.equal((await second.post(`/calendars/changes/${id}/approve`, { reason: 'as published' })).status, 303); // prettier-ignore
    assert.equal(await kind('CN', '2027-02-14'), 'workday');
    hides((await second.get('/calendars/CN?year=2027')).text, /has not been published/);
  });

  it('make a calendar of the firm’s own, with another’s days, which nothing but itself changes', async () => {
    const manager = await t.signedIn('manager', 'makes');
    await manager.get('/calendars');
    const own = { name: 'Taipei-office', title: 'Taipei office', parent: 'TW' };
    assert.equal((await manager.post('/calendars', { ...own, name: 'CN' })).status, 422);
    assert.equal((await manager.post('/calendars', { ...own, parent: 'Nowhere' })).status, 422);
    assert.equal((await manager.post('/calendars', own)).status, 303);
    assert.equal(await kind('Taipei-office', '2026-02-17'), 'holiday');
    await manager.get('/calendars/Taipei-office');
    // No rule set goes by it, so that nothing it says can let a call through.
    const day = { ...form, date: '2026-02-17', kind: 'ordinary', name: 'Open' };
    assert.equal((await manager.post('/calendars/Taipei-office/days', day)).status, 303);
    assert.equal(await kind('Taipei-office', '2026-02-17'), undefined);
    assert.equal(await kind('TW', '2026-02-17'), 'holiday');
    assert.ok(await audited('calendar.created'));
  });
});
