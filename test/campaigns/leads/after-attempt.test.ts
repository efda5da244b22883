import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { afterAttempt } from '../../../campaigns/leads/after-attempt.ts';
import { leadTransitions } from '../../../campaigns/leads/lead.ts';
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

  it('takes the number that was dialled for dead, which an agent may have chosen', () => {
    const lead = { attempts: 1, phonePosition: 0, tries: { outcomes: {}, dead: [] } };
    const end = { outcome: 'unallocated', e164: phones[2], disposition: null, callbackAt: null } as const;
    const campaign = { maxAttempts: 5, rules: defaultRetryRules };
    const after = afterAttempt(lead, phones, campaign, { ...end, agentId: null, at: 1 });
    assert.deepEqual(after.tries.dead, [phones[2]]);
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
