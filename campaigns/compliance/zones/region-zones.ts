/**
 * Zones of the parts of countries with several: ISO 3166-2 codes without the country. Parts not named have the zones
 * of `*`, or those of the whole country. People of a part may live by any of its zones.
 */
const tables: Record<string, string> = {
  US: `
    America/New_York: CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV
    America/Chicago: AL AR IA IL LA MN MO MS OK WI
    America/Denver: CO MT NM UT WY
    America/Los_Angeles: CA WA
    America/Chicago America/New_York: FL IN KY MI TN
    America/Chicago America/Denver: KS ND NE SD TX
    America/Boise America/Los_Angeles: ID OR
    America/Denver America/Phoenix: AZ
    America/Boise America/Denver America/Los_Angeles: NV
    America/Adak America/Anchorage: AK
    Pacific/Honolulu: HI
    America/Puerto_Rico: PR
    America/St_Thomas: VI
    Pacific/Guam: GU
    Pacific/Saipan: MP
    Pacific/Pago_Pago: AS`,
  CA: `
    America/Edmonton: AB NT
    America/Dawson_Creek America/Edmonton America/Vancouver: BC
    America/Winnipeg: MB
    America/Halifax: NB NS PE
    America/Halifax America/St_Johns: NL
    America/Cambridge_Bay America/Iqaluit America/Rankin_Inlet: NU
    America/Toronto America/Winnipeg: ON
    America/Halifax America/Toronto: QC
    America/Regina: SK
    America/Whitehorse: YT`,
  AU: `
    Australia/Sydney: ACT
    Australia/Broken_Hill Australia/Lord_Howe Australia/Sydney: NSW
    Australia/Darwin: NT
    Australia/Brisbane: QLD
    Australia/Adelaide: SA
    Australia/Hobart: TAS
    Australia/Melbourne: VIC
    Australia/Eucla Australia/Perth: WA`,
  BR: `
    America/Rio_Branco: AC
    America/Manaus America/Rio_Branco: AM
    America/Manaus: RO RR
    America/Cuiaba: MT
    America/Campo_Grande: MS
    America/Noronha America/Recife: PE
    America/Sao_Paulo: AL AP BA CE DF ES GO MA MG PA PB PI PR RJ RN RS SC SE SP TO`,
  MX: `
    America/Tijuana: BCN BC
    America/Mazatlan: BCS SIN
    America/Mazatlan America/Mexico_City: NAY
    America/Hermosillo: SON
    America/Chihuahua America/Ciudad_Juarez America/Ojinaga: CHH
    America/Matamoros America/Mexico_City: COA NLE TAM
    America/Cancun: ROO
    America/Mexico_City: *`,
  RU: `
    Europe/Kaliningrad: KGD
    Europe/Samara: SAM UD
    Europe/Astrakhan: AST
    Europe/Saratov: SAR
    Europe/Ulyanovsk: ULY
    Asia/Yekaterinburg: BA CHE KHM KGN ORE PER SVE TYU YAN
    Asia/Omsk: OMS
    Asia/Novosibirsk: NVS
    Asia/Barnaul: AL ALT
    Asia/Tomsk: TOM
    Asia/Novokuznetsk: KEM
    Asia/Krasnoyarsk: KK KYA TY
    Asia/Irkutsk: BU IRK
    Asia/Chita: ZAB
    Asia/Yakutsk: AMU
    Asia/Magadan Asia/Vladivostok Asia/Yakutsk: SA
    Asia/Vladivostok: KHA PRI YEV
    Asia/Magadan: MAG
    Asia/Sakhalin: SAK
    Asia/Kamchatka: KAM
    Asia/Anadyr: CHU
    Europe/Moscow: *`,
  ID: `
    Asia/Jakarta: AC BB BE BT JA JB JI JK JT JW KB KR KT LA RI SB SM SS SU YO 31 32 33 34 35 36 11 12 13 14 15 16 17 18 19 21 61 62
    Asia/Makassar: BA GO KI KS KU NB NT NU SA SG SN SR ST 51 52 53 63 64 65 71 72 73 74 75 76
    Asia/Jayapura: MA MU PA PB PD PE PP PS PT 81 82 91 92 93 94 95 96`,
  ES: `
    Atlantic/Canary: CN GC TF
    Europe/Madrid: *`,
  PT: `
    Atlantic/Azores: 20
    Europe/Lisbon: *`,
  CL: `
    America/Punta_Arenas: MA
    America/Coyhaique: AI
    America/Santiago Pacific/Easter: VS
    America/Santiago: *`,
  EC: `
    Pacific/Galapagos: W
    America/Guayaquil: *`,
  NZ: `
    Pacific/Chatham: CIT
    Pacific/Auckland: *`,
  MN: `
    Asia/Hovd: 043 046 071
    Asia/Ulaanbaatar: *`,
  CD: `
    Africa/Lubumbashi: BU HK HL HU IT KC KE KS LO LU MA NK SA SK TA TO
    Africa/Kinshasa: BC EQ KG KL KN MN MO NU SU TU`,
  PG: `
    Pacific/Bougainville: NSB
    Pacific/Port_Moresby: *`,
  CN: `
    Asia/Taipei: TW 71
    Asia/Hong_Kong: HK 91
    Asia/Macau: MO 92
    Asia/Shanghai: *`,
  FR: `
    Indian/Reunion: RE 974
    Indian/Mayotte: YT 976
    America/Guadeloupe: GP 971
    America/Martinique: MQ 972
    America/Cayenne: GF 973
    America/Miquelon: PM 975
    America/St_Barthelemy: BL 977
    America/Marigot: MF 978
    Pacific/Noumea: NC 988
    Pacific/Gambier Pacific/Marquesas Pacific/Tahiti: PF 987
    Pacific/Wallis: WF 986
    Europe/Paris: *`,
  NL: `
    America/Aruba: AW
    America/Curacao: CW
    America/Lower_Princes: SX
    America/Kralendijk: BQ1 BQ2 BQ3 BQ
    Europe/Amsterdam: *`,
  DK: `
    America/Danmarkshavn America/Nuuk America/Thule: GL
    Atlantic/Faroe: FO
    Europe/Copenhagen: *`,
  UA: `
    Europe/Simferopol: 43 40
    Europe/Kyiv: *`,
};

export const regionZones: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> = new Map(
  Object.entries(tables).map(([country, table]) => [country, readTable(table)]),
);

function readTable(table: string): Map<string, readonly string[]> {
  const regions = new Map<string, readonly string[]>();
  for (const line of table.trim().split('\n')) {
    const [zones = '', codes = ''] = line.split(':');
    for (const code of codes.trim().split(' ')) regions.set(code, zones.trim().split(' '));
  }
  return regions;
}
