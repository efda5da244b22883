import type { CampaignDraft } from '../../campaigns/index.ts';

/** Who may be called when, in the customers' own time, and who calls them. */
export interface Land {
  readonly name: string;
  readonly country: string;
  readonly region: string;
  readonly zone: string;
  number(n: number): string;
  readonly draft: Partial<CampaignDraft>;
  /** First and last hour (UTC) of the shift that works there. */
  readonly shift: readonly [from: number, to: number];
  readonly agents: number;
}

const digits = (n: number, length: number) => String(n).padStart(length, '0');
/** Exchanges 320 to 899 of an area code, which are no service codes. */
const nanp = (areaCode: number) => (n: number) =>
  `+1${areaCode}${320 + (Math.floor(n / 10_000) % 580)}${digits(n % 10_000, 4)}`;

const australia = { country: 'AU', region: 'AU-NSW-2000', zone: 'Australia/Sydney' };
const england = { country: 'GB', region: 'GB-ENG', zone: 'Europe/London' };
const east = { country: 'US', region: 'US-PA-19103', zone: 'America/New_York' };
const west = { country: 'US', region: 'US-CA-92101', zone: 'America/Los_Angeles' };

/** Together they fill the day. */
export const lands: readonly Land[] = [
  {
    ...{ name: 'Sydney, power', ...australia, shift: [22, 9], agents: 4 },
    number: (n) => `+6129${digits(1_000_000 + n, 7)}`,
    draft: { mode: 'power', powerRatio: 1.5, recording: true },
  },
  {
    ...{ name: 'London, preview', ...england, shift: [8, 18], agents: 2 },
    number: (n) => `+4420794${digits(n % 100_000, 5)}`,
    draft: { mode: 'preview', previewLimitMs: 20_000, recording: true },
  },
  {
    ...{ name: 'Manchester, progressive', ...england, shift: [8, 19], agents: 3 },
    number: (n) => `+441614${digits(100_000 + n, 6)}`,
    draft: { mode: 'progressive', recording: true },
  },
  {
    ...{ name: 'Philadelphia, predictive', ...east, shift: [14, 1], agents: 6 },
    number: nanp(215),
    draft: { mode: 'predictive', amd: true, abandonCap: 0.03, recording: false },
  },
  {
    ...{ name: 'San Diego, predictive', ...west, shift: [17, 4], agents: 4 },
    number: nanp(619),
    draft: { mode: 'predictive', abandonCap: 0.03, recording: false },
  },
];
