/**
 * Countries whose law asks whoever calls to sell to compare numbers with a register first. `freshDays`: how old the data
 * may be. Engineering data, as the rule sets are: whoever calls asks counsel.
 */
export interface Register {
  readonly country: string;
  /** As those who keep it call it. */
  readonly name: string;
  readonly freshDays: number;
  readonly source: string;
}

export const registers: readonly Register[] = [
  {
    country: 'US',
    name: 'National Do Not Call Registry',
    freshDays: 31,
    source: '47 CFR 64.1200(c)(2)',
  },
  {
    country: 'CA',
    name: 'National Do Not Call List',
    freshDays: 31,
    source: 'CRTC Unsolicited Telecommunications Rules, Part II',
  },
  {
    country: 'GB',
    name: 'Telephone Preference Service, TPS',
    freshDays: 28,
    source: 'PECR 2003, regulation 21',
  },
  {
    country: 'IT',
    name: 'Registro pubblico delle opposizioni, RPO',
    // A list that the register has gone through is valid for so long.
    freshDays: 15,
    source:
      'D.P.R. 27 gennaio 2022, n. 26; legge 11 gennaio 2018, n. 5; operatori.registrodelleopposizioni.it',
  },
  {
    country: 'ES',
    name: 'Lista Robinson',
    // The law says only that it is asked first; its keeper gave it out once a month.
    freshDays: 30,
    source: 'LO 3/2018 (LOPDGDD), art. 23.4; listarobinson.es',
  },
  {
    country: 'IN',
    name: 'National Customer Preference Register, NCPR/DND',
    // A preference took effect after so many days; since 2018 nearly at once, as the operators compare as well.
    freshDays: 7,
    source: 'TRAI: TCCCPR 2018; TCCCPR 2010',
  },
  {
    country: 'KR',
    name: '전화권유판매 수신거부의사 등록시스템, 두낫콜',
    // Compared once a month at the least.
    freshDays: 30,
    source: '방문판매 등에 관한 법률 제42조; donotcall.go.kr',
  },
  {
    country: 'MX',
    name: 'Registro Público para Evitar Publicidad, REPEP',
    // Who is entered is not to be called from the thirtieth day on.
    freshDays: 30,
    source: 'Ley Federal de Protección al Consumidor, art. 18 y 18 BIS; repep.profeco.gob.mx',
  },
  {
    country: 'AU',
    name: 'Do Not Call Register',
    freshDays: 30,
    source: 'Do Not Call Register Act 2006, section 11',
  },
  { country: 'SG', name: 'Do Not Call Registry', freshDays: 21, source: 'PDPA 2012, Part 9' },
];

/** So many days before data is too old somebody is told; half of its time where that is short. */
const warnDaysBefore = 7;

export const growsOld = ({ freshDays }: Register, ageDays: number): boolean =>
  ageDays >= freshDays - Math.min(warnDaysBefore, Math.floor(freshDays / 2));

/** Countries with a register: of which no list is in force, and of which it is old or nearly so. ISO codes. */
export interface RegisterGaps {
  readonly without: readonly string[];
  readonly old: readonly string[];
}
