import type { StateWord, Tone } from '../workspace/bar.ts';
import type { CallState } from '../calls/call.ts';

/** One agent as the floor shows them, in the reader's words. Times are the dialer's, epoch milliseconds. */
export interface FloorAgentRow {
  id: number;
  name: string;
  word: StateWord;
  tone: Tone;
  since: number;
  /** Over this it is too long; null: it may last. */
  limitMs: number | null;
  /** Why paused; empty where nothing says so. */
  note: string;
  /** What a pause or sign-out that waits for the end of the call will be. */
  next: 'paused' | 'signed-out' | null;
  /** The phone is gone, whatever else goes on. */
  phoneLost: boolean;
  /** Those that run and that they work for. */
  campaignIds: number[];
  /** Of the call or preview at hand. */
  campaignId: number | null;
  call: {
    id: string;
    phone: string;
    customerId: number | null;
    connectedAt: number | null;
    /** Agent and customer can be heard. */
    talking: boolean;
    /** The customer waits while somebody is asked: there is no talk to take over. */
    asking: boolean;
    /** By the agent, as for card data. */
    recordingPaused: boolean;
    /** How the talk sounds at the agent; null where nobody measures it, or nobody talks. */
    line: FloorLineRow | null;
  } | null;
}

export interface FloorLineRow {
  /** Estimated mean opinion score of the last seconds. */
  mos: number;
  /** The word for it; `poor` is below what the floor marks. */
  grade: 'good' | 'fair' | 'poor';
  jitterMs: number;
  /** Fraction of the packets, the worse direction. */
  loss: number;
  roundTripMs: number | null;
}

/** A call that nobody talks on yet. */
export interface FloorCallRow {
  id: string;
  state: Exclude<CallState, 'ended' | 'connected' | 'held' | 'outside' | 'created'>;
  since: number;
  campaignId: number | null;
  phone: string;
  userId: number | null;
  /** Under which number it is parked, or was until it rang back; null: neither. */
  slot: number | null;
}

export interface FloorView {
  /** The server's clock when this was made. */
  at: number;
  agents: FloorAgentRow[];
  calls: FloorCallRow[];
  /** Names of campaigns, by id. */
  campaigns: Record<number, string>;
  /** Dialers that do not answer: what stands here of theirs is as it was last. */
  silent: string[];
  /** Nobody answers at all. */
  away: boolean;
  /** A person on the line waits too long after this; 0: never. */
  waitingLimitMs: number;
}

/** What has changed since the last event. */
export interface FloorChanges {
  at: number;
  agents: FloorAgentRow[];
  /** Agents that are on the floor no more. */
  gone: number[];
  calls: FloorCallRow[];
  /** Calls that ended or are being talked on. */
  ended: string[];
}

/** How far beyond its limit: 1 is the limit itself; 0 where there is none. */
export function strain({ since, limitMs }: Pick<FloorAgentRow, 'since' | 'limitMs'>, now: number): number {
  return limitMs === null || limitMs === 0 ? 0 : Math.max(0, now - since) / limitMs;
}

export function isPast(row: Pick<FloorAgentRow, 'since' | 'limitMs'>, now: number): boolean {
  return strain(row, now) > 1;
}

/** What a supervisor has to look at. */
export function isTrouble(row: FloorAgentRow, now: number): boolean {
  return row.phoneLost || hasPoorLine(row) || isPast(row, now);
}

/** Agent and customer hardly understand each other. */
export function hasPoorLine({ call }: Pick<FloorAgentRow, 'call'>): boolean {
  return call?.line?.grade === 'poor';
}

export const floorSorts = ['trouble', 'name', 'state', 'time', 'campaign'] as const;
export type FloorSort = (typeof floorSorts)[number];

const stateOrder: readonly StateWord[] = [
  ...([
    'phone-lost',
    'on-hold',
    'consulting',
    'three-way',
    'on-call',
    'ringing',
    'dialing',
    'reserved',
    'preview',
  ] as const),
  ...(['wrapup', 'ready', 'paused', 'phone-connecting', 'signed-out'] as const),
];

/** Trouble first: a lost phone, then the worst of the poor lines, then what is past its limit by the most; then by state, the longest first. */
export function inOrder(
  rows: readonly FloorAgentRow[],
  sort: FloorSort,
  now: number,
  nameOf: (campaignId: number) => string,
  collator: Pick<Intl.Collator, 'compare'>,
): FloorAgentRow[] {
  const byName = (a: FloorAgentRow, b: FloorAgentRow) => collator.compare(a.name, b.name) || a.id - b.id;
  const byState = (a: FloorAgentRow, b: FloorAgentRow) =>
    stateOrder.indexOf(a.word) - stateOrder.indexOf(b.word);
  const urgency = (row: FloorAgentRow) => {
    if (row.phoneLost) return row.call ? 2e9 : 1e9;
    if (hasPoorLine(row)) return 1e8 - row.call!.line!.mos;
    return isPast(row, now) ? strain(row, now) : 0;
  };
  const campaignOf = (row: FloorAgentRow) => {
    const id = row.campaignId ?? row.campaignIds[0];
    return id === undefined ? '\uffff' : nameOf(id);
  };
  const orders: Record<FloorSort, (a: FloorAgentRow, b: FloorAgentRow) => number> = {
    trouble: (a, b) => urgency(b) - urgency(a) || byState(a, b) || a.since - b.since || byName(a, b),
    name: byName,
    state: (a, b) => byState(a, b) || a.since - b.since || byName(a, b),
    time: (a, b) => a.since - b.since || byName(a, b),
    campaign: (a, b) => collator.compare(campaignOf(a), campaignOf(b)) || byState(a, b) || byName(a, b),
  };
  return [...rows].sort(orders[sort]);
}

/** What a reader looks for. */
export interface FloorFilter {
  campaign: number | null;
  /** A state's word, or all that is in trouble. */
  state: StateGroup | null;
  q: string;
}

/** States as a supervisor counts them. */
export const stateGroups = {
  ready: ['ready'],
  call: ['on-call', 'on-hold', 'consulting', 'three-way'],
  reserved: ['reserved', 'preview', 'dialing', 'ringing'],
  wrapup: ['wrapup'],
  paused: ['paused'],
  lost: ['phone-lost', 'phone-connecting'],
  off: ['signed-out'],
} as const satisfies Record<string, readonly StateWord[]>;
export type StateGroup = keyof typeof stateGroups | 'trouble';

export function groupOf(word: StateWord): keyof typeof stateGroups {
  const found = Object.entries(stateGroups).find(([, words]) => (words as readonly string[]).includes(word));
  return (found?.[0] ?? 'off') as keyof typeof stateGroups;
}

/** Signed-out agents are shown only to who asks for them. */
export function isWanted(row: FloorAgentRow, filter: FloorFilter, now: number): boolean {
  const { campaign, state, q } = filter;
  if (campaign !== null && row.campaignId !== campaign && !row.campaignIds.includes(campaign)) return false;
  if (q !== '' && !folded(`${row.name} ${row.call?.phone ?? ''}`).includes(folded(q))) return false;
  if (state === 'trouble') return isTrouble(row, now);
  return state === null ? row.word !== 'signed-out' || q !== '' : groupOf(row.word) === state;
}

const folded = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/\s+/g, '').toLowerCase();
