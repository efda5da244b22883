import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { defaultHours } from '../../../campaigns/campaigns/index.ts';
import { partAt } from '../../../campaigns/leads/day-parts.ts';
import { agreedTime } from '../../../dialer/drafts/draft.ts';
import {
  barView,
  callControls,
  isNewer,
  mayTakeUp,
  parkedInOrder,
  stageOf,
} from '../../../dialer/workspace/bar.ts';
import { momentOf } from '../../../dialer/workspace/commands.ts';
import { foldDay } from '../../../dialer/workspace/own-figures.ts';
import { iceServers, wsUrlOf } from '../../../dialer/workspace/phone-settings.ts';
import { quickTimes } from '../../../dialer/workspace/quick-times.ts';
import { stepsOf } from '../../../dialer/workspace/script-view.ts';
import { browserWordKeys, browserWords } from '../../../dialer/workspace/words.ts';
import { createTranslator, locales } from '../../../core/i18n/index.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../../../core/paths.ts';
import { lostStatus } from '../../../views/browser/softphone/lost-line.ts';
import { BackOff } from '../../../views/browser/softphone/back-off.ts';
import { estimateMos, gradeOf, LineWatch, readQuality } from '../../../views/browser/softphone/quality.ts';
import { e164Of } from '../../../views/browser/workspace/e164.ts';
import { makesText } from '../../../views/browser/workspace/option-key.ts';
import { localClock } from '../../../views/browser/shared/local-clock.ts';
import { offsetsOf } from '../../../core/time/local-time.ts';
import { blankSnapshot, callOf } from './support.ts';

const minute = 60_000;

/** The text at a dotted path of a locale file: without falling back to English, as the translator would. */
const own = (words: unknown, key: string): unknown =>
  key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], words);

describe('customers who are parked', () => {
  const [mine, bens] = [1, 2].map((userId) => ({ userId, name: '' })) as [Who, Who];
  type Who = { userId: number; name: string };
  const parked = (callId: string, by: Who, since: number, isRinging = false) => ({
    ...{ callId, by, since, isRinging, slot: 1, ringsBackAt: null },
    ...{ campaignId: 1, customerId: null, e164: '' },
  });
  const shown = (part: object) => ({ ...blankSnapshot(1, 1000), phone: 'up' as const, ...part });

  it('stand in the order in which they want somebody: what rings at me, mine, and who waits longest', () => {
    const list = [
      parked('bens', bens, 1),
      parked('mine', mine, 4),
      parked('rings', mine, 5, true),
      parked('bens late', bens, 3),
      parked('bens rings', bens, 9, true),
    ];
    const order = parkedInOrder(shown({ parked: list })).map(({ callId }) => callId);
    assert.deepEqual(order, ['rings', 'mine', 'bens rings', 'bens', 'bens late']);
    assert.deepEqual(parkedInOrder(shown({})), []);
  });

  it('are taken up between calls, and a talk of one’s own can be parked', () => {
    const call = callOf({ id: 'c', campaignId: 1 });
    const may = (part: object) => mayTakeUp(shown(part));
    assert.ok(may({ state: 'ready' }) && may({ state: 'paused' }));
    assert.ok(may({ state: 'ready', legMode: 'per-call', phone: 'none' }));
    for (const part of [
      { state: 'on-call', call },
      { state: 'wrapup', call },
      { state: 'paused', phone: 'lost' },
    ])
      assert.ok(!may(part), part.state);
    const talk = (part: object) => callControls(shown({ state: 'on-call', call: { ...call, ...part } })).park;
    assert.ok(talk({}) && talk({ state: 'held' }));
    assert.ok(!talk({ askedBy: { userId: 2, name: '', callId: 'd' } }));
    assert.ok(!talk({ consult: { state: 'connected' } }));
  });
});

