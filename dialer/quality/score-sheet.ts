export const questionKinds = ['yes-no', 'points'] as const;
export type QuestionKind = (typeof questionKinds)[number];
export const mostQuestions = 60;
export const mostPoints = 10;

/** The same over all versions of a sheet as long as its id is, however its words change. */
export interface Question {
  readonly id: string;
  readonly section: string;
  readonly text: string;
  readonly kind: QuestionKind;
  /** Points at the most; of a yes-no question 1. */
  readonly max: number;
  /** How much it counts among the others, 0 to 100. */
  readonly weight: number;
  readonly mayNotApply: boolean;
  /** Without a single point for it the whole call has none. */
  readonly isFatal: boolean;
}

/** Points, or that the question does not apply to this call. */
export type Answer = number | 'na';
export type Answers = Readonly<Record<string, Answer>>;

export interface Score {
  /** Hundredths of a per cent; null where no question that counts applies. */
  readonly score: number | null;
  readonly isFatal: boolean;
}

/** What is reached of what can be reached, by weight; nothing where a fatal question has no point. */
export function scoreOf(questions: readonly Question[], answers: Answers): Score {
  let reached = 0;
  let possible = 0;
  let isFatal = false;
  for (const { id, max, weight, isFatal: fatal } of questions) {
    const answer = answers[id];
    if (answer === undefined || answer === 'na') continue;
    if (fatal && answer === 0) isFatal = true;
    reached += (weight * answer) / max;
    possible += weight;
  }
  if (isFatal) return { score: 0, isFatal };
  return { score: possible === 0 ? null : Math.round((10_000 * reached) / possible), isFatal };
}

/** Questions whose answer is missing or is none that they allow. */
export function unanswered(questions: readonly Question[], answers: Answers): string[] {
  const fits = ({ id, max, mayNotApply }: Question) => {
    const answer = answers[id];
    if (answer === 'na') return mayNotApply;
    return answer !== undefined && Number.isInteger(answer) && answer >= 0 && answer <= max;
  };
  return questions.filter((question) => !fits(question)).map(({ id }) => id);
}

export interface Section {
  readonly title: string;
  readonly questions: readonly Question[];
}

/** In the order of their first question. */
export function sectionsOf(questions: readonly Question[]): Section[] {
  const titles = [...new Set(questions.map(({ section }) => section))];
  return titles.map((title) => ({ title, questions: questions.filter(({ section }) => section === title) }));
}
