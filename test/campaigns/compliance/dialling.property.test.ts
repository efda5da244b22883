import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { after, before, describe, it } from 'mocha';
import { createGate, type Gate, type GateRequest } from '../../../campaigns/compliance/index.ts';
import { createConsentStore } from '../../../campaigns/compliance/consents/consent-store.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { createLeadStore } from '../../../campaigns/index.ts';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const minuteMs = 60_000;
const opens = 9;
const closes = 20;
const everyDay = Object.fromEntries(
  ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [['09:00', '20:00']]]),
) as never;

/** Regions a customer may move to, with the zone they then live in; all of them with a mobile of Spain. */
const places = {
  ES: ['Atlantic/Canary', 'Europe/Madrid'],
  'ES-CN': ['Atlantic/Canary'],
  'ES-MD': ['Europe/Madrid'],
};
type Place = keyof typeof places;

/** Where clocks change, days turn, and a leap day comes. */
const starts = [
  '2026-10-24T20:00:00Z',
  '2027-03-27T20:00:00Z',
  '2028-02-28T20:00:00Z',
  '2026-12-31T20:00:00Z',
  '2026-11-23T15:00:00Z',
].map((text) => Date.parse(text));

/** In the days that follow the starts. */
const holidays = ['2026-10-26', '2028-02-29', '2026-11-24'];
const aDay = 1;
/** A law that knows all that time changes: hours, holidays, a count for each day, consents that end. */
const law = {
  ...{ windows: everyDay, holidays, freq: [{ type: 'calendar_day' as const, max: aDay }] },
  ...{ consent_required_from: '2020-01-01', consent_ok: ['opt_in'] },
  ...{ source: 'of the test', confidence: 'policy' },
};

interface Given {
  readonly id: number;
  readonly until: number | null;
  takenBack: boolean;
}

type Step =
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'forbid' | 'allow'; readonly who: number; readonly oneCampaign: boolean }
  | { readonly do: 'consent'; readonly who: number; readonly forMinutes: number | null }
  | { readonly do: 'take back'; readonly who: number }
  | { readonly do: 'move'; readonly who: number; readonly to: Place }
  /** Reserve, ask the gate, let `between` happen, ask again, dial. */
  | { readonly do: 'dial'; readonly between: readonly Step[] };

const who = fc.integer({ min: 0, max: 2 });
const small: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), minutes: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 3_000 })) }),
  fc.record({ do: fc.constantFrom('forbid' as const, 'allow' as const, 'allow' as const), who, oneCampaign: fc.constantFrom(false, false, true) }),
  fc.record({ do: fc.constant('move' as const), who, to: fc.constantFrom<Place>('ES', 'ES-CN', 'ES-MD') }),
); // prettier-ignore
const ledger: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('consent' as const), who, forMinutes: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 3_000 })) }),
  fc.record({ do: fc.constant('take back' as const), who }),
); // prettier-ignore
const dial: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('dial' as const),
  between: fc.array(fc.oneof({ weight: 3, arbitrary: small }, { weight: 1, arbitrary: ledger }), {
    maxLength: 2,
  }),
});
const schedule = fc.record({
  start: fc.constantFrom(...starts),
  steps: fc.array(fc.oneof({ weight: 3, arbitrary: small }, { weight: 1, arbitrary: ledger }, { weight: 5, arbitrary: dial }), { minLength: 6, maxLength: 20 }),
}); // prettier-ignore