describe('the bar of the workspace', () => {
  const shown = (part: object) => ({ ...blankSnapshot(1, 1000), phone: 'up' as const, ...part });

  it('has one word and one next action for each state', () => {
    const of = (part: object, leg?: 'ringing') => {
      const { word, action } = barView(shown(part), leg);
      return [word, action];
    };
    const call = callOf({ id: 'c', campaignId: 1 });
    const ended = {
      ...{ callId: 's', name: 'Bob', e164: '', state: 'ended', connectedAt: null, hangupCause: null },
      outcome: 'cancelled',
    };
    assert.deepEqual(of({}), ['signed-out', 'sign-in']);
    assert.deepEqual(of({ state: 'paused' }), ['paused', 'ready']);
    assert.deepEqual(of({ state: 'paused', phone: 'lost' }), ['phone-lost', 'sign-in']);
    assert.deepEqual(of({ state: 'paused', phone: 'ringing' }), ['phone-connecting', null]);
    assert.deepEqual(of({ state: 'paused', phone: 'none' }), ['phone-connecting', 'sign-in']);
    assert.deepEqual(of({ state: 'paused', phone: 'none', legMode: 'per-call' }), ['paused', 'ready']);
    assert.deepEqual(of({ state: 'ready' }), ['ready', 'pause']);
    assert.deepEqual(of({ state: 'reserved', preview: { leadId: 1 } }), ['preview', 'preview-dial']);
    assert.deepEqual(of({ state: 'reserved' }), ['reserved', null]);
    const ringing = { ...call, state: 'ringing' as const };
    assert.deepEqual(of({ state: 'reserved', call: ringing }), ['dialing', 'hangup']);
    assert.deepEqual(
      of({ state: 'reserved', call }),
      ['reserved', null],
      'a colleague has the customer still',
    );
    const parked = { ...call, state: 'parked' as const, connectedAt: 1 };
    assert.deepEqual(
      of({ state: 'reserved', call: parked }),
      ['reserved', null],
      'who is parked is not dialled',
    );
    assert.deepEqual(of({ state: 'on-call', call }), ['on-call', 'hangup']);
    assert.deepEqual(of({ state: 'on-call', call: { ...call, state: 'held' } }), ['on-hold', 'hangup']);
    const consult = { ...ended, state: 'connected' as const, outcome: null };
    const asking = { ...call, state: 'held' as const, consult };
    assert.deepEqual(of({ state: 'on-call', call: asking }), ['consulting', 'take-back']);
    const three = { ...asking, state: 'connected' as const, threeWay: true };
    assert.deepEqual(of({ state: 'on-call', call: three }), ['three-way', 'take-back']);
    assert.deepEqual(of({ state: 'on-call', call: { ...asking, consult: ended } }), ['on-hold', 'hangup']);
    const askedBy = { userId: 2, name: 'Bob', callId: 'd' };
    assert.deepEqual(of({ state: 'on-call', call: { ...call, askedBy } }), ['consulting', 'hangup']);
    assert.deepEqual(of({ state: 'wrapup', call }), ['wrapup', 'save']);
    const rung = { state: 'reserved', legMode: 'per-call', phone: 'ringing', call: ringing };
    assert.deepEqual(of(rung, 'ringing'), ['ringing', 'answer']);
    assert.deepEqual(of(rung), ['ringing', null], 'a desk phone is answered on the desk');
  });

  it('shows the wrap-up and its clock also without a phone, and says that it is lost', () => {
    const call = callOf({ id: 'c', campaignId: 1 });
    const wrapup = barView(shown({ state: 'wrapup', phone: 'lost', wrapupUntil: 9_000, call }));
    assert.deepEqual(
      [wrapup.word, wrapup.action, wrapup.until, wrapup.lostPhone],
      ['wrapup', 'save', 9_000, 'wrapup'],
    );
    const talk = barView(shown({ state: 'on-call', phone: 'lost', call: { ...call, state: 'held' } }));
    assert.deepEqual([talk.word, talk.action, talk.lostPhone], ['phone-lost', 'sign-in', 'call']);
    assert.equal(barView(shown({ state: 'paused', phone: 'lost' })).lostPhone, null);
  });

  it('is neutral while a phone connects for the first time, and amber after it was lost', () => {
    const connecting = { state: 'paused', phone: 'ringing' };
    assert.equal(barView(shown({ ...connecting, pauseReason: 'signed-in' })).tone, 'off');
    assert.equal(barView(shown({ ...connecting, pauseReason: 'phone-lost' })).tone, 'reserved');
    assert.equal(barView(shown({ state: 'on-call', phone: 'ringing' })).tone, 'reserved');
  });

  it('keeps what is on the screen while a call is being set up', () => {
    assert.equal(stageOf(shown({ state: 'reserved' })), null);
    assert.equal(stageOf(shown({ state: 'ready' })), 'idle');
    assert.equal(stageOf(shown({ state: 'reserved', preview: { leadId: 5 } })), 'preview/5');
  });

  it('lets a newer snapshot replace an older one, never the other way round', () => {
    const at = (revision: number, now: number) => ({ ...blankSnapshot(1, now), revision });
    assert.ok(isNewer(at(1, 100), null));
    assert.ok(isNewer(at(2, 90), at(1, 100)));
    assert.ok(isNewer(at(1, 100), at(1, 100)));
    assert.ok(!isNewer(at(1, 99), at(1, 100)));
    assert.ok(!isNewer(at(1, 200), at(2, 100)));
    assert.ok(isNewer(at(0, 60_000), at(9, 100)), 'a dialer that began anew');
  });
});

