import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { demoCampaigns } from '../../bin/demo/campaigns.ts';
import { startKeeper } from '../../bin/demo/keeper.ts';
import { inventPeople, type Person } from '../../bin/demo/people.ts';
import { customerCount } from '../../bin/demo/seed.ts';
import { createCampaignStore, type CampaignDraft } from '../../campaigns/index.ts';
import { blockReason, loadCatalogue, type KnownFacts } from '../../campaigns/compliance/index.ts';
import { createJudge, type Judged } from '../../campaigns/compliance/judge.ts';
import { dialerRig, type DialerRig } from '../support/dialer-rig.ts';

const hourMs = 3_600_000;
const robotIds = Array.from({ length: 12 }, (_, index) => index + 1);
const campaigns = demoCampaigns({ trunkId: 1, dispositionIds: [1], robotIds, agentId: 99, scriptId: 1 });
const everybody = inventPeople(customerCount);

/** What the gate knows of a lead that nobody has called yet. */
const untouched = (draft: CampaignDraft, { addressRegion }: Person): KnownFacts => ({
  campaign: { id: 1, ...draft },
  customerId: 1,
  addressRegion: addressRegion ?? null,
  consents: [],
  lead: { attempts: 0, dialing: false },
  dnc: null,
  ledger: {
    ids: [],
    kinds: [],
    givenAt: null,
    transactionAt: null,
    inquiryAt: null,
    everRevoked: false,
    changesAt: null,
    optInWritten: false,
  },
  scrub: { listed: false, scrubbedOn: null, uncovered: false, reassignedOn: null },
  suspensions: [],
  customerSince: 0,
  override: null,
  attempts: [],
  numberAttempts: [],
  abandonment: { abandoned: 0, connected: 0 },
});

/** Customers of whom the gate says the same at every instant, and how many they are. */
function groupsOf(draft: CampaignDraft, members: readonly Person[]): { judged: Judged; count: number }[] {
  const judge = createJudge();
  const catalogue = loadCatalogue();
  const groups = new Map<string, { judged: Judged; count: number }>();
  for (const person of members) {
    const { e164 } = person.phones[0]!;
    const request = { e164, stage: 'dial', path: 'predictive', campaignId: 1, leadId: 1 } as const;
    const judged = judge(request, untouched(draft, person), catalogue);
    assert.ok(!('missing' in judged));
    const key = [...judged.rules.map(({ name }) => name), ...judged.zones].join();
    const group = groups.get(key);
    if (group) group.count += 1;
    else groups.set(key, { judged, count: 1 });
  }
  return [...groups.values()];
}

describe('the demo', () => {
  const predictive = campaigns.filter(({ draft }) => draft.mode === 'predictive');

  it('has a predictive campaign with agents', () => {
    assert.ok(predictive.length > 0);
    for (const { draft } of predictive) assert.ok(draft.agentIds.length >= 6);
  });

  // A week in winter and one in summer, those in which clocks change in America and Britain, and Christmas.
  for (const monday of ['2026-11-30', '2026-12-21', '2027-03-08', '2027-03-22', '2027-07-05', '2027-10-25'])
    it(`may dial at each of the 168 hours of the week from ${monday}`, () => {
      const groups = predictive.map(({ draft, list }) =>
        groupsOf(
          draft,
          everybody.filter((person) => person.list === list),
        ),
      );
      const from = Date.parse(`${monday}T00:00Z`);
      const thin: string[] = [];
      for (let hour = 0; hour < 168; hour += 0.5) {
        const at = from + hour * hourMs;
        const open = groups.map((all) =>
          all
            .filter(({ judged }) => blockReason(judged.rules, judged.zoneRules, judged.given, at) === null)
            .reduce((sum, { count }) => sum + count, 0),
        );
        if (Math.max(...open) < 150) thin.push(`${new Date(at).toISOString()}: ${open.join()} leads`);
      }
      assert.deepEqual(thin, []);
    });

  it('would be seen to stand still without the islands in the Pacific', () => {
    // The fault: nobody lives in Guam or Saipan.
    const { draft } = predictive[0]!;
    const groups = groupsOf(
      draft,
      everybody.filter(({ addressRegion }) => addressRegion !== 'GU' && addressRegion !== 'MP'),
    );
    const at = Date.parse('2026-12-06T08:30Z');
    assert.ok(
      groups.every(({ judged }) => blockReason(judged.rules, judged.zoneRules, judged.given, at) !== null),
    );
  });

  it('gives everybody a number of their own, in a zone that is known', () => {
    assert.equal(new Set(everybody.map(({ phones }) => phones[0]!.e164)).size, customerCount);
    for (const { draft } of predictive)
      for (const { judged } of groupsOf(draft, everybody)) assert.ok(judged.zoneRules.length > 0);
  });
});

describe('the keeper of the demo', () => {
  const notInService = '+14155550106';
  let rig: DialerRig;
  let campaignId: number;
  let keeper: ReturnType<typeof startKeeper>;
  beforeEach(async () => {
    rig = await dialerRig();
    const userId = await rig.agent('ann');
    const trunkIds = [await rig.trunk('First')];
    campaignId = await rig.campaign({ numbers: [notInService], trunkIds, agentIds: [userId] });
    // Only leads of lists that are on the campaign are dialled again.
    await rig.app.db.knex('campaign_lists').insert({ campaign_id: campaignId, list_id: 0 });
    await rig.dialer.start();
    await rig.ready(userId);
    await rig.until('nobody is left to call', async () => (await code()) === 'no-leads');
    assert.equal((await rig.calls()).length, 1);
    keeper = startKeeper(rig.app, [userId]);
  });
  afterEach(async () => {
    await keeper.close();
    await rig.close();
  });
  const code = async () => (await rig.pacing(campaignId)).notDialing?.code;

  it('lets a campaign dial again that has nobody left to call', async () => {
    await rig.until('called again', async () => (await rig.calls()).length === 2);
  });

  it('starts a campaign again that has finished', async () => {
    const campaigns = createCampaignStore(rig.app);
    assert.ok((await campaigns.transition(campaignId, 'finish', rig.app.clock.now())).moved);
    await rig.until('called again', async () => (await rig.calls()).length === 2);
    assert.equal((await campaigns.get(campaignId))!.state, 'running');
  });

  it('leaves a campaign alone that somebody has paused', async () => {
    const campaigns = createCampaignStore(rig.app);
    assert.ok((await campaigns.transition(campaignId, 'pause', rig.app.clock.now())).moved);
    await keeper.look();
    assert.deepEqual([(await rig.leads())[0]!.state, (await rig.calls()).length], ['exhausted', 1]);
  });
});
