import type { AttemptOutcome } from './outcome.ts';

/** Where a lead stands. */
export const leadStates = [
  /** Never dialled, due at once. */
  'new',
  /** In a dialer's hopper. */
  'reserved',
  /** A call to it is up. */
  'dialing',
  /** To be tried again at `nextAt`. */
  'waiting',
  /** The customer asked to be called at `nextAt`. */
  'callback',
  /** Finished by a disposition or by its outcome. */
  'done',
  /** All attempts used up. */
  'exhausted',
  /** May not be called, and no passage of time changes that. */
  'blocked',
] as const;
export type LeadState = (typeof leadStates)[number];

export type LeadEvent =
  | 'reserve'
  | 'release'
  | 'dial'
  | 'defer'
  | 'block'
  | 'retry'
  | 'call-back'
  | 'finish'
  | 'exhaust'
  | 'recycle'
  /** Blocked by its campaign's own filter or quota, which holds no longer, or not for a promised callback. */
  | 'admit'
  /** What was taken for granted of the last attempt is put right. */
  | 'amend';

const settled: readonly LeadState[] = ['waiting', 'callback', 'done', 'exhausted', 'blocked'];

/** The one table of what may become of a lead. `release` goes back to the state it was reserved from. */
export const leadTransitions: Readonly<Record<LeadState, Partial<Record<LeadEvent, readonly LeadState[]>>>> =
  {
    new: {
      reserve: ['reserved'],
      block: ['blocked'],
      'call-back': ['callback'],
      finish: ['done'],
      amend: settled,
    },
    waiting: {
      reserve: ['reserved'],
      defer: ['waiting'],
      block: ['blocked'],
      'call-back': ['callback'],
      finish: ['done'],
      amend: settled,
    },
    callback: {
      reserve: ['reserved'],
      defer: ['callback'],
      block: ['blocked'],
      'call-back': ['callback'],
      retry: ['waiting'],
      finish: ['done'],
      amend: settled,
    },
    reserved: {
      release: ['new', 'waiting', 'callback'],
      dial: ['dialing'],
      defer: ['waiting', 'callback'],
      block: ['blocked'],
      retry: ['waiting'],
      'call-back': ['callback'],
      finish: ['done'],
      exhaust: ['exhausted'],
      amend: settled,
    },
    dialing: {
      defer: ['waiting', 'callback'],
      block: ['blocked'],
      retry: ['waiting'],
      'call-back': ['callback'],
      finish: ['done'],
      exhaust: ['exhausted'],
    },
    done: { 'call-back': ['callback'], recycle: ['waiting'], block: ['blocked'], amend: settled },
    exhausted: { 'call-back': ['callback'], recycle: ['waiting'], block: ['blocked'], amend: settled },
    blocked: { recycle: ['waiting'], admit: ['new', 'waiting', 'callback'] },
  };

/** Why a lead did not move. `state` is where it stands; `gone`: there is no such lead. */
export type LeadRefusal =
  | { readonly moved: false; readonly reason: 'wrong-state'; readonly state: LeadState }
  | { readonly moved: false; readonly reason: 'gone' }
  | { readonly moved: false; readonly reason: 'not-yours'; readonly state: LeadState };

export type LeadMove<T = object> = ({ readonly moved: true } & T) | LeadRefusal;

/** From which states `event` may lead to some other state. */
export function statesAllowing(event: LeadEvent): LeadState[] {
  return leadStates.filter((state) => leadTransitions[state][event]);
}

export function mayMove(from: LeadState, event: LeadEvent, to: LeadState): boolean {
  return leadTransitions[from][event]?.includes(to) ?? false;
}

/** What a lead remembers of its attempts. */
export interface Tries {
  /** How often each outcome has happened. */
  readonly outcomes: Partial<Record<AttemptOutcome, number>>;
  /** Numbers (E.164) the network says do not exist. */
  readonly dead: readonly string[];
  /** Numbers dialled as often as the campaign allows for one. */
  readonly spent?: readonly string[];
  /** How often each number was dialled. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** How often in each part of the customer's day. */
  readonly parts?: Readonly<Record<string, number>>;
}

/** A customer on a campaign. */
export interface Lead {
  readonly id: number;
  readonly campaignId: number;
  readonly customerId: number;
  readonly listId: number;
  readonly state: LeadState;
  /** Why it is in this state: a gate reason, an outcome, a disposition's code, … */
  readonly stateReason: string | null;
  /** 1 is called first, 9 last. */
  readonly priority: number;
  /** Calls dialled so far, of any outcome. */
  readonly attempts: number;
  readonly phonePosition: number;
  /** Due from then on, epoch ms; 0: at once. */
  readonly nextAt: number;
  readonly tries: Tries;
  readonly lastOutcome: AttemptOutcome | null;
  readonly lastDispositionId: number | null;
  readonly lastAttemptAt: number | null;
  readonly reservedBy: string | null;
  readonly reservedAt: number | null;
  readonly reservedFrom: LeadState | null;
  /** The agent a callback belongs to; null: anyone. */
  readonly agentId: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A lead in the hopper, with the number that comes next. */
export interface ReservedLead extends Lead {
  readonly state: 'reserved';
  readonly reservedFrom: LeadState;
  readonly e164: string;
}

/** The number that comes next: from `position` on, the first that is neither dead nor spent, round and round. */
export function nextPhone(
  phones: readonly string[],
  position: number,
  { dead, spent = [] }: Pick<Tries, 'dead' | 'spent'>,
): { e164: string; position: number } | null {
  for (let step = 0; step < phones.length; step++) {
    const index = (position + step) % phones.length;
    const e164 = phones[index]!;
    if (!dead.includes(e164) && !spent.includes(e164)) return { e164, position: index };
  }
  return null;
}

/** The numbers of a lead that are left to be called, the one that comes next first. */
export function numbersLeft(
  lead: Parameters<typeof nextNumberOf>[0],
  phones: readonly string[],
): { e164: string; position: number }[] {
  const left: { e164: string; position: number }[] = [];
  for (let step = 0; step < phones.length; step++) {
    const next = nextNumberOf({ ...lead, phonePosition: lead.phonePosition + step }, phones);
    if (next && !left.some(({ position }) => position === next.position)) left.push(next);
  }
  return left;
}

/** The number of a lead that comes next. A promised callback is placed however often its numbers were dialled. */
export function nextNumberOf(
  lead: Pick<Lead, 'state' | 'reservedFrom' | 'phonePosition' | 'tries'>,
  phones: readonly string[],
): ReturnType<typeof nextPhone> {
  const promised = lead.state === 'callback' || lead.reservedFrom === 'callback';
  return nextPhone(phones, lead.phonePosition, promised ? { dead: lead.tries.dead } : lead.tries);
}