describe('an agent’s own figures', () => {
  it('add up time by state and count calls', () => {
    const steps = [
      { at: 10 * minute, from: 'signed-out', to: 'paused', callId: 'a' },
      { at: 12 * minute, from: 'paused', to: 'ready', callId: 'a' },
      { at: 15 * minute, from: 'ready', to: 'on-call', callId: 'a' },
      { at: 16 * minute, from: 'on-call', to: 'on-call', callId: 'a' },
      { at: 19 * minute, from: 'on-call', to: 'wrapup', callId: 'a' },
      { at: 20 * minute, from: 'wrapup', to: 'ready', callId: 'a' },
    ];
    assert.deepEqual(foldDay(steps, null, 0, 30 * minute), {
      calls: 1,
      talkMs: 4 * minute,
      wrapupMs: minute,
      pauseMs: 2 * minute,
      readyMs: 13 * minute,
      signedInMs: 20 * minute,
    });
  });

  it('have one call of a customer who was parked and taken up again', () => {
    const talk = (at: number, callId: string) => [
      { at, from: 'reserved', to: 'on-call', callId },
      { at: at + minute, from: 'on-call', to: 'paused', callId },
    ];
    const day = [...talk(0, 'a'), ...talk(2 * minute, 'b'), ...talk(4 * minute, 'a')];
    const { calls, talkMs } = foldDay(day, null, 0, 30 * minute);
    assert.deepEqual([calls, talkMs], [2, 3 * minute]);
  });

  it('begin the day in the state that the night left', () => {
    const figures = foldDay([], 'on-call', 0, 5 * minute);
    assert.equal(figures.talkMs, 5 * minute);
    assert.equal(figures.calls, 0);
    assert.equal(foldDay([], null, 0, 5 * minute).signedInMs, 0);
  });
});

