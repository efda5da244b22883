/**
 * What the dialer processes and the web processes say to each other over the bus. Whichever dialer hears a command hands
 * it to the one that holds the agent; events may be lost, so a page that (re)connects asks for the snapshot first.
 */
import type { AgentState, PauseReason, PhoneState } from './agents/agent.ts';
import type { CallOutcome, CallState } from './calls/call.ts';
import type { MonitorMode, MonitorView } from './monitors/monitor.ts';

/** Commands by name: what is sent and what comes back. Refusals are CommandRefused with one of RefusalReason. */
export interface DialerCommands {
  /**
   * Opens the phone (nailed-up leg) and shows the agent as paused. Repeating it re-opens a lost phone. `fresh`: the
   * agent's phone has just been started and has no leg, so one that still looks up is a dead one's and is replaced.
   */
  'agent.sign-in': [{ userId: number; robot?: boolean; fresh?: boolean }, AgentSnapshot];
  'agent.sign-out': [{ userId: number }, AgentSnapshot];
  'agent.ready': [{ userId: number }, AgentSnapshot];
  /** On a call: takes effect after wrap-up. */
  'agent.pause': [{ userId: number; pauseCodeId: number }, AgentSnapshot];
  /** Ends the customer's leg; the agent goes to wrap-up. */
  'agent.hangup': [{ userId: number; callId: string }, AgentSnapshot];
  'agent.hold': [{ userId: number; callId: string; on: boolean }, AgentSnapshot];
  /** Puts the customer aside, with music, to be free for something else. */
  'agent.park': [{ userId: number; callId: string }, AgentSnapshot];
  /** Fetches a customer who is parked, by whomever, or rings back from there. */
  'agent.take-up': [{ userId: number; callId: string }, AgentSnapshot];
  /** Pauses the recording for what must not be heard later, as a card's number, and resumes it. */
  'agent.record': [{ userId: number; callId: string; on: boolean }, AgentSnapshot];
  'agent.dtmf': [{ userId: number; callId: string; digits: string }, AgentSnapshot];
  /** Whom a customer could be given to, or who could be asked. */
  'agent.colleagues': [{ userId: number; callId: string }, { colleagues: Colleague[] }];
  /** Gives the customer away at once; the agent goes to wrap-up. */
  'agent.transfer': [{ userId: number; callId: string; to: TransferTarget }, AgentSnapshot];
  /** Asks somebody while the customer hears music. */
  'agent.consult': [{ userId: number; callId: string; to: TransferTarget }, AgentSnapshot];
  /** Brings the customer to the agent and who is asked, or puts them aside again. */
  'agent.conference': [{ userId: number; callId: string; on: boolean }, AgentSnapshot];
  /** Lets go of who was asked; the customer is back. */
  'agent.take-back': [{ userId: number; callId: string }, AgentSnapshot];
  /** Gives the customer to who was asked; the agent goes to wrap-up. */
  'agent.complete': [{ userId: number; callId: string }, AgentSnapshot];
  /** What an agent adds who has left the call to somebody else, who says what came of it. */
  'agent.note': [NoteGiven, AgentSnapshot];
  'agent.dispose': [DispositionGiven, AgentSnapshot];
  /** Says whose number it is that was dialled by hand; only for a call that has no customer yet. */
  'agent.identify': [{ userId: number; callId: string; customerId: number }, AgentSnapshot];
  'agent.extend-wrapup': [{ userId: number; callId: string; reason: string }, AgentSnapshot];
  'agent.preview-dial': [{ userId: number; leadId: number }, AgentSnapshot];
  'agent.preview-skip': [{ userId: number; leadId: number; reason: string }, AgentSnapshot];
  /** A number typed or a callback chosen by the agent; passes the gate like any other. */
  'agent.dial': [
    { userId: number; campaignId: number; e164: string; customerId?: number; callbackId?: number },
    AgentSnapshot,
  ];
  /** What a robot hears of its customer: of a real switch, nothing. */
  'agent.hears': [{ userId: number; callId: string }, { voice: string | null }];
  'agent.snapshot': [{ userId: number }, AgentSnapshot];
  /** A supervisor's doing, by right of role. */
  'agent.force': [
    { userId: number; by: number; to: 'paused' | 'ready' | 'signed-out'; reason: string },
    AgentSnapshot,
  ];
  /** Makes the supervisor's phone known to the switch of this agent. */
  'monitor.prepare': [{ userId: number; by: number }, Record<string, never>];
  /** `userId` is the agent. Again with another mode, it goes over to that. */
  'monitor.start': [{ userId: number; by: number; mode: MonitorMode }, MonitorView];
  /** The supervisor's page is there; without a word of it for half a minute it is gone. */
  'monitor.keep': [{ userId: number; by: number }, { monitor: MonitorView | null }];
  /** Who has taken the talk over ends the call. */
  'monitor.end-call': [{ userId: number; by: number }, Record<string, never>];
  'monitor.stop': [{ userId: number; by: number }, Record<string, never>];
  'campaign.pacing': [{ campaignId: number }, PacingView];
  'dialer.status': [Record<string, never>, DialerStatus];
  /** Tries transitions again that the database would not take; how many it still refuses. */
  'dialer.write-aside': [Record<string, never>, { left: number }];
  /** Everybody and every call that this dialer has; a floor goes on from there by events. */
  'dialer.floor': [Record<string, never>, FloorSnapshot];
  /** Places a short call over a trunk to a number of the administrator's. */
  'trunk.test': [{ trunkId: number; e164: string }, { outcome: string; cause: number; ms: number }];
}

