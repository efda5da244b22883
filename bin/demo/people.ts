/** Invented people for the demo. Every number is from a range that its country reserves for fiction. */
import type { CustomerFields } from '../../crm/index.ts';

/** A small seeded generator (mulberry32), so that every demo shows the same people. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Place {
  region: string;
  city: string;
  /** Prefix, how many digits follow it, and the first and last of them. */
  range: readonly [prefix: string, digits: number, first: number, last: number];
  share: number;
  /** Everybody there is on the predictive campaign's list. */
  latin?: true;
}

/** North America keeps 555-0100 to 555-0199 of every area code for fiction. */
const nanp = (areaCode: number, region: string, city: string, share = 1): Place => ({
  region,
  city,
  range: [`+1${areaCode}5550`, 3, 100, 199],
  share,
});
/**
 * Islands whose day fills the hours in which nobody else may be called: early on a Sunday in UTC it is too late for
 * America, too early for Britain, and no day for calls in Australia.
 */
const pacific = (areaCode: number, region: string, city: string): Place => ({
  ...nanp(areaCode, region, city, 2),
  latin: true,
});
/** Ofcom's numbers for drama: 0900 to 0999 of these, by city. */
const ofcom = (prefix: string, region: string, city: string, share = 1): Place => ({
  region,
  city,
  range: [prefix, 3, 0, 999],
  share,
});
/** ACMA's fictitious numbers, 5550 and 7010 of each region. */
const acma = (prefix: string, region: string, city: string, share = 1): Place => ({
  region,
  city,
  range: [prefix, 4, 0, 9_999],
  share,
});

export const places: readonly Place[] = [
  nanp(212, 'US-NY-10001', 'New York'),
  nanp(718, 'US-NY-11201', 'Brooklyn'),
  nanp(617, 'US-MA-02108', 'Boston'),
  nanp(215, 'US-PA-19103', 'Philadelphia'),
  nanp(404, 'US-GA-30303', 'Atlanta'),
  nanp(305, 'US-FL-33131', 'Miami'),
  nanp(312, 'US-IL-60601', 'Chicago'),
  nanp(713, 'US-TX-77002', 'Houston'),
  nanp(214, 'US-TX-75201', 'Dallas'),
  nanp(612, 'US-MN-55401', 'Minneapolis'),
  nanp(303, 'US-CO-80202', 'Denver'),
  nanp(602, 'US-AZ-85004', 'Phoenix'),
  nanp(415, 'US-CA-94103', 'San Francisco'),
  nanp(213, 'US-CA-90012', 'Los Angeles'),
  nanp(206, 'US-WA-98101', 'Seattle'),
  nanp(619, 'US-CA-92101', 'San Diego'),
  nanp(408, 'US-CA-95113', 'San José'),
  nanp(916, 'US-CA-95814', 'Sacramento'),
  nanp(702, 'US-NV-89101', 'Las Vegas'),
  nanp(503, 'US-OR-97204', 'Portland'),
  pacific(907, 'US-AK-99501', 'Anchorage'),
  pacific(808, 'US-HI-96813', 'Honolulu'),
  pacific(684, 'AS', 'Pago Pago'),
  pacific(671, 'GU', 'Hagåtña'),
  pacific(670, 'MP', 'Saipan'),
  nanp(416, 'CA-ON-M5H', 'Toronto'),
  nanp(514, 'CA-QC-H2Y', 'Montréal'),
  nanp(403, 'CA-AB-T2P', 'Calgary'),
  nanp(604, 'CA-BC-V6B', 'Vancouver'),
  ofcom('+442079460', 'GB-ENG', 'London', 4),
  ofcom('+441614960', 'GB-ENG', 'Manchester', 2),
  ofcom('+441314960', 'GB-SCT', 'Edinburgh', 2),
  ofcom('+441174960', 'GB-ENG', 'Bristol', 3),
  acma('+6125550', 'AU-NSW-2000', 'Sydney', 4),
  acma('+6135550', 'AU-VIC-3000', 'Melbourne', 4),
  acma('+6175550', 'AU-QLD-4000', 'Brisbane', 3),
  acma('+6185550', 'AU-WA-6000', 'Perth', 3),
];

