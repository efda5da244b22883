import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { afterAttempt } from '../../../campaigns/leads/after-attempt.ts';
import { DateTime } from 'luxon';
import { defaultHours } from '../../../campaigns/campaigns/hours.ts';
import { leadTransitions, nextPhone, type Tries } from '../../../campaigns/leads/lead.ts';
import { attemptOutcomes, defaultRetryRules } from '../../../campaigns/leads/outcome.ts';

const phones = ['+12125550101', '+12125550102', '+12125550103'];
const disposition = fc.option(
  fc.record({
    code: fc.constantFrom('sale', 'no_decision', 'do_not_call'),
    category: fc.constantFrom('sale', 'no_decision', 'dnc', 'other'),
    final: fc.boolean(),
    retryMinutes: fc.option(fc.integer({ min: 0, max: 10_000 })),
  }),
);

describe('what becomes of a lead after an attempt', () => {
  it('property: always a state that the table allows, due no earlier than now, on a number that lives', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...attemptOutcomes),
        disposition,
        fc.option(fc.integer({ min: 1_000, max: 9_000 })),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 2 }),
        (outcome, given, callbackAt, attempts, phoneCount, position) => {
          const numbers = phones.slice(0, phoneCount);
          const lead = { attempts, phonePosition: position, tries: { outcomes: {}, dead: [] } };
          const campaign = { maxAttempts: 5, rules: defaultRetryRules };
          const end = { outcome, disposition: given, callbackAt, agentId: 4, at: 1_000 };
          const after = afterAttempt(lead, numbers, campaign, end);
          const reachable = Object.values(leadTransitions.dialing).flat();
          assert.ok(reachable.includes(after.state), after.state);
          if (after.state === 'waiting') {
            assert.ok(after.nextAt >= 1_000);
            assert.ok(attempts < 5);
          }
          if (after.state === 'waiting' && given?.retryMinutes == null)
            assert.ok(!after.tries.dead.includes(numbers[after.phonePosition]!));
          if (given?.category === 'dnc') assert.equal(after.state, 'blocked');
        },
      ),
    );
  });

  it('leaves a promised callback that could not be tried to be kept, whatever has been counted', () => {
    const often = { outcomes: { failed: 99, busy: 99 }, dead: [], numbers: { [phones[0]!]: 9 } };
    const lead = {
      attempts: 99,
      phonePosition: 0,
      tries: often,
      reservedFrom: 'callback',
      agentId: 4,
    } as const;
    const campaign = { maxAttempts: 5, rules: defaultRetryRules, attemptsPerNumber: 1 };
    const again = { code: 'try_again', category: 'no_decision', final: false, retryMinutes: 2 };
    for (const outcome of ['cancelled', 'congestion', 'failed'] as const)
      for (const disposition of [null, again]) {
        const end = { outcome, disposition, callbackAt: null, agentId: null, at: 1_000 };
        const after = afterAttempt(lead, phones.slice(0, 1), campaign, end);
        assert.deepEqual([after.state, after.agentId, after.phonePosition], ['callback', 4, 0], outcome);
        assert.ok(after.nextAt > 1_000);
      }
  });

  it('takes the number that was dialled for dead, which an agent may have chosen', () => {
    const lead = { attempts: 1, phonePosition: 0, tries: { outcomes: {}, dead: [] } };
    const end = { outcome: 'unallocated', e164: phones[2], disposition: null, callbackAt: null } as const;
    const campaign = { maxAttempts: 5, rules: defaultRetryRules };
    const after = afterAttempt(lead, phones, campaign, { ...end, agentId: null, at: 1 });
    assert.deepEqual(after.tries.dead, [phones[2]]);
  });

  it('goes on from the number that was dialled, where the gate forbids those before it', () => {
    const lead = { attempts: 1, phonePosition: 0, tries: { outcomes: {}, dead: [] } };
    const rules = { ...defaultRetryRules, busy: { ...defaultRetryRules.busy, phone: 'next-now' as const } };
    const end = { outcome: 'busy', disposition: null, callbackAt: null, agentId: null, at: 1 } as const;
    const after = (e164: string | undefined) =>
      afterAttempt(lead, phones, { maxAttempts: 5, rules }, { ...end, e164 });
    assert.deepEqual([after(phones[1]).phonePosition, after(phones[1]).nextAt], [2, 1]);
    const last = after(phones[2]);
    assert.deepEqual([last.phonePosition, last.nextAt], [0, 1 + rules.busy.delayMinutes * 60_000]);
  });

  it('property: without a callback or a delay of a disposition, a lead comes to an end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...attemptOutcomes), { minLength: 60, maxLength: 60 }),
        (outcomes) => {
          let lead = {
            attempts: 0,
            phonePosition: 0,
            tries: { outcomes: {}, dead: [] as readonly string[] },
          };
          const campaign = { maxAttempts: 50, rules: defaultRetryRules };
          for (const outcome of outcomes) {
            const end = { outcome, disposition: null, callbackAt: null, agentId: null, at: 1 };
            const after = afterAttempt({ ...lead, attempts: lead.attempts + 1 }, phones, campaign, end);
            if (after.state !== 'waiting') return;
            lead = { attempts: lead.attempts + 1, phonePosition: after.phonePosition, tries: after.tries };
          }
          assert.fail('still waiting after 60 attempts');
        },
      ),
    );
  });
});

