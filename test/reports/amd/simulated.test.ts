import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCampaignStore, defaultAmdSettings } from '../../../campaigns/index.ts';
import { createRobotAgents } from '../../../dialer/index.ts';
import type { CustomerMix } from '../../../dialer/telephony/simulator/mix.ts';
import { machineErrors } from '../../../campaigns/compliance/index.ts';
import { createAmdReport } from '../../../reports/amd/amd-store.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

const mix: CustomerMix = {
  weights: { answers: 60, machine: 40 },
  ringMs: { least: 500, most: 2_000 },
  talkMs: { least: 60_000, mean: 61_000 },
};
const amdErrors = { personAsMachine: 0.2, machineAsPerson: 0.25 };

describe('machine detection on simulated customers', function () {
  this.timeout(180_000);
  let rig: DialerRig;
  before(async () => {
    rig = await dialerRig({ simulator: { behaviour: mix, seed: 11, amdErrors } });
  });
  after(() => rig.close());

  it('is measured as wrong as it is, by agents who hear what it does not', async () => {
    const userIds = [];
    for (const name of ['ann', 'bob', 'cleo', 'dan']) userIds.push(await rig.agent(name));
    const numbers = Array.from({ length: 160 }, (_, n) => `+1415555${String(1000 + n)}`);
    const campaignId = await rig.campaign({
      numbers,
      ...{ mode: 'progressive', trunkIds: [await rig.trunk('First')], agentIds: userIds, maxAttempts: 1 },
      ...{ amd: true, amdSettings: { ...defaultAmdSettings, checkShare: 0.6 } },
      dispositionIds: [await rig.disposition('refused'), await rig.disposition('voicemail')],
    });
    await rig.dialer.start();
    const robots = createRobotAgents(rig.app, {
      userIds,
      ...{ talkMs: { least: 2_000, mean: 3_000 }, wrapupMs: { least: 200, most: 500 }, breakChance: 0 },
    });
    await robots.start();
    const through = async () =>
      (await rig.leads()).every(({ state }) => ['done', 'exhausted'].includes(state));
    await rig.until('all leads are through', through, 3_600_000, 100);
    await rig.dialer.settled();
    await robots.close();

    const campaign = (await createCampaignStore(rig.app).get(campaignId))!;
    const { counts } = await createAmdReport(rig.app).of(campaign, rig.app.clock.now());
    const { byKind } = rig.sim.stats();
    const answered = await rig.app.db.knex('calls').whereNotNull('answered_at').count({ n: '*' }).first();
    assert.equal(counts.passed + counts.machines, Number(answered!['n']));
    // One or another was called off while it rang.
    assert.ok(byKind['answers']! + byKind['machine']! - counts.passed - counts.machines < 5);
    // Whom it has let through, agents know one by one; of those it has not, the sample tells.
    const { passedPersons, passedMachines, checkedPersons, checkedMachines } = counts;
    const alone = await rig.app.db
      .knex('calls')
      .whereNotNull('answered_at')
      .whereNull('connected_at')
      .whereNot({ amd: 'machine' })
      .count({ n: '*' })
      .first();
    assert.equal(passedPersons + passedMachines + Number(alone!['n']), counts.passed);
    assert.equal(checkedPersons + checkedMachines, counts.checked);
    assert.ok(counts.checked > 0.3 * counts.machines && counts.checked < counts.machines);
    const { falsePositive, falseNegative } = machineErrors(counts);
    const truly = {
      falsePositive: (byKind['answers']! - passedPersons) / byKind['answers']!,
      falseNegative: passedMachines / byKind['machine']!,
    };
    for (const [measured, truth] of [
      [falsePositive!, truly.falsePositive],
      [falseNegative!, truly.falseNegative],
    ] as const)
      assert.ok(measured.low <= truth && truth <= measured.high, `${JSON.stringify(measured)}: ${truth}`);
    assert.ok(Math.abs(falsePositive!.rate - truly.falsePositive) < 0.1);
  });
});
