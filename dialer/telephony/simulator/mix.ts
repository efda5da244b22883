import { ordinaryCustomer, refusals, type CustomerBehaviour, type CustomerKind } from '../customers.ts';
import { between, exponential, type Random } from './random.ts';

/** How often each kind of customer is met (weights of any sum), and how long they ring and talk, in milliseconds. */
export interface CustomerMix {
  weights: Partial<Record<CustomerKind, number>>;
  ringMs: { least: number; most: number };
  talkMs: { least: number; mean: number };
}

/** An ordinary list by day: one in three is answered by a person. */
export const ordinaryMix: CustomerMix = {
  weights: {
    'talks-and-hangs-up': 20,
    answers: 10,
    'hangs-up-at-once': 2,
    'presses-key': 1,
    machine: 20,
    'no-answer': 32,
    busy: 7,
    unallocated: 4,
    congestion: 2,
    'early-media': 2,
  },
  ringMs: { least: 3000, most: 18_000 },
  talkMs: { least: 8000, mean: 75_000 },
};

/** Draws one customer. */
export function drawCustomer(mix: CustomerMix, random: Random): CustomerBehaviour {
  const kind = drawKind(mix.weights, random);
  const ringMs = Math.round(between(random, mix.ringMs.least, mix.ringMs.most));
  const talkMs = Math.round(mix.talkMs.least + exponential(random, mix.talkMs.mean - mix.talkMs.least));
  const answering: CustomerBehaviour = { kind, ringMs, talkMs, voice: 'greets' };
  switch (kind) {
    case 'answers':
      // Leaves hanging up to the agent; the bound keeps a line from being held for ever.
      return { ...answering, talkMs: talkMs * 4 };
    case 'talks-and-hangs-up':
      return answering;
    case 'early-media':
      return { ...answering, earlyMediaMs: Math.min(800, ringMs) };
    case 'presses-key':
      return { ...answering, keys: { afterMs: 2500, digits: '9' } };
    case 'hangs-up-at-once':
      return { ...answering, talkMs: Math.round(between(random, 50, 900)), voice: 'silence' };
    case 'machine':
      return { ...answering, talkMs: Math.round(between(random, 15_000, 40_000)), voice: 'machine' };
    case 'says-nothing':
      return { ...answering, voice: 'silence' };
    case 'no-answer':
      return { ...answering, silent: true, talkMs: null, voice: 'silence' };
    case 'busy':
    case 'unallocated':
    case 'congestion':
      return {
        kind,
        ringMs: Math.round(between(random, 100, 900)),
        refusal: refusals[kind],
        talkMs: null,
        voice: 'silence',
      };
  }
}

function drawKind(weights: CustomerMix['weights'], random: Random): CustomerKind {
  const entries = Object.entries(weights) as [CustomerKind, number][];
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of entries) {
    left -= weight;
    if (left < 0) return kind;
  }
  return ordinaryCustomer.kind;
}
