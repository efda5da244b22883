import assert from 'node:assert/strict';
import fc from 'fast-check';
import { getCountries, getExampleNumber, type CountryCode } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, it } from 'mocha';
import {
  isDialable,
  loadCatalogue,
  numberZones,
  plausibleZones,
} from '../../../campaigns/compliance/index.ts';
import { placesOf } from '../../../campaigns/compliance/rules/catalogue.ts';
import { bearsOn, type Suspension } from '../../../campaigns/compliance/suspensions/suspension.ts';
import { countryZones } from '../../../campaigns/compliance/zones/country-zones.ts';
import { regionZones } from '../../../campaigns/compliance/zones/region-zones.ts';
import { zoneRules } from '../../../core/time/zone-rules.ts';

const short = (zones: readonly string[]) => zones.map((zone) => zone.split('/').at(-1)).join(' ');
const number = (digits: string) => short(numberZones(digits));
const both = (digits: string, region: string) => short(plausibleZones(digits, region));

describe('zones of a number', () => {
  const traps: [what: string, digits: string, zones: string][] = [
    ['Indiana, Evansville and Gary share codes with Eastern Time', '+18125550101', 'Chicago New_York'],
    ['an overlay has the zones of what it lies over', '+19305550101', 'Chicago New_York'],
    ['north-west Indiana', '+12195550101', 'Chicago New_York'],
    ['Kentucky', '+12705550101', 'Chicago New_York'],
    ['its overlay', '+13645550101', 'Chicago New_York'],
    ['eastern Tennessee', '+14235550101', 'Chicago New_York'],
    ['Florida panhandle', '+18505550101', 'Chicago New_York'],
    ['its overlay', '+14485550101', 'Chicago New_York'],
    ['Upper Peninsula', '+19065550101', 'Chicago New_York'],
    ['Nebraska', '+13085550101', 'Chicago Denver'],
    ['Kansas', '+16205550101', 'Chicago Denver'],
    ['Idaho', '+12085550101', 'Boise Denver Los_Angeles'],
    ['its overlay', '+19865550101', 'Boise Denver Los_Angeles'],
    ['Oregon', '+14585550101', 'Denver Los_Angeles'],
    ['Navajo Nation', '+19285550101', 'Denver Phoenix'],
    ['Phoenix', '+16025550101', 'Phoenix'],
    ['El Paso', '+19155550101', 'Denver'],
    ['Alaska', '+19075550101', 'Adak Anchorage Juneau'],
    ['Orlando’s overlay, which the map puts elsewhere', '+16895550101', 'New_York'],
    ['Saskatchewan’s newest code', '+14745550101', 'Regina'],
    ['Newfoundland and Labrador', '+17095550101', 'Halifax St_Johns'],
    ['British Columbia outside Vancouver', '+12505550101', 'Dawson_Creek Edmonton Vancouver'],
    ['Vancouver itself', '+16045550101', 'Vancouver'],
    ['toll-free', '+18005550108', ''],
    ['personal numbers', '+15005550108', ''],
    ['an area code that is not in service', '+19995550108', ''],
    ['Kazakhstan in +7', '+77012345678', 'Almaty'],
    ['Kaliningrad', '+74012123456', 'Kaliningrad'],
    ['Moscow', '+74951234567', 'Moscow'],
    ['Chihuahua city', '+526141234567', 'Chihuahua'],
    ['Ciudad Juárez keeps summer time', '+526561234567', 'Ciudad_Juarez'],
    ['Cancún', '+529981234567', 'Cancun'],
    ['Tijuana', '+526641234567', 'Tijuana'],
    ['a mobile of Manaus', '+5592991234567', 'Manaus'],
    ['Acre', '+5568991234567', 'Rio_Branco'],
    ['an Indonesian mobile', '+6281234567890', 'Jakarta Jayapura Makassar'],
    ['an Australian mobile', '+61412345678', 'Adelaide Brisbane Darwin Eucla Lord_Howe Perth Sydney'],
    ['a Spanish mobile', '+34612345678', 'Canary Madrid'],
    ['Hong Kong', '+85221234207', 'Hong_Kong'],
    ['Macau', '+85366123456', 'Macau'],
    ['Taiwan', '+886912345678', 'Taipei'],
    ['China has one zone', '+869912345210', 'Shanghai'],
    ['Morocco', '+212522123456', 'Casablanca'],
    ['Réunion', '+262262550196', 'Reunion'],
  ];
  for (const [what, digits, zones] of traps)
    it(`${what}: ${digits}`, () => assert.equal(number(digits), zones));

  it('are known for every country in the numbering plan, and by the tz data', () => {
    for (const country of getCountries()) {
      const example = getExampleNumber(country as CountryCode, examples);
      if (!example) continue;
      assert.ok(isDialable(example.number), country);
      const zones = numberZones(example.number);
      assert.ok(zones.length > 0, country);
      for (const zone of zones) assert.ok(zoneRules(zone), zone);
    }
  });

  it('never throw, whatever the number', () => {
    fc.assert(fc.property(fc.string(), (text) => numberZones(text).length >= 0 && !isDialable(`${text} `)));
  });
});

