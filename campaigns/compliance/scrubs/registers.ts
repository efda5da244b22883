/**
 * Countries whose law asks whoever calls to sell to compare numbers with a public register first. `freshDays`: how old the
 * data may be. Engineering data, as the rule sets are: whoever calls asks counsel.
 */
export interface Register {
  readonly country: string;
  readonly freshDays: number;
  readonly source: string;
}

export const registers: readonly Register[] = [
  { country: 'US', freshDays: 31, source: '47 CFR 64.1200(c)(2)' },
  { country: 'CA', freshDays: 31, source: 'CRTC Unsolicited Telecommunications Rules, Part II' },
  { country: 'GB', freshDays: 28, source: 'PECR 2003, regulation 21' },
  { country: 'AU', freshDays: 30, source: 'Do Not Call Register Act 2006, section 11' },
  { country: 'SG', freshDays: 21, source: 'PDPA 2012, Part 9' },
];

/** So many days before data is too old somebody is told. */
const warnDaysBefore = 7;

export const growsOld = ({ freshDays }: Register, ageDays: number): boolean =>
  ageDays >= freshDays - warnDaysBefore;

/** Countries with a register: of which no list is in force, and of which it is old or nearly so. ISO codes. */
export interface RegisterGaps {
  readonly without: readonly string[];
  readonly old: readonly string[];
}
