import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createMessageStore } from '../../../dialer/messages/index.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const noAnswer = '+14155550104';

/** Fault in each: the agent's leg goes, as when the page is loaded anew, and is soon back. */
describe('an agent whose phone is lost after something was asked of them', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let userId: number;
  let campaignId: number;
  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  const begin = async (given: Record<string, unknown> = {}) => {
    ({ userId, campaignId } = await startOneAgent(rig, [person], given));
  };
  const when = (what: string, is: (snapshot: AgentSnapshot) => boolean) => whenAgent(rig, userId, what, is);
  const loseLeg = async () => {
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${userId}`));
    await when('leg is lost', ({ phone }) => phone !== 'up');
  };
  /** Longer than a ready agent takes to be ready again. */
  const backAndStays = async () => {
    await when('leg is back', ({ phone }) => phone === 'up');
    await rig.pass(1_000);
    return rig.snapshot(userId);
  };
  const previewed = async () => {
    await begin({ mode: 'preview' });
    await rig.ready(userId);
    await when('a preview', ({ preview }) => preview !== null);
  };
  const force = (to: 'paused' | 'signed-out') =>
    rig.ask('agent.force', { userId, by: 1, to, reason: 'test' });
  const announce = () =>
    createMessageStore(rig.app).send(
      { by: userId, kind: 'written', scope: { to: 'all' }, text: 'New price', mustRead: true },
      [userId],
      rig.app.clock.now(),
    );

  it('is ready again where nothing else was', async () => {
    await previewed();
    await loseLeg();
    await when('at work again', ({ state, preview }) => state === 'reserved' && preview !== null);
  });

  it('goes back to the pause from which they dial a number that rings', async () => {
    await begin();
    await rig.app.db.knex('leads').update({ state: 'done' });
    const { id: pauseCodeId } = await rig.app.db.knex('pause_codes').where({ code: 'lunch' }).first();
    await rig.signIn(userId);
    await rig.ask('agent.pause', { userId, pauseCodeId });
    await rig.ask('agent.dial', { userId, campaignId, e164: noAnswer });
    await when('it rings', ({ call }) => call?.state === 'ringing');
    await loseLeg();
    const { state, pauseCodeId: code, pauseReason } = await backAndStays();
    assert.deepEqual([state, code, pauseReason], ['paused', pauseCodeId, null]);
    assert.ok((await rig.calls()).every((call) => call.state === 'ended'));
  });

  it('stays in a supervisor’s pause that came during a preview', async () => {
    await previewed();
    await force('paused');
    await loseLeg();
    const { state, pauseReason } = await backAndStays();
    assert.deepEqual([state, pauseReason], ['paused', 'forced']);
  });

  it('is signed out by a supervisor’s sign-out that came during a preview, and not rung again', async () => {
    await previewed();
    await force('signed-out');
    await loseLeg();
    await rig.pass(3_000);
    const { state, preview, phone } = await rig.snapshot(userId);
    assert.deepEqual([state, preview, phone !== 'up'], ['signed-out', null, true]);
    assert.equal((await rig.leads())[0]?.reserved_by, null);
  });

  it('reads the announcement that came during a preview first', async () => {
    await previewed();
    await announce();
    await when('is to be paused', ({ pausesNext }) => pausesNext === true);
    await loseLeg();
    const { state, pauseReason } = await backAndStays();
    assert.deepEqual([state, pauseReason], ['paused', 'announcement']);
  });

  it('reads the announcement that came while they were ready before they are ready again', async () => {
    await begin();
    await rig.app.db.knex('leads').update({ state: 'done' });
    await rig.ready(userId);
    await announce();
    await when('is paused', ({ pauseReason }) => pauseReason === 'announcement');
    await loseLeg();
    const { state, pauseReason } = await backAndStays();
    assert.deepEqual([state, pauseReason], ['paused', 'announcement']);
  });

  it('is signed out where a supervisor asked for it during the call, and the customer goes on', async () => {
    await begin();
    await rig.ready(userId);
    await when('on a call', ({ state }) => state === 'on-call');
    await force('signed-out');
    await loseLeg();
    const { state } = await when('out of the call', (snapshot) => snapshot.state !== 'on-call');
    assert.equal(state, 'signed-out');
    assert.equal((await rig.calls())[0]?.state, 'waiting');
    await rig.pass(3_000);
    assert.equal((await rig.snapshot(userId)).state, 'signed-out');
  });
});