export type RefusalReason =
  | 'not-signed-in'
  | 'wrong-state'
  | 'no-such-call'
  | 'not-your-call'
  | 'phone-not-up'
  | 'not-recorded'
  /** The switch answered that it cannot. */
  | 'switch-refused'
  | 'colleague-not-free'
  | 'colleague-not-reached'
  | 'own-number'
  | 'nobody-asked'
  | 'consult-goes-on'
  /** Who is asked has not picked up yet. */
  | 'not-picked-up'
  | 'transfer-under-way'
  /** Somebody else has the customer by now, or they have hung up. */
  | 'parked-gone'
  /** Another agent has the customer, or is about to: only a note can be handed in. */
  | 'call-goes-on'
  /** The customer's call is this agent's: a disposition is wanted. */
  | 'disposition-wanted'
  | 'recording-not-paused'
  | 'recording-not-resumed'
  | 'unknown-disposition'
  | 'callback-time-missing'
  | 'callback-time-not-allowed'
  | 'callback-needs-customer'
  /** "Do not call" stands against it: it would never be placed. */
  | 'callback-not-callable'
  | 'identified-already'
  | 'lead-being-dialled'
  /** The number, or its customer, is in another call or about to be. */
  | 'number-in-call'
  | 'blocked-by-gate'
  | 'no-trunk'
  /** All numbers of the campaign's pool have been shown as often as they may today. */
  | 'numbers-used-up'
  | 'switch-down'
  | 'database-down'
  | 'database-slow'
  | 'not-assigned-to-campaign'
  | 'campaign-not-running'
  | 'wrapup-extended-already'
  | 'too-many-lines'
  | 'lead-gone'
  /** The dialer that holds this agent does not answer. */
  | 'dialer-away'
  | 'announcement-unread'
  /** There is no call to be with. */
  | 'monitor-no-call'
  /** The supervisor takes calls themselves. */
  | 'monitor-signed-in'
  /** Another supervisor has the talk. */
  | 'monitor-taken'
  /** The agent asks somebody while the customer waits. */
  | 'monitor-consulting'
  /** A supervisor has the talk. */
  | 'taken-over'
  | 'callback-not-yours'
  | 'number-not-theirs'
  | 'invalid';

export interface DispositionGiven {
  userId: number;
  callId: string;
  dispositionId: number;
  note: string;
  callback?: { dueAt: number; mine: boolean; e164?: string; note?: string };
  /** What comes next. 'paused' without `pauseCodeId`: the pause that was to come anyway. */
  next: 'ready' | 'paused';
  pauseCodeId?: number;
}

export type TransferTarget = { userId: number } | { e164: string };

