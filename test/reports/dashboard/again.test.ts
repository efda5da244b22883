import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createTranslator, type Locale } from '../../../core/i18n/index.ts';
import { paths } from '../../../core/paths.ts';
import { againText } from '../../../reports/dashboard/again.ts';

describe('when dialling goes on', () => {
  const words = createTranslator(join(paths.views, 'locales'));
  const eastern = 'America/New_York';
  const reader = (locale: Locale, zone: string) => ({
    t: words.for(locale),
    locale,
    zone,
    zoneGuessed: false,
  });
  /** Sunday, eight in the evening in New York; already Monday in Taipei and in UTC. */
  const now = Date.parse('2026-11-29T20:00:00-05:00');
  const at = (text: string) => Date.parse(text);

  it('names the day as the campaign counts it, and its zone', () => {
    const here = reader('en', eastern);
    assert.equal(
      againText(at('2026-11-29T23:30:00-05:00'), now, eastern, here),
      'Next at 23:30 today, Eastern Time · New York.',
    );
    assert.equal(
      againText(at('2026-11-30T08:00:00-05:00'), now, eastern, here),
      'Next at 08:00 tomorrow, Eastern Time · New York.',
    );
    assert.equal(
      againText(at('2026-12-02T08:00:00-05:00'), now, eastern, here),
      'Next on Dec 2, 2026 at 08:00, Eastern Time · New York.',
    );
    assert.equal(againText(null, now, eastern, here), null);
  });

  it('counts a day of 25 hours as one', () => {
    const before = at('2026-10-31T22:00:00-04:00');
    assert.match(
      againText(at('2026-11-01T23:00:00-05:00'), before, eastern, reader('en', eastern))!,
      /^Next at 23:00 tomorrow/,
    );
  });

  it('says what the reader’s own clock shows, where that is another time', () => {
    const taipei = againText(at('2026-11-30T08:00:00-05:00'), now, eastern, reader('zh-TW', 'Asia/Taipei'));
    assert.match(
      taipei!,
      /^明天 08:00 繼續撥打（東部時間 · New York）。依您的當地時間為 2026年11月30日 21:00。$/,
    );
    const toronto = againText(at('2026-11-30T08:00:00-05:00'), now, eastern, reader('en', 'America/Toronto'));
    assert.equal(toronto, 'Next at 08:00 tomorrow, Eastern Time · New York.');
  });
});