describe('plausible zones', () => {
  it('are those of the address that the number allows', () => {
    assert.equal(both('+12125550101', 'US-NY-10001'), 'New_York');
    assert.equal(both('+12705550101', 'US-KY-42101'), 'Chicago');
    assert.equal(both('+18505550101', 'US-FL-32501'), 'Chicago');
    assert.equal(both('+18505550101', 'US-FL'), 'Chicago New_York');
    assert.equal(both('+12085550101', 'US-ID-83702'), 'Boise');
    assert.equal(both('+19285550101', 'US-AZ-86503'), 'Denver');
    assert.equal(both('+19285550101', 'US-AZ-86001'), 'Phoenix');
    assert.equal(both('+61412345678', 'AU-QLD-4000'), 'Brisbane');
    assert.equal(both('+61412345678', 'AU-VIC'), 'Melbourne');
    assert.equal(both('+447700900191', 'GB'), 'London');
    assert.equal(both('+8613800000211', 'CN-31'), 'Shanghai');
    assert.equal(both('+12505550101', 'CA-BC-V1J 4M7'), 'Dawson_Creek');
  });

  it('are all of them where number and address contradict each other', () => {
    assert.equal(both('+12125550101', 'US-CA-90001'), 'Los_Angeles New_York');
    assert.equal(both('+33199000192', 'US-NY'), 'New_York Paris');
  });

  it('are those of a postal code’s state where the state was left out', () => {
    assert.equal(both('+13105550101', 'US-33101'), 'Los_Angeles New_York');
    assert.equal(both('+13105550101', 'US-33101'), both('+13105550101', 'US-FL-33101'));
    assert.equal(both('+18505550101', 'US-32501'), 'Chicago');
    assert.equal(both('+12125550101', 'CA-V5K 0A1'), 'New_York Vancouver');
    assert.equal(both('+33612345678', 'FR-97400'), 'Paris Reunion');
  });

  it('a postal code alone chooses its state’s law, and a suspension of the place bears on it', () => {
    const catalogue = loadCatalogue();
    const chosen = (region: string) => catalogue.choose('+13105550101', region, false).map(({ name }) => name); // prettier-ignore
    assert.deepEqual(chosen('US-33101'), chosen('US-FL-33101'));
    assert.ok(chosen('US-33101').includes('us.fl'));
    const bears = (target: string, addressRegion: string, e164 = '+13105550101') =>
      bearsOn({ scope: 'place', target } as Suspension, {
        ...{ places: placesOf(e164, addressRegion), addressRegion, ruleSets: [] },
      });
    for (const target of ['US', 'US-NY', 'US-NY-100', 'US-NY-10001'])
      assert.ok(bears(target, 'US-10001'), target);
    for (const target of ['US-FL', 'US-NY-112', 'CA']) assert.ok(!bears(target, 'US-10001'), target);
    assert.ok(bears('US-NY-10001', 'US-NY-100'), 'the beginning of a code may be the place');
    assert.ok(bears('US-NY', 'US-ZZ'), 'a state that nobody knows may be any');
    for (const target of ['CN-BJ', 'CN-11', 'CN-11-100'])
      for (const address of ['CN-BJ', 'CN-11', 'CN-BJ-100000'])
        assert.ok(bears(target, address, '+8613800000211'), `${target} ${address}`);
    assert.ok(!bears('CN-BJ', 'CN-31', '+8613800000211'));
  });

  it('are the address’s for a number of no place, the number’s without an address', () => {
    assert.equal(both('+18005550108', 'US-CA-90001'), 'Los_Angeles');
    assert.equal(both('+12125550101', ''), 'New_York');
    assert.equal(both('+12125550101', '??'), 'New_York');
    assert.equal(both('+12125550101', 'ZZ-1'), 'New_York');
    assert.equal(both('+18005550108', 'ZZ'), '');
  });

  it('of every region in the tables are in the tz data', () => {
    const tables = [countryZones, ...regionZones.values()];
    for (const table of tables)
      for (const zones of table.values()) for (const zone of zones) assert.ok(zoneRules(zone), zone);
  });

  it('of every US state and Canadian province agree with its own area codes', () => {
    const catalogue = loadCatalogue();
    assert.ok(catalogue.names.includes('us.fed_tm'));
    const codes: Record<string, string> = {
      'US-TN': '+16155550101',
      'US-ND': '+17015550101',
      'US-SD': '+16055550101',
      'US-NE': '+14025550101',
      'US-TX': '+15125550101',
      'US-MI': '+13135550101',
      'US-NV': '+17025550101',
      'US-HI': '+18085550101',
      'CA-ON': '+14165550101',
      'CA-QC': '+14185550101',
      'CA-NU': '+18675550101',
      'CA-NL': '+17095550101',
      'CA-AB': '+14035550101',
    };
    for (const [region, digits] of Object.entries(codes)) {
      const zones = plausibleZones(digits, region);
      const byNumber = numberZones(digits);
      assert.ok(zones.length <= byNumber.length, `${region} ${zones.join()} ${byNumber.join()}`);
    }
  });
});

describe('rule sets by place', () => {
  const catalogue = loadCatalogue();
  const chosen = (digits: string, region: string | null, automated = false) =>
    catalogue
      .choose(digits, region, automated)
      .map(({ name }) => name)
      .join('+');

  it('are those of number and address together', () => {
    assert.equal(chosen('+12125550101', null), 'us.fed_tm');
    assert.equal(chosen('+12125550101', 'US-FL-33130'), 'us.fed_tm+us.fl');
    assert.equal(chosen('+14165550101', null), 'ca.utr');
    assert.equal(chosen('+14165550101', 'US-TX'), 'us.fed_tm+us.tx+ca.utr');
    assert.equal(chosen('+18005550101', 'CA-ON'), 'ca.utr');
    assert.equal(chosen('+18005550101', null), 'us.fed_tm');
    assert.equal(chosen('+18765550101', null), 'intl.policy');
    assert.equal(chosen('+262262550196', 'FR-RE'), 'fr.d223_9');
    assert.equal(chosen('+16055550101', null, true), 'us.fed_tm+us.sd_atds');
  });

  it('hold no holiday twice and no date that is none', () => {
    for (const name of catalogue.names) {
      const days = catalogue.get(name)?.form.holidays ?? [];
      assert.equal(new Set(days).size, days.length, name);
    }
  });
});
