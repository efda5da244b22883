import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import {
  campaignStates,
  campaignTransitions,
  createCampaignStore,
  type CampaignEvent,
} from '../../../campaigns/campaigns/index.ts';
import { createRuleProposals } from '../../../campaigns/campaigns/rule-proposal-store.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { campaignDraft, makeCampaign } from '../fixtures.ts';

onBothEngines('campaigns', (theApp) => {
  let app: TestApp;
  let store: ReturnType<typeof createCampaignStore>;
  before(() => {
    app = theApp();
    store = createCampaignStore(app);
  });

  it('keeps everything that its form edits', async () => {
    const draft = campaignDraft({
      trunkIds: [7, 3],
      agentIds: [5, 4],
      dispositionIds: [2, 1],
      abandonCap: 0.0275,
      powerRatio: 1.85,
      amd: true,
      amdSettings: {
        silenceMs: 2_000,
        greetingMs: 1_800,
        maxWords: 5,
        listenMs: 6_000,
        checkShare: 0.1,
        limit: 0.02,
      },
      machineMessage: { words: { 'zh-TW': '請回電' } },
      script: { 'zh-TW': '您好 {{name}}' },
    });
    const id = await store.create(draft, { userId: 1, now: 5 });
    const {
      id: _,
      state,
      revision,
      createdBy,
      createdAt,
      updatedAt,
      startedAt,
      archivedAt,
      quotasMet,
      amdSince,
      amdOffAt,
      ...kept
    } = (await store.get(id))!;
    const { trunkIds, agentIds, dispositionIds, ...settings } = draft;
    assert.deepEqual(kept, settings);
    assert.deepEqual([state, revision, createdBy, createdAt, updatedAt], ['draft', 0, 1, 5, 5]);
    assert.deepEqual([startedAt, archivedAt, quotasMet], [null, null, []]);
    assert.deepEqual([amdSince, amdOffAt], [5, null]);
    assert.deepEqual(await store.trunksOf(id), trunkIds);
    assert.deepEqual(await store.agentsOf(id), [...agentIds].sort());
    assert.deepEqual(await store.dispositionsOf(id), dispositionIds);
  });

  it('fault: two processes start it at once; one moves it, the other is told where it stands', async () => {
    const id = await makeCampaign(app);
    const moves = await Promise.all([store.transition(id, 'start', 1), store.transition(id, 'start', 1)]);
    assert.equal(moves.filter((move) => move.moved).length, 1);
    const refused = moves.find((move) => !move.moved);
    assert.deepEqual(refused, { moved: false, reason: 'wrong-state', state: 'running' });
  });

  it('allows what the table allows and nothing else', async () => {
    const events: CampaignEvent[] = ['start', 'pause', 'stop', 'finish'];
    for (const state of campaignStates)
      for (const event of events) {
        const id = await makeCampaign(app);
        await app.db.knex('campaigns').where({ id }).update({ state });
        const moved = await store.transition(id, event, 9);
        assert.equal(moved.moved, campaignTransitions[state][event] !== undefined, `${state} ${event}`);
        assert.equal((await store.get(id))!.state, campaignTransitions[state][event] ?? state);
      }
  });

  it('tells of every change', async () => {
    const told: number[] = [];
    const stop = app.bus.subscribe('campaign.changed', (payload) =>
      told.push((payload as { campaignId: number }).campaignId),
    );
    const id = await makeCampaign(app);
    await store.update(id, 0, campaignDraft({ name: 'Other' }), 2);
    await store.attachList(id, 1, 5);
    await store.transition(id, 'start', 3);
    stop();
    assert.deepEqual(told, [id, id, id, id]);
  });

  it('fault: an editor saves what was read before somebody else saved', async () => {
    const id = await makeCampaign(app);
    assert.deepEqual(await store.update(id, 0, campaignDraft({ name: 'A' }), 2), {
      saved: true,
      revision: 1,
    });
    assert.deepEqual(await store.update(id, 0, campaignDraft({ name: 'B' }), 3), {
      saved: false,
      reason: 'changed-meanwhile',
    });
    assert.equal((await store.get(id))!.name, 'A');
    assert.deepEqual(await store.update(99_999, 0, campaignDraft(), 3), { saved: false, reason: 'gone' });
  });

  it('is not put away while it runs, and lists the agents’ campaigns', async () => {
    const id = await makeCampaign(app, { agentIds: [77] });
    await store.transition(id, 'start', 1);
    assert.equal(await store.archive(id, true, 2), false);
    assert.deepEqual(
      (await store.ofAgent(77)).map((campaign) => campaign.id),
      [id],
    );
    await store.transition(id, 'stop', 3);
    assert.equal(await store.archive(id, true, 4), true);
    assert.deepEqual(await store.ofAgent(77), []);
  });

  it('fault: it is put away in the moment of its start – it does not dial out of sight', async () => {
    const id = await makeCampaign(app);
    const [moved, archived] = await Promise.all([
      store.transition(id, 'start', 1),
      store.archive(id, true, 1),
    ]);
    const { state, archivedAt } = (await store.get(id))!;
    assert.deepEqual([moved.moved, archived], [state === 'running', archivedAt !== null]);
    assert.notEqual(moved.moved, archived, `${state}, put away at ${archivedAt}`);
  });

  it('takes rules that a second person agreed to, unless it has other rules by then', async () => {
    const proposals = createRuleProposals(app);
    const id = await makeCampaign(app);
    const propose = (before: string | null) =>
      proposals.propose(
        { campaignId: id, before, ruleSet: 'us.regf', reason: 'they owe us' },
        { by: 1, at: 1 },
      );
    const decide = (proposal: number, by: number) =>
      proposals.decide({ id: proposal, to: 'approved', by, at: 2, note: 'looked at it' });
    const stale = await propose('us.fl');
    assert.equal(await decide(stale, 2), 'changed-since');
    const proposal = await propose(null);
    assert.deepEqual((await proposals.waiting(id)).map((one) => one.id), [proposal]); // prettier-ignore
    assert.equal(await decide(stale, 2), 'decided-before');
    assert.equal(await decide(proposal, 1), 'own-proposal');
    const raced = await Promise.all([decide(proposal, 2), decide(proposal, 3)]);
    assert.deepEqual(raced.sort(), ['decided-before', 'done']);
    const { ruleSet, revision } = (await store.get(id))!;
    assert.deepEqual([ruleSet, revision], ['us.regf', 1]);
  });

  it('fault: several people propose rules at once – one proposal waits', async () => {
    const proposals = createRuleProposals(app);
    const campaign = { campaignId: await makeCampaign(app), before: null, ruleSet: 'us.regf' };
    const { knex, engine } = app.db;
    // On SQLite one transaction waits for another anyhow; here each has looked before the first has written.
    const isSlow = engine === 'mariadb';
    if (isSlow) await knex.raw('create trigger slow before insert on campaign_rule_proposals for each row do sleep(0.1)'); // prettier-ignore
    await Promise.all(
      [1, 2, 3].map((by) => proposals.propose({ ...campaign, reason: `person ${by}` }, { by, at: by })),
    );
    if (isSlow) await knex.raw('drop trigger slow');
    assert.equal((await proposals.waiting(campaign.campaignId)).length, 1);
  });
});
