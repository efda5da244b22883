import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { CommandRefused } from '../../../core/bus/bus.ts';
import { createAgentStore } from '../../../dialer/agents/agent-store.ts';
import { createMessageStore, type MessageStore } from '../../../dialer/messages/index.ts';
import type { AgentSnapshot, DispositionGiven } from '../../../dialer/protocol.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';

describe('what a supervisor asks of an agent', () => {
  let rig: DialerRig;
  let messages: MessageStore;
  let userId: number;
  beforeEach(async () => {
    rig = await dialerRig();
    messages = createMessageStore(rig.app);
    ({ userId } = await startOneAgent(rig, [person]));
  });
  afterEach(() => rig.close());

  const announce = () =>
    messages.send(
      { by: userId, kind: 'written', scope: { to: 'all' }, text: 'New price', mustRead: true },
      [userId],
      rig.app.clock.now(),
    );
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: CommandRefused) => error.reason,
    );
  const force = (to: 'paused' | 'ready' | 'signed-out') =>
    rig.ask('agent.force', { userId, by: 1, to, reason: 'test' });
  const onCall = () => whenAgent(rig, userId, 'talks', ({ state }) => state === 'on-call');
  async function endCall(next: Pick<DispositionGiven, 'next' | 'pauseCodeId'> = { next: 'ready' }) {
    const { call } = await rig.snapshot(userId);
    const callId = call!.id;
    await rig.ask('agent.hangup', { userId, callId });
    await whenAgent(rig, userId, 'wraps up', ({ state }) => state === 'wrapup');
    const dispositionId = await rig.disposition('refused');
    return rig.ask('agent.dispose', { userId, callId, dispositionId, note: '', ...next });
  }
  const lunch = async () => (await rig.app.db.knex('pause_codes').where({ code: 'lunch' }).first()).id;
  async function announcedOnCall(): Promise<number> {
    await rig.ready(userId);
    await onCall();
    const id = await announce();
    await whenAgent(rig, userId, 'is to be paused', ({ pausesNext }) => pausesNext === true);
    return id;
  }

  /** The dialer has seen that nothing is to be read any more. */
  const whenRead = () =>
    rig.until('it is seen to be read', async () => {
      await rig.dialer.settled();
      const { agent } = (await createAgentStore(rig.app).find(userId))!;
      return !agent.mustRead;
    });

  it('keeps an agent from being ready before an announcement is read', async () => {
    await rig.signIn(userId);
    const id = await announce();
    assert.equal(await refusal(rig.ask('agent.ready', { userId })), 'announcement-unread');
    assert.ok(await messages.read(id, userId, rig.app.clock.now()));
    assert.equal((await rig.ask('agent.ready', { userId })).state, 'ready');
  });

  it('gives no call to a ready agent before the announcement that has just come is read', async () => {
    await rig.app.db.knex('leads').update({ state: 'done' });
    await rig.ready(userId);
    const id = await announce();
    const isPaused = ({ pauseReason }: AgentSnapshot) => pauseReason === 'announcement';
    const { state } = await whenAgent(rig, userId, 'paused', isPaused, 5_000);
    assert.equal(state, 'paused');
    await rig.app.db.knex('leads').update({ state: 'new' });
    await rig.pass(5_000);
    assert.deepEqual(await rig.calls(), []);
    assert.ok(await messages.read(id, userId, rig.app.clock.now()));
    await rig.ask('agent.ready', { userId });
    await onCall();
  });

  it('keeps nobody from being ready by a message that need not be read', async () => {
    await rig.signIn(userId);
    const text = { by: userId, kind: 'written' as const, text: 'Well done', mustRead: false };
    await messages.send({ ...text, scope: { to: 'agent', id: userId } }, [userId], rig.app.clock.now());
    assert.equal((await rig.ask('agent.ready', { userId })).state, 'ready');
  });

  it('pauses an agent after the call in which an announcement came, whatever was chosen', async () => {
    await rig.ready(userId);
    await onCall();
    await announce();
    await whenAgent(rig, userId, 'is to be paused', ({ pausesNext }) => pausesNext === true);
    await endCall();
    const { state, pauseReason } = await rig.snapshot(userId);
    assert.deepEqual([state, pauseReason], ['paused', 'announcement']);
  });

  it('lets an agent go on after the call who has read it by then', async () => {
    await rig.ready(userId);
    await onCall();
    const id = await announce();
    await whenAgent(rig, userId, 'is to be paused', ({ pausesNext }) => pausesNext === true);
    await messages.read(id, userId, rig.app.clock.now());
    await whenAgent(rig, userId, 'is not to be paused', ({ pausesNext }) => pausesNext === false);
    await endCall();
    assert.equal((await rig.snapshot(userId)).state, 'ready');
  });

  it('keeps the agent’s own pause, asked for beside an announcement, when that is read', async () => {
    const id = await announcedOnCall();
    const pauseCodeId = await lunch();
    const asked = await rig.ask('agent.pause', { userId, pauseCodeId });
    assert.deepEqual([asked.pausesNext, asked.nextPauseCodeId], [true, pauseCodeId]);
    await messages.read(id, userId, rig.app.clock.now());
    await whenRead();
    const after = await endCall({ next: 'paused' });
    assert.deepEqual([after.state, after.pauseCodeId, after.pauseReason], ['paused', pauseCodeId, null]);
  });

  it('keeps it where it is handed in with the result, too', async () => {
    await announcedOnCall();
    const pauseCodeId = await lunch();
    const after = await endCall({ next: 'paused', pauseCodeId });
    assert.deepEqual([after.state, after.pauseCodeId, after.pauseReason], ['paused', pauseCodeId, null]);
  });

  it('takes “as it was to come” for the pause in which an announcement is read', async () => {
    await announcedOnCall();
    const after = await endCall({ next: 'paused' });
    assert.deepEqual([after.state, after.pauseReason], ['paused', 'announcement']);
  });

  it('leaves paused who dialled by hand from that pause and reads it during the call', async () => {
    const id = await announcedOnCall();
    const { pauseReason, campaigns } = await endCall();
    assert.equal(pauseReason, 'announcement');
    await rig.ask('agent.dial', { userId, campaignId: campaigns[0]!.id, e164: '+14155550111' });
    await onCall();
    await messages.read(id, userId, rig.app.clock.now());
    await whenRead();
    assert.equal((await endCall({ next: 'paused' })).state, 'paused');
  });

  it('keeps over a restart of the dialer that one is to be read (fault: the process is gone during the call)', async () => {
    await announcedOnCall();
    await rig.dialer.settled();
    const { agent } = (await createAgentStore(rig.app).find(userId))!;
    assert.deepEqual([agent.after.to, agent.mustRead], ['ready', true]);
  });

  it('does not end a supervisor’s pause when an announcement is read', async () => {
    await rig.ready(userId);
    await onCall();
    const id = await announce();
    await whenAgent(rig, userId, 'is to be paused', ({ pausesNext }) => pausesNext === true);
    await force('paused');
    await messages.read(id, userId, rig.app.clock.now());
    await rig.pass(1_000);
    await endCall();
    const { state, pauseReason } = await rig.snapshot(userId);
    assert.deepEqual([state, pauseReason], ['paused', 'forced']);
  });

  it('leaves robots at work', async () => {
    await announce();
    await rig.ask('agent.sign-in', { userId, robot: true });
    await whenAgent(rig, userId, 'phone is up', ({ phone }) => phone === 'up');
    assert.equal((await rig.ask('agent.ready', { userId })).state, 'ready');
  });

  it('makes ready whom a supervisor had paused, also during a call', async () => {
    await rig.ready(userId);
    await onCall();
    await force('paused');
    assert.equal((await rig.snapshot(userId)).pausesNext, true);
    assert.equal((await force('ready')).pausesNext, false);
    assert.equal((await force('signed-out')).signsOutNext, true);
    assert.equal((await force('ready')).signsOutNext, false);
    await endCall();
    assert.equal((await rig.snapshot(userId)).state, 'ready');
  });

  it('makes nobody ready whose phone is not there', async () => {
    await rig.ask('agent.sign-in', { userId });
    assert.equal(await refusal(force('ready')), 'phone-not-up');
  });
});
