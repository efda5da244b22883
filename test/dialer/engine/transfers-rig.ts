import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'mocha';
import type { Gate } from '../../../campaigns/compliance/index.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { TelephonyError, type Telephony } from '../../../dialer/telephony/index.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';
import { whenAgent } from '../../support/one-agent.ts';

export const person = '+14155550101';
// See dialer/telephony/customers.ts: who answers, is busy, rings for ever, hangs up after three seconds.
export const outside = '+14155559901';
export const busyOutside = '+14155559905';
export const silentOutside = '+14155559904';
export const brieflyOutside = '+14155559903';

/** For each test Ann, who talks with a customer, and Bob, who is free. */
export function transfersRig() {
  const t = {} as { rig: DialerRig; ann: number; bob: number; callId: string };
  const blocked = new Set<string>();
  /** Numbers that come onto a list while they ring, and of which no message tells. */
  const closedMeanwhile = new Set<string>();
  /** How often the database does not say whether a number may still be connected; counted down. */
  const unknown = { times: 0 };
  const asked: string[] = [];
  /** Operations that the switch refuses, by name, counted down. */
  const refused = new Map<string, number>();
  /** Operations that the switch does, and whose answer is lost, likewise. */
  const unanswered = new Map<string, number>();
  /** What happens before the switch gets its next operation of that name. */
  const meanwhile = new Map<string, () => Promise<unknown>>();
  /** Whether a leg hears music, by what the switch was asked for last and has done. */
  const music = new Map<string, boolean>();
  const gate: Gate = {
    async mayCall(request) {
      asked.push(request.path);
      const verdict = await openGate.mayCall(request);
      if (!blocked.has(request.e164)) return verdict;
      return { ...verdict, allowed: false, decision: 'block', reasonCode: 'DNC_INTERNAL', outlook: 'never' };
    },
    mayCallMany: (requests) => Promise.all(requests.map((request) => openGate.mayCall(request))),
    mayConnect: async ({ e164 }) => {
      if (unknown.times > 0 && e164 !== person) return (unknown.times--, 'unknown');
      return closedMeanwhile.has(e164) ? 'no' : 'yes';
    },
  };
  const faulty = (made: Telephony): Telephony =>
    new Proxy(made, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        const plain = value as (...given: unknown[]) => unknown;
        const work = async (...given: unknown[]) => {
          const done = await plain.apply(target, given);
          if (key === 'hold') music.set(given[0] as string, given[1] as boolean);
          return done;
        };
        if (key === 'on') return plain.bind(target);
        return (...args: unknown[]) => {
          const first = meanwhile.get(String(key));
          if (first) {
            meanwhile.delete(String(key));
            return first().then(() => work(...args));
          }
          const lost = unanswered.get(String(key)) ?? 0;
          if (lost > 0) {
            unanswered.set(String(key), lost - 1);
            return work(...args).then(() => {
              throw new TelephonyError('unavailable', `no answer to ${String(key)}`);
            });
          }
          const left = refused.get(String(key)) ?? 0;
          if (left > 0) {
            refused.set(String(key), left - 1);
            return Promise.reject(new TelephonyError('refused', `no ${String(key)}`));
          }
          return work(...args);
        };
      },
    });

  const start = async (legMode?: 'per-call') => {
    t.rig = await dialerRig({ dialer: { gate }, telephony: faulty });
    t.ann = await t.rig.agent('ann');
    t.bob = await t.rig.agent('bob', legMode);
    const trunkIds = [await t.rig.trunk('First')];
    await t.rig.campaign({ numbers: [person], trunkIds, agentIds: [t.ann, t.bob], wrapupLimitMs: 90_000 });
    await t.rig.dialer.start();
    await t.rig.until('switch is up', () => t.rig.dialer.status().switch === 'up');
    await t.rig.ready(t.ann);
    t.callId = (await on(t.ann, 'on-call')).call!.id;
    await t.rig.until('it is recorded', () => t.rig.sim.stats().recordingsNow === 1);
    if (legMode) await t.rig.ask('agent.sign-in', { userId: t.bob });
    if (legMode) await t.rig.ask('agent.ready', { userId: t.bob });
    else await t.rig.ready(t.bob);
  };
  beforeEach(() => {
    unknown.times = 0;
    for (const memory of [blocked, closedMeanwhile, refused, unanswered, meanwhile, music]) memory.clear();
    asked.length = 0;
  });
  afterEach(() => t.rig.close());

  const when = (userId: number, what: string, is: (snapshot: AgentSnapshot) => boolean, ms?: number) =>
    whenAgent(t.rig, userId, what, is, ms);
  const on = (userId: number, state: AgentSnapshot['state'], ms?: number) =>
    when(userId, state, (snapshot) => snapshot.state === state, ms);
  const row = async (id = t.callId) => t.rig.app.db.knex('calls').where({ id }).first();
  const sides = () => t.rig.app.db.knex('calls').where({ parent_id: t.callId }).orderBy('created_at');
  const channel = (prefix: string) => t.rig.channelOf(prefix);
  /** The channels that share a bridge with the customer, without the customer. */
  const withCustomer = async () => {
    const id = `rw-call-${t.callId}-1`;
    const bridge = (await t.rig.bridges()).find(({ channelIds }) => channelIds.includes(id));
    return bridge ? bridge.channelIds.filter((each) => each !== id).map((each) => each.replace(/-[0-9a-f]{10}$/, '')) : null; // prettier-ignore
  };
  const dispose = async (userId: number, code = 'refused') =>
    t.rig.ask('agent.dispose', {
      ...{
        userId,
        callId: t.callId,
        dispositionId: await t.rig.disposition(code),
        note: '',
        next: 'ready' as const,
      },
    });
  const consult = (to: { userId: number } | { e164: string }) =>
    t.rig.ask('agent.consult', { userId: t.ann, callId: t.callId, to });
  const talksOutside = () => when(t.ann, 'they talk', ({ call }) => call?.consult?.state === 'connected');
  const restart = async () => {
    await t.rig.dialer.settled();
    await t.rig.dialer.close();
    // All but the two agents' own legs.
    const lines = t.rig.sim.stats().channelsNow - 2;
    const next = await t.rig.restart();
    await t.rig.until('it has found its lines', () => next.status().trunks[0]?.channelsInUse === lines);
    await t.rig.pass(500);
    return next;
  };
  /** Everything has ended, once: nothing hangs, nobody is in a call. */
  const allOver = async () => {
    await t.rig.until('all calls are over', async () => (await t.rig.calls()).every(({ state }) => state === 'ended'), 300_000); // prettier-ignore
    await t.rig.pass(500);
    assert.equal(
      t.rig.sim.stats().channelsNow,
      (await channels()).filter((name) => name.includes('agent-')).length,
    );
    const ends = await t.rig.app.db.knex('call_events').where({ event: 'end' });
    const calls = await t.rig.calls();
    assert.deepEqual(ends.map(({ call_id }) => call_id).sort(), calls.map(({ id }) => id).sort());
    assert.ok(calls.every(({ outcome }) => outcome !== null));
  };
  const channels = async () =>
    (await t.rig.bridges()).flatMap(({ channelIds }) => channelIds.map((id) => (id.includes('rw-agent') ? 'agent-' : id))); // prettier-ignore

  const allSidesOver = () =>
    t.rig.until('nobody is asked', async () => (await sides()).every(({ state }: { state: string }) => state === 'ended')); // prettier-ignore
  return Object.assign(t, {
    start,
    when,
    on,
    row,
    sides,
    channel,
    withCustomer,
    dispose,
    consult,
    talksOutside,
    restart,
    allOver,
    channels,
    allSidesOver,
    blocked,
    closedMeanwhile,
    unknown,
    asked,
    refused,
    unanswered,
    meanwhile,
    music,
  });
}
