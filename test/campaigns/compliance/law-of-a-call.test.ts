import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createGate, loadCatalogue, type GateRequest } from '../../../campaigns/compliance/index.ts';
import type { KnownFacts } from '../../../campaigns/compliance/gate-facts.ts';
import { readRuleForm, ruleFields } from '../../../campaigns/compliance/rulebook/rule-form.ts';
import { compileRuleSet, type RuleSetForm } from '../../../campaigns/compliance/rules/rule-set.ts';
import { registers } from '../../../campaigns/compliance/scrubs/registers.ts';
import { createCallableCheck } from '../../../campaigns/import/judging/callable.ts';
import { testApp, type TestApp } from '../../support/app.ts';

const day: [string, string][] = [['00:00', '24:00']];
const anyDay = { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day };
const campaign = {
  ...{ id: 1, mode: 'progressive' as const, hours: anyDay, ruleSet: null, maxAttempts: 5 },
  ...{ abandonCap: 0.03, abandonWindowMs: 30 * 86_400_000 },
};
const nothing = {
  ...{ kinds: [], ids: [], givenAt: null, transactionAt: null, inquiryAt: null },
  ...{ everRevoked: false, changesAt: null, optInWritten: false },
};
const shippedForm = (name: string): RuleSetForm => loadCatalogue().get(name)!.form;
const survey: RuleSetForm = {
  ...{ windows: anyDay, places: ['DE'], kind: 'research', source: 'of the firm', confidence: 'policy' },
};

