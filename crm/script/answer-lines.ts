import { isoDay } from '../../core/time/typed.ts';
import { formatDate } from '../../core/i18n/index.ts';
import type { RequestContext } from '../../core/http/index.ts';
import type { Answer } from './answer.ts';
import {
  isEmpty,
  wordsIn,
  type QuestionKind,
  type ScriptContent,
  type ScriptQuestion,
  type Words,
} from './script.ts';

/** A question with what was answered, so that it can be told in any language without its script. */
export interface ToldAnswer {
  readonly question: Words;
  readonly kind: QuestionKind;
  readonly given: readonly {
    readonly value: string | null;
    readonly text?: string;
    readonly words?: Words;
  }[];
}

export interface AnswerLine {
  readonly question: string;
  readonly answer: string;
}

type Reader = Pick<RequestContext, 't' | 'locale'>;

/** The answers of a call in the order of the script; several choices of one question stand together. */
export function toldAnswers({ languages, steps }: ScriptContent, answers: readonly Answer[]): ToldAnswer[] {
  return steps.flatMap(({ id, title, question }) => {
    const given = answers.filter(({ stepId }) => stepId === id);
    if (given.length === 0) return [];
    const asked = question && !isEmpty(question.words) ? question.words : { [languages[0]!]: title };
    return [
      { question: asked, kind: given[0]!.kind, given: given.map((answer) => toldOf(answer, question)) },
    ];
  });
}

function toldOf({ value, text }: Answer, question: ScriptQuestion | null): ToldAnswer['given'][number] {
  const words = question?.options.find(({ id }) => id === value)?.words;
  return { value, ...(text === null ? {} : { text }), ...(words ? { words } : {}) };
}

/** How a reader is told an answer. */
export function answerWords(
  { t, locale }: Reader,
  kind: QuestionKind,
  { value, text, words }: ToldAnswer['given'][number],
): string {
  if (value === null) return text ?? '';
  if (kind === 'yes-no') return t(`scripts:answers.${value === 'yes' ? 'yes' : 'no'}`);
  if (kind === 'date') return dayInWords(value, locale);
  return words ? wordsIn(words, locale) : value;
}

export function answerLines(reader: Reader, told: readonly ToldAnswer[]): AnswerLine[] {
  return told.map(({ question, kind, given }) => ({
    question: wordsIn(question, reader.locale),
    answer: given.map((one) => answerWords(reader, kind, one)).join(reader.t('crm:listSeparator')),
  }));
}

/** A day as that language writes it; it has no zone. */
function dayInWords(iso: string, locale: RequestContext['locale']): string {
  if (isoDay(iso) === null) return iso;
  return formatDate(Date.parse(`${iso}T12:00:00Z`), 'date', { locale, zone: 'UTC' });
}
