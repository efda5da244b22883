import assert from 'node:assert/strict';
import {
  getCountries,
  getCountryCallingCode,
  getExampleNumber,
  type CountryCode,
} from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, it } from 'mocha';
import { createLineReader } from '../../../campaigns/compliance/scrubs/scrub-file.ts';
import { readPhone } from '../../../crm/index.ts';
import { seeded } from '../import/mutate.ts';

const random = seeded(20_262);
const below = (count: number) => Math.floor(random() * count);
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
const digitsOf = (count: number) => Array.from({ length: Math.max(0, count) }, () => below(10)).join('');

describe('a line of an official list', () => {
  it('fault: a national number begins with its country’s own calling code – it is no international one', () => {
    for (const [country, text, e164] of [
      ['IT', '3921234567', '+393921234567'],
      ['IN', '9123456789', '+919123456789'],
      ['BR', '55991234567', '+5555991234567'],
      ['KZ', '7771234567', '+77771234567'],
      ['DE', '49105561477', '+4949105561477'],
      ['IT', '393921234567', '+393921234567'],
      ['IN', '+919123456789', '+919123456789'],
    ] as const)
      assert.equal(createLineReader(country)(text)?.numeric, Number(e164.slice(1)), `${text} in ${country}`);
  });

  it('is the number that a customer’s would be, in every country', () => {
    let [compared, startsWithCode] = [0, 0];
    for (const country of getCountries()) {
      const code = getCountryCallingCode(country);
      const read = createLineReader(country);
      for (let count = 0; count < 150; count++) {
        const text = written(country, code);
        const reading = readPhone(text, country);
        // A US list holds what looks like a US number, also where no such one is given out.
        if (!reading.ok || (code === '1' && !reading.e164.startsWith('+1'))) continue;
        assert.equal(read(text)?.numeric, Number(reading.e164.slice(1)), `${text} in ${country}`);
        compared += 1;
        if (reading.e164 === `+${code}${text}` && text.startsWith(code)) startsWithCode += 1;
      }
    }
    assert.ok(compared > 10_000 && startsWithCode > 100, JSON.stringify({ compared, startsWithCode }));
  });

  it('keeps a number that no plan knows as it stands', () => {
    assert.equal(createLineReader('HK')('+999123456789')?.numeric, 999_123_456_789);
    assert.equal(createLineReader('GB')('nobody'), null);
  });

  function written(country: CountryCode, code: string): string {
    const example = getExampleNumber(country, examples)?.nationalNumber ?? digitsOf(9);
    const near = example.slice(0, 2 + below(3)) + digitsOf(example.length);
    const national = near.slice(0, example.length);
    const form = below(5);
    if (form === 0) return `+${code}${national}`;
    if (form === 1) return `${code}${national}`;
    if (form === 2) return code + digitsOf(10 + below(3) - code.length);
    return form === 3 ? `${pick(['0', '00', '8', ''])}${national}` : national;
  }
});
