import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent } from '../../support/one-agent.ts';

const person = '+14155550101';

describe('an agent’s own callback that is all there is to dial', () => {
  let rig: DialerRig;
  let userId: number;

  beforeEach(async () => {
    rig = await dialerRig();
    ({ userId } = await startOneAgent(rig, [person]));
  });
  afterEach(() => rig.close());

  const promiseTo = (agentId: number) =>
    rig.app.db
      .knex('leads')
      .update({ state: 'callback', next_at: rig.app.clock.now() + 3_000, agent_id: agentId });

  it('is dialled once it is due and its agent is ready', async () => {
    await promiseTo(userId);
    await rig.ready(userId);
    await rig.until('they talk', async () => (await rig.snapshot(userId)).state === 'on-call', 30_000);
    assert.equal((await rig.calls())[0]?.e164, person);
  });

  it('waits while its agent is paused', async () => {
    await promiseTo(userId);
    await rig.signIn(userId);
    await rig.pass(15_000);
    assert.equal((await rig.calls()).length, 0);
  });

  it('is not dialled for a colleague while its agent is away', async () => {
    await promiseTo(userId);
    const other = await rig.agent('bob');
    await rig.app.db.knex('campaign_agents').insert({ campaign_id: 1, user_id: other });
    rig.app.bus.publish('campaign.changed', { campaignId: 1 });
    await rig.ready(other);
    await rig.pass(15_000);
    assert.equal((await rig.calls()).length, 0);
  });

  /** A colleague who has been ready for longer than anybody, on the same campaign. */
  async function colleague(): Promise<number> {
    const other = await rig.agent('bob');
    await rig.app.db.knex('campaign_agents').insert({ campaign_id: 1, user_id: other });
    rig.app.bus.publish('campaign.changed', { campaignId: 1 });
    await rig.ready(other);
    await rig.pass(1_000);
    return other;
  }
  const talks = (agentId: number) =>
    rig.until('they talk', async () => (await rig.snapshot(agentId)).state === 'on-call', 60_000);

  it('goes to who promised it, though a colleague has been free for longer', async () => {
    await promiseTo(userId);
    const other = await colleague();
    await rig.ready(userId);
    await talks(userId);
    assert.equal((await rig.snapshot(other)).state, 'ready');
    const written = () => rig.app.db.knex('calls').where({ user_id: userId, path: 'callback' }).first();
    await rig.until('the call is theirs', written, 5_000);
  });

  it('waits for who promised it while they talk, and a colleague is free', async () => {
    await rig.ready(userId);
    await talks(userId);
    const other = await colleague();
    const [customer] = (await rig.app.db.knex('customers').insert({ name: 'Late', created_at: 1, updated_at: 1 })) as number[]; // prettier-ignore
    await rig.app.db.knex('customer_phones').insert({ customer_id: customer, e164: '+14155550102', type: 'mobile', position: 0 }); // prettier-ignore
    await rig.app.db.knex('leads').insert({
      ...{ campaign_id: 1, customer_id: customer, list_id: 1, state: 'callback', agent_id: userId },
      ...{ priority: 5, next_at: rig.app.clock.now(), created_at: 1, updated_at: 1 },
    });
    rig.app.bus.publish('campaign.changed', { campaignId: 1 });
    await rig.pass(8_000);
    assert.deepEqual([(await rig.calls()).length, (await rig.snapshot(other)).state], [1, 'ready']);
    const { call } = await rig.snapshot(userId);
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    await rig.ask('agent.dispose', {
      userId,
      callId: call!.id,
      ...{ dispositionId: await rig.disposition('sale'), note: '', next: 'ready' as const },
    });
    await talks(userId);
    assert.equal((await rig.snapshot(other)).state, 'ready');
  });

  it('of one agent however many there are, leaves room for the other leads of the campaign', async () => {
    await rig.app.db.knex('leads').where({ id: 1 }).update({ state: 'done' });
    const other = await colleague();
    await rig.signIn(userId);
    await rig.pass(500);
    const now = rig.app.clock.now();
    const { db } = rig.app;
    for (let i = 0; i < 60; i++) {
      const [id] = (await db.knex('customers').insert({ name: `P${i}`, created_at: 1, updated_at: 1 })) as number[]; // prettier-ignore
      const e164 = `+1415556${String(i).padStart(4, '0')}`;
      await db.knex('customer_phones').insert({ customer_id: id, e164, type: 'mobile', position: 0 });
      const lead = { campaign_id: 1, customer_id: id, list_id: 1, priority: 5, created_at: 1, updated_at: 1 };
      await db.knex('leads').insert(i < 59 ? { ...lead, state: 'callback', agent_id: userId, next_at: now - 1 } : { ...lead, state: 'new' }); // prettier-ignore
    }
    await rig.ask('agent.ready', { userId });
    await talks(userId);
    rig.app.bus.publish('campaign.changed', { campaignId: 1 });
    await talks(other);
    const theirs = async () => (await rig.calls()).filter((call) => call.user_id === other);
    await rig.until('the call is written', async () => (await theirs()).length > 0, 5_000);
    assert.deepEqual((await theirs()).map(({ e164 }) => e164), ['+14155560059']); // prettier-ignore
  });
});

describe('an agent’s own callback in a preview campaign', () => {
  it('is put before its agent, and before no colleague who is free', async () => {
    const rig = await dialerRig();
    try {
      const { userId } = await startOneAgent(rig, [person], { mode: 'preview' });
      const other = await rig.agent('bob');
      await rig.app.db.knex('campaign_agents').insert({ campaign_id: 1, user_id: other });
      rig.app.bus.publish('campaign.changed', { campaignId: 1 });
      await rig.app.db
        .knex('leads')
        .update({ state: 'callback', next_at: rig.app.clock.now(), agent_id: userId });
      await rig.ready(other);
      await rig.signIn(userId);
      await rig.pass(5_000);
      assert.equal((await rig.snapshot(other)).preview, null, 'its agent is paused');
      await rig.ask('agent.ready', { userId });
      await rig.until('it is shown', async () => (await rig.snapshot(userId)).preview !== null, 30_000);
      assert.equal((await rig.snapshot(other)).preview, null);
    } finally {
      await rig.close();
    }
  });
});
