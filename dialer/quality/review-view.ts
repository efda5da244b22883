import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { UserStore } from '../../core/users/index.ts';
import { sectionsOf, type Answers, type Question } from './score-sheet.ts';
import type { Review } from './review.ts';
import type { ReviewStore } from './review-store.ts';
import type { SheetStore } from './sheet-store.ts';

/** Colours that words stand with. */
export const badgeOf = {
  assigned: 'reserved',
  scored: 'ready',
  disputed: 'paused',
  settled: 'call',
  acknowledged: 'ready',
  withdrawn: 'off',
} as const;

/** A review in the reader's words: its sheet with what was answered, and what was said of moments of the call. */
export function createReviewView(
  app: Pick<App, 'db' | 'bus'>,
  { reviews, sheets }: { reviews: ReviewStore; sheets: SheetStore },
) {
  const users = new UserStore(app.db);

  return async (req: Request, review: Review) => {
    const { t } = req.context;
    const [sheet, people, comments] = await Promise.all([
      sheets.version(review.versionId),
      users.byIds([review.reviewerId, review.agentId]),
      reviews.comments(review.id),
    ]);
    const nameOf = (id: number) => people.get(id)?.name ?? `#${id}`;
    return {
      ...review,
      percent: review.score === null ? null : review.score / 10_000,
      badge: badgeOf[review.state],
      stateWords: t(`quality:states.${review.state}`),
      reviewer: nameOf(review.reviewerId),
      agent: nameOf(review.agentId),
      sheet: sheet ? t('quality:sheetVersion', { name: sheet.name, version: sheet.version }) : '–',
      sections: sectionsOf(sheet?.questions ?? []).map(({ title, questions }) => ({
        title,
        questions: questions.map((question) => ({
          ...question,
          choices: choicesOf(req, question, review.answers),
          answer: answerWords(req, question, review.answers),
        })),
      })),
      comments,
      marks: comments.map(({ id, atMs, text }) => ({ id, atMs, text })),
    };
  };
}

function choicesOf(req: Request, { id, kind, max, mayNotApply }: Question, answers: Answers) {
  const { t } = req.context;
  const points = Array.from({ length: max + 1 }, (_, n) => n);
  const choices =
    kind === 'yes-no'
      ? [
          { value: '1', label: t('common:yes') },
          { value: '0', label: t('common:no') },
        ]
      : points.map((value) => ({ value: String(value), label: String(value) }));
  if (mayNotApply) choices.push({ value: 'na', label: t('quality:notApplicable') });
  return choices.map((choice) => ({ ...choice, chosen: String(answers[id]) === choice.value }));
}

export function answerWords(req: Request, { id, kind, max }: Question, answers: Answers): string {
  const { t } = req.context;
  const answer = answers[id];
  if (answer === undefined) return '–';
  if (answer === 'na') return t('quality:notApplicable');
  return kind === 'yes-no'
    ? t(answer > 0 ? 'common:yes' : 'common:no')
    : t('quality:points', { points: answer, max });
}
