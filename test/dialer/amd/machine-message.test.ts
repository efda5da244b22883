import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, type Context } from 'mocha';
import { defaultAmdSettings } from '../../../campaigns/index.ts';
import type { Gate, GateRequest } from '../../../campaigns/compliance/index.ts';
import { ordinaryCustomer, type CustomerBehaviour } from '../../../dialer/telephony/customers.ts';
import type { Telephony } from '../../../dialer/telephony/telephony.ts';
import { testEngines } from '../../campaigns/engines.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent } from '../../support/one-agent.ts';

const quick: CustomerBehaviour = { ...ordinaryCustomer, ringMs: 200 };
const machine = '+14155550102';
const whoIsThere: Record<string, CustomerBehaviour> = {
  [machine]: { ...quick, kind: 'machine', voice: 'machine', talkMs: 60_000 },
};
/** A person, and detection hears a machine. They wait for an answer, as people do. */
const misheard: CustomerBehaviour = { ...quick, heardAs: 'machine' };
/** A person who is slow to speak. */
const slow: CustomerBehaviour = { ...quick, heardAs: 'silence' };
/** Its line is cut while the message plays. */
const short: CustomerBehaviour = { ...quick, kind: 'machine', voice: 'machine', talkMs: 7_500 };
const words = 'Please call us back.';

for (const [engine, open] of testEngines)
  describe(`the message to machines (${engine})`, function () {
    this.timeout(60_000);
    let rig: DialerRig;
    let asked: GateRequest[];
    let played: { media: string; at: number }[];
    let mayLeave: boolean;
    let customer: CustomerBehaviour;
    let isMute: boolean;

    const gate: Gate = {
      ...openGate,
      async mayCall(request) {
        const verdict = await openGate.mayCall(request);
        if (request.path !== 'greeting') return verdict;
        asked.push(request);
        return mayLeave
          ? verdict
          : { ...verdict, allowed: false, decision: 'block', reasonCode: 'CONSENT_MISSING' };
      },
    };

    beforeEach(async function () {
      asked = [];
      played = [];
      mayLeave = true;
      isMute = false;
      customer = whoIsThere[machine]!;
      const app = await open(this as unknown as Context);
      const telephony = (made: Telephony): Telephony =>
        new Proxy(made, {
          get(target, name) {
            if (name === 'play')
              return (...args: Parameters<Telephony['play']>) => {
                played.push({ media: args[1], at: app.clock.now() });
                return target.play(...args);
              };
            const value: unknown = Reflect.get(target, name);
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          },
        });
      const speech = {
        speak: () => (isMute ? Promise.reject(new Error('no voice')) : Promise.resolve(Buffer.from('RIFF'))),
      };
      rig = await dialerRig({
        app,
        telephony,
        simulator: { behaviour: () => customer },
        dialer: { gate, speech },
      });
    });
    afterEach(() => rig?.close());

    const call = async (given: Record<string, unknown> = {}) => {
      const { userId, campaignId } = await startOneAgent(rig, [machine], {
        ...{ amd: true, amdSettings: { ...defaultAmdSettings, checkShare: 0 } },
        ...{ machineMessage: { words: { en: words } }, ...given },
      });
      await rig.ready(userId);
      return campaignId;
    };
    const ended = () =>
      rig.until('the call is over', async () => {
        const [row] = await rig.calls();
        return row?.state === 'ended' ? row : null;
      });
    const kept = async () => {
      await rig.dialer.settled();
      return rig.app.db.knex('amd_verdicts').first('verdict', 'message', 'is_check');
    };

    it('is left after the greeting, with the leave of the gate for a recorded message', async () => {
      const campaignId = await call();
      const row = await ended();
      assert.deepEqual([row.outcome, row.ended_by], ['machine', 'system']);
      assert.deepEqual(await kept(), { verdict: 'machine', message: 'left', is_check: 0 });
      const [request] = asked;
      assert.deepEqual(
        [asked.length, request!.path, request!.stage, request!.e164, request!.campaignId, request!.callId],
        [1, 'greeting', 'connect', machine, campaignId, row.id],
      );
      assert.equal(played.length, 1);
      assert.match(played[0]!.media, /^sound:.*\/prompts\/[0-9a-f]{64}\.wav$/);
      const events: { event: string; at: number; to_state: string }[] = await rig.app.db
        .knex('call_events')
        .where({ call_id: row.id })
        .orderBy('id');
      const begun = events.find(({ event }) => event === 'message')!;
      assert.equal(begun.to_state, 'messaging');
      // Not into the greeting, and to the end.
      assert.ok(played[0]!.at - begun.at >= 4_000, String(played[0]!.at - begun.at));
      assert.ok(events.at(-1)!.at - played[0]!.at >= 3_000);
    });

    it('is not left where the gate forbids it: the line is let go at once', async () => {
      mayLeave = false;
      await call();
      assert.equal((await ended()).outcome, 'machine');
      assert.equal((await kept()).message, 'refused');
      assert.deepEqual(played, []);
    });

    it('is heard by a person whom detection takes for a machine, who can ask to be called no more', async () => {
      customer = { ...misheard, keys: { afterMs: 6_500, digits: '19' } };
      await call();
      const row = await ended();
      assert.deepEqual([row.outcome, row.ended_by], ['machine', 'customer']);
      assert.equal(played.length, 1);
      assert.equal((await kept()).message, 'cut');
      const [listed] = await rig.app.db.knex('dnc_numbers').select('e164', 'source', 'reason');
      assert.deepEqual(listed, { e164: machine, source: 'customer', reason: 'opt-out' });
      const [lead] = await rig.leads();
      assert.deepEqual([lead!.state, lead!.state_reason], ['blocked', 'opt-out']);
    });

    it('is heard to its end before the key is looked for, and counts as left', async () => {
      customer = { ...misheard, keys: { afterMs: 10_000, digits: '9' } };
      await call();
      assert.equal((await ended()).ended_by, 'customer');
      assert.equal((await kept()).message, 'left');
      assert.equal((await rig.leads())[0]!.state_reason, 'opt-out');
    });

    it('is not for who is slow to speak: nobody has heard a machine there', async () => {
      customer = slow;
      await call();
      assert.equal((await ended()).outcome, 'machine');
      const { verdict, message } = await kept();
      assert.deepEqual([verdict, message], ['machine', null]);
      assert.deepEqual([asked, played], [[], []]);
    });

    it('is not left where nobody falls silent', async () => {
      customer = { ...misheard, talksOn: true };
      await call();
      assert.equal((await ended()).outcome, 'machine');
      assert.equal((await kept()).message, 'no-silence');
      assert.deepEqual(played, []);
    });

    it('fault: the line is cut while it plays', async () => {
      customer = short;
      await call();
      const row = await ended();
      assert.deepEqual([row.outcome, row.ended_by], ['machine', 'customer']);
      assert.equal((await kept()).message, 'cut');
      assert.equal(played.length, 1);
    });

    it('fault: nobody can speak its words', async () => {
      isMute = true;
      await call();
      await ended();
      assert.equal((await kept()).message, 'no-sound');
    });

    it('is nothing without words: machines are hung up on, and the gate is not asked', async () => {
      await call({ machineMessage: { words: {} } });
      await ended();
      assert.equal((await kept()).message, null);
      assert.deepEqual(asked, []);
    });
  });