describe('the law of a call', () => {
  let app: TestApp;
  before(async () => {
    app = await testApp();
  });
  after(() => app.close());

  const ask = async (
    at: string,
    e164: string,
    given: Partial<KnownFacts> & { sets?: Record<string, RuleSetForm>; path?: GateRequest['path'] },
  ) => {
    const { sets = {}, path = 'preview', ...facts } = given;
    const known: KnownFacts = {
      ...{
        campaign,
        customerId: 1,
        addressRegion: null,
        consents: [],
        lead: null,
        dnc: null,
        ledger: nothing,
      },
      scrub: { listed: false, scrubbedOn: null, uncovered: false, reassignedOn: null },
      ...{ suspensions: [], customerSince: null, override: null, attempts: [], numberAttempts: [] },
      ...{ abandonment: null, ...facts },
    };
    const written = Object.entries(sets).map(([name, form]) => [name, compileRuleSet(name, form)] as const);
    const catalogue = loadCatalogue(undefined, new Map(written));
    const then = { ...app, clock: { ...app.clock, now: () => Date.parse(at) } as TestApp['clock'] };
    const gate = createGate(then, { dry: true, catalogue, facts: { of: async () => [known] } });
    return gate.mayCall({ e164, stage: 'dial', path, campaignId: 1 });
  };

  it('fault: rules for research hold for a place – a campaign that sells there stays one that sells', async () => {
    const german = ['2026-11-24T10:30:00Z', '+4930901820123'] as const;
    const sets = { 'de.survey': survey };
    const bySales = await ask(...german, { sets });
    assert.deepEqual([bySales.reasonCode, bySales.facts.kind], ['CONSENT_MISSING', 'live_telemarketing']);
    const listed = { listed: true, scrubbedOn: '2026-11-20', uncovered: false, reassignedOn: null };
    assert.equal((await ask(...german, { sets, scrub: listed })).reasonCode, 'DNC_NATIONAL');
    const named = await ask(...german, { sets, campaign: { ...campaign, ruleSet: 'de.survey' } });
    assert.deepEqual([named.reasonCode, named.facts.kind], ['OK', 'research'], 'a campaign that names them');
    // Where no file is of the country, they do not take the place of the policy for all others.
    const peru = { 'pe.survey': { ...survey, places: ['PE'] } };
    const sunday = await ask('2026-11-22T16:00:00Z', '+5112345678', { sets: peru });
    assert.deepEqual([sunday.reasonCode, sunday.ruleSet], ['DAY_PROHIBITED', 'intl.policy+campaign.1']);
  });

  it('rules for a place and for another kind of call at once cannot be written', () => {
    const typed = {
      kind: 'research',
      source: 'of the firm',
      confidence: 'policy',
      windows_mon: '09:00-20:00',
    };
    assert.equal(readRuleForm(ruleFields.parse(typed)).kind, 'research');
    assert.throws(() => readRuleForm(ruleFields.parse({ ...typed, places: 'DE' })), /kindPlaces/);
  });

  it('a comparison with a register is good for as many days as the register says', () => {
    const catalogue = loadCatalogue();
    const numbers: Record<string, string> = {
      ...{
        US: '+12125550162',
        CA: '+14165550162',
        GB: '+442079460162',
        IT: '+390612345678',
        ES: '+34911234567',
      },
      ...{
        IN: '+911123456789',
        KR: '+82212345678',
        MX: '+525512345678',
        AU: '+61255501234',
        SG: '+6561234567',
      },
    };
    for (const { country, freshDays } of registers) {
      const sets = catalogue.choose(numbers[country]!, null, false);
      const days = Math.min(...sets.map(({ scrubMaxDays }) => scrubMaxDays));
      assert.equal(days, freshDays, country);
    }
  });

  it('fault: a TPS comparison is 29 days old – nobody is called on it', async () => {
    const scrub = { listed: false, scrubbedOn: '2026-10-27', uncovered: false, reassignedOn: null };
    const verdict = (at: string) => ask(at, '+442079460162', { scrub });
    assert.equal((await verdict('2026-11-24T12:00:00Z')).reasonCode, 'OK');
    assert.equal((await verdict('2026-11-25T12:00:00Z')).reasonCode, 'DNC_SCRUB_STALE');
  });

  it('a contract lifts a national list only where the law has it for a leave to call', async () => {
    const scrub = { listed: true, scrubbedOn: '2026-11-20', uncovered: false, reassignedOn: null };
    const facts = { scrub, consents: ['contract_in_progress'] };
    const at = '2026-11-24T13:30:00Z';
    assert.equal((await ask(at, '+442079460162', facts)).reasonCode, 'DNC_NATIONAL');
    assert.equal((await ask(at, '+33199000162', facts)).reasonCode, 'OK');
  });

  it('fault: a second law has a contract for a leave – the first, which has not, goes on forbidding', async () => {
    const scrub = { listed: true, scrubbedOn: '2026-11-20', uncovered: false, reassignedOn: null };
    const facts = { scrub, consents: ['contract_in_progress'] };
    const at = '2026-11-24T14:30:00Z';
    const naming = (ruleSet: string) => ({ ...facts, campaign: { ...campaign, ruleSet } });
    const british = await ask(at, '+442079460162', naming('uk.policy+fr.d223_9'));
    assert.deepEqual(
      [british.reasonCode, british.ruleSet],
      ['DNC_NATIONAL', 'uk.policy+fr.d223_9+campaign.1'],
    );
    const moved = await ask(at, '+442079460162', { ...facts, addressRegion: 'FR' });
    assert.deepEqual([moved.reasonCode, moved.ruleSet], ['DNC_NATIONAL', 'fr.d223_9+uk.policy+campaign.1']);
    const both = { ...naming('fr.d223_9+fr.house'), sets: { 'fr.house': shippedForm('fr.d223_9') } };
    assert.equal((await ask(at, '+33199000162', both)).reasonCode, 'OK', 'both have it for a leave');
  });

  describe('counts months from the day that it was where the customer is', () => {
    const scrub = { listed: true, scrubbedOn: '2028-02-20', uncovered: false, reassignedOn: null };
    // Still 31 August in New York, and September in UTC.
    const transactionAt = Date.parse('2026-08-31T21:00:00-04:00');
    const newYork = '+12125550162';

    it('so that a purchase in the evening holds no day too long', async () => {
      const bought = { scrub, addressRegion: 'US-NY-10001', ledger: { ...nothing, transactionAt } };
      assert.equal((await ask('2028-02-29T18:00:00Z', newYork, bought)).reasonCode, 'OK');
      assert.equal((await ask('2028-03-01T18:00:00Z', newYork, bought)).reasonCode, 'DNC_NATIONAL');
    });

    it('nor in the eyes of an import', () => {
      const barOn = (at: string) => {
        const check = createCallableCheck({ ruleSet: null, automated: false, at: Date.parse(at) });
        return check(newYork, 'US-NY-10001', [], {
          ...{ listed: true, transactionAt },
          inquiryAt: null,
          optInWritten: false,
        });
      };
      assert.deepEqual([barOn('2028-02-29T18:00:00Z'), barOn('2028-03-01T18:00:00Z')], [null, 'dnc']);
    });

    it('and a number given back on the day of the talk belongs to somebody else', async () => {
      const givenBack = Date.parse('2026-08-31') / 86_400_000;
      const facts = {
        ...{ addressRegion: 'US-NY-10001', conversationAt: transactionAt },
        scrub: { listed: false, scrubbedOn: '2026-09-10', uncovered: false, reassignedOn: givenBack },
      };
      assert.equal((await ask('2026-09-20T18:00:00Z', newYork, facts)).reasonCode, 'NUMBER_REASSIGNED');
    });
  });
});
