import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  byPrecedence,
  compileRuleSet,
  evaluate,
  rulesOfZones,
  type BlockReason,
  type Facts,
} from '../../../campaigns/compliance/index.ts';

const everyDay = (...windows: [string, string][]) =>
  Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, windows]));
const rules = (form: object, name = 'test') =>
  compileRuleSet(name, {
    windows: everyDay(['00:00', '24:00']),
    source: 'test',
    confidence: 'test',
    ...form,
  });
const live: Facts = { kind: 'live_telemarketing', numberValid: true };

function decide(
  form: object,
  facts: Partial<Facts>,
  at: string,
  zones: string[] = ['Europe/Rome'],
): [string, string | null] {
  const sets = [rules(form)];
  const { reasonCode, nextAllowedAt } = evaluate(
    sets,
    rulesOfZones(zones),
    { ...live, ...facts },
    Date.parse(at),
  );
  return [reasonCode, nextAllowedAt === null ? null : new Date(nextAllowedAt).toISOString().slice(0, 19)];
}

describe('windows', () => {
  it('are open at their start and closed at their end', () => {
    const form = { windows: everyDay(['09:00', '12:00'], ['14:00', '18:00']) };
    assert.deepEqual(decide(form, {}, '2026-11-23T07:59:59.999Z'), [
      'TIME_BEFORE_OPEN',
      '2026-11-23T08:00:00',
    ]);
    assert.deepEqual(decide(form, {}, '2026-11-23T08:00:00Z'), ['OK', null]);
    assert.deepEqual(decide(form, {}, '2026-11-23T10:59:59.999Z'), ['OK', null]);
    assert.deepEqual(decide(form, {}, '2026-11-23T11:00:00Z'), [
      'TIME_BETWEEN_WINDOWS',
      '2026-11-23T13:00:00',
    ]);
    assert.deepEqual(decide(form, {}, '2026-11-23T17:00:00Z'), ['TIME_AFTER_CLOSE', '2026-11-24T08:00:00']);
  });

  it('that cross midnight belong to the day they start on', () => {
    const form = { windows: { ...everyDay(['20:00', '26:00']), sat: [], sun: [] }, holidays: ['2026-11-24'] };
    assert.deepEqual(decide(form, {}, '2026-11-24T00:59:59Z')[0], 'OK');
    assert.deepEqual(decide(form, {}, '2026-11-24T01:00:00Z'), ['HOLIDAY_PROHIBITED', '2026-11-25T19:00:00']);
    assert.deepEqual(decide(form, {}, '2026-11-28T00:30:00Z')[0], 'OK');
    assert.deepEqual(decide(form, {}, '2026-11-29T00:30:00Z')[0], 'DAY_PROHIBITED');
    assert.deepEqual(decide(form, {}, '2026-11-30T00:30:00Z')[0], 'TIME_BEFORE_OPEN');
  });

  it('narrow on the day before a holiday, and open a closed weekday never', () => {
    const form = {
      windows: { ...everyDay(['09:00', '20:00']), sun: [] },
      holidays: ['2026-12-08', '2026-12-07'],
      preholiday_windows: [['10:00', '19:00']],
    };
    assert.deepEqual(decide(form, {}, '2026-12-05T08:30:00Z')[0], 'OK');
    assert.deepEqual(decide(form, {}, '2026-12-06T10:00:00Z')[0], 'DAY_PROHIBITED');
    const eve = { ...form, holidays: ['2026-12-08'] };
    assert.deepEqual(decide(eve, {}, '2026-12-07T08:30:00Z'), ['TIME_BEFORE_OPEN', '2026-12-07T09:00:00']);
    assert.deepEqual(decide(eve, {}, '2026-12-07T18:00:00Z'), ['TIME_AFTER_CLOSE', '2026-12-09T08:00:00']);
  });

  it('know holiday hours and make-up workdays', () => {
    const form = {
      windows: { ...everyDay(['08:00', '20:00']), sat: [['09:00', '18:00']], sun: [['09:00', '18:00']] },
      holidays: ['2026-10-01'],
      holiday_windows: [['09:00', '18:00']],
      makeup_workdays: ['2026-10-10'],
    };
    const zone = ['Asia/Shanghai'];
    assert.equal(decide(form, {}, '2026-10-01T00:30:00Z', zone)[0], 'TIME_BEFORE_OPEN');
    assert.equal(decide(form, {}, '2026-10-10T00:30:00Z', zone)[0], 'OK');
    assert.equal(decide(form, {}, '2026-10-11T00:30:00Z', zone)[0], 'TIME_BEFORE_OPEN');
  });

  it('fault: hours of a holiday go past midnight, those of no weekday do – they end where they are written to end', () => {
    const form = {
      windows: everyDay(['09:00', '20:00']),
      holidays: ['2026-11-24'],
      holiday_windows: [['20:00', '26:00']],
    };
    assert.deepEqual(decide(form, {}, '2026-11-25T00:59:59Z'), ['OK', null]);
    assert.deepEqual(decide(form, {}, '2026-11-25T01:00:00Z'), ['TIME_BEFORE_OPEN', '2026-11-25T08:00:00']);
    assert.deepEqual(decide(form, {}, '2026-11-24T18:59:00Z'), ['TIME_BEFORE_OPEN', '2026-11-24T19:00:00']);
  });

  it('follow the wall clock through the hour that is skipped and the hour that comes twice', () => {
    const night = { windows: everyDay(['02:30', '05:00']) };
    const zone = ['America/New_York'];
    // 14 March 2027: 02:00 becomes 03:00, which is after 02:30.
    assert.deepEqual(decide(night, {}, '2027-03-14T06:59:00Z', zone), [
      'TIME_BEFORE_OPEN',
      '2027-03-14T07:00:00',
    ]);
    // 1 November 2026: 01:30 to 02:00 comes twice, open both times, closed between them.
    const early = { windows: everyDay(['01:30', '05:00']) };
    assert.equal(decide(early, {}, '2026-11-01T05:45:00Z', zone)[0], 'OK');
    assert.deepEqual(decide(early, {}, '2026-11-01T06:15:00Z', zone), [
      'TIME_BEFORE_OPEN',
      '2026-11-01T06:30:00',
    ]);
  });

  it('are asked in every zone: the latest opening and the earliest close count', () => {
    const form = { windows: everyDay(['08:00', '21:00']) };
    const coasts = ['America/Los_Angeles', 'America/New_York'];
    assert.deepEqual(decide(form, {}, '2026-11-23T14:00:00Z', coasts), [
      'TIME_BEFORE_OPEN',
      '2026-11-23T16:00:00',
    ]);
    assert.deepEqual(decide(form, {}, '2026-11-24T02:00:00Z', coasts), [
      'TIME_AFTER_CLOSE',
      '2026-11-24T16:00:00',
    ]);
  });

  it('that never meet are never open', () => {
    const sets = [
      rules({ windows: everyDay(['08:00', '09:00']) }),
      rules({ windows: everyDay(['09:00', '10:00']) }),
    ];
    const { nextAllowedAt } = evaluate(
      sets,
      rulesOfZones(['Asia/Tokyo']),
      live,
      Date.parse('2026-11-23T00:00:00Z'),
    );
    assert.equal(nextAllowedAt, null);
  });
});

