import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { createGate, type Gate } from '../../../campaigns/compliance/index.ts';
import { loadCatalogue } from '../../../campaigns/compliance/rules/catalogue.ts';
import { compileRuleSet } from '../../../campaigns/compliance/rules/rule-set.ts';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { inCallWait } from '../../../dialer/engine/called-elsewhere.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { overlapping, type TimedCall } from '../../support/overlapping.ts';

const slow = '+14155550102';
/** Talks for three seconds and hangs up. */
const short = (n: number) => `+14155560${n}03`;
const numbers = [1, 2, 3, 4, 5, 6].map(short);
const noon = Date.UTC(2026, 10, 23, 20);

describe('one number and one customer', function () {
  this.timeout(120_000);
  let rig: DialerRig;
  let trunkIds: number[];
  afterEach(() => rig.close());

  const begin = async (given: { capped?: boolean } = {}) => {
    const app = await testApp({ clock: new ManualClock(noon) });
    const day = [['08:00', '21:00']];
    const windows = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((name) => [name, day])); // prettier-ignore
    const rules = compileRuleSet('us.fed_tm', {
      ...{ windows, source: 'test', confidence: 'policy', freq: [{ type: 'calendar_day', max: 1 }] },
    });
    const catalogue = loadCatalogue(undefined, new Map([['us.fed_tm', rules]]));
    const real = createGate(app, { catalogue });
    const gate: Gate = {
      ...real,
      async mayCallMany(requests) {
        const verdicts = await real.mayCallMany(requests);
        await new Promise<void>((resolve) => app.clock.after(200, resolve));
        return verdicts;
      },
    };
    rig = await dialerRig({ app, dialer: given.capped ? { gate } : {} });
    trunkIds = [await rig.trunk('First')];
  };
  /** A campaign over the customers of the first one. */
  const overSameCustomers = async (agentIds: number[], mode: 'progressive' | 'preview' = 'progressive') => {
    const customers = await rig.app.db.knex('customers').orderBy('id');
    const id = await rig.campaign({ numbers: [], trunkIds, agentIds, mode });
    const at = rig.app.clock.now();
    for (const customer of customers)
      await rig.app.db.knex('leads').insert({
        ...{ campaign_id: id, customer_id: customer.id, list_id: 0, state: 'new', priority: 5 },
        ...{ created_at: at, updated_at: at },
      });
    return id;
  };
  const calls = (): Promise<TimedCall[]> => rig.app.db.knex('calls').whereNotNull('dialed_at').orderBy('id');
  const setAside = () => rig.app.db.knex('leads').where({ state_reason: 'in-call' });
  const bothReady = async (agents: number[]) => {
    await rig.dialer.start();
    for (const userId of agents) await rig.ready(userId);
  };
  /** Hands in what comes, so that agents are free again. */
  const freeAgents = async (agents: number[]) => {
    const { id: dispositionId } = await rig.app.db
      .knex('dispositions')
      .where({ category: 'refused' })
      .first();
    for (const userId of agents) {
      const { state, call } = await rig.snapshot(userId);
      if (state === 'wrapup' && call)
        await rig.ask('agent.dispose', { ...{ userId, callId: call.id, dispositionId, note: '' }, next: 'ready' }); // prettier-ignore
    }
  };

  it('are in one call at a time, where two campaigns dial the same customers in the same order', async () => {
    await begin();
    const agents = [await rig.agent('ann'), await rig.agent('bob')];
    await rig.campaign({ numbers, trunkIds, agentIds: [agents[0]!] });
    await overSameCustomers([agents[1]!]);
    await bothReady(agents);
    await rig.until('a lead has waited for another call', async () => (await setAside()).length > 0);
    assert.deepEqual(new Set((await setAside()).map(({ attempts }) => attempts)), new Set([0]));
    await rig.until(
      'both campaigns have called everybody',
      async () => {
        await freeAgents(agents);
        return (await calls()).filter(({ ended_at }) => ended_at !== null).length >= 2 * numbers.length;
      },
      900_000,
      100,
    );
    assert.deepEqual(overlapping(await calls()), []);
  });

  it('fault: the gate’s answers take a while – two campaigns call once where the rules allow one call a day', async () => {
    await begin({ capped: true });
    const agents = [await rig.agent('ann'), await rig.agent('bob')];
    await rig.campaign({ numbers, trunkIds, agentIds: [agents[0]!] });
    await overSameCustomers([agents[1]!]);
    await rig.dialer.start();
    for (const userId of agents) await rig.signIn(userId);
    await Promise.all(agents.map((userId) => rig.ask('agent.ready', { userId })));
    await rig.until(
      'nobody is left to call today',
      async () => {
        await freeAgents(agents);
        const open = await rig.app.db.knex('leads').where('next_at', '<', noon + 6 * 3_600_000).whereIn('state', ['new', 'waiting', 'dialing']); // prettier-ignore
        return open.length === 0;
      },
      900_000,
      100,
    );
    const dialled = (await calls()).map(({ e164 }) => e164).sort();
    assert.deepEqual(dialled, numbers);
  });

  it('are dialled once where two leads of one batch share the number; the other waits and loses no attempt', async () => {
    await begin();
    const agents = [await rig.agent('ann'), await rig.agent('bob')];
    await rig.campaign({ numbers: [slow, slow], trunkIds, agentIds: agents });
    await bothReady(agents);
    await rig.until('one waits', async () => (await setAside()).length === 1);
    assert.equal((await setAside())[0].attempts, 0);
    await rig.pass(20_000);
    assert.deepEqual((await calls()).length, 1);
  });

  it('are not dialled by hand while another call has them: the agent is told, and stays as they were', async () => {
    await begin();
    const [ann, bob] = [await rig.agent('ann'), await rig.agent('bob')];
    await rig.campaign({ numbers: [slow], trunkIds, agentIds: [ann] });
    const other = await overSameCustomers([bob]);
    await rig.app.db.knex('leads').where({ campaign_id: other }).update({ state: 'done' });
    await rig.dialer.start();
    await rig.signIn(bob);
    await rig.ready(ann);
    await rig.until('it rings', async () => (await rig.calls())[0]?.state === 'ringing');
    const dial = () => rig.ask('agent.dial', { userId: bob, campaignId: other, e164: slow });
    await assert.rejects(dial(), { reason: 'number-in-call' });
    assert.equal((await rig.snapshot(bob)).state, 'paused');
    const { call } = await rig.until('they talk', async () => {
      const snapshot = await rig.snapshot(ann);
      return snapshot.state === 'on-call' ? snapshot : null;
    });
    await assert.rejects(dial(), { reason: 'number-in-call' });
    await rig.ask('agent.hangup', { userId: ann, callId: call!.id });
    await rig.dialer.settled();
    await assert.rejects(dial(), { reason: 'number-in-call' }, 'what ann was asked for is not written yet');
    await freeAgents([ann]);
    await rig.dialer.settled();
    assert.equal((await dial()).state, 'reserved');
  });

  it('are not dialled by two agents at once by hand', async () => {
    await begin();
    const [ann, bob] = [await rig.agent('ann'), await rig.agent('bob')];
    const campaignId = await rig.campaign({ numbers: [], trunkIds, agentIds: [ann, bob] });
    await rig.dialer.start();
    for (const userId of [ann, bob]) await rig.signIn(userId);
    const both = await Promise.allSettled(
      [ann, bob].map((userId) => rig.ask('agent.dial', { userId, campaignId, e164: slow })),
    );
    const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason.reason as string] : []));
    assert.deepEqual(refused, ['number-in-call']);
    await rig.pass(2_000);
    assert.equal((await calls()).length, 1);
  });

  it('are put before an agent, who is told that another call has them; the lead comes back', async () => {
    await begin();
    const [ann, bob] = [await rig.agent('ann'), await rig.agent('bob')];
    await rig.campaign({ numbers: [slow], trunkIds, agentIds: [ann] });
    await overSameCustomers([bob], 'preview');
    await bothReady([bob]);
    const { preview } = await rig.until('it is shown', async () => {
      const snapshot = await rig.snapshot(bob);
      return snapshot.preview ? snapshot : null;
    });
    await rig.ready(ann);
    await rig.until('it rings', async () => (await rig.calls())[0]?.state === 'ringing');
    await assert.rejects(rig.ask('agent.preview-dial', { userId: bob, leadId: preview!.leadId }), {
      reason: 'number-in-call',
    });
    await rig.dialer.settled();
    const [lead] = await setAside();
    assert.deepEqual([lead.id, lead.attempts, lead.state], [preview!.leadId, 0, 'waiting']);
    assert.equal((await rig.snapshot(bob)).state, 'ready');
    await rig.until('it is shown again', async () => (await rig.snapshot(bob)).preview !== null);
  });

  it('fault: the look at other dialers fails at once, each time – nobody is called, and the next try waits', async () => {
    await begin();
    const agent = await rig.agent('ann');
    const numbers = Array.from({ length: 40 }, (_, n) => `+1415555${1000 + n}`);
    await rig.campaign({ numbers, trunkIds, agentIds: [agent], mode: 'progressive' });
    // The one question that names other dialers' calls.
    const { client } = rig.app.db.knex as unknown as { client: { _query(on: unknown, asked: { sql: string }): Promise<unknown> } }; // prettier-ignore
    const query = client._query.bind(client);
    let looks = 0;
    client._query = (on, asked) => {
      if (!/select distinct .* from `calls` .*`dialer_id` = /.test(asked.sql)) return query(on, asked);
      looks += 1;
      return Promise.reject(Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' }));
    };
    await bothReady([agent]);
    await rig.until('the first look has failed', () => looks > 0);
    await rig.pass(5_000);
    await rig.dialer.settled();
    assert.deepEqual(await calls(), []);
    const tried = (await rig.app.db.knex('calls')).length;
    assert.ok(looks <= 2 && tried <= 2, `${looks} looks and ${tried} calls in 5 s`);
    client._query = query;
    await rig.until('somebody is called', async () => (await calls()).length > 0, 60_000);
  });
});

describe('two dialers that give way to each other', () => {
  it('try again after a while that is drawn', () => {
    assert.deepEqual([inCallWait(() => 0), inCallWait(() => 0.5)], [60_000, 90_000]);
  });
});
