import type { Role } from '../../core/users/index.ts';
import type { Answers } from './score-sheet.ts';

export const reviewStates = [
  'assigned',
  'scored',
  'disputed',
  'settled',
  'acknowledged',
  'withdrawn',
] as const;
export type ReviewState = (typeof reviewStates)[number];

/** One reviewer's score of one call by one version of a sheet. */
export interface Review {
  readonly id: number;
  readonly recordingId: number;
  /** Who talked. */
  readonly agentId: number;
  readonly reviewerId: number;
  readonly versionId: number;
  readonly planId: number | null;
  /** One of several of the same call, to compare reviewers: it counts nowhere, and the agent does not see it. */
  readonly calibrationId: number | null;
  readonly state: ReviewState;
  readonly answers: Answers;
  /** Hundredths of a per cent. */
  readonly score: number | null;
  readonly isFatal: boolean;
  /** What the reviewer tells the agent. */
  readonly feedback: string | null;
  /** What the agent says to it. */
  readonly reply: string | null;
  /** What came of a dispute, in words. */
  readonly settlement: string | null;
  readonly createdAt: number;
  readonly scoredAt: number | null;
  /** Monday of the week of the call. */
  readonly week: string;
  readonly revision: number;
}

/** Scored again until the agent has answered; a dispute is settled once. */
const transitions = {
  score: { from: ['assigned', 'scored'], to: 'scored' },
  acknowledge: { from: ['scored', 'settled'], to: 'acknowledged' },
  dispute: { from: ['scored'], to: 'disputed' },
  settle: { from: ['disputed'], to: 'settled' },
  withdraw: { from: ['assigned'], to: 'withdrawn' },
} as const satisfies Record<string, { from: readonly ReviewState[]; to: ReviewState }>;
export type ReviewStep = keyof typeof transitions;

/** Null: that step is not to be taken from there. */
export function nextState(state: ReviewState, step: ReviewStep): ReviewState | null {
  const { from, to } = transitions[step];
  return (from as readonly ReviewState[]).includes(state) ? to : null;
}

/** What counts in averages, and is shown to its agent. */
export const countedStates = ['scored', 'disputed', 'settled', 'acknowledged'] as const;

export const reviewers = ['supervisor', 'manager'] as const satisfies readonly Role[];

interface Asker {
  readonly id: number;
  readonly role: Role;
}

const isManager = ({ role }: Asker) => role === 'manager' || role === 'administrator';

/** A score for comparison is handed in once: after it the others' are seen. */
export const mayScore = (review: Review, asker: Asker): boolean =>
  review.reviewerId === asker.id &&
  nextState(review.state, 'score') !== null &&
  (review.calibrationId === null || review.state === 'assigned');

export const maySettle = (review: Review, asker: Asker): boolean =>
  review.state === 'disputed' && (review.reviewerId === asker.id || isManager(asker));

export const mayWithdraw = (review: Review, asker: Asker): boolean =>
  review.state === 'assigned' && (review.reviewerId === asker.id || isManager(asker));

/** Whoever has still to score a call for comparison would only repeat what the others say. */
export const isBlindTo = (all: readonly Review[], userId: number): boolean =>
  all.some(
    ({ calibrationId, reviewerId, state }) =>
      calibrationId !== null && reviewerId === userId && state === 'assigned',
  );

/** By a manager, as where its reviewer is away. One of a comparison is its reviewer's own. */
export const mayHandOver = (review: Review, asker: Asker): boolean =>
  review.state === 'assigned' && review.calibrationId === null && isManager(asker);

/** Its agent, once it is scored and unless it is there to compare reviewers. */
export const isShownTo = (review: Review, userId: number): boolean =>
  review.agentId === userId &&
  review.calibrationId === null &&
  (countedStates as readonly string[]).includes(review.state);
