import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'mocha';
import { loudness, readWav } from '../../../dialer/telephony/audio/wav.ts';
import type { Telephony } from '../../../dialer/telephony/index.ts';
import { eventually } from '../../support/eventually.ts';
import type { TelephonySide } from './contract.ts';
import type { EventLog } from './event-log.ts';

/** What there is when a test runs, and not before. */
export interface ContractRig {
  readonly side: TelephonySide;
  readonly telephony: Telephony;
  readonly log: EventLog;
  /** Calls this endpoint; its channel, once it has picked up. */
  answered(endpoint: string): Promise<string>;
}

/** The part of the contract that is about what is heard: recordings, messages, keys, greetings and ears. */
export function soundContract(t: ContractRig): void {
  it('records a bridge to a WAV file that has sound in it, and deletes it', async () => {
    const [bridgeId, name] = [randomUUID(), `call-${randomUUID()}`];
    await t.telephony.createBridge(bridgeId, 'mixing');
    const customer = await t.answered(t.side.customer('10'));
    const agent = await t.answered(t.side.agent);
    await t.telephony.addToBridge(bridgeId, [customer, agent]);
    await t.telephony.record(bridgeId, name);
    await t.telephony.play({ bridgeId }, 'sound:hello-world', randomUUID());
    await t.log.next('playback-finished');
    await t.telephony.pauseRecording(name, true);
    await eventually(async () => assert.equal(await t.telephony.recordingState(name), 'paused'));
    await t.telephony.pauseRecording(name, false);
    await eventually(async () => assert.equal(await t.telephony.recordingState(name), 'goes-on'));
    await t.telephony.stopRecording(name);
    const finished = await t.log.next('recording-finished', { name });
    assert.equal(finished.failed, false);
    await eventually(async () => assert.equal(await t.telephony.recordingState(name), null));
    const stream = await t.telephony.fetchRecording(name);
    assert.ok(stream);
    const wav = readWav(await bytesOf(stream));
    assert.equal(wav.sampleRate, 8000);
    assert.ok(wav.samples.length > 2000, `${wav.samples.length} samples`);
    assert.ok(loudness(wav.samples) > 0.005, `loudness ${loudness(wav.samples)}`);
    await t.telephony.deleteRecording(name);
    assert.equal(await t.telephony.fetchRecording(name), null);
  });

  it('leaves what is said while a recording is paused out of it', async () => {
    const [bridgeId, name] = [randomUUID(), `call-${randomUUID()}`];
    await t.telephony.createBridge(bridgeId, 'mixing');
    const agent = await t.answered(t.side.agent);
    await t.telephony.addToBridge(bridgeId, [agent]);
    const begun = await t.log.next('bridged', { channelId: agent, bridgeId });
    await t.telephony.record(bridgeId, name);
    // Refused until it has begun.
    await eventually(() => t.telephony.pauseRecording(name, true));
    await t.telephony.play({ bridgeId }, 'sound:hello-world', randomUUID());
    await t.log.next('playback-finished');
    await t.telephony.pauseRecording(name, false);
    await t.telephony.stopRecording(name);
    const finished = await t.log.next('recording-finished', { name });
    const stream = await t.telephony.fetchRecording(name);
    const { samples, sampleRate } = readWav(await bytesOf(stream!));
    const ms = (samples.length / sampleRate) * 1000;
    // By the switch's own clock; the words that were played take more than a second.
    assert.ok(ms < finished.at - begun.at - 1_000, `${ms} ms of ${finished.at - begun.at}`);
    await t.telephony.deleteRecording(name);
  });

  it('finishes a recording whose bridge is destroyed', async () => {
    const [bridgeId, name] = [randomUUID(), `call-${randomUUID()}`];
    await t.telephony.createBridge(bridgeId, 'mixing');
    await t.telephony.addToBridge(bridgeId, [await t.answered(t.side.agent)]);
    await t.telephony.record(bridgeId, name);
    // A busy Asterisk has said yes before the recorder is in the bridge; it is once a sound has been played there.
    const playbackId = randomUUID();
    await t.telephony.play({ bridgeId }, 'sound:hello-world', playbackId);
    await t.log.next('playback-finished', { playbackId });
    await t.telephony.destroyBridge(bridgeId);
    await t.log.next('recording-finished', { name });
    await t.telephony.deleteRecording(name);
  });

  it('plays to a channel, and stops it', async () => {
    const channelId = await t.answered(t.side.customer('01'));
    const playbackId = randomUUID();
    await t.telephony.play({ channelId }, 'sound:hello-world', playbackId);
    await t.telephony.stopPlayback(playbackId);
    const finished = await t.log.next('playback-finished', { playbackId });
    assert.equal(finished.failed, false);
  });

  it('hears the keys that a customer presses', async () => {
    const channelId = await t.answered(t.side.customer('11'));
    const { digit } = await t.log.next('dtmf', { channelId });
    assert.equal(digit, '9');
  });

  for (const [digits, who, result] of [
    ['01', 'a person', 'human'],
    ['10', 'an answering machine', 'machine'],
  ] as const)
    it(`tells ${who} from its greeting, and has the channel back`, async () => {
      const channelId = await t.answered(t.side.customer(digits));
      const isOurs = async () =>
        (await t.telephony.channels()).find((channel) => channel.channelId === channelId)?.inApp;
      assert.equal(await isOurs(), true);
      await t.telephony.detectMachine(channelId);
      await eventually(async () => assert.equal(await isOurs(), false));
      const amd = await t.log.next('amd', { channelId }, 15_000);
      assert.equal(amd.result, result, amd.cause);
      assert.equal(await isOurs(), true);
      await t.telephony.mute(channelId, true);
      assert.equal(t.log.typesOf(channelId).filter((type) => type === 'answered').length, 1);
    });

  it('tells when it is silent on the line, as after a beep, and has the channel back', async () => {
    const channelId = await t.answered(t.side.customer('12'));
    await t.telephony.awaitSilence(channelId);
    const silence = await t.log.next('silence', { channelId }, 15_000);
    assert.equal(silence.heard, true);
    const playbackId = randomUUID();
    await t.telephony.play({ channelId }, 'sound:hello-world', playbackId);
    assert.equal((await t.log.next('playback-finished', { playbackId }, 15_000)).failed, false);
  });

  it('tells the end of a call that ends during machine detection', async () => {
    const channelId = await t.answered(t.side.customer('01'));
    await t.telephony.detectMachine(channelId);
    await t.telephony.hangup(channelId);
    await t.log.next('ended', { channelId });
  });

  it('listens to a channel with a snoop', async () => {
    const agent = await t.answered(t.side.agent);
    const [snoopId, supervisors] = [randomUUID(), randomUUID()];
    await t.telephony.createBridge(supervisors, 'mixing');
    await t.telephony.snoop(agent, snoopId, { whisper: true });
    await t.log.next('started', { channelId: snoopId, incoming: false });
    await t.telephony.addToBridge(supervisors, [snoopId]);
    await t.log.next('bridged', { channelId: snoopId });
    await t.telephony.hangup(agent);
    await t.log.next('ended', { channelId: snoopId });
    await eventually(async () => assert.deepEqual(await t.telephony.channels(), []));
  });

  it('hears a talk through a snoop, and the talk goes on without it', async () => {
    const [agent, customer] = [await t.answered(t.side.agent), await t.answered(t.side.customer('01'))];
    const [talk, supervisors, snoopId] = [randomUUID(), randomUUID(), randomUUID()];
    const name = `call-${randomUUID()}`;
    for (const bridgeId of [talk, supervisors]) await t.telephony.createBridge(bridgeId, 'mixing');
    await t.telephony.addToBridge(talk, [agent, customer]);
    await t.telephony.snoop(agent, snoopId, { whisper: false });
    await t.log.next('started', { channelId: snoopId });
    await t.telephony.addToBridge(supervisors, [snoopId]);
    await t.log.next('bridged', { channelId: snoopId });
    await t.telephony.record(supervisors, name);
    const playbackId = randomUUID();
    await t.telephony.play({ bridgeId: talk }, 'sound:hello-world', playbackId);
    await t.log.next('playback-finished', { playbackId });
    await t.telephony.stopRecording(name);
    await t.log.next('recording-finished', { name });
    const stream = await t.telephony.fetchRecording(name);
    assert.ok(stream);
    const { samples } = readWav(await bytesOf(stream));
    assert.ok(loudness(samples) > 0.005, `loudness ${loudness(samples)}`);
    await t.telephony.deleteRecording(name);
    await t.telephony.hangup(snoopId);
    await t.log.next('ended', { channelId: snoopId });
    // A channel that has ended stands in the switch's list for a moment longer.
    await eventually(async () => {
      const ids = (await t.telephony.channels()).map(({ channelId }) => channelId).sort();
      assert.deepEqual(ids, [agent, customer].sort());
    });
  });

  it('takes a supervisor’s leg into a talk and out again, and both ears are told apart', async () => {
    const [agent, customer] = [await t.answered(t.side.agent), await t.answered(t.side.customer('01'))];
    const supervisor = await t.answered(t.side.customer('01'));
    const [talk, own, first, second] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    for (const bridgeId of [talk, own]) await t.telephony.createBridge(bridgeId, 'mixing');
    await t.telephony.addToBridge(talk, [agent, customer]);
    await t.telephony.addToBridge(own, [supervisor]);
    await t.log.next('bridged', { channelId: supervisor, bridgeId: own });
    for (const [snoopId, whisper] of [
      [first, false],
      [second, true],
    ] as const) {
      await t.telephony.snoop(agent, snoopId, { whisper });
      await t.log.next('answered', { channelId: snoopId });
      await t.telephony.addToBridge(own, [snoopId]);
      await t.log.next('bridged', { channelId: snoopId });
    }
    await t.telephony.hangup(first);
    await t.log.next('ended', { channelId: first });
    await t.telephony.addToBridge(talk, [supervisor]);
    await t.log.next('bridged', { channelId: supervisor, bridgeId: talk });
    await t.telephony.addToBridge(own, [supervisor]);
    const held = async (bridgeId: string) =>
      (await t.telephony.bridges()).find((bridge) => bridge.bridgeId === bridgeId)?.channelIds.sort();
    await eventually(async () => {
      assert.deepEqual(await held(own), [supervisor, second].sort());
      assert.deepEqual(await held(talk), [agent, customer].sort());
    });
    await t.telephony.destroyBridge(own);
    assert.ok((await t.telephony.channels()).some(({ channelId }) => channelId === second));
  });
}

async function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part as Buffer));
  return Buffer.concat(parts);
}
