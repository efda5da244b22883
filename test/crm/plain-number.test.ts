import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  getCountries,
  getCountryCallingCode,
  getExampleNumber,
  parsePhoneNumberFromString,
  type CountryCode,
  type PhoneNumber,
} from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { readPhone } from '../../crm/index.ts';
import { isPlain, readPlain } from '../../crm/customers/plain-number.ts';
import { seeded } from '../campaigns/import/mutate.ts';

const numbers = 20_000;
const random = seeded(20_261);
const below = (count: number) => Math.floor(random() * count);
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
const countries = getCountries();
const busy: readonly CountryCode[] = ['US', 'CA', 'CN', 'TW', 'HK', 'GB', 'AU', 'JP', 'DE', 'IT', 'RU', 'BR', 'MX', 'AR', 'KZ', 'IM', 'JM', 'PR', 'SG', 'KR']; // prettier-ignore

describe('a number of no country that is known', () => {
  it('is read where it has its country’s code, and only there', () => {
    for (const text of ['+14155550123', '+86 138 0013 8000', '0086 13800138000'])
      assert.ok(readPhone(text, '').ok, text);
    assert.deepEqual(readPhone('13800138000', ''), { ok: false, problem: 'unknown-country' });
    assert.deepEqual(readPhone('(415) 555-0123', ''), { ok: false, problem: 'unknown-country' });
  });
});

describe('a number without the library', () => {
  it(`says of ${numbers} numbers of all countries what libphonenumber says, or leaves it to it`, () => {
    const said = { valid: 0, invalid: 0, unsure: 0 };
    for (let count = 0; count < numbers; count++) {
      const country = random() < 0.5 ? pick(busy) : pick(countries);
      const text = written(country);
      if (!isPlain(text)) continue;
      const quick = readPlain(text, country);
      const slow = parsePhoneNumberFromString(text, country);
      const found = slow?.isValid() ? { e164: String(slow.number), type: typeOf(slow) } : 'invalid';
      said[typeof quick === 'string' ? quick : 'valid'] += 1;
      if (quick !== 'unsure') assert.deepEqual(quick, found, `${text} in ${country}`);
    }
    assert.ok(said.valid > numbers / 5 && said.invalid > numbers / 5, JSON.stringify(said));
    assert.ok(said.unsure < numbers / 5, JSON.stringify(said));
  });

  it('leaves alone what is more than digits and their punctuation', () => {
    for (const text of [
      '2125550123 ext 4',
      '212-CALL-NOW',
      '1.38E+10',
      '２１２',
      '',
      '+',
      '(',
      '1#2',
      '++1212',
    ])
      assert.equal(isPlain(text), false, text);
  });

  /** A number near one that is given out, or any digits at all, as people write them. */
  function written(country: CountryCode): string {
    const example = getExampleNumber(country, examples);
    let digits = String(random() < 0.8 && example ? example.nationalNumber : below(1e9));
    for (let change = below(5); change > 0; change--) {
      const at = below(digits.length);
      digits = digits.slice(0, at) + below(10) + digits.slice(at + 1);
    }
    if (random() < 0.2) digits = digits.slice(0, 1 + below(digits.length));
    if (random() < 0.2) digits += String(below(1_000));
    if (random() < 0.25) digits = pick(['0', '00', '1', '8', '011', '9', '0080']) + digits;
    const code = getCountryCallingCode(random() < 0.8 ? country : pick(countries));
    if (random() < 0.4) digits = `${pick(['+', '', '00'])}${code}${digits}`;
    return [...digits].map((digit) => (random() < 0.15 ? digit + pick([' ', '-', '.', ') ', '/', ' (']) : digit)).join(''); // prettier-ignore
  }
});

function typeOf(number: PhoneNumber): string {
  const type = number.getType();
  return type === 'FIXED_LINE' ? 'home' : type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE' ? 'mobile' : 'other'; // prettier-ignore
}
