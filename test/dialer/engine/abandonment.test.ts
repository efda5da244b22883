import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createAbandonmentCounter } from '../../../campaigns/compliance/abandonment-counter.ts';
import type { MayConnect } from '../../../campaigns/compliance/index.ts';
import { createRuleBook } from '../../../campaigns/compliance/rulebook/rule-book.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import { createPacingHistoryStore } from '../../../dialer/calls/pacing-history-store.ts';
import { pacerWithHistory } from '../../../dialer/engine/pacing-history.ts';
import { createPacer, type Pacer, type PacingSettings } from '../../../dialer/pacing/index.ts';
import { figuresOf } from '../../../reports/rollups/rollup.ts';
import { RollupStore } from '../../../reports/rollups/rollup-store.ts';
import type { Telephony } from '../../../dialer/telephony/index.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';

const person = '+14155550101';
const hangsUpAtOnce = '+14155550109';
const dayMs = 86_400_000;

describe('a live answer and its grace', () => {
  let rig: DialerRig;
  let userId: number;
  let campaignId: number;
  let made: { settings: PacingSettings; pacer: Pacer } | null;
  let answer: MayConnect;
  let late: boolean;
  /** Messages that the switch was asked to play: what, and under which id. */
  let plays: { media: string; id: string }[];
  /** The end of the first message is told to nobody. */
  let isEndLost: boolean;
  const noted = (made: Telephony): Telephony =>
    new Proxy(made, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (key === 'on')
          return (listener: Parameters<Telephony['on']>[0]) =>
            target.on((event) => {
              const isFirst = event.type === 'playback-finished' && event.playbackId === plays[0]?.id;
              if (!(isEndLost && isFirst)) listener(event);
            });
        if (key === 'play')
          return (on: Parameters<Telephony['play']>[0], media: string, id: string) => {
            plays.push({ media, id });
            return target.play(on, media, id);
          };
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });

  beforeEach(async () => {
    made = null;
    answer = 'yes';
    [late, isEndLost, plays] = [false, false, []];
    rig = await dialerRig({
      telephony: noted,
      dialer: {
        gate: {
          ...openGate,
          async mayConnect(_request, slow) {
            if (late) slow?.();
            return answer;
          },
        },
        pacerFactory: (settings, past) => (made = { settings, pacer: createPacer(settings, past) }).pacer,
      },
    });
  });
  afterEach(() => rig.close());

  const start = async (numbers: string[], given: Record<string, unknown> = {}, legMode?: 'per-call') => {
    userId = await rig.agent('ann', legMode);
    const trunkIds = [await rig.trunk('First')];
    campaignId = await rig.campaign({ numbers, trunkIds, agentIds: [userId], ...given });
    await rig.dialer.start();
    await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
    await rig.ask('agent.sign-in', { userId });
    if (!legMode) await rig.signIn(userId);
    await rig.ask('agent.ready', { userId });
  };
  const ended = () =>
    rig.until('it has ended', async () => (await rig.calls())[0]?.state === 'ended', 60_000);
  const events = () =>
    rig.app.db.knex('call_events').orderBy('id').whereNot({ event: 'disposed' }) as Promise<
      { event: string; at: number; data: string | null }[]
    >;

  /** Abandoned and connected as the gate, the reports, the pacer that was there and one that begins anew have them. */
  const everywhere = async () => {
    await rig.dialer.settled();
    const now = rig.app.clock.now();
    const rollups = new RollupStore(rig.app.db);
    while ((await rollups.advance(now)) > 0);
    const reported = figuresOf(await rollups.totals(campaignId, now - dayMs, now + dayMs));
    const store = createPacingHistoryStore(rig.app);
    const { settings, pacer } = made!;
    const past = (await store.answers(campaignId, now - dayMs, now + 1))[0];
    const anew = await pacerWithHistory(
      store,
      { id: campaignId, abandonWindowMs: settings.abandonWindowMs, agentIds: [userId] },
      now,
      (before) => createPacer(settings, before),
    );
    const account = (of: Pacer) => {
      const { answers, abandoned } = of.decide(now).facts;
      return { abandoned, connected: answers - abandoned };
    };
    return {
      gate: await createAbandonmentCounter(rig.app).of(campaignId, dayMs, now),
      reports: { abandoned: reported.abandoned, connected: reported.connected },
      pacer: account(pacer),
      anew: account(anew),
      history: { abandoned: past?.abandoned ?? 0, connected: past?.connected ?? 0 },
    };
  };
  const all = (abandoned: number, connected: number) => {
    const counts = { abandoned, connected };
    return { gate: counts, reports: counts, pacer: counts, anew: counts, history: counts };
  };

  it('fault: the agent’s desk phone is not picked up within the grace – the message plays, the phone stops, the agent is paused', async () => {
    await start([person], {}, 'per-call');
    rig.sim.setPickUp(10_000);
    await rig.until('the phone rings', async () => (await rig.snapshot(userId)).phone === 'ringing', 30_000);
    const paused = await rig.until('the agent is paused', async () => {
      const snapshot = await rig.snapshot(userId);
      return snapshot.state === 'paused' ? snapshot : null;
    });
    assert.deepEqual([paused.phone, paused.call, paused.pauseReason], ['none', null, 'phone-not-answered']);
    await rig.until('the message plays', async () => (await rig.calls())[0]?.state === 'announcing', 1_000);
    await ended();
    assert.equal((await rig.calls())[0]?.outcome, 'abandoned');
    await rig.until('nothing rings on', () => rig.sim.stats().channelsNow === 0);
    assert.deepEqual(await everywhere(), all(1, 0));
    const steps = new Map((await events()).map((step) => [step.event, step]));
    assert.ok(steps.get('announce')!.at - steps.get('answer')!.at <= 2_100);
    assert.deepEqual(JSON.parse(steps.get('announce')!.data!), { reason: 'no-agent' });
  });

  it('aims at the law’s cap where that is below the campaign’s, also once a rule set has been tightened', async () => {
    await start([person], { abandonCap: 0.05, ruleSet: 'us.fed_tm' });
    assert.equal(made?.settings.abandonCap, 0.03);
    const now = rig.app.clock.now();
    const { form } = (await createRuleBook(rig.app).at(now)).get('us.fed_tm')!;
    const tightened = { name: 'us.fed_tm', form: { ...form, abandon_cap: 0.01 }, loosens: false };
    await createRuleVersionStore(rig.app).add({ ...tightened, effectiveAt: now, note: 'n', by: 1, at: now });
    await rig.until('a pacer with the new cap', () => made?.settings.abandonCap === 0.01, 5_000);
  });

  it('counts whom an agent met too late as abandoned in every figure, and they talk', async () => {
    await start([person], { answerGraceMs: 1 });
    await rig.until('they talk', async () => (await rig.snapshot(userId)).state === 'on-call', 30_000);
    assert.deepEqual(await everywhere(), all(1, 0));
    await rig.ask('agent.hangup', { userId, callId: (await rig.calls())[0]!.id });
    assert.deepEqual(await everywhere(), all(1, 0));
    assert.equal((await rig.calls())[0]?.outcome, 'answered');
  });

  it('counts who was met in time as connected in every figure', async () => {
    await start([person]);
    await rig.until('they talk', async () => (await rig.snapshot(userId)).state === 'on-call', 30_000);
    assert.deepEqual(await everywhere(), all(0, 1));
  });

  /** Grace 2 s, then the simulated message of 3 s: the key comes 7 s after the answer. */
  const pressesAfterTheMessage = '+14155550114';
  const optedOut = () => rig.app.db.knex('dnc_numbers').select('e164');

  it('the key that the message names is heard after its last word too, and the call then ends', async () => {
    answer = 'unknown';
    await start([pressesAfterTheMessage], {
      identification: { words: { en: 'Press 9.' }, optOutDigit: '9' },
    });
    await ended();
    await rig.dialer.settled();
    assert.equal((await rig.calls())[0]?.ended_by, 'customer');
    assert.deepEqual(await optedOut(), [{ e164: pressesAfterTheMessage }]);
    await nobodyCallsThem();
  });

  /** On no number: the lead is at its end, and the customer wants no calls. */
  const nobodyCallsThem = async () => {
    const [lead] = await rig.leads();
    assert.deepEqual([lead?.state, lead?.state_reason], ['blocked', 'opt-out']);
    const refusals = await rig.app.db.knex('consents').where({ kind: 'refusal', e164: '' });
    assert.deepEqual(refusals.map(({ customer_id }) => customer_id), [(await rig.app.db.knex('leads').first()).customer_id]); // prettier-ignore
  };

  it('fault: the list refuses the number, then the dialer dies – the next start puts it on the list', async () => {
    answer = 'unknown';
    await rig.app.db.knex.raw(
      `create trigger refuses before insert on dnc_numbers begin select raise(abort, 'refused'); end`,
    );
    await start([pressesAfterTheMessage], {
      identification: { words: { en: 'Press 9.' }, optOutDigit: '9' },
    });
    await ended();
    await rig.dialer.settled();
    const kept = () => rig.app.db.knex('opt_outs').select('e164');
    assert.deepEqual([await optedOut(), await kept()], [[], [{ e164: pressesAfterTheMessage }]]);
    const again = rig.ask('agent.dial', { userId, campaignId, e164: pressesAfterTheMessage });
    const refused = await again.catch(({ reason }: { reason: string }) => reason);
    assert.equal(refused, 'number-in-call', 'nobody calls them while the list does not know it yet');
    await rig.dialer.close();
    await rig.app.db.knex.raw('drop trigger refuses');
    await (await rig.restart()).settled();
    assert.deepEqual([await optedOut(), await kept()], [[{ e164: pressesAfterTheMessage }], []]);
    await nobodyCallsThem();
  });

  it('who presses nothing is not kept for longer than it takes to find the key', async () => {
    answer = 'unknown';
    await start([person], { identification: { words: { en: 'Press 9.' }, optOutDigit: '9' } });
    await rig.until('the message plays', async () => (await rig.calls())[0]?.state === 'announcing', 30_000);
    const from = rig.app.clock.now();
    await ended();
    assert.ok(rig.app.clock.now() - from < 11_000);
    assert.deepEqual(await optedOut(), []);
  });

  it('fault: the campaign’s own words cannot be played – the product’s message names the 9, which is heard whatever the campaign offers', async () => {
    answer = 'unknown';
    await start([pressesAfterTheMessage], { identification: { words: {}, optOutDigit: null } });
    await ended();
    await rig.dialer.settled();
    assert.deepEqual(await optedOut(), [{ e164: pressesAfterTheMessage }]);
  });

  it('fault: the link is cut in the middle of the message, whose end is told to nobody – it is told again, and the call is over', async () => {
    [answer, isEndLost] = ['unknown', true];
    await start([person], { identification: { words: {}, optOutDigit: null } });
    await rig.until('the message plays', () => plays.length === 1, 30_000);
    await rig.pass(500);
    rig.sim.faults.dropSockets();
    await rig.until('it is over', async () => (await rig.calls())[0]?.state === 'ended', 20_000);
    const [first, second] = plays;
    assert.equal(plays.length, 2);
    assert.equal(second?.media, first?.media);
    assert.notEqual(second?.id, first?.id);
    assert.equal((await rig.calls())[0]?.outcome, 'abandoned');
  });

  it('counts who hangs up before an agent was due on neither side', async () => {
    answer = 'unknown';
    await start([hangsUpAtOnce]);
    await ended();
    assert.equal((await rig.calls())[0]?.outcome, 'hung-up');
    assert.deepEqual(await everywhere(), all(0, 0));
    assert.equal((await rig.snapshot(userId)).state, 'ready');
  });

  it('fault: nobody can say whether the call may be connected – the message plays, with the reason', async () => {
    answer = 'unknown';
    await start([person]);
    await ended();
    assert.equal((await rig.calls())[0]?.outcome, 'abandoned');
    assert.equal((await rig.snapshot(userId)).state, 'ready');
    const told = (await events()).find(({ event }) => event === 'announce');
    assert.deepEqual(JSON.parse(told!.data!), { reason: 'facts-unavailable' });
  });

  it('fault: the database is too slow to say whether calls may be connected – one is abandoned, and no more are dialled until it is over', async () => {
    answer = 'unknown';
    await start([person, '+14155551101', '+14155552101', '+14155553101'], { mode: 'progressive' });
    await rig.until('the message plays', async () => (await rig.calls())[0]?.state === 'announcing', 30_000);
    await rig.pass(5_000);
    assert.equal((await rig.calls()).length, 1);
    const { notDialing } = await rig.pacing(campaignId);
    assert.equal(notDialing?.code, 'database-slow');
    assert.ok(notDialing.until! > rig.app.clock.now());
    answer = 'yes';
    await rig.until('dialled again', async () => (await rig.calls()).length > 1, 20_000);
    await rig.until('they talk', async () => (await rig.snapshot(userId)).state === 'on-call', 20_000);
  });

  it('fault: the answer is slow and comes within the grace – they talk, and no more are dialled for a while', async () => {
    late = true;
    await start([person, '+14155551101', '+14155552101'], { mode: 'progressive' });
    await rig.until('they talk', async () => (await rig.snapshot(userId)).state === 'on-call', 30_000);
    assert.equal((await rig.pacing(campaignId)).notDialing?.code, 'database-slow');
    late = false;
    await rig.ask('agent.hangup', { userId, callId: (await rig.calls())[0]!.id });
    assert.deepEqual(await everywhere(), all(0, 1));
  });

  it('fault: for a moment nobody can say whether it may be connected – asked again, they talk in time', async () => {
    answer = 'unknown';
    await start([person]);
    await rig.until('a person waits', async () => (await rig.calls())[0]?.state === 'waiting', 30_000);
    await rig.pass(300);
    answer = 'yes';
    await rig.until('they talk', async () => (await rig.snapshot(userId)).state === 'on-call', 2_000);
    assert.deepEqual(await everywhere(), all(0, 1));
  });

  it('fault: facts are gone in a call dialled by hand – the person hears the message, the agent is free', async () => {
    answer = 'unknown';
    await start([]);
    await rig.ask('agent.dial', { userId, campaignId, e164: person });
    await rig.until('told', async () => (await rig.calls())[0]?.state === 'announcing', 30_000);
    assert.deepEqual(
      [(await rig.snapshot(userId)).state, (await rig.snapshot(userId)).call],
      ['ready', null],
    );
    await ended();
  });
});
