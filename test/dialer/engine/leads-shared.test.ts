import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createCellStore } from '../../../dialer/cells/cell-store.ts';
import { createPacer } from '../../../dialer/pacing/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

describe('leads that several dialers call', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let told: (number | undefined)[];
  let hungUpOn: (number | undefined)[];

  beforeEach(async () => {
    told = [];
    hungUpOn = [];
    rig = await dialerRig({
      dialer: {
        pacerFactory(settings, past) {
          const pacer = createPacer(settings, past);
          return {
            observe: (event) => pacer.observe(event),
            decide(now, limits) {
              told.push(limits?.leadsLeft);
              hungUpOn.push(limits?.hungUpOn);
              return { ...pacer.decide(now, limits), launch: 0 };
            },
          };
        },
      },
    });
  });
  afterEach(() => rig.close());

  it('are spent ahead of by each dialer that serves the campaign, for its part alone', async () => {
    const agent = await rig.agent('ann');
    const elsewhere = await rig.agent('bob');
    const numbers = ['05', '06', '07', '08', '09', '10'].map((ending) => `+141555501${ending}`);
    const campaignId = await rig.campaign({
      ...{ numbers, mode: 'predictive', trunkIds: [await rig.trunk('First')], agentIds: [agent] },
    });
    await rig.dialer.start();
    await rig.ready(agent);
    await rig.until('one has all of them', () => told.at(-1) === 6);
    await createCellStore(rig.app).begin(
      { id: 'other', run: 'r', switchUrl: null },
      rig.app.clock.now() + 600_000,
    );
    const { knex } = rig.app.db;
    const session = { user_id: elsewhere, dialer_id: 'other', state: 'ready', phone: 'up', revision: 0 };
    const there = knex('agent_sessions').where({ user_id: elsewhere });
    if ((await there.clone().update(session)) === 0)
      await knex('agent_sessions').insert({ ...session, since: rig.app.clock.now() });
    const asked = told.length;
    rig.app.clock.advance(40_000);
    await rig.until('it was asked again', () => told.length > asked + 100, 60_000);
    assert.equal(told.at(-1), 6, 'the other one has no agent of this campaign');
    await knex('campaign_agents').insert({ campaign_id: campaignId, user_id: elsewhere });
    await rig.until('one of two has half', () => told.at(-1) === 3, 60_000);
  });

  for (const [country, people] of [
    ['GB', 10],
    ['US', 0],
  ] as const)
    it(`are dialled ahead of with those in mind who were hung up on as machines, where the law of ${country} is held`, async () => {
      const agent = await rig.agent('ann');
      const campaignId = await rig.campaign({
        ...{ numbers: ['+14155550105'], mode: 'predictive', trunkIds: [await rig.trunk('First')] },
        ...{ agentIds: [agent], defaultCountry: country, amd: true },
      });
      const row = (n: number) => ({
        ...{ call_id: `h${n}`, campaign_id: campaignId, at: rig.app.clock.now(), verdict: 'machine' },
        ...{ cause: '', listened_ms: 0, is_check: n < 30 ? 1 : 0, message: null, agent_ms: null },
        answered_by: n < 3 ? 'person' : n < 30 ? 'machine' : null,
      });
      await rig.app.db.insertMany(
        'amd_verdicts',
        Array.from({ length: 130 }, (_, n) => row(n)),
      );
      await rig.dialer.start();
      await rig.ready(agent);
      await rig.until('it has looked', () => told.at(-1) === 1);
      await rig.until('it has been told', () => hungUpOn.at(-1) !== undefined);
      rig.app.clock.advance(20_000);
      const asked = told.length;
      await rig.until('it was asked again', () => told.length > asked + 100, 60_000);
      assert.ok(Math.abs(hungUpOn.at(-1)! - people) < 1e-9, String(hungUpOn.at(-1)));
    });
});
