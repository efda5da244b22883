import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { replacesRules, weakensRules, weakerDemands } from '../../../campaigns/campaigns/campaign-checks.ts';
import {
  compileRuleSet,
  loadCatalogue,
  type RuleSet,
  type RuleSetForm,
} from '../../../campaigns/compliance/index.ts';
import { lostDemands } from '../../../campaigns/compliance/rulebook/rule-cover.ts';

const shipped = loadCatalogue();
const formOf = (name: string): RuleSetForm => shipped.get(name)!.form;
const own = (name: string, like: string, changes: Partial<RuleSetForm> = {}) =>
  compileRuleSet(name, { ...formOf(like), ...changes });
const setOf = (name: string) => shipped.get(name)!;

describe('rules that a campaign names', () => {
  it('weaken the law where they ask less in any place, however strict they are elsewhere', () => {
    for (const names of ['mx.policy', 'us.fed_tm+us.fl', 'de.uwg', 'us.regf'])
      assert.ok(weakensRules(null, names, shipped), names);
    const everything = shipped.placed.map(({ name }) => name).join('+');
    assert.equal(weakensRules(null, everything, shipped), false, 'all laws of all places at once');
    assert.ok(weakensRules(null, `${everything}+us.regf`, shipped), 'one for calls other than sales');
  });

  it('weaken each other where one falls away or asks for less', () => {
    assert.ok(weakensRules('us.fed_tm+us.fl', 'us.fed_tm', shipped), 'one dropped');
    assert.ok(weakensRules('us.fed_tm', 'mx.policy', shipped), 'another in its place');
    assert.equal(weakensRules('us.fed_tm', 'us.fed_tm+us.fl', shipped), false, 'one more');
    assert.equal(weakensRules('mx.policy', null, shipped), false, 'back to the law');
    assert.equal(replacesRules('us.fed_tm+us.fl', 'us.fed_tm', shipped), true);
  });

  it('fault: a set that a campaign had is gone – any sales rules in its place may ask for less', () => {
    assert.ok(weakensRules('us.gone', 'mx.policy', shipped), 'the only one');
    assert.ok(weakensRules('mx.policy+us.gone', 'mx.policy', shipped), 'one of two');
    const weaker = weakerDemands('mx.policy+us.gone', 'mx.policy', shipped).map(({ name }) => name);
    assert.ok(weaker.includes('de.uwg') && !weaker.includes('mx.policy'), weaker.join());
    assert.equal(weakensRules('us.gone', null, shipped), false, 'back to the law');
    const everything = shipped.placed.map(({ name }) => name).join('+');
    assert.equal(weakensRules('us.gone', everything, shipped), false, 'all laws of all places at once');
  });

  it('weaken the lists where a contract becomes a leave to call, and not where another set goes on forbidding', () => {
    const british = setOf('uk.policy');
    const contract = own('uk.house', 'uk.policy', { consent_ok: ['contract_in_progress'] });
    const lost = (...has: RuleSet[]) => lostDemands([british], has).flatMap((one) => one.lost);
    assert.deepEqual(lost(contract), ['lists']);
    assert.deepEqual(lost(contract, own('uk.other', 'uk.policy')), []);
    assert.deepEqual(lost(british, contract), [], 'one more');
    assert.deepEqual(lost(own('uk.house', 'uk.policy', { consent_ok: ['opt_in'] })), []);
    const french = own('fr.house', 'fr.d223_9');
    assert.deepEqual(lostDemands([setOf('fr.d223_9')], [french]), [], 'it was one before');
  });

  it('are compared by what they ask for, not by their names', () => {
    const fed = setOf('us.fed_tm');
    const hours = (from: string, to: string) => ({ windows: Object.fromEntries(Object.keys(fed.form.windows).map((day) => [day, [[from, to]]])) }) as Partial<RuleSetForm>; // prettier-ignore
    const lost = (changes: Partial<RuleSetForm>) =>
      lostDemands([fed], [own('us.house', 'us.fed_tm', changes)]).flatMap((one) => one.lost);
    assert.deepEqual(lost({}), []);
    assert.deepEqual(lost(hours('09:00', '20:00')), []);
    assert.deepEqual(lost(hours('07:00', '21:00')), ['hours']);
    assert.deepEqual(lost({ waived_by: ['opt_in'] }), ['hours']);
    assert.deepEqual(lost({ dnc_scrub_max_days: 60 }), ['lists']);
    assert.deepEqual(lost({ abandon_cap: 0.05 }), ['abandonment']);
    const wide = { business_relationship: { transaction_months: 24, inquiry_months: 3 } };
    assert.deepEqual(lost(wide), ['relationship']);
    const capped = own('us.capped', 'us.fed_tm', { freq: [{ type: 'calendar_day', max: 2 }] });
    const apart = [own('us.a', 'us.fed_tm'), own('us.b', 'mx.policy', { freq: [{ type: 'calendar_day', max: 1 }] })]; // prettier-ignore
    assert.deepEqual(lostDemands([capped], [apart[0]!]).flatMap((one) => one.lost), ['frequency']); // prettier-ignore
    assert.deepEqual(lostDemands([capped], apart), [], 'one brings the hours, the other the cap');
    const consent = own('de.house', 'de.uwg', { consent_required_from: undefined, consent_ok: undefined });
    assert.ok(lostDemands([setOf('de.uwg')], [consent]).some((one) => one.lost.includes('consent')));
  });
});
