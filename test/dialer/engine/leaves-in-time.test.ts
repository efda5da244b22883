import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createGate, type Gate } from '../../../campaigns/compliance/index.ts';
import { createConsentStore } from '../../../campaigns/compliance/consents/consent-store.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import type { RuleSetForm } from '../../../campaigns/compliance/rules/rule-set.ts';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { dialerRig } from '../../support/dialer-rig.ts';

const allDay = [['00:00', '24:00']];
const everyDay = (windows: unknown) =>
  Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, windows])) as never;
const openLaw = { windows: everyDay(allDay), source: 'test', confidence: 'policy' } as RuleSetForm;

/** What the clock ends: as campaign hours, rules, and an instant. Madrid is at UTC+1. */
const ends = {
  'hours of the campaign': {
    at: Date.parse('2026-11-24T19:07:00Z'),
    hours: everyDay([['00:00', '20:07']]),
    law: openLaw,
  },
  'the day before a holiday': {
    at: Date.parse('2026-11-24T23:00:00Z'),
    law: { ...openLaw, holidays: ['2026-11-25'] },
  },
  'the day before a duty of consent': {
    at: Date.parse('2026-11-24T23:00:00Z'),
    law: { ...openLaw, consent_required_from: '2026-11-25', consent_ok: ['opt_in'] },
  },
  'a consent': {
    at: Date.parse('2026-11-24T11:34:56.789Z'),
    law: { ...openLaw, consent_required_from: '2020-01-01', consent_ok: ['opt_in'] },
    consent: true,
  },
  'a version of the rules': {
    at: Date.parse('2026-11-24T11:34:56.789Z'),
    law: openLaw,
    later: { ...openLaw, windows: everyDay([]) },
  },
} as const satisfies Record<
  string,
  { at: number; hours?: unknown; law: RuleSetForm; later?: RuleSetForm; consent?: true }
>;
type End = keyof typeof ends;

interface Run {
  readonly end: End;
  readonly byHand: boolean;
  /** So long before the end the agent is ready, or dials. */
  readonly beforeMs: number;
  /** So late comes what the gate has decided in the moment of dialling. */
  readonly gateMs: number;
}

describe('a call that is prepared just before the clock ends what allows it', function () {
  this.timeout(600_000);

  /** The calls that left, each with how long before the end. */
  async function play({ end, byHand, beforeMs, gateMs }: Run): Promise<number[]> {
    const plan: { at: number; hours?: never; law: RuleSetForm; later?: RuleSetForm; consent?: true } =
      ends[end];
    const app = await testApp({ clock: new ManualClock(plan.at - 20_000) });
    const { clock } = app;
    const real = createGate(app);
    const late = async <T>(verdicts: Promise<T>, stage: string | undefined): Promise<T> => {
      const answer = await verdicts;
      if (stage === 'dial' && gateMs > 0) await new Promise<void>((done) => void clock.after(gateMs, done));
      return answer;
    };
    const gate: Gate = {
      ...real,
      mayCall: (request) => late(real.mayCall(request), request.stage),
      mayCallMany: (requests) => late(real.mayCallMany(requests), requests[0]?.stage),
    };
    const left: { endpoint: string; at: number }[] = [];
    const rig = await dialerRig({
      app,
      dialer: { gate },
      telephony: (made) =>
        new Proxy(made, {
          get(target, name) {
            if (name === 'originate')
              return (call: { endpoint: string; channelId: string }) => {
                if (call.channelId.startsWith('rw-call-'))
                  left.push({ endpoint: call.endpoint, at: clock.now() });
                return target.originate(call as never);
              };
            const value: unknown = Reflect.get(target, name);
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          },
        }),
    });
    try {
      await lawOf(app, plan.law, plan.later && { form: plan.later, at: plan.at });
      const userId = await rig.agent('ann');
      const numbers = Array.from({ length: 4 }, (_, n) => `+3490000010${n}`);
      const campaignId = await rig.campaign({
        ...{
          numbers: byHand ? [] : numbers,
          mode: 'progressive',
          ruleSet: 'test.law',
          zone: 'Europe/Madrid',
        },
        ...{
          trunkIds: [await rig.trunk('First')],
          agentIds: [userId],
          hours: plan.hours ?? everyDay(allDay),
        },
      });
      if (plan.consent)
        for (const e164 of numbers)
          await createConsentStore(app).add(
            { ...{ customerId: null, e164, kind: 'opt_in', source: 'web', proof: 'form' }, givenAt: clock.now() - 60_000, expiresAt: plan.at }, // prettier-ignore
            { userId: null, at: clock.now() - 60_000 },
          );
      await rig.dialer.start();
      await rig.signIn(userId);
      assert.ok(clock.now() < plan.at - beforeMs, 'signed in in time');
      await rig.pass(plan.at - beforeMs - clock.now() - 50);
      clock.advance(plan.at - beforeMs - clock.now());
      await rig.ask('agent.ready', { userId });
      if (byHand) void rig.ask('agent.dial', { userId, campaignId, e164: numbers[0]! }).catch(() => {});
      await rig.pass(beforeMs + gateMs + 4_000);
      const calls = await rig.calls();
      for (const { endpoint, at } of left) {
        const call = calls.find(({ e164 }) => endpoint.includes(e164))!;
        const then = createGate({ ...app, clock: new ManualClock(at) }, { dry: true });
        const again = await then.mayCall({
          ...{ e164: call.e164, stage: 'dial', path: byHand ? 'manual' : 'progressive' },
          ...{ campaignId, callId: call.id },
        });
        assert.equal(again.reasonCode, 'OK', `left ${at - plan.at} ms after the end of ${end}`);
      }
      return left.map(({ at }) => plan.at - at);
    } finally {
      await rig.close();
    }
  }

  async function lawOf(app: TestApp, law: RuleSetForm, later?: { form: RuleSetForm; at: number }) {
    const now = app.clock.now();
    const versions = createRuleVersionStore(app);
    const common = { name: 'test.law', loosens: false, note: 'for the test', by: null, at: now };
    await versions.add({ ...common, form: law, effectiveAt: now - 1 });
    if (later) await versions.add({ ...common, form: later.form, effectiveAt: later.at });
  }

  for (const gateMs of [0, 1_500, 2_800])
    it(`fault: the gate answers ${gateMs} ms late – no call leaves after the end of the hours`, async () => {
      await play({ end: 'hours of the campaign', byHand: false, beforeMs: 1_085, gateMs });
    });

  it('leaves where there is time', async () => {
    const [left] = await play({ end: 'hours of the campaign', byHand: true, beforeMs: 3_000, gateMs: 0 });
    assert.ok(left! > 0, `${left} ms before the end`);
  });

  it('whatever ends, however late the gate answers, leaves only while a fresh decision allows it', async () => {
    let leftInTime = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          end: fc.constantFrom(...(Object.keys(ends) as End[])),
          byHand: fc.boolean(),
          beforeMs: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 4_500 })),
          gateMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4_000 })),
        }),
        async (run) => {
          leftInTime += (await play(run)).length;
        },
      ),
      { numRuns: 12 },
    );
    assert.ok(leftInTime > 1, `only ${leftInTime} calls left: the property says little`);
  });
});
