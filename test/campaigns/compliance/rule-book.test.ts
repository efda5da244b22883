import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { createGate, loadCatalogue, type RuleSetForm } from '../../../campaigns/compliance/index.ts';
import { createCalendarUses } from '../../../campaigns/compliance/calendar-uses.ts';
import { createOverrideStore } from '../../../campaigns/compliance/overrides/override-store.ts';
import { diffRules, loosens } from '../../../campaigns/compliance/rulebook/rule-diff.ts';
import { readRuleForm, ruleFields, showRuleForm } from '../../../campaigns/compliance/rulebook/rule-form.ts';
import { createRuleImpact } from '../../../campaigns/compliance/rulebook/rule-impact.ts';
import { holdingAt } from '../../../campaigns/compliance/rulebook/rule-book.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import { createCalendars } from '../../../core/calendar/index.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const hourMs = 3_600_000;
const catalogue = loadCatalogue();
const shipped = (name: string): RuleSetForm => catalogue.get(name)!.form;
const day = (...windows: [string, string][]) => windows;

describe('differences of rule sets', () => {
  const fed = shipped('us.fed_tm');
  const windows = (mon: [string, string][]) => ({ ...fed, windows: { ...fed.windows, mon } });

  it('name what was changed, and say whether it may let a call through that was blocked', () => {
    assert.deepEqual(diffRules(fed, fed), []);
    const cases: [what: string, before: RuleSetForm, after: RuleSetForm, loosens: boolean][] = [
      ['shorter hours', fed, windows(day(['09:00', '20:00'])), false],
      ['a lunch break', fed, windows(day(['08:00', '12:00'], ['13:00', '21:00'])), false],
      ['longer hours', fed, windows(day(['07:00', '21:00'])), true],
      ['later hours of the same length', fed, windows(day(['09:00', '22:00'])), true],
      ['one window for two that meet', windows(day(['08:00', '12:00'], ['12:00', '21:00'])), fed, false],
      ['a holiday more', fed, { ...fed, holidays: ['2026-12-25'] }, false],
      ['a holiday less', { ...fed, holidays: ['2026-12-25'] }, fed, true],
      ['hours on holidays', { ...fed, holidays: ['2026-12-25'] }, { ...fed, holidays: ['2026-12-25'], holiday_windows: day(['10:00', '12:00']) }, true],
      ['a cap more', fed, { ...fed, freq: [{ type: 'calendar_day', max: 3 }] }, false],
      ['a cap less', { ...fed, freq: [{ type: 'calendar_day', max: 3 }] }, fed, true],
      ['a cap raised', { ...fed, freq: [{ type: 'calendar_day', max: 3 }] }, { ...fed, freq: [{ type: 'calendar_day', max: 4 }] }, true],
      ['consent asked for', fed, { ...fed, consent_required_from: '2026-01-01', consent_ok: ['opt_in'] }, false],
      ['consent no longer asked for', { ...fed, consent_required_from: '2026-01-01' }, fed, true],
      ['a contract for a leave to call', fed, { ...fed, consent_ok: ['contract_in_progress'] }, true],
      ['a contract for one no longer', { ...fed, consent_ok: ['contract_in_progress'] }, fed, false],
      ['another kind of consent that nobody asks for', fed, { ...fed, consent_ok: ['opt_in'] }, false],
      ['another kind of consent', { ...fed, consent_required_from: '2026-01-01' }, { ...fed, consent_required_from: '2026-01-01', consent_ok: ['opt_in'] }, true],
      ['a waiver', fed, { ...fed, waived_by: ['opt_in'] }, true],
      ['a shorter age of scrubs', fed, { ...fed, dnc_scrub_max_days: 14 }, false],
      ['a longer age of scrubs', fed, { ...fed, dnc_scrub_max_days: 60 }, true],
      ['a lower abandon cap', fed, { ...fed, abandon_cap: 0.01 }, false],
      ['a higher abandon cap', fed, { ...fed, abandon_cap: 0.05 }, true],
      ['another abandon window', fed, { ...fed, abandon_window_days: 1 }, true],
      ['another source', fed, { ...fed, source: 'elsewhere' }, false],
    ]; // prettier-ignore
    for (const [what, before, after, expected] of cases) {
      const differences = diffRules(before, after);
      assert.ok(differences.length > 0, what);
      assert.equal(loosens(differences), expected, what);
    }
  });

  it('are none when a shipped set goes through the form and back', () => {
    for (const name of catalogue.names) {
      const form = shipped(name);
      const back = readRuleForm(ruleFields.parse(showRuleForm(form)));
      assert.deepEqual(diffRules(form, back), [], name);
    }
  });
});

