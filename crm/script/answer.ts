import { isoDay } from '../../core/time/typed.ts';
import { answerField, chosenIn, numberIn, placeOf } from './script-walk.ts';
import { hasOptions, type QuestionKind, type ScriptContent, type ScriptQuestion } from './script.ts';

/** One part of what a customer has answered to a step: of several choices, each is one. */
export interface Answer {
  readonly stepId: string;
  readonly kind: QuestionKind;
  /** `yes`, `no`, an option's id, a day, or a number as text; null: `text` says it. */
  readonly value: string | null;
  readonly number: number | null;
  /** What was written; also what was typed where a number or a day was asked for and none was given. */
  readonly text: string | null;
}

export type TypedAnswers = Readonly<Record<string, string | undefined>>;

export const longestAnswer = 4_000;

/** What was answered on the steps that were gone through. What stands in fields of other steps is left out. */
export function answersIn(content: ScriptContent, typed: TypedAnswers): Answer[] {
  const { path } = placeOf(typed.scriptPath ?? '', typed.scriptAt ?? '', content.steps);
  return content.steps.flatMap(({ id, question }) => {
    if (!question || !path.includes(id)) return [];
    return answersTo(id, question, (typed[answerField(id, question.kind)] ?? '').trim());
  });
}

function answersTo(stepId: string, question: ScriptQuestion, typed: string): Answer[] {
  const { kind } = question;
  const answer = (part: Partial<Answer>): Answer => ({
    stepId,
    kind,
    value: null,
    number: null,
    text: null,
    ...part,
  });
  if (typed === '') return [];
  if (kind === 'yes-no') return typed === 'yes' || typed === 'no' ? [answer({ value: typed })] : [];
  if (hasOptions(kind)) {
    const chosen = chosenIn(typed).filter((id) => question.options.some((option) => option.id === id));
    return [...new Set(chosen)].slice(0, kind === 'choice' ? 1 : undefined).map((value) => answer({ value }));
  }
  if (kind === 'number') {
    const number = numberIn(typed);
    return [number === null ? answer({ text: typed }) : answer({ value: String(number), number })];
  }
  if (kind === 'date') {
    const day = isoDay(typed);
    return [day === null ? answer({ text: typed }) : answer({ value: day })];
  }
  return [answer({ text: typed })];
}

/** The typed fields that these answers came from, so that somebody else can go on with them. */
export function typedFrom(answers: readonly Answer[]): Record<string, string> {
  const typed: Record<string, string> = {};
  for (const { stepId, kind, value, text } of answers) {
    const field = answerField(stepId, kind);
    const given = value ?? text ?? '';
    typed[field] = typed[field] ? `${typed[field]},${given}` : given;
  }
  return typed;
}

export const sameAnswers = (one: readonly Answer[], other: readonly Answer[]): boolean => {
  const key = (answers: readonly Answer[]) =>
    answers
      .map(({ stepId, kind, value, text }) => JSON.stringify([stepId, kind, value, text]))
      .sort()
      .join();
  return key(one) === key(other);
};
