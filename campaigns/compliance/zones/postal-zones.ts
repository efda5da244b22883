/**
 * Postal codes of states, provinces and territories that lie in several zones, by longest prefix; of those not named
 * the state's `*`. Only where a prefix lies in one zone beyond doubt does it stand alone.
 */
const E = 'America/New_York';
const C = 'America/Chicago';
const M = 'America/Denver';
const P = 'America/Los_Angeles';

const tables: Record<string, Record<string, string>> = {
  // Panhandle west of the Apalachicola; the south of Gulf County keeps Eastern Time.
  'US-FL': { '*': E, '324 325': C, '32456 32457': E },
  // Lake, Porter, LaPorte, Newton, Jasper, Starke; Gibson, Perry, Posey, Spencer, Vanderburgh, Warrick.
  'US-IN': {
    '*': E,
    '463 464 476 477': C,
    '465 479 475': `${C} ${E}`,
    '46534 46532 46531 46366 46374': C,
    '47901 47904 47905 47906 47907 47909': E,
    '47922 47943 47948 47951 47963 47977 47978': C,
    '47501 47546 47567 47591': E,
    '47586 47523 47537 47551 47579': C,
  },
  'US-KY': { '*': E, '420 421 422 423 424': C, '401 426 427': `${C} ${E}`, '42701 42702': E },
  'US-TN': { '*': C, '374 376 377 378 379': E, '373': `${C} ${E}` },
  // Gogebic, Iron, Dickinson, Menominee.
  'US-MI': {
    '*': E,
    '498 499': `${C} ${E}`,
    '49801 49802 49858 49935 49938 49920': C,
    '49855 49829 49931': E,
  },
  'US-ND': { '*': C, '586': M, '585 588': `${C} ${M}`, '58501 58503 58504 58505 58554 58801 58802': C },
  'US-SD': { '*': C, '577': M, '575 576': `${C} ${M}`, '57501 57601': C },
  'US-NE': { '*': C, '693': M, '690 691 692': `${C} ${M}`, '69001 69101 69103': C, '69153': M },
  // Greeley, Hamilton, Sherman, Wallace.
  'US-KS': { '*': C, '67733 67735 67741 67758 67761 67762 67836 67857 67878 67879': M },
  // El Paso and Hudspeth.
  'US-TX': { '*': C, '799 885': M, '79821 79835 79836 79837 79838 79839 79847 79849 79851 79853': M },
  'US-ID': { '*': 'America/Boise', '835 838': P, '83549': 'America/Boise' },
  // Most of Malheur County.
  'US-OR': {
    '*': P,
    '97901 97902 97903 97906 97908 97909 97910 97911 97913 97914 97917 97918 97920': 'America/Boise',
  },
  // The Navajo Nation keeps summer time, the rest of the state does not.
  'US-AZ': {
    '*': 'America/Phoenix',
    '865 86020 86033 86035 86044 86045 86053 86054': `${M} America/Phoenix`,
    '86503 86504 86505 86507 86510 86511 86514 86515 86535 86538 86540 86544 86545 86547 86556': M,
  },
  'US-NV': { '*': P, '89883': M, '89825': 'America/Boise' },
  'US-AK': { '*': 'America/Anchorage', '99546 99547': 'America/Adak' },
  'CA-BC': {
    '*': 'America/Vancouver',
    'V1G V1J V0C': 'America/Dawson_Creek',
    'V1A V1C': 'America/Edmonton',
    'V0A V0B': 'America/Dawson_Creek America/Edmonton America/Vancouver',
  },
  'CA-ON': {
    '*': 'America/Toronto',
    'P8N P8T P9A P9N P0V P0W P0X P0Y': 'America/Winnipeg',
    P0T: 'America/Toronto America/Winnipeg',
  },
  'CA-QC': { '*': 'America/Toronto', 'G4T G0G': 'America/Halifax America/Toronto' },
  'CA-NL': { '*': 'America/St_Johns', 'A0P A2V': 'America/Halifax', A0K: 'America/Halifax America/St_Johns' },
  'CA-SK': { '*': 'America/Regina', S9V: 'America/Edmonton', S0P: 'America/Regina America/Winnipeg' },
  'CA-NU': {
    '*': 'America/Cambridge_Bay America/Iqaluit America/Rankin_Inlet',
    X0A: 'America/Iqaluit',
    X0B: 'America/Cambridge_Bay',
    X0C: 'America/Rankin_Inlet',
  },
  'AU-NSW': { '*': 'Australia/Sydney', '2880': 'Australia/Broken_Hill', '2898': 'Australia/Lord_Howe' },
  'AU-WA': {
    '*': 'Australia/Perth',
    '6443': 'Australia/Eucla Australia/Perth',
    '6798': 'Indian/Christmas',
    '6799': 'Indian/Cocos',
  },
};

const longestCode = 5;

const postalZones = new Map(
  Object.entries(tables).map(([region, table]) => [
    region,
    new Map(
      Object.entries(table).flatMap(([codes, zones]) =>
        codes.split(' ').map((code): [string, readonly string[]] => [code, zones.split(' ')]),
      ),
    ),
  ]),
);

/** Zones of a postal code in a part of a country that has several; undefined where the part has no table. */
export function zonesOfPostalCode(region: string, postalCode: string): readonly string[] | undefined {
  const table = postalZones.get(region);
  if (!table) return undefined;
  for (let length = Math.min(longestCode, postalCode.length); length > 0; length -= 1) {
    const zones = table.get(postalCode.slice(0, length));
    if (zones) return zones;
  }
  return table.get('*');
}
