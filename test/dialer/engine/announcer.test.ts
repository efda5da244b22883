import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Announcer } from '../../../dialer/engine/announcer.ts';
import type { Actions } from '../../../dialer/engine/actions.ts';
import type { DialerContext } from '../../../dialer/engine/context.ts';
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
