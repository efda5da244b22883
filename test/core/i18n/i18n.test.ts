import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  formatDate,
  formatDuration,
  formatNumber,
  formatPercent,
  formatPhone,
  isZone,
  joinSentences,
  negotiateLocale,
  toLocale,
  zoneLabel,
} from '../../../core/i18n/index.ts';

describe('languages', () => {
  it('are found for every way of writing Chinese and English', () => {
    const wanted = {
      'zh-TW': ['zh-TW', 'zh-HK', 'zh-Hant', 'zh-Hant-HK', 'zh_TW', 'ZH-MO', 'yue', 'zh-hant-cn'],
      'zh-CN': ['zh-CN', 'zh', 'zh-Hans', 'zh-SG', 'zh-Hans-HK', 'yue-Hans'],
      en: ['en', 'en-GB', 'EN-us'],
    };
    for (const [locale, tags] of Object.entries(wanted))
      for (const tag of tags) assert.equal(toLocale(tag), locale, tag);
    for (const tag of ['de', '', null, undefined, 'x', '*']) assert.equal(toLocale(tag), null);
  });

  it('are taken from a browser by weight, then by order', () => {
    assert.equal(negotiateLocale('de,zh-HK;q=0.9,en;q=0.8'), 'zh-TW');
    assert.equal(negotiateLocale('en;q=0.3, zh-CN;q=0.7'), 'zh-CN');
    assert.equal(negotiateLocale('zh-TW;q=0, en;q=0.1'), 'en');
    assert.equal(negotiateLocale('fr, de'), null);
    assert.equal(negotiateLocale(undefined), null);
    assert.equal(negotiateLocale(';;q=,,='), null);
  });
});

describe('sentences', () => {
  it('are ended and parted as each language does it, and empty ones are left out', () => {
    assert.equal(joinSentences(['Too early there', '', 'Next at 9.'], 'en'), 'Too early there. Next at 9.');
    assert.equal(joinSentences(['当地时间太早', '9 点起可拨打。'], 'zh-CN'), '当地时间太早。9 点起可拨打。');
    assert.equal(joinSentences(['為「保留」。'], 'zh-TW'), '為「保留」。');
    assert.equal(joinSentences(['Is it “open?”', 'Yes!'], 'en'), 'Is it “open?” Yes!');
  });
});

describe('formats', () => {
  it('name every zone in words, no two alike', () => {
    assert.equal(zoneLabel('America/New_York', 'en'), 'Eastern Time · New York');
    assert.match(zoneLabel('Asia/Shanghai', 'zh-CN'), /^中国.*时间/);
    for (const locale of ['en', 'zh-CN', 'zh-TW'] as const) {
      const labels = Intl.supportedValuesOf('timeZone').map((zone) => zoneLabel(zone, locale));
      assert.equal(new Set(labels).size, labels.length);
      assert.deepEqual(
        labels.filter((label) => label.includes('_')),
        [],
      );
    }
  });

  const at = Date.UTC(2026, 10, 23, 15, 5, 9);

  it('write times for the reader, and name a zone that is not the reader’s', () => {
    const reader = { locale: 'en', zone: 'Asia/Taipei' } as const;
    assert.equal(formatDate(at, 'datetime', reader), 'Nov 23, 2026, 23:05');
    assert.equal(formatDate(at, 'seconds', reader), '23:05:09');
    assert.match(formatDate(at, 'time', reader, 'America/New_York'), /^10:05 (EST|GMT-5)$/);
    const guessed = { ...reader, zoneGuessed: true };
    assert.match(formatDate(at, 'datetime', guessed), / GMT\+8$/);
    assert.equal(formatDate(at, 'date', { locale: 'zh-CN', zone: 'Asia/Shanghai' }), '2026年11月23日');
  });

  it('show the clock by which the gate goes, where the engine’s is out of date, and name it by its offset', () => {
    const reader = { locale: 'en', zone: 'UTC' } as const;
    const ten = Date.UTC(2026, 11, 8, 17);
    assert.equal(formatDate(ten, 'time', reader, 'America/Vancouver'), '10:00 GMT-7');
    assert.equal(formatDate(ten, 'seconds', { locale: 'zh-CN', zone: 'America/Vancouver' }), '10:00:00');
  });

  it('never show midnight as 24', () => {
    assert.equal(formatDate(Date.UTC(2026, 0, 1, 0, 5), 'time', { locale: 'en', zone: 'UTC' }), '00:05');
  });

  it('write numbers, shares and durations', () => {
    assert.equal(formatNumber(12_480.5, 'en'), '12,480.5');
    assert.equal(formatPercent(0.0304, 'zh-TW'), '3.0%');
    assert.deepEqual([0, 59_999, 245_000, 3_729_000, -5].map(formatDuration), [
      '0:00',
      '0:59',
      '4:05',
      '1:02:09',
      '0:00',
    ]);
  });

  it('group phone numbers as their country does, and leave what is none', () => {
    assert.equal(formatPhone('+14155550123'), '+1 415 555 0123');
    assert.equal(formatPhone('+8613800138000'), '+86 138 0013 8000');
    assert.equal(formatPhone('+886912345678'), '+886 912 345 678');
    assert.equal(formatPhone('1234'), '1234');
  });

  it('know a time zone from anything else', () => {
    for (const zone of ['Asia/Taipei', 'UTC', 'America/Argentina/Ushuaia']) assert.equal(isZone(zone), true);
    for (const zone of ['Mars/Olympus', '', null, 7, 'x'.repeat(500)]) assert.equal(isZone(zone), false);
  });
});
