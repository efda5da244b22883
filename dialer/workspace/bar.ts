import type { AgentCall, AgentSnapshot, ParkedCall } from '../protocol.ts';

/** What the top bar says in one word; the word's text is `workspace:state.<word>`. */
export type StateWord =
  | 'signed-out'
  | 'phone-lost'
  | 'phone-connecting'
  | 'ready'
  | 'preview'
  | 'reserved'
  | 'dialing'
  | 'ringing'
  | 'on-call'
  | 'on-hold'
  /** With somebody who is asked, or asked by a colleague. */
  | 'consulting'
  /** With the customer and who was asked. */
  | 'three-way'
  | 'wrapup'
  | 'paused';

/** The colour of a state. Never alone: word and icon say the same. */
export type Tone = 'ready' | 'reserved' | 'call' | 'wrapup' | 'paused' | 'off' | 'lost';

/** The one thing to do next; its text is `workspace:action.<name>`. */
export type NextAction =
  'sign-in' | 'ready' | 'pause' | 'answer' | 'preview-dial' | 'hangup' | 'save' | 'take-back';

export interface BarView {
  word: StateWord;
  tone: Tone;
  icon: string;
  /** Dialer's time from which the timer counts up. */
  since: number;
  /** Dialer's time at which this state ends by itself. */
  until: number | null;
  /** Null: nothing to do but wait. */
  action: NextAction | null;
  /** Red, and never where a frequent button stands. */
  destructive: boolean;
  /** The phone is lost while the agent has a customer at hand: said beside the state, which goes on. */
  lostPhone: 'call' | 'wrapup' | null;
}

const looks: Record<StateWord, { tone: Tone; icon: string }> = {
  'signed-out': { tone: 'off', icon: 'phone-off' },
  'phone-lost': { tone: 'lost', icon: 'alert-triangle' },
  'phone-connecting': { tone: 'reserved', icon: 'loader-2' },
  ready: { tone: 'ready', icon: 'circle-check' },
  preview: { tone: 'reserved', icon: 'eye' },
  reserved: { tone: 'reserved', icon: 'hourglass' },
  dialing: { tone: 'reserved', icon: 'phone-outgoing' },
  ringing: { tone: 'reserved', icon: 'bell-ringing' },
  'on-call': { tone: 'call', icon: 'phone-call' },
  'on-hold': { tone: 'call', icon: 'player-pause' },
  consulting: { tone: 'call', icon: 'messages' },
  'three-way': { tone: 'call', icon: 'users-group' },
  wrapup: { tone: 'wrapup', icon: 'pencil' },
  paused: { tone: 'paused', icon: 'coffee' },
};

/** Every icon of the bar, so that the page can carry them all and switch without asking. */
export const barIcons: Readonly<Record<StateWord, string>> = Object.fromEntries(
  Object.entries(looks).map(([word, { icon }]) => [word, icon]),
) as Record<StateWord, string>;

/**
 * What the top bar shows for a snapshot. `ownLeg` is what the page's own phone knows: while it rings, answering comes
 * before anything else.
 */
export function barView(snapshot: AgentSnapshot, ownLeg: 'none' | 'ringing' | 'up' = 'none'): BarView {
  const word = wordOf(snapshot, ownLeg);
  const action = actionOf(word, snapshot, ownLeg);
  return {
    word,
    ...looks[word],
    tone: toneOf(word, snapshot),
    since: snapshot.since,
    until: untilOf(word, snapshot),
    action,
    destructive: action === 'hangup',
    lostPhone: lostPhoneOf(snapshot),
  };
}

/** A phone that connects is no trouble, unless it was lost before. */
function toneOf(word: StateWord, { state, pauseReason }: AgentSnapshot): Tone {
  const first = word === 'phone-connecting' && state !== 'on-call' && pauseReason !== 'phone-lost';
  return first ? 'off' : looks[word].tone;
}

function lostPhoneOf({ state, phone }: AgentSnapshot): BarView['lostPhone'] {
  if (phone !== 'lost') return null;
  if (state === 'wrapup') return 'wrapup';
  return state === 'on-call' ? 'call' : null;
}

function wordOf(snapshot: AgentSnapshot, ownLeg: 'none' | 'ringing' | 'up'): StateWord {
  const { state, phone, call, legMode } = snapshot;
  if (state === 'signed-out') return 'signed-out';
  // Its clock runs, and it takes no phone to say what came of the call.
  if (state === 'wrapup') return 'wrapup';
  if (phone === 'lost') return 'phone-lost';
  // A phone on the desk rings without this page: then the dialer is who knows.
  const rings = phone === 'ringing' && (state === 'reserved' || state === 'on-call');
  if (legMode === 'per-call' && (ownLeg === 'ringing' || rings)) return 'ringing';
  if (legMode === 'nailed' && phone !== 'up') return 'phone-connecting';
  switch (state) {
    case 'on-call':
      if (call?.threeWay) return 'three-way';
      if (call && (call.askedBy !== null || isConsulting(call))) return 'consulting';
      return call?.state === 'held' ? 'on-hold' : 'on-call';
    case 'reserved':
      if (snapshot.preview && !call) return 'preview';
      return call && !hasAgent(call) ? 'dialing' : 'reserved';
    default:
      return state;
  }
}