describe('caps', () => {
  it('on a rolling window take an attempt as gone when it is exactly that old', () => {
    const form = { freq: [{ type: 'rolling', max: 1, hours: 24, key: 'number' }] };
    const attempts = [Date.parse('2026-11-22T12:00:00Z')];
    assert.deepEqual(decide(form, { attempts }, '2026-11-23T11:59:59Z'), [
      'FREQ_CAP_ROLLING',
      '2026-11-23T12:00:00',
    ]);
    assert.equal(decide(form, { attempts }, '2026-11-23T12:00:00Z')[0], 'OK');
  });

  it('of a fraction of an hour open at a whole instant', () => {
    const form = { freq: [{ type: 'rolling', max: 1, hours: 0.08333333333333333, key: 'called number' }] };
    const attempts = [Date.parse('2026-11-23T12:00:00Z')];
    assert.deepEqual(decide(form, { attempts }, '2026-11-23T12:01:00Z'), [
      'FREQ_CAP_ROLLING',
      '2026-11-23T12:05:00',
    ]);
    assert.equal(decide(form, { attempts }, '2026-11-23T12:05:00Z')[0], 'OK');
  });

  it('by number count that number, by person all of them', () => {
    const facts = { attempts: [Date.parse('2026-11-23T10:00:00Z')], numberAttempts: [] };
    const by = (key: string) => ({ freq: [{ type: 'rolling', max: 1, hours: 24, key }] });
    assert.equal(decide(by('called number'), facts, '2026-11-23T12:00:00Z')[0], 'OK');
    assert.equal(decide(by('person+subject'), facts, '2026-11-23T12:00:00Z')[0], 'FREQ_CAP_ROLLING');
  });

  it('of a week begin on the day the rule names', () => {
    const attempts = [Date.parse('2026-11-22T12:00:00Z')]; // a Sunday
    const from = (week_start: number) => ({ freq: [{ type: 'calendar_week', max: 1, week_start }] });
    assert.equal(decide(from(0), { attempts }, '2026-11-23T12:00:00Z')[0], 'OK');
    assert.deepEqual(decide(from(6), { attempts }, '2026-11-23T12:00:00Z'), [
      'FREQ_CAP_WEEK',
      '2026-11-28T23:00:00',
    ]);
  });

  it('of a day end at midnight of the slowest zone', () => {
    const form = { freq: [{ type: 'calendar_day', max: 1 }] };
    const attempts = [Date.parse('2026-11-23T20:00:00Z')];
    const zones = ['America/Los_Angeles', 'America/New_York'];
    assert.deepEqual(decide(form, { attempts }, '2026-11-23T21:00:00Z', zones), [
      'FREQ_CAP_DAY',
      '2026-11-24T08:00:00',
    ]);
  });

  it('after a refusal hold for full calendar days', () => {
    const form = { freq: [{ type: 'refusal_cooldown', days: 60 }] };
    const refusedAt = Date.parse('2026-11-02T10:00:00Z');
    assert.deepEqual(decide(form, { refusedAt }, '2026-11-03T00:00:00Z'), [
      'REFUSAL_COOLDOWN_60D',
      '2027-01-01T23:00:00',
    ]);
  });

  it('after an abandoned call hold back machines, not an agent', () => {
    const form = { freq: [{ type: 'abandon_cooldown', hours: 72 }] };
    const lastAbandonedAt = Date.parse('2026-11-22T12:00:00Z');
    const at = '2026-11-23T12:00:00Z';
    const predictive = { kind: 'predictive_telemarketing', lastAbandonedAt };
    assert.deepEqual(decide(form, predictive, at), ['ABANDON_RETRY_72H', '2026-11-25T12:00:00']);
    assert.equal(decide(form, { lastAbandonedAt }, at)[0], 'OK');
  });

  it('are named after a figure of the law only where they have it', () => {
    const at = '2026-11-23T12:00:00Z';
    const then = Date.parse('2026-11-23T10:00:00Z');
    const facts = { kind: 'predictive_telemarketing', attempts: [then], refusedAt: then, lastAbandonedAt: then }; // prettier-ignore
    const named = (rule: object) => decide({ freq: [rule] }, facts, at)[0];
    for (const [figure, days, refusal, hours] of [
      ['the law’s', 30, 60, 72],
      ['another', 300, 90, 24],
    ] as const)
      assert.deepEqual(
        [
          named({ type: 'rolling_days', max: 1, days }),
          named({ type: 'refusal_cooldown', days: refusal }),
          named({ type: 'abandon_cooldown', hours }),
        ],
        figure === 'another'
          ? ['FREQ_CAP_DAYS', 'REFUSAL_COOLDOWN', 'ABANDON_RETRY']
          : ['FREQ_CAP_30D', 'REFUSAL_COOLDOWN_60D', 'ABANDON_RETRY_72H'],
      );
  });
});