describe('rules that are written', () => {
  it('look back a year at most, which is said beside the row', () => {
    const written = (days: string) =>
      ruleFields.parse({
        ...showRuleForm(shipped('us.fed_tm')),
        ...{ freq_2_type: 'rolling_days', freq_2_max: '1', freq_2_span: days },
      });
    assert.equal(readRuleForm(written('365')).freq!.length > 0, true);
    assert.throws(
      () => readRuleForm(written('367')),
      (error: { issues: { path: unknown[]; message: string }[] }) => {
        assert.equal(error.issues[0]!.message, 'compliance:errors.lookBack');
        assert.match(String(error.issues[0]!.path[0]), /^freq_\d_type$/);
        return true;
      },
    );
  });
});

onBothEngines('rule book', (appOf) => {
  let app: TestApp;
  let campaignId: number;
  let leadId: number;
  const e164 = '+12125550143';
  before(async () => {
    app = appOf();
    campaignId = await makeCampaign(app, { mode: 'progressive' });
    [leadId = 0] = await addLeads(app, campaignId, [{ phones: [e164] }]);
  });
  const store = () => createRuleVersionStore(app);
  const reason = async () =>
    (await createGate(app).mayCall({ e164, stage: 'dial', path: 'progressive', campaignId, leadId }))
      .reasonCode;
  const hours = (mon: [string, string][]) => {
    const fed = shipped('us.fed_tm');
    return { ...fed, windows: { ...fed.windows, mon } };
  };
  const write = (form: RuleSetForm, change: { loosens: boolean; effectiveAt?: number; by?: number }) =>
    store().add({
      ...{ name: 'us.fed_tm', form, note: 'for the test', at: app.clock.now(), by: 1 },
      effectiveAt: app.clock.now(),
      ...change,
    });

  // Monday 2026-11-23, 10:00 in New York.
  it('applies what tightens from its instant on, in a gate that is at work already', async () => {
    const gate = createGate(app);
    const ask = () => gate.mayCall({ e164, stage: 'dial', path: 'progressive', campaignId, leadId });
    assert.equal((await ask()).reasonCode, 'OK');
    const soon = app.clock.now() + 1_000;
    await write(hours([['11:00', '21:00']]), { loosens: false, effectiveAt: soon });
    assert.equal((await ask()).reasonCode, 'OK', 'not in force yet');
    app.clock.advance(1_000);
    const verdict = await ask();
    assert.equal(verdict.reasonCode, 'TIME_BEFORE_OPEN');
    assert.equal(verdict.nextAllowedAt, Date.UTC(2026, 10, 23, 16));
  });

  it('applies what loosens only when somebody else has approved it', async () => {
    const { id, state } = await write(hours([['08:00', '21:00']]), { loosens: true });
    assert.equal(state, 'proposed');
    assert.equal(await reason(), 'TIME_BEFORE_OPEN');
    const given = { at: app.clock.now(), note: 'as the law says' };
    assert.equal(await store().decide(id, 'approved', { ...given, by: 1 }), 'own-proposal');
    assert.equal(await reason(), 'TIME_BEFORE_OPEN');
    assert.equal(await store().decide(id, 'approved', { ...given, by: 2 }), 'done');
    assert.equal(await store().decide(id, 'refused', { ...given, by: 3 }), 'decided-before');
    assert.equal(await reason(), 'OK');
  });

  it('takes no tightening back by a proposal that is older than it', async () => {
    const { id } = await write(hours([['07:00', '21:00']]), { loosens: true });
    app.clock.advance(1_000);
    await write(hours([['11:00', '20:00']]), { loosens: false });
    const given = { at: app.clock.now(), note: 'not seen the newer one', by: 2 };
    assert.equal(await store().decide(id, 'approved', given), 'changed-since');
    assert.equal(await reason(), 'TIME_BEFORE_OPEN');
    assert.equal(await store().decide(id, 'refused', given), 'done');
    await app.db.knex('rule_versions').where({ loosens: 0 }).andWhere('id', '>', id).delete();
  });

  it('fault: a version of a later day would take back a tightening that is written after it – it holds at once, and in that one too', async () => {
    const at = app.clock.now();
    const fed = shipped('us.fed_tm');
    const add = (form: RuleSetForm, change: { before?: RuleSetForm; effectiveAt: number; by?: number }) =>
      store().add({ name: 'us.later', form, loosens: false, note: 'counsel says', at, by: 1, before: fed, ...change }); // prettier-ignore
    const planned: RuleSetForm = { ...fed, abandon_cap: 0.02 };
    const later = await add(planned, { effectiveAt: at + 10 * hourMs });
    assert.equal(later.state, 'approved');
    const elsewhere = await add({ ...planned, dnc_scrub_max_days: 31 }, { effectiveAt: at + 11 * hourMs, before: planned }); // prettier-ignore
    const now = { ...fed, windows: { ...fed.windows, mon: day(['10:00', '20:00']) } };
    const tightened = await add(now, { effectiveAt: at });
    assert.equal(tightened.state, 'approved');
    assert.deepEqual(
      tightened.carriedInto.map(({ replaces }) => replaces.id),
      [later.id, elsewhere.id],
    );
    const holding = async (hours: number) =>
      holdingAt(await store().approved(), at + hours * hourMs).get('us.later')!;
    for (const hours of [0, 10, 11]) {
      const { form, state, note } = await holding(hours);
      assert.deepEqual([form.windows.mon, state], [now.windows.mon, 'approved'], `after ${hours} hours`);
      assert.equal(note, hours === 0 ? 'counsel says' : 'counsel says + counsel says');
    }
    assert.equal((await holding(10)).form.abandon_cap, 0.02, 'what else the later one brings stays');
    assert.equal((await holding(11)).form.dnc_scrub_max_days, 31);
    // What does not come back takes nothing along.
    assert.deepEqual(
      (await add({ ...now, source: 'gazette' }, { before: now, effectiveAt: at })).carriedInto,
      [],
    );
    await app.db.knex('rule_versions').where({ name: 'us.later' }).delete();
  });

  it('fault: both tighten the same field – the later version keeps its own tightening beside the one carried into it', async () => {
    const at = app.clock.now();
    const fed: RuleSetForm = {
      ...shipped('us.fed_tm'),
      holidays: ['2026-12-25'],
      freq: [{ type: 'calendar_day', max: 5 }],
    };
    const mon = (...windows: [string, string][]) => ({ windows: { ...fed.windows, mon: windows } });
    const add = (change: Partial<RuleSetForm>, effectiveAt: number) =>
      store().add({
        ...{ name: 'us.both', form: { ...fed, ...change }, loosens: false, note: 'counsel says' },
        ...{ at, by: 1, before: fed, effectiveAt },
      });
    await add(
      {
        ...mon(['10:00', '20:00']),
        holidays: ['2026-12-25', '2027-01-01'],
        freq: [{ type: 'calendar_day', max: 2 }, { type: 'regf_7in7' }],
        waived_by: [],
      },
      at + hourMs,
    ); // prettier-ignore
    const { carriedInto } = await add(
      {
        ...mon(['08:00', '12:00'], ['13:00', '18:00']),
        holidays: ['2026-12-25', '2026-12-24'],
        freq: [{ type: 'calendar_day', max: 3 }, { type: 'refusal_cooldown', days: 30 }],
      },
      at,
    ); // prettier-ignore
    assert.deepEqual(
      carriedInto.map(({ state }) => state),
      ['approved'],
    );
    const { form } = (await store().get(carriedInto[0]!.id))!;
    assert.deepEqual(form.windows.mon, day(['10:00', '12:00'], ['13:00', '18:00']));
    assert.deepEqual(form.holidays, ['2026-12-24', '2026-12-25', '2027-01-01']);
    const rules = form.freq!.map((rule) => JSON.stringify(rule)).sort();
    assert.deepEqual(rules, [
      '{"type":"calendar_day","max":2}',
      '{"type":"refusal_cooldown","days":30}',
      '{"type":"regf_7in7"}',
    ]);
    await app.db.knex('rule_versions').where({ name: 'us.both' }).delete();
  });

  it('fault: what is carried into a later version may loosen that one – it waits for a second person', async () => {
    const at = app.clock.now();
    const fed: RuleSetForm = { ...shipped('us.fed_tm'), holidays: ['2026-12-25'] };
    const add = (form: RuleSetForm, loosens: boolean, effectiveAt: number) =>
      store().add({ name: 'us.opens', form, loosens, note: 'counsel says', at, by: 1, before: fed, effectiveAt }); // prettier-ignore
    // Holidays have hours there, so that one more of them opens it.
    const open: RuleSetForm = { ...fed, holiday_windows: day(['10:00', '12:00']) };
    const later = await add(open, true, at + hourMs);
    assert.equal(await store().decide(later.id, 'approved', { by: 2, at, note: 'looked at' }), 'done');
    const holidays = ['2026-12-25', '2026-12-26'];
    const { state, carriedInto } = await add({ ...fed, holidays }, false, at);
    assert.equal(state, 'approved');
    assert.deepEqual(
      carriedInto.map((one) => [one.state, one.replaces.id]),
      [['proposed', later.id]],
    );
    const { id } = carriedInto[0]!;
    assert.deepEqual((await store().get(id))!.form.holidays, holidays);
    const given = { at: at + 2, note: 'looked at' };
    assert.equal(await store().decide(id, 'approved', { ...given, by: 1 }), 'own-proposal');
    const held = holdingAt(await store().approved(), at + hourMs).get('us.opens')!;
    assert.equal(held.id, later.id);
    assert.equal(await store().decide(id, 'approved', { ...given, by: 2 }), 'done');
    const since = holdingAt(await store().approved(), at + hourMs).get('us.opens')!;
    assert.equal(since.id, id);
    await app.db.knex('rule_versions').where({ name: 'us.opens' }).delete();
  });

  it('fault: two people tighten a set in the same moment – neither takes back what the other has tightened', async () => {
    const at = app.clock.now();
    const fed = shipped('us.fed_tm');
    const tighten = (form: RuleSetForm, by: number) =>
      store().add(
        { name: 'us.same', form, before: fed, loosens: false, note: 'counsel says', effectiveAt: at, at, by },
        (holding = fed) => ({ before: holding, loosens: loosens(diffRules(holding, form)) }),
      );
    for (const round of ['the first of a set', 'of a set that was written before']) {
      const both = await Promise.all([
        tighten({ ...fed, abandon_cap: round === 'the first of a set' ? 0.02 : 0.01 }, 1),
        tighten({ ...fed, windows: { ...fed.windows, mon: day(['10:00', '20:00']) } }, 2),
      ]);
      assert.ok(both.filter(({ state }) => state === 'approved').length <= 1, round);
      assert.ok(
        both.some(({ state }) => state === 'proposed'),
        round,
      );
    }
    await app.db.knex('rule_versions').where({ name: 'us.same' }).delete();
  });

  it('fault: a proposal is approved when the version it was to come before is in force already', async () => {
    const at = app.clock.now();
    const base = { name: 'us.late', form: shipped('us.fed_tm'), note: 'counsel says', at, by: 1 };
    await store().add({ ...base, loosens: false, effectiveAt: at + hourMs });
    const { id } = await store().add({ ...base, loosens: true, effectiveAt: at });
    const given = { by: 2, note: 'looked at' };
    assert.equal(await store().decide(id, 'approved', { ...given, at: at + 2 * hourMs }), 'changed-since');
    assert.equal(await store().decide(id, 'approved', { ...given, at: at + 1 }), 'done');
    await app.db.knex('rule_versions').where({ name: 'us.late' }).delete();
  });

  it('looks back as far as the longest rule in force, however far that is', async () => {
    const dayMs = 24 * hourMs;
    const [yearly = 0] = await addLeads(app, campaignId, [{ phones: ['+441632960011'] }]);
    const call = { e164: '+441632960011', stage: 'dial', path: 'progressive', campaignId, leadId: yearly } as const; // prettier-ignore
    const verdict = () => createGate(app).mayCall(call);
    const ask = async () => (await verdict()).reasonCode;
    const evidence = async () => {
      const { attempts, lookBackMs } = (await verdict()).facts;
      return [attempts, Number(lookBackMs) / dayMs];
    };
    const at = app.clock.now() - 200 * dayMs;
    await app.db.knex('calls').insert({
      ...{ id: 'half-a-year-ago', direction: 'out', path: 'progressive', e164: '+441632960011' },
      ...{ state: 'ended', created_at: at, dialed_at: at },
    });
    assert.equal(await ask(), 'OK');
    assert.deepEqual(await evidence(), [0, 63], 'how far was looked is kept with what was found');
    const form: RuleSetForm = {
      ...shipped('us.fed_tm'),
      places: ['GB'],
      freq: [{ type: 'rolling_days', max: 1, days: 300 }],
    };
    const own = { name: 'uk.yearly', form, loosens: false, note: 'house rule', by: 1 };
    const { id } = await store().add({ ...own, effectiveAt: app.clock.now(), at: app.clock.now() });
    assert.equal(await ask(), 'FREQ_CAP_DAYS');
    assert.deepEqual(await evidence(), [1, 302]);
    await app.db.knex('rule_versions').where({ id }).delete();
    await app.db.knex('leads').where({ id: yearly }).delete();
  });

  it('fault: two people approve two proposals of one set at the same time – the second sees the first', async () => {
    const at = app.clock.now();
    const form = { ...shipped('us.fed_tm'), abandon_cap: 0.2 };
    const base = { name: 'us.twice', form, loosens: true, effectiveAt: at, note: 'counsel says', at };
    const [first, second] = [await store().add({ ...base, by: 1 }), await store().add({ ...base, by: 1 })];
    const given = { by: 2, at: at + 1, note: 'looked at' };
    const outcomes = await Promise.all(
      [first, second].map(({ id }) => store().decide(id, 'approved', given)),
    );
    assert.deepEqual(outcomes.sort(), ['changed-since', 'done']);
  });

  it('calendars are the law’s also by rules that are proposed, or hold from a later day', async () => {
    const at = app.clock.now();
    const rules = (calendar: string, name: string, later: number, loosens: boolean) => {
      const form: RuleSetForm = {
        ...shipped('us.fed_tm'),
        calendar,
        holiday_windows: day(['10:00', '12:00']),
      };
      return store().add({ name, form, loosens, effectiveAt: at + later, note: 'counsel says', by: 1, at });
    };
    const uses = async () => createCalendarUses(app)(await createCalendars(app).now());
    const free = await uses();
    const book = await createCalendars(app).now();
    const [one, other] = book.names.filter((name) => free(name).ruleSets.length === 0); // prettier-ignore
    await rules(one!, 'us.proposed', 0, true);
    await rules(other!, 'us.later', 86_400_000, false);
    const now = await uses();
    assert.deepEqual(now(one!), { ruleSets: ['us.proposed'], opensHolidays: true });
    assert.deepEqual(now(other!), { ruleSets: ['us.later'], opensHolidays: true });
  });

  it('says which of today’s leads a version would touch, before it is in force', async () => {
    await addLeads(app, campaignId, [
      { phones: ['+442079460111'] },
      { phones: ['+12125550144'], state: 'done' },
    ]);
    await app.db.knex('customers').update({ address_region: null });
    const { id } = await write(hours([['08:00', '09:00']]), {
      ...{ loosens: false, effectiveAt: app.clock.now() + 90 * 24 * hourMs },
    });
    const shown: number[] = [];
    await createRuleImpact(app).run(id, {
      signal: new AbortController().signal,
      progress: async (percent) => void shown.push(percent),
    });
    const impact = (await store().get(id))?.impact;
    assert.ok(impact && shown.length > 0);
    assert.deepEqual([impact.leads, impact.changed], [2, 1]);
    assert.deepEqual(impact.moves, [{ from: 'OK', to: 'TIME_AFTER_CLOSE', count: 1 }]);
    assert.equal(impact.examples[0]?.leadId, leadId);
    assert.equal(impact.before[1]! - impact.after[1]!, 1);
    assert.equal(await reason(), 'OK', 'nothing has changed yet');
  });

  it('closes the gate when what is in force cannot be read', async () => {
    const { id } = await write(hours([['08:00', '20:00']]), { loosens: false });
    await app.db.knex('rule_versions').where({ id }).update({ form: '{"windows":{"mon":[["8","9"]]}}' });
    assert.equal(await reason(), 'FACTS_UNAVAILABLE');
    await app.db.knex('rule_versions').where({ id }).delete();
    assert.equal(await reason(), 'OK');
  });

  it('lets an override through once, by hand, beyond hours – and never past the DNC list', async () => {
    app.clock.advance(13 * hourMs);
    const gate = createGate(app);
    const ask = (path: 'manual' | 'progressive', callId: string) =>
      gate.mayCall({ e164, stage: 'dial', path, campaignId, leadId, callId });
    assert.equal((await ask('manual', 'o-0')).reasonCode, 'TIME_AFTER_CLOSE');
    const overrides = createOverrideStore(app);
    const leave = { e164, campaignId, reason: 'asked for tonight by e-mail', reasonCode: 'TIME_AFTER_CLOSE' as const }; // prettier-ignore
    await overrides.grant({ ...leave, campaignId: campaignId + 1 }, 7, app.clock.now());
    await overrides.grant({ ...leave, campaignId: null }, 7, app.clock.now());
    assert.equal((await ask('manual', 'o-00')).reasonCode, 'TIME_AFTER_CLOSE', 'asked for another campaign');
    await overrides.grant(leave, 7, app.clock.now());
    assert.equal((await ask('progressive', 'o-1')).reasonCode, 'TIME_AFTER_CLOSE', 'not for the dialer');
    assert.equal((await createGate(app, { dry: true }).mayCall({ e164, stage: 'dial', path: 'manual', campaignId })).allowed, true, 'looking uses nothing up'); // prettier-ignore
    const answers = await Promise.all(['o-2', 'o-3'].map((callId) => ask('manual', callId)));
    assert.deepEqual(answers.map(({ allowed }) => allowed).sort(), [false, true], 'one of two at once');
    const used = answers.find(({ allowed }) => allowed);
    assert.deepEqual(used?.facts.override, { id: 3, by: 7, instead: 'TIME_AFTER_CLOSE' });
    assert.equal((await ask('manual', 'o-4')).reasonCode, 'TIME_AFTER_CLOSE');

    await overrides.grant(leave, 7, app.clock.now());
    await createDncStore(app).add({
      ...{ e164, campaignId: null, reason: 'asked', source: 'agent', by: 1, at: app.clock.now() },
    });
    assert.equal((await ask('manual', 'o-5')).reasonCode, 'DNC_INTERNAL');
    assert.equal((await overrides.open([e164], app.clock.now())).size, 3, 'and it is not used up');
    assert.equal((await overrides.open([e164], app.clock.now() + 24 * hourMs)).size, 0);
  });
});
