import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readPlace } from '../../crm/customers/address-region.ts';
import {
  namedParts,
  parseAddressRegion,
  readAddress,
  readRegion,
  regionCode,
  regionLabel,
  regionName,
} from '../../crm/index.ts';

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
    assert.deepEqual(parsed('CN-31-200000'), ['CN', 'SH', '200000']);
    assert.deepEqual(parsed('CN-SH'), ['CN', 'SH', null]);
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

  const file = (parts: Parameters<typeof readAddress>[0], at = 'US') => readAddress(parts, at).region;

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
    assert.equal(file({ country: '中国', state: '上海' }), 'CN-SH');
    assert.equal(file({ country: 'RU', state: '25' }), 'RU');
    assert.equal(file({ state: 'CN-31' }, 'CN'), 'CN-SH');
    assert.equal(file({}), null);
  });

  it('provinces of China by their names, in both scripts and in letters, with and without what they are', () => {
    for (const [code, names] of Object.entries({
      'CN-BJ': ['北京', '北京市', 'Beijing', 'beijing shi', 'Peking', 'BJ', '11'],
      'CN-SH': ['上海', '上海市', 'Shanghai City', 'CN-上海', 'CN-31'],
      'CN-GD': ['广东', '廣東省', '广东省', 'Guangdong Province', 'guangdong sheng'],
      'CN-GX': ['广西', '广西壮族自治区', '廣西壯族自治區', 'Guangxi Zhuang Autonomous Region'],
      'CN-NM': ['内蒙古', '內蒙古自治區', 'Inner Mongolia', 'Nei Mongol'],
      'CN-XJ': ['新疆维吾尔自治区', 'Xinjiang Uygur Autonomous Region'],
      'CN-NX': ['宁夏回族自治区', '寧夏'],
      'CN-XZ': ['西藏自治区', 'Tibet', 'Xizang'],
      'CN-CQ': ['重庆市', '重慶'],
      'CN-SN': ['陕西', 'Shaanxi'],
      'CN-SX': ['山西省', 'Shanxi'],
      HK: ['香港', '香港特别行政区', 'Hong Kong'],
      MO: ['澳门', '澳門特別行政區', 'Macau'],
      TW: ['台湾', '臺灣省', 'Taiwan'],
    }))
      for (const name of names) {
        assert.equal(file({ region: name }, 'CN'), code, name);
        assert.equal(file({ country: '中国', state: name }, 'US'), code, name);
      }
    assert.equal(file({ region: '上海' }, 'US'), 'CN-SH');
    assert.equal(file({ region: '深圳', country: 'CN' }), 'CN');
  });

  it('counties and cities of Taiwan likewise, where a name is of one alone', () => {
    for (const [code, names] of Object.entries({
      'TW-TPE': ['臺北', '台北市', 'Taipei City', 'TPE'],
      'TW-NWT': ['新北市', '臺北縣', 'New Taipei City', 'TPQ'],
      'TW-KHH': ['高雄', 'Kaohsiung', 'KHQ'],
      'TW-TNN': ['台南', '臺南市', 'TNQ'],
      'TW-TXG': ['台中', 'TXQ'],
      'TW-HSQ': ['新竹縣', 'Hsinchu County'],
      'TW-LIE': ['連江縣', '馬祖'],
    }))
      for (const name of names) assert.equal(file({ region: name }, 'TW'), code, name);
    assert.equal(file({ region: '新竹' }, 'TW'), 'TW');
  });

  it('fault: what nobody understands is told of, and what says more than a region as well', () => {
    const read = (parts: Parameters<typeof readAddress>[0], at = 'CN') => {
      const { region, unread, more } = readAddress(parts, at);
      return [region, ...unread, ...more.map((part) => `+${part}`)];
    };
    assert.deepEqual(read({ region: '火星' }), ['CN', 'region']);
    assert.deepEqual(read({ region: '华东', state: '上海' }), ['CN-SH', 'region']);
    assert.deepEqual(read({ country: 'Atlantis', state: '上海' }), ['CN-SH', 'country']);
    assert.deepEqual(read({ country: 'DE', state: 'Bayern' }), ['DE', 'state']);
    assert.deepEqual(read({ region: 'US-Nowhere' }), ['US', 'region']);
    assert.deepEqual(read({ state: '上海', postalCode: 'none' }), ['CN-SH', 'postalCode']);
    assert.deepEqual(read({ region: '广东省深圳市' }), ['CN-GD', '+region']);
    assert.deepEqual(read({ region: '广东 深圳' }, 'US'), ['CN-GD', '+region']);
    for (const at of ['CN', 'US']) {
      assert.deepEqual(read({ region: '台湾省台北市' }, at), ['TW', '+region']);
      assert.deepEqual(read({ region: '香港 九龙' }, at), ['HK', '+region']);
      assert.deepEqual(read({ region: '香港特别行政区九龙' }, at), ['HK', '+region']);
    }
    for (const elsewhere of [
      '海南藏族自治州',
      '海南州',
      '海南州共和县',
      '河南县',
      '河南蒙古族自治县',
      '西北地区',
      '华东',
    ])
      assert.deepEqual(read({ region: elsewhere }), ['CN', 'region'], elsewhere);
    assert.deepEqual(read({ state: 'Kansas City' }, 'US'), ['US', 'state']);
  });

  it('are called as the reader calls them', () => {
    assert.equal(regionName('CN-SH', 'zh-CN'), '中国 · 上海');
    assert.equal(regionName('CN-31-200000', 'en'), 'China · Shanghai 200000');
    assert.equal(regionName('TW-TPE', 'zh-TW'), '台灣 · 臺北市');
    assert.equal(regionName('US-NY-10001', 'zh-CN'), '美国 · 纽约州 10001');
    assert.equal(regionName('ES-MD', 'en'), 'Spain · MD');
    assert.equal(regionName('US-10001', 'en'), 'United States · 10001');
  });

  it('behind the country are shown as they are read', () => {
    const regions = ['KR-11-04524', 'FR-75-75001', 'TR-34-34000', 'JP-13-100-0001', 'PT-11-1250-096', 'PL-14-00-950', 'US-NY-10001-1234', 'US-33101-1234', 'CA-BC-V1J 4M7', 'ES-MD', 'TW-TPE-100', 'CN-SH-200000', 'CZ-110 00']; // prettier-ignore
    for (const region of regions)
      for (const locale of ['en', 'zh-CN', 'zh-TW'] as const) {
        const reading = readPlace(region.slice(0, 2), namedParts(region, locale).rest);
        assert.deepEqual(reading, { ok: true, region }, `${region} ${locale}`);
      }
  });

  it('asked for in a campaign are of its country first, and shown so that they are read as the same again', () => {
    assert.deepEqual(
      ['Georgia', 'CA', 'WA', 'NT', 'Canada', 'GE', 'HK'].map((text) => regionCode(text, 'US')),
      ['US-GA', 'US-CA', 'US-WA', null, 'CA', 'GE', 'HK'],
    );
    assert.deepEqual(
      ['Georgia', 'CA', 'WA', 'NT'].map((text) => regionCode(text, 'AU')),
      ['GE', 'CA', 'AU-WA', 'AU-NT'],
    );
    for (const code of ['GE', 'US-GA', 'CA', 'US-CA', 'AU-WA', 'CA-NT', 'TW', 'HK', 'CN-SH', 'GB', 'GB-ENG'])
      for (const locale of ['en', 'zh-CN', 'zh-TW'] as const)
        for (const usual of ['US', 'CN', 'TW', 'AU', 'CA', 'GB'])
          assert.equal(regionCode(regionLabel(code, locale), usual), code, `${code} ${locale} ${usual}`);
    assert.deepEqual([regionLabel('GE', 'en'), regionLabel('TW', 'en'), regionLabel('US-CA', 'en')], ['GE', 'Taiwan', 'California']); // prettier-ignore
  });

  it('fault: another system leaves the country out, or sends letters that may be two things', () => {
    const read = (text: string, named: string | null = null) => {
      const reading = readRegion(text, { named, usual: 'US' });
      return reading.ok ? reading.region : reading.problem;
    };
    assert.equal(read('10001'), 'regionWithoutCountry');
    assert.equal(read('New York'), 'US-NY');
    assert.equal(read('NY'), 'regionWithoutCountry');
    assert.equal(read('CA'), 'regionAmbiguous');
    assert.equal(read('CA-90210'), 'regionAmbiguous');
    assert.equal(read('US-Nowhere'), 'regionUnknown');
    assert.equal(read('CA', 'CA'), 'CA');
    assert.equal(read('TW'), 'TW');
    assert.equal(read('ca-on'), 'CA-ON');
    assert.equal(read('us-10001'), 'US-10001');
    assert.equal(read('US-California'), 'US-CA');
    assert.equal(read('CN-31'), 'CN-SH');
    assert.equal(read('上海'), 'CN-SH');
    assert.equal(read('臺北市'), 'TW-TPE');
    assert.equal(read('火星'), 'regionUnknown');
  });
});
