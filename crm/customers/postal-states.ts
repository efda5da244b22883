/**
 * States of the US by the beginnings of ZIP codes, provinces of Canada by the first letter. Ranges of three digits as
 * the postal service gives them out, then the codes that a neighbour's office serves. Prefixes of the armed forces and
 * of countries in free association stand for no state.
 */
const zipTable = `
AK 995-999; AL 350-352 354-369; AR 716-729; AZ 850-853 855-857 859-860 863-865; CA 900-908 910-928 930-961;
CO 800-816; CT 060-069; DC 200 202-205 569; DE 197-199; FL 320-339 341-342 344 346-347 349;
GA 300-319 398-399; HI 967-968; IA 500-528; ID 832-838; IL 600-620 622-629; IN 460-479; KS 660-662 664-679;
KY 400-418 420-427; LA 700-701 703-708 710-714; MA 010-027 055; MD 206-212 214-219; ME 039-049; MI 480-499;
MN 550-551 553-567; MO 630-631 633-641 644-658; MS 386-397; MT 590-599; NC 270-289; ND 580-588;
NE 680-681 683-693; NH 030-038; NJ 070-089; NM 870-871 873-875 877-884; NV 889-891 893-895 897-898;
NY 005 100-149; OH 430-459; OK 730-731 734-741 743-749; OR 970-979; PA 150-196; PR 006-007 009; RI 028-029;
SC 290-299; SD 570-577; TN 370-385; TX 733 750-770 772-799 885; UT 840-847; VA 201 220-246; VI 008;
VT 050-054 056-059; WA 980-986 988-994; WI 530-532 534-535 537-549; WV 247-268; WY 820-831;
GU 969;
MD 20588; NY 06390; TX 73960; VA 20598; WY 83414; AS 96799; MP 96950-96952
`;
const provinces: Readonly<Record<string, string>> = {
  ...{ A: 'NL', B: 'NS', C: 'PE', E: 'NB', G: 'QC', H: 'QC', J: 'QC', K: 'ON', L: 'ON', M: 'ON', N: 'ON' },
  ...{ P: 'ON', R: 'MB', S: 'SK', T: 'AB', V: 'BC', Y: 'YT' },
};
const northern: Readonly<Record<string, string>> = { X0A: 'NU', X0B: 'NU', X0C: 'NU', X0E: 'NT', X0G: 'NT', X1A: 'NT' }; // prettier-ignore
/** Palau, the Federated States of Micronesia, the Marshall Islands. */
const elsewhere = ['96939', '96940', '96941', '96942', '96943', '96944', '96960', '96970'];

const states = readTable();

function readTable(): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const entry of zipTable.trim().split(/;\s*/)) {
    const [state = '', ...ranges] = entry.split(' ');
    for (const range of ranges) {
      const [first = '', last = first] = range.split('-');
      for (let code = Number(first); code <= Number(last); code += 1)
        found.set(String(code).padStart(first.length, '0'), state);
    }
  }
  for (const code of elsewhere) found.set(code, null);
  return found;
}

/** The state or province that a postal code lies in; null where it does not tell. */
export function stateOfPostalCode(country: string, postalCode: string): string | null {
  const code = postalCode.toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (country === 'CA') {
    if (!/^[A-Z]\d[A-Z]/.test(code)) return null;
    // The two northern territories share a letter.
    if (code.startsWith('X')) return northern[code.slice(0, 3)] ?? null;
    return provinces[code[0]!] ?? null;
  }
  // The departments overseas have their own clocks and begin their codes with their numbers.
  if (country === 'FR') return /^(97[1-8]|98[678])\d\d$/.exec(code)?.[1] ?? null;
  if (country !== 'US' || !/^\d{3}/.test(code)) return null;
  const whole = states.get(code.slice(0, 5));
  return whole !== undefined ? whole : (states.get(code.slice(0, 3)) ?? null);
}
