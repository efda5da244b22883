import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Translator } from '../../../dialer/telephony/ari/translate.ts';
import type { AriChannel, AriEvent } from '../../../dialer/telephony/ari/wire.ts';

const channel = (state: string, more: Partial<AriChannel> = {}): AriChannel => ({
  id: 'c1',
  name: 'PJSIP/trunk-1-00000001',
  state,
  caller: { name: '', number: '+12025550100' },
  creationtime: '2026-11-21T18:54:12.660+0000',
  ...more,
});
const ringing: AriEvent = { type: 'ChannelStateChange', channel: channel('Ringing') };
const up: AriEvent = { type: 'ChannelStateChange', channel: channel('Up') };
const started: AriEvent = { type: 'StasisStart', channel: channel('Up'), args: ['originated'] };
const destroyed = (cause: number): AriEvent => ({ type: 'ChannelDestroyed', channel: channel('Up'), cause });
const dial = (dialstatus: string): AriEvent => ({ type: 'Dial', peer: channel('Down'), dialstatus });

const typesOf = (events: AriEvent[], translator = new Translator()) =>
  events.flatMap((event) => translator.translate(event)).map(({ type }) => type);

describe('ARI events in the words of the port', () => {
  it('tells ringing once, whether the state or the dial says it first', () => {
    assert.deepEqual(typesOf([ringing, dial('RINGING')]), ['ringing']);
    assert.deepEqual(typesOf([dial('RINGING'), ringing]), ['ringing']);
  });

  it('tells the answer when the channel is up and in the application, in either order', () => {
    assert.deepEqual(typesOf([ringing, up]), ['ringing']);
    assert.deepEqual(typesOf([up, started]), ['started', 'answered']);
    assert.deepEqual(typesOf([{ ...started, channel: channel('Ring') }, up]), ['started', 'answered']);
  });

  it('says nothing of ringing after the answer', () => {
    assert.deepEqual(typesOf([up, started, ringing, dial('PROGRESS')]), ['started', 'answered']);
  });

  it('takes the verdict of detection for no second answer', () => {
    const translator = new Translator();
    typesOf([up, started, { type: 'StasisEnd', channel: channel('Up') }], translator);
    const back: AriEvent = {
      type: 'StasisStart',
      channel: channel('Up'),
      args: ['amd', 'MACHINE', 'MAXWORDS-2-2'],
    };
    assert.deepEqual(translator.translate(back), [
      { type: 'amd', channelId: 'c1', result: 'machine', cause: 'MAXWORDS-2-2' },
    ]);
    assert.deepEqual(typesOf([destroyed(16)], translator), ['ended']);
  });

  it('tells what was waited for before a message is left', () => {
    const back = (status: string) =>
      new Translator().translate({ type: 'StasisStart', channel: channel('Up'), args: ['silence', status] });
    assert.deepEqual(back('SILENCE'), [{ type: 'silence', channelId: 'c1', heard: true }]);
    for (const status of ['TIMEOUT', 'HANGUP', ''])
      assert.deepEqual(back(status), [{ type: 'silence', channelId: 'c1', heard: false }]);
  });

  it('has a word for each verdict, and "unsure" for what it does not know', () => {
    const resultOf = (status: string) => {
      const [event] = new Translator().translate({
        type: 'StasisStart',
        channel: channel('Up'),
        args: ['amd', status, ''],
      });
      return event?.type === 'amd' ? event.result : null;
    };
    assert.deepEqual(['HUMAN', 'MACHINE', 'NOTSURE', 'HANGUP', ''].map(resultOf), [
      'human',
      'machine',
      'unsure',
      'unsure',
      'unsure',
    ]);
  });

  it('gives an end without a cause the cause of an ordinary hang-up, if it was answered', () => {
    const translator = new Translator();
    typesOf([up, started], translator);
    assert.deepEqual(translator.translate(destroyed(0)), [
      { type: 'ended', channelId: 'c1', cause: 16, dialStatus: null },
    ]);
    assert.deepEqual(new Translator().translate(destroyed(0)), [
      { type: 'ended', channelId: 'c1', cause: 0, dialStatus: null },
    ]);
  });

  it('keeps the dial status of an unanswered call, and forgets it after an answer', () => {
    const unanswered = new Translator();
    typesOf([dial('BUSY')], unanswered);
    assert.deepEqual(unanswered.translate(destroyed(17)), [
      { type: 'ended', channelId: 'c1', cause: 17, dialStatus: 'BUSY' },
    ]);
    assert.deepEqual(new Translator().translate(destroyed(19)), [
      { type: 'ended', channelId: 'c1', cause: 19, dialStatus: 'NOANSWER' },
    ]);
  });

  it('takes leaving for the end of snoops and incoming calls, of which Asterisk tells no more', () => {
    for (const args of [['snoop'], ['incoming', '+12025550199']]) {
      const events: AriEvent[] = [
        { type: 'StasisStart', channel: channel('Up'), args },
        { type: 'StasisEnd', channel: channel('Up') },
      ];
      assert.deepEqual(typesOf(events), ['started', 'answered', 'ended']);
    }
  });

  it('remembers no channel that is gone', () => {
    const translator = new Translator();
    for (let i = 0; i < 1000; i++) {
      const id = `c${i}`;
      translator.translate({ type: 'ChannelStateChange', channel: channel('Ringing', { id }) });
      translator.translate({ type: 'ChannelDestroyed', channel: channel('Ringing', { id }), cause: 16 });
      translator.translate({ type: 'StasisEnd', channel: channel('Up', { id }) });
    }
    assert.equal(translator.size, 0);
  });

  it('knows after a gap which incoming calls are still there, and forgets the others', () => {
    const translator = new Translator();
    typesOf([ringing], translator);
    const dialplan = { exten: 's', app_name: 'Stasis', app_data: 'ringwise,incoming,+12025550199' };
    translator.reconcile([channel('Up', { id: 'in', dialplan })]);
    assert.equal(translator.size, 1);
    const left: AriEvent = { type: 'StasisEnd', channel: channel('Up', { id: 'in' }) };
    assert.deepEqual(typesOf([left], translator), ['ended']);
  });

  it('tells a phone only when it changes', () => {
    const state = (name: string): AriEvent => ({
      type: 'DeviceStateChanged',
      device_state: { name: 'PJSIP/agent-1', state: name },
    });
    const translator = new Translator();
    const told = ['NOT_INUSE', 'RINGING', 'INUSE', 'UNAVAILABLE', 'INVALID', 'NOT_INUSE']
      .flatMap((name) => translator.translate(state(name)))
      .map((event) => event.type === 'endpoint' && event.online);
    assert.deepEqual(told, [true, false, true]);
  });

  it('passes over what it does not know and what is incomplete', () => {
    const odd: AriEvent[] = [
      { type: 'NeverHeardOf' },
      { type: 'StasisStart' },
      { type: 'Dial', dialstatus: 'RINGING' },
      { type: 'ChannelDestroyed' },
      { type: 'PlaybackFinished' },
      { type: 'ChannelEnteredBridge', channel: channel('Up') },
    ];
    assert.deepEqual(typesOf(odd), []);
  });
});
