import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { createPacingHistoryStore } from '../../../dialer/calls/pacing-history-store.ts';
import { pacerWithAccount, pacerWithHistory } from '../../../dialer/engine/pacing-history.ts';
import { createRobotAgents } from '../../../dialer/index.ts';
import {
  createPacer,
  type Pacer,
  type PacingLimits,
  type PacingSettings,
} from '../../../dialer/pacing/index.ts';
import { ordinaryMix } from '../../../dialer/telephony/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { mariadb } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { eventually } from '../../support/eventually.ts';

const morning = Date.UTC(2026, 10, 23, 18);

for (const [database, makeApp] of [
  ['SQLite', () => testApp({ clock: new ManualClock(morning) })],
  [
    'MariaDB',
    async () => {
      const server = await mariadb();
      return (
        server &&
        testApp({
          clock: new ManualClock(morning),
          config: { databaseUrl: await server.createDatabase() },
        })
      );
    },
  ],
] as const)
  describe(`a pacer after a restart, on ${database}`, function () {
    this.timeout(120_000);
    let rig: DialerRig;
    let campaignId: number;
    let userIds: number[];
    let closeRobots: () => Promise<void>;
    const made: { settings: PacingSettings; pacer: Pacer; limits: PacingLimits | undefined }[] = [];

    before(async function () {
      const app: TestApp | null = await makeApp();
      if (!app) skip(this, `${database} is not installed`);
      rig = await dialerRig({
        app,
        simulator: { behaviour: ordinaryMix, seed: 3 },
        dialer: {
          pacerFactory(settings, past) {
            const pacer = createPacer(settings, past);
            const one: (typeof made)[number] = { settings, pacer, limits: undefined };
            made.push(one);
            return {
              observe: (event) => pacer.observe(event),
              decide: (now, limits) => pacer.decide(now, (one.limits = limits)),
            };
          },
        },
      });
      userIds = [await rig.agent('ann'), await rig.agent('bob'), await rig.agent('cleo')];
      campaignId = await rig.campaign({
        numbers: Array.from({ length: 200 }, (_, n) => `+1415555${String(1000 + n)}`),
        mode: 'predictive',
        trunkIds: [await rig.trunk('First')],
        agentIds: userIds,
        zone: 'America/Los_Angeles',
        dispositionIds: [await rig.disposition('sale')],
      });
      await rig.dialer.start();
      const robots = createRobotAgents(app, {
        userIds,
        talkMs: { least: 3_000, mean: 8_000 },
        breakChance: 0.1,
      });
      closeRobots = () => robots.close();
      await robots.start();
      await rig.until(
        'twenty have been talked with',
        async () => (await rig.calls()).filter((call) => call.outcome === 'answered').length >= 20,
        900_000,
        50,
      );
      await rig.dialer.settled();
    });
    after(() => rig?.close());

    const campaign = (abandonWindowMs: number) => ({ id: campaignId, abandonWindowMs, agentIds: userIds });

    it('decides as the one that was there all the time', async () => {
      const [{ settings, pacer }] = made as [(typeof made)[number]];
      const now = rig.app.clock.now();
      // What the switch and the robots had been asked for is told a moment later, though the clock stands.
      await eventually(async () => {
        await rig.dialer.settled();
        const again = await pacerWithHistory(
          createPacingHistoryStore(rig.app),
          campaign(settings.abandonWindowMs),
          now,
          (past) => createPacer(settings, past),
        );
        for (const ms of [0, 250, 5_000]) {
          const before = pacer.decide(now + ms, { lines: 50, leads: 50 });
          assert.ok(before.facts.answers >= 20);
          assert.deepEqual(again.decide(now + ms, { lines: 50, leads: 50 }), before);
        }
      });
    });

    it('is told when calling hours end today', () => {
      const [{ limits }] = made as [(typeof made)[number]];
      // Eight in the evening in California.
      assert.equal(limits?.closesAt, Date.UTC(2026, 10, 24, 4));
    });

    it('counts the answers of the window that lie before the events it is told', async () => {
      const store = createPacingHistoryStore(rig.app);
      const [{ settings, pacer }] = made as [(typeof made)[number]];
      const now = rig.app.clock.now();
      const known = pacer.decide(now).facts;
      const account = await pacerWithAccount(store, campaign(settings.abandonWindowMs), now, (past) =>
        createPacer(settings, past),
      );
      const { answers, abandoned } = account.decide(now).facts;
      // Calls under way are counted by the account as soon as they have met an agent.
      assert.deepEqual([answers, abandoned], [known.answers, known.abandoned]);
    });

    it('opens no new account when a setting of the campaign is changed', async () => {
      const before = (await rig.pacing(campaignId)).facts as { answers: number };
      const count = made.length;
      await rig.app.db.knex('campaigns').where({ id: campaignId }).update({ ring_timeout_ms: 31_000 });
      rig.app.bus.publish('campaign.changed', { campaignId });
      await rig.until('a new pacer decides', () => made.length > count && made.at(-1)!.limits !== undefined);
      const now = (await rig.pacing(campaignId)).facts as { answers: number };
      assert.ok(now.answers >= before.answers && before.answers >= 20, `${now.answers} of ${before.answers}`);
    });

    it('goes on with its account in a new process', async () => {
      const before = (await rig.pacing(campaignId)).facts as { answers: number };
      await rig.dialer.settled();
      await rig.dialer.close();
      const count = made.length;
      await rig.restart();
      await rig.until('a new pacer decides', () => made.length > count && made.at(-1)!.limits !== undefined);
      await rig.pass(500);
      const now = (await rig.pacing(campaignId)).facts as { answers: number };
      assert.ok(now.answers >= before.answers, `${now.answers} of ${before.answers}`);
      await closeRobots();
    });
  });
