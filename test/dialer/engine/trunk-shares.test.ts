import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

const numbers = (count: number, ending: string) =>
  Array.from({ length: count }, (_, n) => `+1415555${String(n).padStart(2, '0')}${ending}`);

describe('calls over several trunks', function () {
  this.timeout(60_000);
  let rig: DialerRig;

  beforeEach(async () => {
    rig = await dialerRig();
    await rig.dialer.start();
  });
  afterEach(() => rig.close());

  it('are shared by weight among trunks of one rank, and the rank below has none of them', async () => {
    const first = await rig.trunk('a', { weight: 30 });
    const second = await rig.trunk('b', { weight: 10 });
    const backup = await rig.trunk('c');
    const agent = await rig.agent('amy');
    await rig.campaign({
      numbers: numbers(24, '05'),
      agentIds: [agent],
      trunkIds: [first, second, backup],
      sharedTrunkIds: [second],
    });
    await rig.ready(agent);
    await rig.until('all were called', () => rig.sim.invites().length >= 24);
    const on = (id: number) => rig.sim.invites().filter(({ trunk }) => trunk === `trunk-${id}`).length;
    assert.deepEqual([first, second, backup].map(on), [18, 6, 0]);
  });

  it('carry the headers of their trunk, with their number and caller ID', async () => {
    const trunk = await rig.trunk('a', {
      headers: [
        { name: 'P-Attestation-Indicator', value: 'A' },
        { name: 'X-Account', value: 'firm;from={callerId};to={number}' },
      ],
    });
    const agent = await rig.agent('amy');
    await rig.campaign({ numbers: ['+14155550105'], agentIds: [agent], trunkIds: [trunk] });
    await rig.ready(agent);
    await rig.until('it was called', () => rig.sim.invites().length > 0);
    assert.deepEqual(rig.sim.invites()[0]!.headers, {
      'P-Attestation-Indicator': 'A',
      'X-Account': 'firm;from=+14155550199;to=+14155550105',
    });
  });

  it('ring for whoever looks when the network sends sound before the answer', async () => {
    const trunk = await rig.trunk('a');
    const agent = await rig.agent('amy');
    await rig.campaign({ numbers: ['+14155550108'], agentIds: [agent], trunkIds: [trunk] });
    await rig.ready(agent);
    await rig.until('it has answered', async () => (await rig.calls())[0]?.connected_at);
    const events: { event: string; at: number }[] = await rig.app.db.knex('call_events').orderBy('id');
    const at = (name: string) => events.find(({ event }) => event === name)?.at ?? NaN;
    assert.ok(at('ringing') - at('dial') < 900, 'rings as soon as there is sound');
    assert.ok(at('answer') - at('ringing') > 500, 'and not only with the answer');
  });
});