describe('scripts, times and settings of the workspace', () => {
  it('parts a script into steps at headings and dashes', () => {
    const steps = stepsOf('Hello.\n\nGood time?\n# Offer\nPlan.\r\nCheap.\n---\nBye.');
    assert.deepEqual(steps, [
      { heading: null, paragraphs: [[{ text: 'Hello.' }], [{ text: 'Good time?' }]] },
      { heading: 'Offer', paragraphs: [[{ text: 'Plan.\nCheap.' }]] },
      { heading: null, paragraphs: [[{ text: 'Bye.' }]] },
    ]);
    assert.deepEqual(stepsOf(''), []);
  });

  it('offers callback times only within the hours of the campaign, in the customer’s zone', () => {
    // Friday 19:20 in New York; the campaign calls Mon–Fri 9–20, Sat 10–18.
    const now = Date.UTC(2026, 10, 21, 0, 20);
    const offered = quickTimes(now, 'America/New_York', defaultHours).map(({ key, date, time }) => [
      key,
      date,
      time,
    ]);
    assert.deepEqual(offered, [
      ['tomorrowMorning', '2026-11-21', '10:00'],
      ['tomorrowAfternoon', '2026-11-21', '14:00'],
      ['nextWeek', '2026-11-27', '10:00'],
    ]);
  });

  it('offers in an hour what is an hour away, and each time once', () => {
    // Thursday 15:46, then 16:56 in New York.
    const offered = (minutes: number) =>
      quickTimes(Date.UTC(2026, 10, 19, 20, minutes), 'America/New_York', defaultHours).map(
        ({ key, time }) => [key, time],
      );
    assert.deepEqual(offered(46).slice(0, 2), [
      ['hour', '16:50'],
      ['threeHours', '18:50'],
    ]);
    assert.deepEqual(offered(116).slice(0, 1), [['hour', '18:00']]);
    assert.ok(!offered(116).some(([key]) => key === 'evening'));
  });

  it('reads a wall clock in a zone, and refuses one that does not exist', () => {
    assert.equal(momentOf('2026-07-01', '09:00', 'Asia/Shanghai'), Date.UTC(2026, 6, 1, 1));
    assert.throws(() => momentOf('2026-02-30', '09:00', 'UTC'), /callback-time-invalid/);
    assert.throws(() => momentOf('2027-03-14', '02:30', 'America/New_York'), /callback-time-skipped/);
  });

  // Where the engine's data (2025c) are an hour off in this winter.
  const moved = [
    ['America/Vancouver', Date.UTC(2026, 11, 8, 17)],
    ['America/Edmonton', Date.UTC(2026, 11, 8, 16)],
    ['America/Winnipeg', Date.UTC(2026, 11, 8, 15)],
    ['Africa/Casablanca', Date.UTC(2026, 11, 8, 10)],
  ] as const;

  it('promises the hour that the gate dials at, in zones whose clocks have been changed by law', () => {
    for (const [zone, ten] of moved) {
      assert.equal(momentOf('2026-12-08', '10:00', zone), ten, zone);
      assert.equal(
        agreedTime({ callbackDate: '2026-12-08', callbackTime: '10:00', callbackZone: zone }),
        ten,
        zone,
      );
      const morning = quickTimes(ten - 86_400_000, zone, defaultHours).find(
        ({ key }) => key === 'tomorrowMorning',
      )!;
      assert.equal(momentOf(morning.date, morning.time, zone), ten, zone);
      assert.equal(partAt([['09:30', '10:30']], ten, zone)?.[0], '09:30', zone);
    }
  });

  it('lets clocks of customers run on by the server’s offsets, over a change of the clocks too', () => {
    for (const [zone, ten] of moved)
      assert.equal(localClock('en', offsetsOf(zone, ten - 1000, ten + 1000))(ten), '10:00', zone);
    const clocksBack = Date.UTC(2026, 10, 1, 6);
    const newYork = localClock('en', offsetsOf('America/New_York', clocksBack - 3_600_000, clocksBack + 1));
    assert.deepEqual([clocksBack - 1, clocksBack].map(newYork), ['01:59', '01:00']);
    assert.equal(localClock('en', offsetsOf('Asia/Taipei', 0, 1))(Date.UTC(2026, 0, 1, 16, 5)), '00:05');
  });

  it('takes a number as people type it', () => {
    assert.equal(e164Of('00886 (912) 345-678'), '+886912345678');
    assert.equal(e164Of('＋1 415.555.0123'), '+14155550123');
    assert.equal(e164Of('0912345678'), null);
    assert.equal(e164Of('+1415'), null);
  });

  it('finds the switch’s WebSocket from where ARI is', () => {
    const product = 'https://calls.example.com';
    const plain = 'http://10.0.0.4:3000';
    assert.equal(wsUrlOf('', 'http://pbx.example.com:8088', plain), 'ws://pbx.example.com:8088/ws');
    assert.equal(wsUrlOf('', 'http://127.0.0.1:8088', plain), 'ws://10.0.0.4:8088/ws');
    assert.equal(wsUrlOf('', 'http://pbx.example.com:8088', product), 'wss://calls.example.com/ws');
    assert.equal(wsUrlOf('', 'https://127.0.0.1:8089/ari', product), 'wss://calls.example.com:8089/ws');
    assert.equal(wsUrlOf('wss://x/ws', 'http://a', product), 'wss://x/ws');
    assert.deepEqual(iceServers('stun:a:3478\n\n turn:b:3478  u  p '), [
      { urls: 'stun:a:3478' },
      { urls: 'turn:b:3478', username: 'u', credential: 'p' },
    ]);
  });

  it('has every word that the page’s code may say, in three languages', () => {
    const translator = createTranslator(join(paths.views, 'locales'));
    for (const locale of locales)
      for (const key of browserWordKeys)
        assert.ok(own(translator.resources(locale, 'workspace'), key), `${locale} ${key}`);
  });

  it('is handed the words for every key that its code says, also those that it puts together', () => {
    const words = Object.keys(browserWords(createTranslator(join(paths.views, 'locales')).for('en')));
    const source = ['workspace', 'softphone']
      .flatMap((name) => {
        const folder = join(paths.views, 'browser', name);
        return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
      })
      .join('\n');
    const said = [...source.matchAll(/\bsay\(\s*(?:\w[^'`()]*\? )?(['`])([\w.-]+?)(?:\1|\$\{)/g)];
    assert.ok(said.length > 40);
    const isThere = ([, quote, key]: RegExpMatchArray) =>
      quote === "'" ? words.includes(key!) : words.some((word) => word.startsWith(key!));
    assert.deepEqual(
      said.filter((one) => !isThere(one)).map(([text]) => text),
      [],
    );
  });
});

describe('the softphone’s reckoning', () => {
  it('connects for a first time without alarm, and tells a lost connection from one that never was', () => {
    const first = { wasRegistered: false, triedForMs: 1_000 };
    assert.equal(lostStatus('connection', first), 'connecting');
    assert.equal(lostStatus('failed', { ...first, triedForMs: 20_000 }), 'connecting');
    assert.equal(lostStatus('connection', { ...first, triedForMs: 20_000 }), 'unreachable');
    assert.equal(lostStatus('refused', first), 'refused');
    assert.equal(lostStatus('connection', { ...first, wasRegistered: true }), 'retrying');
  });

  it('grades a line by round trip, jitter and loss', () => {
    assert.equal(gradeOf(estimateMos(40, 3, 0)), 'good');
    assert.equal(gradeOf(estimateMos(400, 40, 0.02)), 'fair');
    assert.equal(gradeOf(estimateMos(300, 60, 0.1)), 'poor');
  });

  it('counts loss since the last look only', () => {
    const entry = {
      type: 'inbound-rtp',
      kind: 'audio',
      jitter: 0.004,
      packetsReceived: 1000,
      packetsLost: 500,
    };
    const first = readQuality([entry], null)!;
    assert.ok(first.quality.lossIn > 0.3);
    const then = readQuality([{ ...entry, packetsReceived: 1100 }], first.counted)!;
    assert.equal(then.quality.lossIn, 0);
    assert.equal(then.quality.jitterMs, 4);
    assert.equal(readQuality([], null), null);
    const pair = { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.02 };
    assert.equal(readQuality([pair], null)!.quality.roundTripMs, 20);
  });

  it('tells how a line is while the other side answers, sound or not, and no more once nothing comes (fault: the switch is dead)', () => {
    const pair = { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.02, responsesReceived: 1 }; // prettier-ignore
    const watch = new LineWatch(0);
    const look = () => watch.look([pair], 0).quality;
    // A leg that waits alone in its bridge: no sound, but an answer now and then.
    for (let n = 0; n < 40; n++) {
      if (n % 5 === 0) pair.responsesReceived += 1;
      assert.equal(look()?.grade, 'good');
    }
    const dead = Array.from({ length: 10 }, look);
    assert.deepEqual([dead[0]?.grade, dead.at(-1)], ['good', null]);
    pair.responsesReceived += 1;
    assert.equal(look()?.grade, 'good', 'it is back');
    assert.equal(new LineWatch(0).look([], 0).quality, undefined);
  });

  it('does not take a leg that waits for one that the switch has given up', () => {
    for (const answers of ['responsesReceived', 'bytesReceived']) {
      const pair = { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.02, [answers]: 1 }; // prettier-ignore
      const watch = new LineWatch(0);
      for (let at = 0; at <= 600_000; at += 2_000) {
        if (at % 10_000 === 0) pair[answers] = Number(pair[answers]) + 1;
        watch.look([pair], at);
      }
      assert.deepEqual([watch.givenUp(602_000), watch.givenUp(621_000)], [false, true], answers);
    }
  });

  it('leaves to a field what Option writes on a Mac, and takes Alt for the page’s elsewhere', () => {
    const mac = (key: string, code: string) => makesText({ key, code }, 'MacIntel');
    assert.deepEqual([mac('µ', 'KeyM'), mac('Dead', 'KeyN'), mac('#', 'Digit3')], [true, true, true]);
    assert.deepEqual(
      [mac('ArrowLeft', 'ArrowLeft'), mac('m', 'KeyM'), mac('3', 'Digit3')],
      [true, false, false],
    );
    assert.ok(!makesText({ key: 'ь', code: 'KeyM' }, 'Win32'));
  });

  it('waits longer each time, up to a limit, and not all at once', () => {
    const backOff = new BackOff(1000, 8000, () => 0);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(() => backOff.next()),
      [1000, 2000, 4000, 8000, 8000],
    );
    backOff.reset();
    assert.equal(backOff.next(), 1000);
    assert.equal(new BackOff(1000, 8000, () => 1).next(), 750);
  });
});
