/**
 * How simulated customers behave. The carrier simulator plays these, and the SIPp scenarios of the tests are
 * written from the same table, so that a campaign meets the same people on both.
 */
export interface CustomerBehaviour {
  kind: CustomerKind;
  /** From the call's arrival to the answer or the refusal, in milliseconds. */
  ringMs: number;
  /** The network's refusal, sent after `ringMs` in place of an answer. */
  refusal?: Refusal;
  /** Rings for ever and never answers. */
  silent?: boolean;
  /** Sound before the answer (183), from this long after the call's arrival. */
  earlyMediaMs?: number;
  /** Hangs up this long after the answer; null stays until hung up on. */
  talkMs: number | null;
  /** What is heard after the answer. */
  voice: Voice;
  /** What the simulator's machine detection makes of that voice, where it is to be wrong. */
  heardAs?: Voice;
  /** Never falls silent. */
  talksOn?: true;
  /** Keys pressed, the first of them `afterMs` after the answer. */
  keys?: { afterMs: number; digits: string };
}

export type Voice = 'greets' | 'machine' | 'silence';

export type CustomerKind =
  | 'answers'
  | 'talks-and-hangs-up'
  | 'no-answer'
  | 'busy'
  | 'unallocated'
  | 'congestion'
  | 'early-media'
  | 'hangs-up-at-once'
  | 'machine'
  | 'presses-key'
  | 'says-nothing';

export interface Refusal {
  sip: number;
  phrase: string;
  /** Q.850 cause that the switch reports for it. */
  cause: number;
  /** Asterisk's word for it. Only the cause tells an unallocated number from one that nobody answers. */
  dialStatus: 'BUSY' | 'CONGESTION' | 'NOANSWER';
}

export const refusals = {
  busy: { sip: 486, phrase: 'Busy Here', cause: 17, dialStatus: 'BUSY' },
  unallocated: { sip: 404, phrase: 'Not Found', cause: 1, dialStatus: 'NOANSWER' },
  /** Our user name or password is not the carrier's. */
  login: { sip: 407, phrase: 'Proxy Authentication Required', cause: 21, dialStatus: 'NOANSWER' },
  forbidden: { sip: 403, phrase: 'Forbidden', cause: 21, dialStatus: 'NOANSWER' },
  declined: { sip: 603, phrase: 'Decline', cause: 21, dialStatus: 'NOANSWER' },
  congestion: { sip: 503, phrase: 'Service Unavailable', cause: 34, dialStatus: 'CONGESTION' },
} as const satisfies Record<string, Refusal>;

/** A customer who answers after a second and stays until hung up on. */
export const ordinaryCustomer: CustomerBehaviour = {
  kind: 'answers',
  ringMs: 1000,
  talkMs: null,
  voice: 'greets',
};

/** The customer at the other end, by the last two digits of the number dialled; all others are ordinary. */
export const customersByNumber: Readonly<Record<string, CustomerBehaviour>> = {
  '01': ordinaryCustomer,
  '02': { kind: 'answers', ringMs: 4000, talkMs: null, voice: 'greets' },
  '03': { kind: 'talks-and-hangs-up', ringMs: 500, talkMs: 3000, voice: 'greets' },
  '04': { kind: 'no-answer', ringMs: 300, silent: true, talkMs: null, voice: 'silence' },
  '05': { kind: 'busy', ringMs: 200, refusal: refusals.busy, talkMs: null, voice: 'silence' },
  '06': { kind: 'unallocated', ringMs: 0, refusal: refusals.unallocated, talkMs: null, voice: 'silence' },
  '07': { kind: 'congestion', ringMs: 0, refusal: refusals.congestion, talkMs: null, voice: 'silence' },
  '08': { kind: 'early-media', ringMs: 1500, earlyMediaMs: 300, talkMs: null, voice: 'greets' },
  '09': { kind: 'hangs-up-at-once', ringMs: 500, talkMs: 50, voice: 'silence' },
  '10': { kind: 'machine', ringMs: 1000, talkMs: 30_000, voice: 'machine' },
  '11': {
    kind: 'presses-key',
    ringMs: 500,
    talkMs: null,
    voice: 'greets',
    keys: { afterMs: 2000, digits: '9' },
  },
  // Has waited for longer than any grace: what answers the key is a message.
  '13': {
    kind: 'presses-key',
    ringMs: 2500,
    talkMs: null,
    voice: 'greets',
    keys: { afterMs: 4500, digits: '9' },
  },
  // Looks for the key until the message is over.
  '14': {
    kind: 'presses-key',
    ringMs: 500,
    talkMs: null,
    voice: 'greets',
    keys: { afterMs: 7_000, digits: '9' },
  },
  '12': { kind: 'says-nothing', ringMs: 500, talkMs: null, voice: 'silence' },
};

/** The customer who lives at this number. */
export function customerAt(dialled: string): CustomerBehaviour {
  return customersByNumber[dialled.replace(/\D/g, '').slice(-2)] ?? ordinaryCustomer;
}
