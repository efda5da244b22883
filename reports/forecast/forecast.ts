import type { ForecastResult } from '../../dialer/pacing/index.ts';
import type { ForecastFigures } from './figures.ts';
import type { LearnedFrom } from './learned.ts';
import type { MakeUp } from './make-up.ts';

export const forecastStates = ['waiting', 'running', 'done', 'failed', 'stopped'] as const;
export type ForecastState = (typeof forecastStates)[number];

/** What was asked: figures as the campaign is, and as somebody typed them. */
export interface ForecastQuestion {
  present: ForecastFigures;
  typed: ForecastFigures;
  /** The campaign ran: the play began with the floor as it was. */
  running: boolean;
  learned: { from: LearnedFrom; calls: number };
}

/** What came out. */
export interface ForecastAnswer {
  /** Epoch ms, seconds. */
  start: number;
  seconds: number;
  spanSeconds: number;
  makeUp: Omit<MakeUp, 'list'> | null;
  result: ForecastResult;
}

export interface Forecast {
  id: number;
  campaignId: number;
  state: ForecastState;
  jobId: string | null;
  question: ForecastQuestion;
  answer: ForecastAnswer | null;
  error: string | null;
  createdBy: number | null;
  createdAt: number;
  finishedAt: number | null;
}
