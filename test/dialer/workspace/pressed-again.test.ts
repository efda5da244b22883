import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'mocha';
import { CommandRefused } from '../../../core/bus/bus.ts';
import type { Visitor } from '../../web/support.ts';
import { sendJson, testWorkspace, type TestWorkspace } from './support.ts';

describe('a disposition that is handed in again (fault: the answer was lost)', () => {
  let it_: TestWorkspace;
  let agent: { id: number; visitor: Visitor };
  let other: { id: number; visitor: Visitor };
  let calls = 0;
  let callId: string;
  before(async () => {
    it_ = await testWorkspace();
    agent = await it_.browser('agent', 'ada');
    other = await it_.browser('agent', 'ben');
  });
  after(() => it_.close());
  beforeEach(() => {
    calls += 1;
    callId = `c-${calls}`;
    it_.dialer.refusals.clear();
  });

  const knex = () => it_.app.db.knex;
  const endedCall = (part: object) => {
    const at = it_.app.clock.now() - 60_000;
    return knex()('calls').insert({
      ...{ id: callId, path: 'predictive', direction: 'out', state: 'ended', outcome: 'answered' },
      ...{ campaign_id: it_.campaignId, customer_id: it_.customerId, user_id: agent.id },
      ...{ e164: '+14155550123', created_at: at, connected_at: at, ended_at: at, ...part },
    });
  };
  const missedCall = () => endedCall({ wrapup_missed_at: it_.app.clock.now() - 30_000 });
  const press = (given: object, who = agent) =>
    sendJson(who.visitor, 'post', '/workspace/dispose', { callId, note: 'two of them', ...given });
  const told = async (kind: string) =>
    (await knex()('timeline_entries').where({ call_id: callId, kind })).length;

  it('late stands, and is told once', async () => {
    await missedCall();
    assert.equal((await press({ dispositionId: 1, late: true })).status, 200);
    const again = await press({ dispositionId: 1, late: true });
    assert.deepEqual([again.status, again.body.userId], [200, agent.id]);
    assert.equal(await told('disposition'), 1);
  });

  it('late stands where both come at the same time (fault: the first is still being written)', async () => {
    await missedCall();
    const answers = await Promise.all([1, 2].map(() => press({ dispositionId: 1, late: true })));
    assert.deepEqual(answers.map(({ status }) => status), [200, 200]); // prettier-ignore
    assert.equal(await told('disposition'), 1);
  });

  it('is refused where another result, another note or another agent comes after it', async () => {
    await missedCall();
    await press({ dispositionId: 1, late: true });
    for (const [given, who] of [
      [{ dispositionId: 5 }, agent],
      [{ dispositionId: 1, note: 'three of them' }, agent],
      [{ dispositionId: 1 }, other],
    ] as const) {
      const refused = await press({ late: true, ...given }, who);
      assert.deepEqual([refused.status, refused.body.code], [409, 'no-such-call']);
    }
  });

  it('late with a callback stands for the time promised, and for no other', async () => {
    await missedCall();
    const callback = { date: '2026-11-24', time: '15:30', zone: 'America/Los_Angeles', mine: true };
    const { id: dispositionId } = await knex()('dispositions').where({ code: 'callback' }).first('id');
    assert.equal((await press({ dispositionId, late: true, callback })).status, 200);
    assert.equal((await press({ dispositionId, late: true, callback })).status, 200);
    const moved = await press({ dispositionId, late: true, callback: { ...callback, time: '16:30' } });
    assert.equal(moved.body.code, 'no-such-call');
    assert.equal((await knex()('callbacks').where({ call_id: callId })).length, 1);
    assert.equal(await told('callback'), 1);
  });

  it('in the wrap-up stands where the dialer has let the call go', async () => {
    await endedCall({ disposition_id: 1, note: 'two of them' });
    it_.dialer.refusals.set('agent.dispose', new CommandRefused('no-such-call'));
    assert.equal((await press({ dispositionId: 1 })).status, 200);
    assert.equal((await press({ dispositionId: 5 })).body.code, 'no-such-call');
  });

  it('does not stand by what was taken for granted', async () => {
    await endedCall({ disposition_id: 1, note: 'two of them', wrapup_missed_at: 1 });
    it_.dialer.refusals.set('agent.dispose', new CommandRefused('no-such-call'));
    assert.equal((await press({ dispositionId: 1 })).body.code, 'no-such-call');
  });
});