describe('standing rules', () => {
  const at = '2026-11-23T12:00:00Z';

  it('are answered in their order when several apply', () => {
    const all: Partial<Facts> = {
      kind: 'predictive_telemarketing',
      numberValid: false,
      dncInternal: true,
      consent: 'revoked',
      dncNational: true,
      dncScrubbedOn: 0,
      requiresConsent: true,
      reassigned: true,
      emergencyActive: true,
      abandonment: { abandoned: 9, connected: 1 },
      destinationBlocked: true,
      attemptsExhausted: true,
    };
    const cures: [BlockReason, Partial<Facts>][] = [
      ['NUMBER_INVALID', { numberValid: true }],
      ['DNC_INTERNAL', { dncInternal: false }],
      ['CONSENT_REVOKED', { consent: 'none' }],
      ['DNC_NATIONAL', { dncNational: false }],
      ['DNC_SCRUB_STALE', { dncScrubbedOn: undefined }],
      ['CONSENT_MISSING', { requiresConsent: false }],
      ['NUMBER_REASSIGNED', { reassigned: false }],
      ['EMERGENCY_SUPPRESSION', { emergencyActive: false }],
      ['ABANDON_RATE_EXCEEDED', { abandonment: undefined }],
      ['DESTINATION_NOT_PERMITTED', { destinationBlocked: false }],
      ['ATTEMPTS_EXHAUSTED', { attemptsExhausted: false }],
    ];
    let facts = all;
    for (const [reason, cure] of cures) {
      assert.deepEqual(decide({}, facts, at), [reason, null]);
      facts = { ...facts, ...cure };
    }
    assert.equal(decide({}, facts, at)[0], 'OK');
    const named = cures.map(([reason]) => reason);
    assert.deepEqual([...named].sort(byPrecedence), named);
  });

  it('call nobody without a zone', () => {
    assert.deepEqual(decide({}, {}, at, []), ['ZONE_UNRESOLVED', null]);
  });

  it('ask for consent from the day a law begins, in any of the zones', () => {
    const form = { consent_required_from: '2026-08-11', consent_ok: ['opt_in'] };
    const zones = ['America/Guadeloupe', 'Europe/Paris'];
    assert.equal(decide(form, {}, '2026-08-10T21:59:59Z', zones)[0], 'OK');
    assert.equal(decide(form, {}, '2026-08-10T22:00:00Z', zones)[0], 'CONSENT_MISSING');
    assert.equal(decide(form, { consent: 'opt_in' }, '2026-08-12T12:00:00Z', zones)[0], 'OK');
    assert.equal(decide(form, { kind: 'research' }, '2026-08-12T12:00:00Z', zones)[0], 'OK');
  });

  it('let permission in writing alone lift the national list in the US', () => {
    const facts = (change: Partial<Facts>): Facts => ({ ...live, dncNational: true, ...change });
    const zones = rulesOfZones(['America/New_York']);
    const [fed, uk] = ['us.fed_tm', 'uk.policy'].map((name) => compileRuleSet(name, rules({}).form));
    const now = 20_750 * 86_400_000 + 60_000_000;
    const says = (law: typeof fed, change: Partial<Facts>) =>
      evaluate([law!], zones, facts(change), now).reasonCode;
    assert.equal(says(fed, { consent: 'opt_in' }), 'DNC_NATIONAL', 'nobody knows how it was given');
    assert.equal(says(fed, { consent: 'opt_in', optInWritten: true }), 'OK');
    // By its places or the number's country, whatever the set is called.
    const named = (name: string, places: string[]) => compileRuleSet(name, rules({ places }).form);
    assert.equal(says(named('acme.sales', ['US-NV']), { consent: 'opt_in' }), 'DNC_NATIONAL');
    assert.equal(says(named('us.abroad', ['GB']), { consent: 'opt_in' }), 'OK');
    assert.equal(says(uk, { consent: 'opt_in', inUs: true }), 'DNC_NATIONAL');
    assert.equal(says(fed, { consent: 'contract_in_progress' }), 'DNC_NATIONAL');
    assert.equal(says(fed, { consent: 'night_consent', extraConsents: ['pewc'] }), 'OK');
    assert.equal(says(uk, { consent: 'opt_in' }), 'OK');
  });

  it('let a business relationship lift the national list only where the law knows one', () => {
    const facts: Facts = { ...live, dncNational: true, lastTransactionOn: 20_700 };
    const zones = rulesOfZones(['America/New_York']);
    const fed = compileRuleSet('us.fed_tm', rules({}).form);
    const uk = compileRuleSet('uk.policy', rules({}).form);
    const now = 20_750 * 86_400_000 + 60_000_000;
    assert.equal(evaluate([fed], zones, facts, now).reasonCode, 'OK');
    assert.equal(evaluate([uk], zones, facts, now).reasonCode, 'DNC_NATIONAL');
    assert.equal(evaluate([fed, uk], zones, facts, now).reasonCode, 'DNC_NATIONAL');
    const own = compileRuleSet('campaign.1', rules({}).form);
    assert.equal(evaluate([fed, own], zones, facts, now).reasonCode, 'OK');
  });
});
