import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createAnswerStore, createScriptStore } from '../../../crm/index.ts';
import { DraftStore } from '../../../dialer/drafts/draft-store.ts';
import { ids, publishedScript } from '../../crm/script-fixtures.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

const talksAndHangsUp = '+14155550103';

describe('answers of a call that its agent has not wrapped up', () => {
  let rig: DialerRig;
  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  it('are saved as they were typed when the wrap-up runs out (fault: nothing is handed in)', async () => {
    const userId = await rig.agent('ann');
    const trunkIds = [await rig.trunk('First')];
    const scriptId = await publishedScript(rig.app);
    const campaignId = await rig.campaign({
      numbers: [talksAndHangsUp],
      trunkIds,
      agentIds: [userId],
      scriptId,
    });
    await rig.dialer.start();
    await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
    await rig.ready(userId);
    const state = async () => rig.snapshot(userId);
    await rig.until('wrap-up', async () => (await state()).state === 'wrapup', 120_000);
    const callId = (await state()).call!.id;
    const version = (await createScriptStore(rig.app).newest(scriptId))!;
    await createAnswerStore(rig.app).open(callId, version.id, campaignId, rig.app.clock.now());
    const form = { scriptPath: `${ids.greet},${ids.bye}`, scriptAt: '1', [`answer.${ids.greet}`]: 'no' };
    await new DraftStore(rig.app.db).save(userId, callId, { revision: 0, form }, rig.app.clock.now());
    await rig.until('after the wrap-up', async () => (await state()).state !== 'wrapup', 120_000);
    await rig.dialer.settled();
    const rows = await rig.app.db.knex('script_answers').where({ call_id: callId });
    assert.deepEqual(
      rows.map(({ step_id, value, user_id, campaign_id }) => [step_id, value, user_id, campaign_id]),
      [[ids.greet, 'no', userId, campaignId]],
    );
    const told = await rig.app.db.knex('timeline_entries').where({ kind: 'answers', call_id: callId });
    assert.equal(told.length, 1);
  });
});
