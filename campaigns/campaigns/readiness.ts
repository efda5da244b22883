import type { RegisterGaps } from '../compliance/scrubs/registers.ts';
import type { Campaign } from './campaign.ts';
import { isNeverOpen } from './hours.ts';

/**
 * What a campaign lacks. Words in `campaigns:missing.<code>`; `section` is the part of its form where it is mended, or the
 * page beside it.
 * `blocks`: it cannot start so. `warns`: it can, but somebody should look.
 */
export interface Missing {
  readonly code: MissingCode;
  readonly level: 'blocks' | 'warns';
  readonly section:
    | 'lists'
    | 'agents'
    | 'numbers'
    | 'hours'
    | 'script'
    | 'dispositions'
    | 'message'
    | 'dialling'
    | 'official-lists';
  /** ISO codes of the countries that it is about. */
  readonly countries?: readonly string[];
}

export const missingCodes = [
  'no-list',
  'lists-empty',
  'leads-being-made',
  'no-lead-left',
  'no-agents',
  'no-trunk',
  'trunks-disabled',
  'no-caller-id',
  'pool-empty',
  'never-open',
  'no-dispositions',
  'no-callback-disposition',
  'no-dnc-disposition',
  'no-identification',
  'no-opt-out',
  'no-script',
  'cap-above-law',
  'cap-above-three-percent',
  'phones-ring-per-call',
  'no-national-list',
  'national-list-old',
] as const;
export type MissingCode = (typeof missingCodes)[number];

/** What a campaign is joined to, as far as starting depends on it. */
export interface CampaignFacts {
  readonly lists: readonly { readonly size: number; readonly built: boolean }[];
  /** Leads that can still be dialled, now or later. */
  readonly leadsLeft: number;
  /** Agents who may sign in. */
  readonly agents: number;
  /** Of these, whose phone rings for each call. */
  readonly agentsRungPerCall: number;
  readonly trunks: readonly { readonly enabled: boolean; readonly callerId: string | null }[];
  /** Numbers of its pool that may be shown; null: it has none. */
  readonly poolNumbers: number | null;
  /** Categories of its dispositions. */
  readonly dispositions: readonly string[];
  /** The share that the law in force lets it abandon. */
  readonly lawfulCap: number;
  /** Official lists that its calls have to be compared with. */
  readonly registers: RegisterGaps;
}

/** The check list of a campaign, in the order in which one sets it up. Empty: everything is there. */
export function whatIsMissing(campaign: Campaign, facts: CampaignFacts): Missing[] {
  const missing: Missing[] = [];
  const lacks = (section: Missing['section'], code: MissingCode, when: boolean) => {
    if (when) missing.push({ code, level: 'blocks', section });
  };
  const look = (section: Missing['section'], code: MissingCode, when: boolean) => {
    if (when) missing.push({ code, level: 'warns', section });
  };
  const { lists, trunks, dispositions } = facts;
  const overdials = campaign.mode === 'power' || campaign.mode === 'predictive';
  const building = lists.some((list) => !list.built && list.size > 0);
  const words = Object.values(campaign.identification.words).some((text) => text.trim() !== '');
  const enabled = trunks.filter((trunk) => trunk.enabled);

  lacks('lists', 'no-list', lists.length === 0);
  lacks('lists', 'lists-empty', lists.length > 0 && lists.every((list) => list.size === 0));
  look('lists', 'leads-being-made', building);
  lacks('lists', 'no-lead-left', facts.leadsLeft === 0 && !building && lists.some((list) => list.size > 0));
  lacks('numbers', 'no-trunk', trunks.length === 0);
  lacks('numbers', 'trunks-disabled', trunks.length > 0 && enabled.length === 0);
  const showsOne = facts.poolNumbers === null && !campaign.callerId;
  lacks('numbers', 'no-caller-id', showsOne && enabled.some((trunk) => !trunk.callerId));
  lacks('numbers', 'pool-empty', facts.poolNumbers === 0);
  lacks('hours', 'never-open', isNeverOpen(campaign.hours));
  lacks('agents', 'no-agents', facts.agents === 0);
  // A phone that first has to ring is hardly ever picked up within the grace of the customer who waits.
  look('agents', 'phones-ring-per-call', campaign.mode !== 'preview' && facts.agentsRungPerCall > 0);
  lacks('dispositions', 'no-dispositions', dispositions.length === 0);
  look(
    'dispositions',
    'no-callback-disposition',
    dispositions.length > 0 && !dispositions.includes('callback'),
  );
  look('dispositions', 'no-dnc-disposition', dispositions.length > 0 && !dispositions.includes('dnc'));
  // Who looks at a customer before the call is dialled is there when it is answered.
  const mayAbandon = campaign.mode !== 'preview';
  if (!words && mayAbandon) (overdials ? lacks : look)('message', 'no-identification', true);
  look('message', 'no-opt-out', words && mayAbandon && campaign.identification.optOutDigit === null);
  look(
    'script',
    'no-script',
    campaign.scriptId === null && Object.values(campaign.script).every((text) => text.trim() === ''),
  );
  const aboveLaw = campaign.abandonCap > facts.lawfulCap + 1e-9;
  look('dialling', 'cap-above-law', overdials && aboveLaw);
  look('dialling', 'cap-above-three-percent', overdials && !aboveLaw && campaign.abandonCap > 0.03);
  const abroad = (code: MissingCode, countries: readonly string[]) => {
    if (countries.length > 0) missing.push({ code, level: 'warns', section: 'official-lists', countries });
  };
  abroad('no-national-list', facts.registers.without);
  abroad('national-list-old', facts.registers.old);
  return missing;
}

export const blocksStart = (missing: readonly Missing[]): boolean =>
  missing.some(({ level }) => level === 'blocks');
