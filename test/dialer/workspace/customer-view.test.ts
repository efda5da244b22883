import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'mocha';
import { createTranslator, type Locale } from '../../../core/i18n/index.ts';
import type { RequestContext } from '../../../core/http/index.ts';
import { paths } from '../../../core/paths.ts';
import { cardView } from '../../../dialer/workspace/customer-view.ts';
import { customerFields } from '../../crm/fixtures.ts';

it('the card says where a customer is as the agent calls it', () => {
  const translator = createTranslator(join(paths.views, 'locales'));
  const placeOf = (locale: Locale, addressRegion: string | null) => {
    const context = { locale, t: translator.for(locale), zone: 'UTC' } as RequestContext;
    const customer = { ...customerFields({ address: '1 Road', addressRegion }), id: 1 };
    const input = { card: { customer, warnings: [] }, e164: '+8613800138000', zones: [], now: 0 };
    const whole = { ...input, callbackPhone: '', labelOf: String } as unknown as Parameters<typeof cardView>[1]; // prettier-ignore
    return cardView(context, whole).place;
  };
  assert.equal(placeOf('zh-CN', 'CN-31'), '1 Road · 中国 · 上海');
  assert.equal(placeOf('zh-TW', 'TW-TPE'), '1 Road · 台灣 · 臺北市');
  assert.equal(placeOf('en', 'CN-SH-200000'), '1 Road · Shanghai 200000, China');
  assert.equal(placeOf('en', null), '1 Road');
});