describe('numbers and parts of the day', () => {
  const rules = defaultRetryRules;
  const untried = { attempts: 1, phonePosition: 0, tries: { outcomes: {}, dead: [] } };
  const nobody = { outcome: 'no-answer', disposition: null, callbackAt: null, agentId: null } as const;

  it('dials the same number, the next one, or the next at once until each was dialled, as the campaign says', () => {
    const after = (phone: 'same' | 'next' | 'next-now', phonePosition = 0) => {
      const own = { ...rules, 'no-answer': { ...rules['no-answer'], phone, delayMinutes: 60 } };
      const campaign = { maxAttempts: 9, rules: own };
      const { nextAt, ...rest } = afterAttempt({ ...untried, phonePosition }, phones, campaign, { ...nobody, at: 0 }); // prettier-ignore
      return [rest.phonePosition, nextAt / 60_000];
    };
    assert.deepEqual(after('same'), [0, 60]);
    assert.deepEqual(after('next'), [1, 60]);
    assert.deepEqual(after('next-now'), [1, 0]);
    assert.deepEqual(after('next-now', 2), [0, 60], 'the round is over');
  });

  it('never keeps a number that does not exist, whatever the campaign says', () => {
    const own = { ...rules, unallocated: { ...rules.unallocated, phone: 'same' as const } };
    const end = { ...nobody, outcome: 'unallocated' as const, at: 0 };
    assert.equal(afterAttempt(untried, phones, { maxAttempts: 9, rules: own }, end).phonePosition, 1);
  });

  it('property: no number is dialled more often than the campaign allows for one, and each is as often before the lead is given up', () => {
    const outcomes = fc.array(fc.constantFrom('no-answer', 'busy', 'machine', 'rejected'), {
      minLength: 40,
      maxLength: 40,
    });
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 1, max: 4 }), (sequence, attemptsPerNumber) => {
        const often = Object.fromEntries(
          attemptOutcomes.map((name) => [name, { ...rules[name], attempts: 50 }]),
        );
        const campaign = { maxAttempts: 50, rules: often as typeof rules, attemptsPerNumber };
        const dialled = new Map<string, number>();
        let lead: { attempts: number; phonePosition: number; tries: Tries } = { ...untried, attempts: 0 };
        for (const outcome of sequence) {
          const e164 = nextPhone(phones, lead.phonePosition, lead.tries)!.e164;
          dialled.set(e164, (dialled.get(e164) ?? 0) + 1);
          const attempts = lead.attempts + 1;
          const after = afterAttempt({ ...lead, attempts }, phones, campaign, { ...nobody, outcome, at: 0 });
          lead = { attempts, phonePosition: after.phonePosition, tries: after.tries };
          if (after.state === 'waiting') continue;
          assert.deepEqual([after.state, after.stateReason], ['exhausted', 'attempts-per-number']);
          break;
        }
        assert.deepEqual([...dialled.values()], phones.map(() => attemptsPerNumber)); // prettier-ignore
      }),
    );
  });

  it('tries another part of the customer’s day, the least tried first, within the campaign’s hours', () => {
    const zone = 'America/New_York';
    const at = (text: string) => DateTime.fromISO(text, { zone }).toMillis();
    const dayParts = [['09:00', '12:00'], ['12:00', '17:00'], ['17:00', '20:00']] as const; // prettier-ignore
    // Saturday opens at 10:00 and closes at 18:00, Sunday is closed.
    const campaign = { maxAttempts: 9, rules, dayParts, hours: defaultHours };
    let lead = { ...untried, tries: untried.tries as Tries, lastAttemptAt: at('2026-03-04T09:30') };
    const next: string[] = [];
    for (let n = 0; n < 5; n++) {
      const after = afterAttempt(lead, phones, { ...campaign, rules: { ...rules, 'no-answer': { ...rules['no-answer'], attempts: 9 } } }, { ...nobody, at: lead.lastAttemptAt, zone }); // prettier-ignore
      next.push(DateTime.fromMillis(after.nextAt, { zone }).toFormat('ccc HH:mm'));
      lead = { ...lead, tries: after.tries, lastAttemptAt: after.nextAt };
    }
    assert.deepEqual(next, ['Wed 12:30', 'Wed 17:00', 'Thu 09:00', 'Thu 12:00', 'Thu 17:00']);
    assert.deepEqual(lead.tries.parts, { '09:00-12:00': 2, '12:00-17:00': 2, '17:00-20:00': 1 });
    const friday = { ...untried, lastAttemptAt: at('2026-03-06T18:00') };
    const weekend = afterAttempt(friday, phones, campaign, { ...nobody, at: friday.lastAttemptAt, zone });
    assert.equal(weekend.nextAt, at('2026-03-07T10:00'));
    const unknown = afterAttempt(friday, phones, campaign, { ...nobody, at: friday.lastAttemptAt });
    assert.equal(unknown.nextAt, friday.lastAttemptAt + 180 * 60_000, 'without a zone the delay alone');
  });
});