export interface Colleague {
  userId: number;
  name: string;
  state: AgentState;
  /** Could take a call now. */
  isFree: boolean;
  /** Works on the campaign of the call. */
  isOnCampaign: boolean;
}

export interface NoteGiven {
  userId: number;
  callId: string;
  note: string;
  /** As for a disposition. */
  next: 'ready' | 'paused';
  pauseCodeId?: number;
}

/** Who is asked beside the agent's call, or was asked in vain. */
export interface ConsultView {
  callId: string;
  /** The colleague's, where it is one. */
  name: string | null;
  e164: string;
  /** The number as people write it. */
  phone: string;
  state: CallState;
  /** Since when they talk. */
  connectedAt: number | null;
  outcome: CallOutcome | null;
  hangupCause: number | null;
}

/** All that the workspace needs to show the truth about one agent. */
export interface AgentSnapshot {
  userId: number;
  /** The dialer's clock when this was made; timers on the page run from it. */
  now: number;
  revision: number;
  state: AgentState;
  since: number;
  pauseCodeId: number | null;
  /** Why paused where no code of the agent's says so. */
  pauseReason?: PauseReason | null;
  /** A pause asked for during a call. */
  nextPauseCodeId: number | null;
  /** What comes after the call is a pause, with a code or without. */
  pausesNext?: boolean;
  /** A supervisor's sign-out comes after the call. */
  signsOutNext?: boolean;
  phone: PhoneState;
  legMode: 'nailed' | 'per-call';
  /** The simulator answers in the agent's place. */
  simulatedPhone: boolean;
  /** Nobody can be called now. */
  switchAway?: boolean;
  campaigns: { id: number; name: string; mode: string; state: string }[];
  call: AgentCall | null;
  preview: { leadId: number; campaignId: number; customerId: number; e164: string; until: number } | null;
  wrapupUntil: number | null;
  /** Supervisors who are with the call and of whom the agent is told. */
  monitors?: AgentMonitor[];
  /** Customers whom this agent may take up. */
  parked?: ParkedCall[];
}

/** A customer who waits with music, in nobody's hands. */
export interface ParkedCall {
  callId: string;
  slot: number;
  since: number;
  /** It rings already, at who has parked it or at anybody. */
  isRinging: boolean;
  /** When it will; null: it does, or nobody knows yet. */
  ringsBackAt: number | null;
  campaignId: number;
  customerId: number | null;
  e164: string;
  /** Who has parked it. */
  by: { userId: number; name: string } | null;
}

export interface AgentMonitor {
  mode: MonitorMode;
  name: string;
}

export interface AgentCall {
  id: string;
  direction: 'out' | 'in' | 'internal';
  path: string;
  state: CallState;
  campaignId: number;
  leadId: number | null;
  customerId: number | null;
  e164: string;
  callerId: string | null;
  attempt: number;
  dialedAt: number | null;
  answeredAt: number | null;
  connectedAt: number | null;
  endedAt: number | null;
  outcome: CallOutcome | null;
  hangupCause: number | null;
  endedBy: 'agent' | 'customer' | 'system' | null;
  recording: 'on' | 'off' | 'paused' | 'failed';
  /** Paused by the agent, and not (only) as the customer is on hold. */
  recordingPausedByAgent: boolean;
  /** Who is asked while the customer waits, or was asked in vain. */
  consult: ConsultView | null;
  /** Customer, agent and who was asked hear each other. */
  threeWay: boolean;
  /** Of an agent who is asked: the colleague who asks, and whose call with the customer it is about. */
  askedBy: { userId: number; name: string; callId: string } | null;
  /** The colleague who has handed the customer on. */
  handedOnBy: { userId: number; name: string } | null;
  /** The agent has left it to somebody else, or is about to: a note is wanted, and no disposition. */
  noteOnly: boolean;
}

