import type { Review } from './review.ts';
import type { Answer, Question } from './score-sheet.ts';

export interface QuestionSpread {
  readonly question: Question;
  /** In the order of the reviews. */
  readonly answers: readonly (Answer | undefined)[];
  /** How far the points are apart, as a part of what can be had; 1 where some say that it does not apply. */
  readonly spread: number;
}

/** How far several are apart about one call, by question, and in all. */
export function spreadOf(questions: readonly Question[], reviews: readonly Review[]) {
  const byQuestion = questions.map((question): QuestionSpread => {
    const answers = reviews.map(({ answers: given }) => given[question.id]);
    const points = answers.filter((answer) => typeof answer === 'number');
    const isMixed = points.length > 0 && answers.includes('na');
    const range = points.length > 1 ? (Math.max(...points) - Math.min(...points)) / question.max : 0;
    return { question, answers, spread: isMixed ? 1 : range };
  });
  const scores = reviews.flatMap(({ score }) => (score === null ? [] : score));
  return {
    byQuestion,
    /** Hundredths of a per cent. */
    lowest: scores.length > 0 ? Math.min(...scores) : null,
    highest: scores.length > 0 ? Math.max(...scores) : null,
    mean:
      scores.length > 0 ? Math.round(scores.reduce((sum, score) => sum + score, 0) / scores.length) : null,
  };
}
