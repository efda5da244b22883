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
});