/** Why a campaign places no calls now: a code with a text in views/locales/<lng>/dialer.json under `notDialing`. */
export interface NotDialing {
  code:
    | 'not-running'
    | 'switch-down'
    | 'database-down'
    | 'database-slow'
    | 'bus-down'
    | 'no-trunk'
    | 'trunks-failing'
    /** The carrier of one of them refuses our login or account, and the others do not carry calls either. */
    | 'trunk-refuses-us'
    | 'trunk-rule'
    /** No number of its pool is in use. */
    | 'no-number'
    | 'numbers-used-up'
    | 'no-agents'
    | 'no-agents-ready'
    | 'agents-busy'
    /** Another campaign, which they serve as well, has them now. */
    | 'agents-lent'
    | 'no-leads'
    | 'leads-not-due'
    | 'outside-hours'
    | 'all-blocked'
    | 'lines-full'
    | 'pacer-holds'
    | 'agent-dials'
    | 'starting';
  params: Record<string, string | number | null>;
  /** When it will dial again by itself, if known. */
  until: number | null;
}

export interface PacingView {
  /** Whose view it is; of several dialers together, that of one. */
  dialerId: string;
  campaignId: number;
  at: number;
  mode: string;
  launch: number;
  reason: string;
  facts: Record<string, number | string | null>;
  linesInFlight: number;
  hopper: number;
  notDialing: NotDialing | null;
}

export interface DialerStatus {
  dialerId: string;
  startedAt: number;
  switch: 'up' | 'down' | 'connecting';
  /** What keeps the switch away, in words for the administrator; null while it is there. */
  switchFault: string | null;
  simulator: boolean;
  calls: number;
  agents: number;
  trunks: TrunkStatus[];
}

export interface TrunkStatus {
  id: number;
  name: string;
  channelsInUse: number;
  channels: number;
  /** It rests, or the one call is out that shows whether it works. */
  failing: boolean;
  /** It has rested, and the next call shows whether it works. */
  toBeTried: boolean;
  /** The carrier refuses our login or account, and it has carried no call since. */
  refusesUs: boolean;
  /** Since when it has refused calls and carried none. */
  troubledSince: number | null;
  /** What the switch knows of the way to the carrier; null: nothing is wrong with it as far as it knows. */
  reach: { trouble: 'unreachable' | 'rejected' | 'unregistered'; since: number } | null;
}

/** One dialer's part of the floor. */
export interface FloorSnapshot {
  dialerId: string;
  /** Who is or was signed in to it. */
  agents: AgentSnapshot[];
  /** Those that have not ended. */
  calls: FloorCall[];
}

export interface FloorCall {
  id: string;
  state: CallState;
  /** Since when it rings, waits or talks. */
  since: number;
  campaignId: number | null;
  customerId: number | null;
  e164: string;
  /** Who has it, had it last or is to get it. */
  userId: number | null;
  /** Under which number it is parked, or was until it rang back. */
  parkSlot: number | null;
}

/** Events by bus topic. */
export interface DialerEvents {
  'call.transition': CallTransition;
  'agent.transition': AgentTransition;
  /** `agent.snapshot.<userId>` */
  'agent.snapshot': AgentSnapshot;
  /** `monitor.<by>` */
  monitor: MonitorView;
  /** `campaign.pacing.<campaignId>`, at most four a second. */
  'campaign.pacing': PacingView;
  /** Published by campaigns/ whenever a campaign, its lists, trunks or agents change. */
  'campaign.changed': { campaignId: number };
  'trunks.changed': Record<string, never>;
  /** A dialer has a free agent and found no lead that nobody holds. */
  'leads.wanted': LeadsWanted;
  /** A dialer has given leads of that campaign back. */
  'leads.freed': LeadsWanted;
  /** A person, and no robot, works this account from now on. */
  'agent.person': { userId: number };
}

export interface LeadsWanted {
  campaignId: number;
  dialerId: string;
}

export interface CallTransition {
  callId: string;
  at: number;
  from: CallState | null;
  to: CallState;
  event: string;
  direction: 'out' | 'in' | 'internal';
  campaignId: number | null;
  leadId: number | null;
  customerId: number | null;
  e164: string;
  userId: number | null;
  outcome: CallOutcome | null;
  parkSlot: number | null;
}

export interface AgentTransition {
  userId: number;
  at: number;
  from: AgentState | null;
  to: AgentState;
  event: string;
  campaignId: number | null;
  callId: string | null;
  pauseCodeId: number | null;
}