describe('whatever happens before and between, a dialled attempt', function () {
  this.timeout(120_000);
  let base: TestApp;
  let run = 0;

  before(async () => {
    base = await testApp();
    const version = { name: 'prop.law', form: law, loosens: false, effectiveAt: 0, note: 'for the test' };
    await createRuleVersionStore(base).add({ ...version, by: null, at: 0 });
  });
  after(() => base.close());

  it('is one that a second evaluation at its instant lets through, and no entry or hour forbids', async () => {
    let dialled = 0;
    let freed = 0;
    const met = { ended: 0, holiday: 0, counted: 0 };
    await fc.assert(
      fc.asyncProperty(schedule, async ({ start, steps }) => {
        run += 1;
        const app = { ...base, clock: new ManualClock(start) };
        const gate = createGate(app);
        const second = createGate(app, { dry: true });
        const leads = createLeadStore(app);
        const dnc = createDncStore(app);
        const campaignId = await makeCampaign(app, { mode: 'progressive', hours: everyDay, maxAttempts: 50, ruleSet: 'prop.law' }); // prettier-ignore
        const numbers = [0, 1, 2].map((n) => `+346${String(run * 3 + n).padStart(8, '0')}`);
        const ids = await addLeads(app, campaignId, numbers.map((e164) => ({ phones: [e164] }))); // prettier-ignore
        const customers = await app.db.knex('leads').whereIn('id', ids).orderBy('id').pluck('customer_id');
        const home: Place[] = ['ES', 'ES', 'ES'];
        const forbidden = new Map<string, Set<number>>();
        await app.db.knex('customers').whereIn('id', customers).update({ address_region: 'ES' });

        const consents = createConsentStore(app);
        const given = new Map<string, Given[]>();
        const dialledAt = new Map<string, number[]>();
        const consent = async (whose: number, forMinutes: number | null): Promise<void> => {
          // Of a word of the same instant nobody can say whether it came before or after.
          app.clock.advance(1);
          const now = app.clock.now();
          const until = forMinutes === null ? null : now + forMinutes * minuteMs;
          const line = { customerId: customers[whose] as number, e164: null, kind: 'opt_in', source: 'web', proof: `form ${now}`, givenAt: now, expiresAt: until } as const; // prettier-ignore
          const id = await consents.add(line, { userId: 1, at: now });
          assert.ok(id);
          given.set(numbers[whose]!, [
            ...(given.get(numbers[whose]!) ?? []),
            { id, until, takenBack: false },
          ]);
        };
        for (const whose of [0, 1, 2]) await consent(whose, whose === 0 ? 2_000 : null);

        const happen = async (step: Step): Promise<void> => {
          const now = app.clock.now();
          if (step.do === 'wait') app.clock.advance(step.minutes * minuteMs);
          if (step.do === 'consent') await consent(step.who, step.forMinutes);
          if (step.do === 'take back') {
            app.clock.advance(1);
            for (const line of given.get(numbers[step.who]!) ?? []) {
              if (line.takenBack) continue;
              await consents.revoke(line.id, { reason: 'by schedule', userId: 1, at: app.clock.now() });
              line.takenBack = true;
            }
          }
          if (step.do === 'move') {
            home[step.who] = step.to;
            await app.db
              .knex('customers')
              .where({ id: customers[step.who] })
              .update({ address_region: step.to });
          }
          if (step.do === 'forbid' || step.do === 'allow') {
            const e164 = numbers[step.who]!;
            const scope = step.oneCampaign ? campaignId : null;
            const entry = {
              e164,
              campaignId: scope,
              reason: 'by schedule',
              source: 'page' as const,
              by: 1,
              at: now,
            };
            const scopes = forbidden.get(e164) ?? new Set<number>();
            forbidden.set(e164, scopes);
            if (step.do === 'forbid') {
              await dnc.add(entry);
              scopes.add(scope ?? 0);
            } else if (await dnc.remove(entry)) {
              scopes.delete(scope ?? 0);
              const lead = await leads.get(ids[step.who]!);
              assert.ok(
                lead?.state !== 'blocked' || lead.stateReason !== 'DNC_INTERNAL',
                'given up for an entry that is gone',
              );
              freed += 1;
            }
          }
          if (step.do === 'dial') await dialOnce(step.between);
        };

        const dialOnce = async (between: readonly Step[]): Promise<void> => {
          const [lead] = await leads.reserve({ campaignId, count: 1, by: 'prop', now: app.clock.now() });
          if (!lead) return;
          const ask = (stage: 'reserve' | 'dial', callId?: string): GateRequest => ({
            ...{
              e164: lead.e164,
              stage,
              path: 'progressive',
              campaignId,
              leadId: lead.id,
              customerId: lead.customerId,
            },
            callId,
          });
          const counts = (reason: string): void => {
            if (reason === 'CONSENT_MISSING' || reason === 'CONSENT_REVOKED') met.ended += 1;
            if (reason === 'HOLIDAY_PROHIBITED') met.holiday += 1;
            if (reason === 'FREQ_CAP_DAY') met.counted += 1;
          };
          const aside = async (verdict: Awaited<ReturnType<Gate['mayCall']>>): Promise<void> => {
            const now = app.clock.now();
            counts(verdict.reasonCode);
            if (verdict.nextAllowedAt !== null)
              await leads.defer(lead.id, 'prop', verdict.nextAllowedAt, verdict.reasonCode, now);
            // What comes into the ledger later brings a lead back.
            else if (verdict.outlook === 'never' && !verdict.reasonCode.startsWith('CONSENT'))
              await leads.block(lead.id, 'prop', verdict.reasonCode, now);
            else await leads.release([lead.id], 'prop');
          };
          const first = await gate.mayCall(ask('reserve'));
          if (!first.allowed) return aside(first);
          for (const step of between) await happen(step);
          const callId = `prop-${run}-${dialled}`;
          const verdict = await gate.mayCall(ask('dial', callId));
          if (!verdict.allowed) return aside(verdict);
          const at = app.clock.now();
          assert.ok((await leads.toDialing(lead.id, 'prop', at)).moved);
          await app.db.knex('calls').insert({
            ...{
              id: callId,
              direction: 'out',
              path: 'progressive',
              campaign_id: campaignId,
              lead_id: lead.id,
            },
            ...{
              customer_id: lead.customerId,
              e164: lead.e164,
              state: 'ended',
              created_at: at,
              dialed_at: at,
              ended_at: at,
            },
          });
          dialled += 1;
          const again = await second.mayCall(ask('dial', callId));
          assert.equal(again.reasonCode, 'OK', `dialled at ${new Date(at).toISOString()}`);
          // And told without the gate: the schedule's own memory of entries, and luxon's clocks.
          const held = (given.get(lead.e164) ?? []).some(({ until, takenBack }) => !takenBack && (until === null || until > at)); // prettier-ignore
          assert.ok(held, 'without a consent');
          const before = dialledAt.get(lead.e164) ?? [];
          const scopes = forbidden.get(lead.e164) ?? new Set();
          assert.ok(!scopes.has(0) && !scopes.has(campaignId), 'on the DNC list');
          for (const zone of places[home[ids.indexOf(lead.id)]!]) {
            const there = DateTime.fromMillis(at, { zone });
            assert.ok(there.hour >= opens && there.hour < closes, `${there.hour} o’clock in ${zone}`);
            assert.ok(!holidays.includes(there.toISODate()!), `a holiday in ${zone}`);
            const sameDay = before.filter((then) =>
              DateTime.fromMillis(then, { zone }).hasSame(there, 'day'),
            );
            assert.ok(sameDay.length < aDay, `${sameDay.length} attempts that day in ${zone}`);
          }
          dialledAt.set(lead.e164, [...before, at]);
          await leads.finishAttempt(lead.id, { outcome: 'busy', at });
        };
        for (const step of steps) await happen(step);
      }),
      { numRuns: 150 },
    );
    assert.ok(dialled > 50, `only ${dialled} attempts were dialled: the property says little`);
    for (const [ground, times] of Object.entries(met)) assert.ok(times > 0, `nothing was ${ground}`);
    assert.ok(freed > 0, `only ${freed} entries were taken off`);
  });
});
