import type { Review, ReviewState } from './review.ts';
import type { Answers } from './score-sheet.ts';

export interface ReviewRow {
  id: number;
  recording_id: number;
  agent_id: number;
  reviewer_id: number;
  version_id: number;
  plan_id: number | null;
  calibration_id: number | null;
  state: string;
  answers: string;
  score: number | null;
  is_fatal: number;
  feedback: string | null;
  reply: string | null;
  settlement: string | null;
  created_at: number;
  scored_at: number | null;
  week: string;
  revision: number;
  once: string;
}

export const fromRow = (row: ReviewRow): Review => ({
  id: row.id,
  recordingId: row.recording_id,
  agentId: row.agent_id,
  reviewerId: row.reviewer_id,
  versionId: row.version_id,
  planId: row.plan_id,
  calibrationId: row.calibration_id,
  state: row.state as ReviewState,
  answers: JSON.parse(row.answers) as Answers,
  score: row.score,
  isFatal: row.is_fatal === 1,
  feedback: row.feedback,
  reply: row.reply,
  settlement: row.settlement,
  createdAt: Number(row.created_at),
  scoredAt: row.scored_at === null ? null : Number(row.scored_at),
  week: row.week,
  revision: row.revision,
});
