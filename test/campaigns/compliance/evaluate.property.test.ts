import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, it } from 'mocha';
import {
  blockReason,
  compileRuleSet,
  evaluate,
  rulesOfZones,
  type Facts,
} from '../../../campaigns/compliance/index.ts';
import type { RuleSet } from '../../../campaigns/compliance/rules/rule-set.ts';
import { windowsOn } from '../../../core/calendar/open-hours.ts';
import { parseDay } from '../../../core/time/local-day.ts';

const file = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as {
  rule_sets: Record<string, unknown>;
};
const sets = Object.entries(file.rule_sets).map(([name, form]) => compileRuleSet(name, form));
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Zones in which the engine's own data are right, so that luxon can be the second opinion. */
const zoneNames = [
  'America/New_York',
  'America/St_Johns',
  'Asia/Beirut',
  'Atlantic/Azores',
  'America/Santiago',
  'Europe/London',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Asia/Shanghai',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];

/** Instants around changes of the clocks, midnights, leap days and year ends, and any others. */
const turns = [
  '2026-11-01T05:00:00Z',
  '2027-03-14T07:00:00Z',
  '2026-10-03T15:30:00Z',
  '2027-04-04T14:00:00Z',
  '2026-10-25T01:00:00Z',
  '2027-03-28T01:00:00Z',
  '2026-09-06T04:00:00Z',
  '2028-02-29T00:00:00Z',
  '2027-01-01T00:00:00Z',
].map((text) => Date.parse(text));
const instant = fc.oneof(
  fc
    .tuple(fc.constantFrom(...turns), fc.integer({ min: -36 * 60, max: 36 * 60 }))
    .map(([turn, minutes]) => turn + minutes * minuteMs),
  fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2029, 0, 1) }),
);
const zones = fc.uniqueArray(fc.constantFrom(...zoneNames), { minLength: 1, maxLength: 3 });
const ruleSets = fc.uniqueArray(fc.constantFrom(...sets), {
  minLength: 1,
  maxLength: 3,
  selector: (rules) => rules.name,
});

/** Facts that time can cure: attempts and talks before `at`. */
const situation = fc
  .record({
    at: instant,
    zones,
    ruleSets,
    ages: fc.array(fc.integer({ min: 0, max: 40 * 24 * 60 }), { maxLength: 9 }),
    conversation: fc.option(fc.integer({ min: 0, max: 8 * 24 * 60 }), { nil: undefined }),
    abandoned: fc.option(fc.integer({ min: 0, max: 80 * 60 }), { nil: undefined }),
    consent: fc.constantFrom('opt_in', 'none', 'prior_express_consent', 'night_consent'),
    kind: fc.constantFrom('live_telemarketing', 'predictive_telemarketing', 'debt_collection'),
  })
  .map((raw) => {
    const before = (age: number | undefined) => (age === undefined ? undefined : raw.at - age * minuteMs);
    const facts: Facts = {
      kind: raw.kind,
      numberValid: true,
      consent: raw.consent,
      attempts: raw.ages.map((age) => raw.at - age * minuteMs),
      conversationAt: before(raw.conversation),
      lastAbandonedAt: before(raw.abandoned),
    };
    return {
      at: raw.at,
      zones: raw.zones,
      ruleSets: raw.ruleSets,
      facts,
    };
  });

/** Written anew on luxon: is the wall clock of this zone in a window? */
function insideByLuxon(rules: RuleSet, zone: string, at: number): boolean {
  const local = DateTime.fromMillis(at, { zone });
  const day = parseDay(local.toFormat('yyyy-MM-dd'));
  const time = ((local.hour * 60 + local.minute) * 60 + local.second) * 1000 + local.millisecond;
  const holds = (on: number, value: number) =>
    windowsOn(rules, on).some((window) => value >= window.start && value < window.end);
  return holds(day, time) || holds(day - 1, time + 24 * hourMs);
}

function isWaived(rules: RuleSet, { consent }: Facts): boolean {
  return consent !== undefined && rules.waivedBy.includes(consent);
}

describe('evaluation, for any rules, zones, instants and histories', () => {
  it('allows only inside a window of every rule set in every zone', () => {
    fc.assert(
      fc.property(situation, ({ at, zones: names, ruleSets: rules, facts }) => {
        if (blockReason(rules, rulesOfZones(names), facts, at)) return;
        for (const one of rules)
          for (const zone of names) assert.ok(isWaived(one, facts) || insideByLuxon(one, zone, at));
      }),
      { numRuns: 1000 },
    );
  });

  it('names as next the earliest instant: allowed there, blocked at every minute before', () => {
    fc.assert(
      fc.property(situation, ({ at, zones: names, ruleSets: rules, facts }) => {
        const all = rulesOfZones(names);
        const { decision, nextAllowedAt } = evaluate(rules, all, facts, at);
        if (decision === 'allow' || nextAllowedAt === null) return;
        assert.ok(nextAllowedAt > at);
        assert.equal(evaluate(rules, all, facts, nextAllowedAt).decision, 'allow');
        assert.equal(evaluate(rules, all, facts, nextAllowedAt - 1).decision, 'block');
        const end = Math.min(nextAllowedAt, at + 48 * hourMs);
        for (let t = at; t < end; t += minuteMs)
          assert.equal(evaluate(rules, all, facts, t).decision, 'block');
      }),
      { numRuns: 100 },
    );
  }).timeout(60_000);

  it('says that time cures nothing only when no hour of the next four weeks is open', () => {
    fc.assert(
      fc.property(situation, ({ at, zones: names, ruleSets: rules, facts }) => {
        const all = rulesOfZones(names);
        const { decision, reasonCode, nextAllowedAt } = evaluate(rules, all, facts, at);
        if (decision === 'allow' || nextAllowedAt !== null || reasonCode === 'CONSENT_MISSING') return;
        for (let t = at; t < at + 28 * 24 * hourMs; t += 10 * minuteMs)
          assert.ok(blockReason(rules, all, facts, t));
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it('is as strict with a zone more, a rule set more or an attempt more', () => {
    fc.assert(
      fc.property(situation, situation, (one, other) => {
        const { at, ruleSets: rules, facts } = one;
        const all = rulesOfZones(one.zones);
        if (!blockReason(rules, all, facts, at)) return;
        const more: Facts = { ...facts, attempts: [...(facts.attempts ?? []), at - hourMs] };
        assert.ok(blockReason([...rules, ...other.ruleSets], all, facts, at));
        assert.ok(blockReason(rules, [...all, ...rulesOfZones(other.zones)], facts, at));
        assert.ok(blockReason(rules, all, more, at));
      }),
    );
  });
});
