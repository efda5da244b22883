import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { TelephonyError, type Telephony } from '../../../dialer/telephony/index.ts';
import { EventLog } from './event-log.ts';
import { soundContract } from './sound-contract.ts';

/** One side of the port, made ready for the suite. Times are the machine's, so a simulator runs at its own speed. */
export interface TelephonySide {
  telephony: Telephony;
  /** The endpoint at which the customer of these last two digits is reached. */
  customer(digits: string): string;
  /** An agent's phone that picks itself up. */
  agent: string;
  /** Has a customer call the number in. */
  callIn(from: string, to: string): Promise<void>;
  close(): Promise<void>;
}

/** What every side of the telephony port must do. */
export function telephonyContract(name: string, open: () => Promise<TelephonySide>): void {
  describe(`telephony contract: ${name}`, function () {
    this.timeout(30_000);
    let side: TelephonySide;
    let telephony: Telephony;
    let log: EventLog;

    before(async function () {
      this.timeout(90_000);
      side = await open();
      telephony = side.telephony;
    });
    after(async () => {
      await side?.close();
    });
    beforeEach(() => {
      log = new EventLog(telephony);
    });
    afterEach(async () => {
      log.stop();
      for (const { channelId } of await telephony.channels()) await telephony.hangup(channelId);
      for (const { bridgeId } of await telephony.bridges()) await telephony.destroyBridge(bridgeId);
    });

    const call = async (endpoint: string, more: { callerId?: string; ringTimeoutMs?: number } = {}) => {
      const channelId = randomUUID();
      await telephony.originate({
        channelId,
        endpoint,
        callerId: '+12025550100',
        ringTimeoutMs: 15_000,
        ...more,
      });
      return channelId;
    };
    const answered = async (endpoint: string) => {
      const channelId = await call(endpoint);
      await log.next('answered', { channelId });
      return channelId;
    };

    it('is up, and answers a ping', async () => {
      assert.equal(telephony.state, 'up');
      await telephony.ping();
    });

    it('tells ringing, started, answered and ended of a call, each once and in order', async () => {
      const channelId = await answered(side.customer('01'));
      await telephony.hangup(channelId);
      const ended = await log.next('ended', { channelId });
      assert.deepEqual(log.typesOf(channelId), ['ringing', 'started', 'answered', 'ended']);
      assert.equal(ended.cause, 16);
      assert.equal(ended.dialStatus, null);
    });

    it('tells that a customer hung up', async () => {
      const channelId = await answered(side.customer('03'));
      const ended = await log.next('ended', { channelId });
      assert.equal(ended.cause, 16);
    });

    it('tells that a customer hung up in the moment of answering', async () => {
      const channelId = await call(side.customer('09'));
      await log.next('ended', { channelId });
      assert.deepEqual(
        log.typesOf(channelId).filter((type) => type === 'answered' || type === 'ended'),
        ['answered', 'ended'],
      );
    });

    it('tells early media before the answer', async () => {
      const channelId = await answered(side.customer('08'));
      const types = log.typesOf(channelId);
      assert.ok(types.indexOf('progress') !== -1 && types.indexOf('progress') < types.indexOf('answered'));
    });

    for (const [digits, what, cause, dialStatus, sipStatus] of [
      ['05', 'a busy line', 17, 'BUSY', 486],
      ['06', 'a number that nobody has', 1, 'NOANSWER', 404],
      ['07', 'congestion', 34, 'CONGESTION', 503],
    ] as const)
      it(`tells ${what} by its cause, dial status and SIP status`, async () => {
        const channelId = await call(side.customer(digits));
        const ended = await log.next('ended', { channelId });
        const told = { cause: ended.cause, dialStatus: ended.dialStatus, sipStatus: ended.sipStatus };
        assert.deepEqual(told, { cause, dialStatus, sipStatus });
        assert.ok(!log.typesOf(channelId).includes('answered'));
      });

    it('gives up a call that nobody answers when the ring time is over', async () => {
      const channelId = await call(side.customer('04'), { ringTimeoutMs: 2000 });
      const ended = await log.next('ended', { channelId });
      assert.equal(ended.dialStatus, 'NOANSWER');
      assert.ok(log.typesOf(channelId).includes('ringing'));
    });

    it('can cancel a call while it rings', async () => {
      const channelId = await call(side.customer('04'));
      await log.next('ringing', { channelId });
      await telephony.hangup(channelId);
      await log.next('ended', { channelId });
      assert.ok(!log.typesOf(channelId).includes('answered'));
      assert.equal(log.typesOf(channelId).filter((type) => type === 'ended').length, 1);
    });

    it('refuses an endpoint that does not exist, in words', async () => {
      await assert.rejects(call('PJSIP/+12025550101@trunk-nowhere'), (error: unknown) => {
        assert.ok(error instanceof TelephonyError);
        assert.equal(error.fault, 'unreachable-endpoint');
        return true;
      });
    });

    it('settles every operation on a channel that has gone', async () => {
      const gone = randomUUID();
      await telephony.hangup(gone);
      await telephony.answer(gone);
      await telephony.mute(gone, true);
      await telephony.hold(gone, true);
      await telephony.play({ channelId: gone }, 'sound:beep', randomUUID());
      await telephony.snoop(gone, randomUUID(), { whisper: false });
      await telephony.detectMachine(gone);
      assert.equal(await telephony.getVariable(gone, 'ANYTHING'), null);
      await telephony.stopPlayback(randomUUID());
      await telephony.stopRecording('none');
      assert.equal(await telephony.recordingState('none'), null);
      assert.equal(await telephony.fetchRecording('none'), null);
      await telephony.deleteRecording('none');
      await telephony.destroyBridge(randomUUID());
    });

    it('joins a customer to an agent who waits in a holding bridge', async () => {
      const [holding, mixing] = [randomUUID(), randomUUID()];
      await telephony.createBridge(holding, 'holding');
      await telephony.createBridge(mixing, 'mixing');
      const agent = await answered(side.agent);
      await telephony.addToBridge(holding, [agent]);
      await telephony.musicOnHold(holding, true);
      await log.next('bridged', { channelId: agent, bridgeId: holding });
      const customer = await answered(side.customer('01'));
      await telephony.addToBridge(mixing, [customer, agent]);
      await log.next('bridged', { channelId: customer, bridgeId: mixing });
      await log.next('bridged', { channelId: agent, bridgeId: mixing });
      await telephony.createBridge(mixing, 'mixing');
      const bridge = (await telephony.bridges()).find(({ bridgeId }) => bridgeId === mixing);
      assert.deepEqual([...(bridge?.channelIds ?? [])].sort(), [customer, agent].sort());
      await telephony.addToBridge(holding, [agent]);
      await log.next('unbridged', { channelId: agent, bridgeId: mixing });
      await telephony.musicOnHold(holding, false);
      await telephony.hangup(customer);
      await log.next('ended', { channelId: customer });
    });

    it('moves the living when one of the channels has gone', async () => {
      const bridgeId = randomUUID();
      await telephony.createBridge(bridgeId, 'mixing');
      const agent = await answered(side.agent);
      await telephony.addToBridge(bridgeId, [randomUUID(), agent]);
      await log.next('bridged', { channelId: agent, bridgeId });
      await telephony.removeFromBridge(bridgeId, [agent]);
      await log.next('unbridged', { channelId: agent, bridgeId });
      await telephony.removeFromBridge(bridgeId, [agent]);
    });

    it('takes a customer on hold out of a bridge, where somebody else comes, and brings those two together elsewhere', async () => {
      const [home, talk] = [randomUUID(), randomUUID()];
      await telephony.createBridge(home, 'mixing');
      await telephony.createBridge(talk, 'mixing');
      const agent = await answered(side.agent);
      const customer = await answered(side.customer('01'));
      const other = await answered(side.customer('01'));
      await telephony.addToBridge(home, [agent, customer]);
      await log.next('bridged', { channelId: customer, bridgeId: home });
      await telephony.hold(customer, true);
      await telephony.removeFromBridge(home, [customer]);
      await log.next('unbridged', { channelId: customer, bridgeId: home });
      await telephony.addToBridge(home, [other]);
      await log.next('bridged', { channelId: other, bridgeId: home });
      await telephony.addToBridge(talk, [customer, other]);
      await telephony.hold(customer, false);
      await log.next('bridged', { channelId: customer, bridgeId: talk });
      await log.next('bridged', { channelId: other, bridgeId: talk });
      const inBridge = async (id: string) =>
        (await telephony.bridges()).find(({ bridgeId }) => bridgeId === id)?.channelIds.sort();
      assert.deepEqual(await inBridge(talk), [customer, other].sort());
      assert.deepEqual(await inBridge(home), [agent]);
      // Twice, as by two who want the same.
      await telephony.addToBridge(home, [customer]);
      await telephony.addToBridge(home, [customer]);
      await log.next('unbridged', { channelId: customer, bridgeId: talk });
      assert.deepEqual(await inBridge(home), [agent, customer].sort());
    });

    soundContract({
      get side() {
        return side;
      },
      get telephony() {
        return telephony;
      },
      get log() {
        return log;
      },
      answered,
    });

    it('mutes, holds, sends digits and tells variables', async () => {
      const channelId = randomUUID();
      await telephony.originate({
        channelId,
        endpoint: side.customer('01'),
        callerId: '+12025550100',
        callerName: 'Harbour "Water"',
        ringTimeoutMs: 15_000,
        variables: { CAMPAIGN: '17' },
      });
      await log.next('answered', { channelId });
      assert.equal(await telephony.getVariable(channelId, 'CAMPAIGN'), '17');
      assert.equal(await telephony.getVariable(channelId, 'NEVER_SET'), null);
      await telephony.mute(channelId, true);
      await telephony.mute(channelId, false);
      await telephony.hold(channelId, true);
      await log.next('held', { channelId, on: true });
      await telephony.hold(channelId, false);
      await log.next('held', { channelId, on: false });
      await telephony.sendDtmf(channelId, '123#');
    });

    it('says what is on the switch', async () => {
      const channelId = await answered(side.customer('01'));
      const channel = (await telephony.channels()).find((each) => each.channelId === channelId);
      assert.equal(channel?.up, true);
      assert.ok(Math.abs(channel.createdAt - log.events[0]!.at) < 60_000);
      assert.match(channel.name, /^PJSIP\//);
      assert.ok((await telephony.endpoints()).some(({ endpoint }) => endpoint === side.agent));
    });

    it('hands over a call that comes in', async () => {
      await side.callIn('+12025550142', '+12025550199');
      const started = await log.next('started', { incoming: true });
      assert.equal(started.callerNumber, '+12025550142');
      assert.equal(started.calledNumber, '+12025550199');
      assert.deepEqual(log.typesOf(started.channelId), ['started']);
      await telephony.ring(started.channelId);
      await telephony.answer(started.channelId);
      await log.next('answered', { channelId: started.channelId });
      await telephony.hangup(started.channelId);
      await log.next('ended', { channelId: started.channelId });
    });

    it('takes endpoints at run time, or says that it takes none', async () => {
      const name = `agent-${randomUUID().slice(0, 8)}`;
      if (!(await telephony.putEndpoint({ kind: 'webrtc-agent', name, password: 'first' }))) return;
      assert.ok((await telephony.endpoints()).some(({ endpoint }) => endpoint === `PJSIP/${name}`));
      assert.equal(await telephony.putEndpoint({ kind: 'webrtc-agent', name, password: 'second' }), true);
      await telephony.removeEndpoint(name);
      assert.ok(!(await telephony.endpoints()).some(({ endpoint }) => endpoint === `PJSIP/${name}`));
      await telephony.removeEndpoint(name);
    });
  });
}