function actionOf(
  word: StateWord,
  snapshot: AgentSnapshot,
  ownLeg: 'none' | 'ringing' | 'up',
): NextAction | null {
  switch (word) {
    case 'signed-out':
    case 'phone-lost':
      return 'sign-in';
    case 'phone-connecting':
      // Nothing rings yet: the switch may have been away when it was asked for.
      return snapshot.phone === 'none' ? 'sign-in' : null;
    case 'paused':
      return 'ready';
    case 'ready':
      return 'pause';
    case 'preview':
      return 'preview-dial';
    case 'ringing':
      return ownLeg === 'ringing' ? 'answer' : null;
    case 'wrapup':
      return 'save';
    case 'consulting':
    case 'three-way':
      // One key must not hang up on the customer who waits.
      return snapshot.call?.askedBy ? 'hangup' : 'take-back';
    case 'dialing':
    case 'on-call':
    case 'on-hold':
      return snapshot.call ? 'hangup' : null;
    default:
      return null;
  }
}

/** Somebody is asked at this moment. */
export function isConsulting({ consult }: AgentCall): boolean {
  return consult !== null && consult.state !== 'ended';
}

/** A colleague has the customer still, or had them: nobody is called, and nothing to be hung up. */
function hasAgent({ state, askedBy, connectedAt }: AgentCall): boolean {
  return askedBy !== null || connectedAt !== null || state === 'connected' || state === 'held';
}

function untilOf(word: StateWord, snapshot: AgentSnapshot): number | null {
  if (word === 'wrapup') return snapshot.wrapupUntil;
  return word === 'preview' ? (snapshot.preview?.until ?? null) : null;
}

/**
 * Which fragment fills the middle of the page: `call/<id>`, `preview/<leadId>`, `idle`; its path under /workspace. Null
 * while a call is being set up and has no number yet: what is there stays, so that a preview turns into its call
 * without a flicker.
 */
export function stageOf(snapshot: AgentSnapshot): string | null {
  if (snapshot.call) return `call/${snapshot.call.id}`;
  if (snapshot.preview) return `preview/${snapshot.preview.leadId}`;
  return snapshot.state === 'reserved' ? null : 'idle';
}

/** A number is dialled by hand between calls, ready or paused; the dialer has the last word. */
export function mayDial(snapshot: AgentSnapshot | null): boolean {
  return snapshot !== null && (snapshot.state === 'ready' || snapshot.state === 'paused') && !snapshot.call;
}

/** Between calls, with a phone that can carry one; the dialer has the last word. */
export function mayTakeUp(snapshot: AgentSnapshot): boolean {
  return mayDial(snapshot) && (snapshot.legMode === 'per-call' || snapshot.phone === 'up');
}

/** Customers who are parked: what rings at this agent first, then their own, then who has waited longest. */
export function parkedInOrder({ parked = [], userId }: AgentSnapshot): ParkedCall[] {
  const rank = ({ by, isRinging }: ParkedCall) => (by?.userId === userId ? 0 : 2) + (isRinging ? 0 : 1);
  return [...parked].sort((a, b) => rank(a) - rank(b) || a.since - b.since);
}

/** What can be done with the call now. */
export interface CallControls {
  mute: boolean;
  hold: boolean;
  park: boolean;
  /** There is a recording that can be paused or resumed. */
  record: boolean;
  keypad: boolean;
  transfer: boolean;
  consult: boolean;
  /** The customer can be brought to who is asked, or put aside again: `threeWay` says which. */
  conference: boolean;
  threeWay: boolean;
  /** Whoever is asked can be given the customer. */
  complete: boolean;
  takeBack: boolean;
  hangup: boolean;
  held: boolean;
}

export function callControls(snapshot: AgentSnapshot): CallControls {
  const { call } = snapshot;
  const state = call?.state;
  const talking = snapshot.state === 'on-call' && (state === 'connected' || state === 'held');
  const own = talking && call?.askedBy === null;
  const consulting = own && isConsulting(call!);
  const threeWay = own && call!.threeWay;
  const heard = consulting ? call!.consult!.state === 'connected' : state === 'connected';
  return {
    mute: talking,
    hold: own && !consulting,
    park: own && !consulting,
    record:
      own &&
      (!consulting || threeWay) &&
      (snapshot.call?.recording === 'on' || snapshot.call?.recording === 'paused'),
    keypad: own && heard,
    transfer: own && !consulting,
    consult: own && !consulting,
    conference: consulting && call!.consult!.state === 'connected',
    threeWay,
    complete: consulting && (call!.consult!.name === null || heard),
    takeBack: consulting,
    hangup: snapshot.call !== null && state !== 'ended' && snapshot.state !== 'wrapup',
    held: state === 'held',
  };
}

/**
 * Whether `next` replaces `shown`: the higher revision does, and of two with the same the later one. A revision that
 * went back belongs to a dialer that began anew; its clock tells it from an answer that was overtaken.
 */
export function isNewer(next: AgentSnapshot, shown: AgentSnapshot | null): boolean {
  if (!shown || next.userId !== shown.userId) return true;
  if (next.revision !== shown.revision)
    return next.revision > shown.revision || next.now > shown.now + restartGapMs;
  return next.now >= shown.now;
}

/** Two answers of one dialer never overtake each other by this much: a command times out after 5 s. */
const restartGapMs = 6000;
