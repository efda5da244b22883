import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Announcer } from '../../../dialer/engine/announcer.ts';
import type { Actions } from '../../../dialer/engine/actions.ts';
import type { DialerContext } from '../../../dialer/engine/context.ts';
import { TelephonyError } from '../../../dialer/telephony/index.ts';
import type { LiveCall } from '../../../dialer/engine/live-calls.ts';
import { identificationMedia } from '../../../dialer/prompts/identification.ts';

/** Which message leaves for the switch, of a customer whose language the CRM says to be `language`. */
function toldIn(e164: string, language: string | null): Promise<string> {
  return new Promise((resolve) => {
    const ctx = {
      calls: { apply: () => ({ ok: true }) },
      app: { clock: { after: () => () => undefined, now: () => 0 }, log: { warn: () => undefined, error: () => undefined } }, // prettier-ignore
      stores: { customers: { get: () => Promise.resolve({ language }) } },
      telephony: { play: (_on: object, media: string) => (resolve(media), Promise.resolve()) },
    } as unknown as DialerContext;
    const announcer = new Announcer(ctx, {} as Actions, (identification, wanted) =>
      identificationMedia(null, identification, wanted),
    );
    const live = {
      call: { id: 'c', state: 'announcing', e164, customerId: 1 },
      campaign: { id: 1, identification: { words: {}, optOutDigit: '9' } },
      channelId: 'ch',
      language: undefined,
      stopTimers: [],
    } as unknown as LiveCall;
    assert.ok(announcer.announce(live, 'no-agent'));
  });
}

describe('the language of the identification message', () => {
  it('is the customer’s, else that of their number’s country, else English', async () => {
    assert.match(await toldIn('+8613800138000', null), /identification-zh-CN$/);
    assert.match(await toldIn('+886912345678', null), /identification-zh-TW$/);
    assert.match(await toldIn('+85251234567', null), /identification-zh-TW$/);
    assert.match(await toldIn('+8613800138000', 'en'), /identification-en$/);
    assert.match(await toldIn('+14155550101', null), /identification-en$/);
    assert.match(await toldIn('+14155550101', 'zh-CN'), /identification-zh-CN$/);
  });
});

describe('fault: the link to the switch is away as a message is to be played', () => {
  const person = '+14155550101';
  /** A call that is told who called, on a switch that refuses so many times. */
  async function told(refusals: number) {
    let now = 0;
    const ids: string[] = [];
    const ended: string[] = [];
    const timers: { at: number; task: () => void }[] = [];
    const live = {
      call: { id: 'c', state: 'announcing', e164: person, customerId: 1 },
      campaign: { id: 1, identification: { words: { en: 'We called.' }, optOutDigit: null } },
      ...{ channelId: 'ch', language: 'en', stopTimers: [] },
    } as unknown as LiveCall;
    const ctx = {
      calls: { apply: () => ({ ok: true }), get: () => live },
      app: {
        clock: {
          now: () => now,
          after: (ms: number, task: () => void) => (timers.push({ at: now + ms, task }), () => undefined),
        },
        log: { warn: () => undefined, error: () => undefined },
      },
      telephony: {
        state: 'up',
        stopPlayback: () => Promise.resolve(),
        play: async (_on: object, _media: string, id: string) => {
          ids.push(id);
          if (ids.length <= refusals) throw new TelephonyError('unavailable', 'no answer');
        },
      },
    } as unknown as DialerContext;
    const end = (_live: LiveCall, outcome: string) => void ended.push(outcome);
    const announcer = new Announcer(ctx, { end } as unknown as Actions, () => ['sound:own']);
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    announcer.announce(live, 'no-agent');
    await settle();
    return {
      ...{ announcer, ids, ended, timers },
      /** Runs what is due first, and comes to its time. */
      async next() {
        timers.sort((a, b) => a.at - b.at);
        const { at, task } = timers.shift()!;
        now = at;
        task();
        await settle();
      },
      now: () => now,
    };
  }

  it('the end of what was begun unheard is not the end of what is played now', async () => {
    const { announcer, ids, ended, next } = await told(1);
    await next();
    assert.equal(ids.length, 2);
    announcer.playbackFinished(ids[0]!, false);
    assert.deepEqual(ended, []);
    announcer.playbackFinished(ids[1]!, false);
    assert.deepEqual(ended, ['abandoned']);
  });

  it('nothing is tried any more once the longest message would be over, also where nobody ends the call', async () => {
    const { ids, next, timers, now } = await told(Infinity);
    while (timers.length > 0 && now() < 400_000) await next();
    assert.ok(ids.length > 10);
    assert.ok(now() <= 301_000, `still tries after ${now()} ms`);
  });
});
