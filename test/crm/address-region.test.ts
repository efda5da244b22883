import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { addressRegion, parseAddressRegion, readRegion } from '../../crm/index.ts';

describe('address regions', () => {
  const parsed = (text: string) => {
    const region = parseAddressRegion(text);
    return region && [region.country, region.subdivision, region.postalCode];
  };

  it('a postal code behind the country is one, and tells the state', () => {
    assert.deepEqual(parsed('US-33101'), ['US', 'FL', '33101']);
    assert.deepEqual(parsed('US-33101-1234'), ['US', 'FL', '331011234']);
    assert.deepEqual(parsed('us-10001'), ['US', 'NY', '10001']);
    assert.deepEqual(parsed('CA-M5V 1A1'), ['CA', 'ON', 'M5V1A1']);
    assert.deepEqual(parsed('CA-M5V'), ['CA', 'ON', 'M5V']);
    assert.deepEqual(parsed('CA-X0A 0H0'), ['CA', 'NU', 'X0A0H0']);
    assert.deepEqual(parsed('FR-97400'), ['FR', '974', '97400']);
    assert.deepEqual(parsed('FR-75001'), ['FR', null, '75001']);
    assert.deepEqual(parsed('TW-100'), ['TW', null, '100']);
    assert.deepEqual(parsed('GB-E1 6AN'), ['GB', null, 'E16AN']);
    assert.deepEqual(parsed('JP-100-0001'), ['JP', null, '1000001']);
    assert.deepEqual(parsed('CZ-110 00'), ['CZ', null, '11000']);
  });

  it('a state stands before it, however it is written', () => {
    assert.deepEqual(parsed('US-NY-10001'), ['US', 'NY', '10001']);
    assert.deepEqual(parsed('US-NY 10001'), ['US', 'NY', '10001']);
    assert.deepEqual(parsed('US-CALIFORNIA'), ['US', 'CA', null]);
    assert.deepEqual(parsed('CA-BC-V1J 4M7'), ['CA', 'BC', 'V1J4M7']);
    assert.deepEqual(parsed('CN-31-200000'), ['CN', '31', '200000']);
    assert.deepEqual(parsed('ES-MD'), ['ES', 'MD', null]);
    assert.deepEqual(parsed('TW-TPE'), ['TW', 'TPE', null]);
  });

  it('fault: what is no part of the country, or no country, says nothing', () => {
    assert.deepEqual(parsed('US-ZZ'), ['US', null, null]);
    assert.deepEqual(parsed('US-SOMEWHERE'), ['US', null, null]);
    for (const text of ['', '10001', '??', 'USA']) assert.equal(parsed(text), null);
  });

  it('codes of the armed forces and of countries in association are of no state', () => {
    for (const code of ['09012', '34010', '96201', '96940'])
      assert.equal(parsed(`US-${code}`)?.[1], null, code);
    assert.equal(parsed('US-96799')?.[1], 'AS');
    assert.equal(parsed('US-06390')?.[1], 'NY');
  });

  const file = (parts: Parameters<typeof addressRegion>[0], at = 'US') => addressRegion(parts, at);

  it('letters of a state of the country that is named, or of one’s own, are no other country', () => {
    for (const [letters, state] of [
      ['DE', 'US-DE'],
      ['IN', 'US-IN'],
      ['CA', 'US-CA'],
    ] as const) {
      assert.equal(file({ country: 'US', region: letters }), state);
      assert.equal(file({ country: 'United States', region: letters }, 'CN'), state);
      assert.equal(file({ region: letters }), state);
    }
    assert.equal(file({ region: 'Georgia' }), 'US-GA');
    assert.equal(file({ region: 'CA-90210' }), 'US-CA-90210');
    assert.equal(file({ region: 'CA', postalCode: '90210' }), 'US-CA-90210');
  });

  it('a country in the column of regions is one where nothing speaks against it', () => {
    assert.equal(file({ region: 'CA' }, 'CN'), 'CA');
    assert.equal(file({ country: 'CA', region: 'CA' }), 'CA');
    assert.equal(file({ region: 'CA-ON' }), 'CA-ON');
    assert.equal(file({ region: 'DE-10115' }), 'DE-10115');
    assert.equal(file({ region: 'CA-M5V 1A1' }), 'CA-M5V 1A1');
    assert.equal(file({ region: 'Germany' }), 'DE');
    assert.equal(file({ country: 'US', region: 'CA-ON' }), 'US');
    assert.equal(file({ country: 'CA', region: 'CA-ON' }), 'CA-ON');
  });

  it('are composed of what the columns say', () => {
    assert.equal(file({ state: 'new york', postalCode: '10001' }), 'US-NY-10001');
    assert.equal(file({ postalCode: '33101' }), 'US-33101');
    assert.equal(file({ country: '中国', state: '上海' }), 'CN');
    assert.equal(file({ country: 'RU', state: '25' }), 'RU');
    assert.equal(file({ state: 'CN-31' }, 'CN'), 'CN-31');
    assert.equal(file({}), null);
  });

  it('fault: another system leaves the country out, or sends letters that may be two things', () => {
    const read = (text: string, named: string | null = null) => {
      const reading = readRegion(text, { named, usual: 'US' });
      return reading.ok ? reading.region : reading.problem;
    };
    assert.equal(read('10001'), 'regionWithoutCountry');
    assert.equal(read('New York'), 'regionWithoutCountry');
    assert.equal(read('NY'), 'regionWithoutCountry');
    assert.equal(read('CA'), 'regionAmbiguous');
    assert.equal(read('CA-90210'), 'regionAmbiguous');
    assert.equal(read('US-Nowhere'), 'regionUnknown');
    assert.equal(read('CA', 'CA'), 'CA');
    assert.equal(read('TW'), 'TW');
    assert.equal(read('ca-on'), 'CA-ON');
    assert.equal(read('us-10001'), 'US-10001');
    assert.equal(read('US-California'), 'US-CA');
    assert.equal(read('CN-31'), 'CN-31');
  });
});