const women =
  'Amelia,Olivia,Maya,Sofía,Chloé,Grace,Aisha,Priya,Hannah,Elena,Zoë,Nadia,Ingrid,Fiona,Leila,Ruth,Beatrice,Yasmin'.split(
    ',',
  );
const men =
  'Noah,Liam,Ethan,Lucas,James,Daniel,Omar,Arjun,Marcus,Victor,Samuel,Theo,Mateo,Gabriel,Owen,Walter,Hugo,Peter'.split(
    ',',
  );
const family =
  'Anderson,Bennett,Carter,Dubois,Edwards,Fischer,García,Hughes,Ivanova,Johnson,Kowalski,Lambert,Martínez,Nguyen,O’Brien,Patel,Quinn,Rossi,Schmidt,Thompson,Underwood,Vargas,Williams,Young,Zhang,Okafor,Haddad,Sørensen,Novák,Featherstonehaugh-Cholmondeley'.split(
    ',',
  );
const familyCn = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗'].concat('欧阳', '司马');
const womenCn = '芳,娜,敏,静,丽,艳,娟,秀兰,雨桐,嘉怡,晓燕,佳琪'.split(',');
const menCn = '伟,强,磊,洋,勇,军,杰,涛,明,超,建华,志强,浩然,思远'.split(',');
const familyTw = [...'陳林黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐'].concat('歐陽');
const womenTw = '淑芬,雅婷,美玲,怡君,佳穎,詩涵,淑惠,欣怡'.split(',');
const menTw = '志明,俊傑,家豪,冠宇,承翰,宗翰,建宏,柏翰'.split(',');

export interface Person extends CustomerFields {
  /** Which of the demo's two lists the person is on. */
  list: 'latin' | 'chinese';
}

/** `count` people with different numbers, a third of them with names in Chinese script. */
export function inventPeople(count: number, seed = 20_261): Person[] {
  const random = seeded(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const weighted = places.flatMap((place) => Array.from({ length: place.share }, () => place));
  const used = new Set<string>();
  const people: Person[] = [];
  while (people.length < count) {
    const place = pick(weighted);
    const [prefix, digits, first, last] = place.range;
    const e164 = prefix + String(first + Math.floor(random() * (last - first + 1))).padStart(digits, '0');
    if (used.has(e164)) continue;
    used.add(e164);
    people.push({
      ...person(random, pick, place.latin),
      phones: [{ e164, type: pick(['mobile', 'home', 'work']) }],
      ...at(place),
    });
  }
  return people;
}

const at = (place: Place) => ({ address: place.city, addressRegion: place.region });

function person(random: () => number, pick: <T>(items: readonly T[]) => T, latin = false) {
  const kind = latin ? 1 : random();
  const woman = random() < 0.5;
  const common = {
    externalId: null,
    company:
      random() < 0.08
        ? pick(['Northwind Traders', 'Contoso Ltd', '明远贸易有限公司', '宏達科技股份有限公司'])
        : null,
    email: null,
    custom: {
      plan: pick(['Fibre 100', 'Fibre 500', 'Copper 20', 'Mobile only']),
      since: String(2012 + Math.floor(random() * 13)),
    },
    tags: random() < 0.05 ? ['VIP'] : [],
  };
  if (kind < 0.2) {
    const surname = pick(familyCn);
    return {
      ...common,
      list: 'chinese' as const,
      name: surname + pick(woman ? womenCn : menCn),
      salutation: surname + (woman ? '女士' : '先生'),
      language: 'zh-CN',
    };
  }
  if (kind < 0.33) {
    const surname = pick(familyTw);
    return {
      ...common,
      list: 'chinese' as const,
      name: surname + pick(woman ? womenTw : menTw),
      salutation: surname + (woman ? '小姐' : '先生'),
      language: 'zh-TW',
    };
  }
  const surname = pick(family);
  return {
    ...common,
    list: 'latin' as const,
    name: `${pick(woman ? women : men)} ${surname}`,
    salutation: `${woman ? 'Ms' : 'Mr'} ${surname}`,
    language: 'en',
  };
}
