import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { after, before, describe, it } from 'mocha';
import { createGate, type Gate, type GateRequest } from '../../../campaigns/compliance/index.ts';
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

type Step =
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'forbid' | 'allow'; readonly who: number; readonly oneCampaign: boolean }
  | { readonly do: 'move'; readonly who: number; readonly to: Place }
  /** Reserve, ask the gate, let `between` happen, ask again, dial. */
  | { readonly do: 'dial'; readonly between: readonly Step[] };

const who = fc.integer({ min: 0, max: 2 });
const small: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), minutes: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 3_000 })) }),
  fc.record({ do: fc.constantFrom('forbid' as const, 'allow' as const, 'allow' as const), who, oneCampaign: fc.constantFrom(false, false, true) }),
  fc.record({ do: fc.constant('move' as const), who, to: fc.constantFrom<Place>('ES', 'ES-CN', 'ES-MD') }),
); // prettier-ignore
const dial: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('dial' as const),
  between: fc.array(small, { maxLength: 2 }),
});
const schedule = fc.record({
  start: fc.constantFrom(...starts),
  steps: fc.array(fc.oneof({ weight: 2, arbitrary: small }, { weight: 3, arbitrary: dial }), { minLength: 4, maxLength: 14 }),
}); // prettier-ignore

describe('whatever happens before and between, a dialled attempt', function () {
  this.timeout(120_000);
  let base: TestApp;
  let run = 0;

  before(async () => {
    base = await testApp();
  });
  after(() => base.close());

  it('is one that a second evaluation at its instant lets through, and no entry or hour forbids', async () => {
    let dialled = 0;
    let freed = 0;
    await fc.assert(
      fc.asyncProperty(schedule, async ({ start, steps }) => {
        run += 1;
        const app = { ...base, clock: new ManualClock(start) };
        const gate = createGate(app);
        const second = createGate(app, { dry: true });
        const leads = createLeadStore(app);
        const dnc = createDncStore(app);
        const campaignId = await makeCampaign(app, { mode: 'progressive', hours: everyDay, maxAttempts: 50, ruleSet: 'intl.policy' }); // prettier-ignore
        const numbers = [0, 1, 2].map((n) => `+346${String(run * 3 + n).padStart(8, '0')}`);
        const ids = await addLeads(app, campaignId, numbers.map((e164) => ({ phones: [e164] }))); // prettier-ignore
        const customers = await app.db.knex('leads').whereIn('id', ids).orderBy('id').pluck('customer_id');
        const home: Place[] = ['ES', 'ES', 'ES'];
        const forbidden = new Map<string, Set<number>>();
        await app.db.knex('customers').whereIn('id', customers).update({ address_region: 'ES' });

        const happen = async (step: Step): Promise<void> => {
          const now = app.clock.now();
          if (step.do === 'wait') app.clock.advance(step.minutes * minuteMs);
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
          const aside = async (verdict: Awaited<ReturnType<Gate['mayCall']>>): Promise<void> => {
            const now = app.clock.now();
            if (verdict.nextAllowedAt !== null)
              await leads.defer(lead.id, 'prop', verdict.nextAllowedAt, verdict.reasonCode, now);
            else if (verdict.outlook === 'never') await leads.block(lead.id, 'prop', verdict.reasonCode, now);
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
          const scopes = forbidden.get(lead.e164) ?? new Set();
          assert.ok(!scopes.has(0) && !scopes.has(campaignId), 'on the DNC list');
          for (const zone of places[home[ids.indexOf(lead.id)]!]) {
            const { hour } = DateTime.fromMillis(at, { zone });
            assert.ok(hour >= opens && hour < closes, `${hour} o’clock in ${zone}`);
          }
          await leads.finishAttempt(lead.id, { outcome: 'busy', at });
        };
        for (const step of steps) await happen(step);
      }),
      { numRuns: 60 },
    );
    assert.ok(dialled > 30, `only ${dialled} attempts were dialled: the property says little`);
    assert.ok(freed > 0, `only ${freed} entries were taken off`);
  });
});
