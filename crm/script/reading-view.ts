import type { Customer } from '../customers/customer.ts';
import type { TypedAnswers } from './answer.ts';
import { chooseLanguage } from './merge.ts';
import { walkOf } from './script-condition.ts';
import { answerField, chosenIn, placeOf, type Place, type WalkStep } from './script-walk.ts';
import {
  hasOptions,
  isEmpty,
  wordsIn,
  type QuestionKind,
  type ScriptContent,
  type ScriptStep,
} from './script.ts';
import { createSpeaker, paragraphsOf, type SpokenPart } from './spoken.ts';

/** A script as it is read step by step. */
export interface ReadingView {
  readonly language: string;
  readonly steps: readonly StepView[];
  /** How it is gone through: `WalkStep`s, for the page's script. */
  readonly walk: readonly WalkStep[];
  readonly place: Place;
}

interface StepView {
  readonly id: string;
  readonly title: string;
  readonly paragraphs: readonly SpokenPart[][];
  readonly question: QuestionView | null;
  /** The disposition that is suggested where the script ends here. */
  readonly suggested: { readonly id: number; readonly name: string } | null;
  readonly shown: boolean;
}

interface QuestionView {
  /** Name of its field in the draft. */
  readonly field: string;
  readonly kind: QuestionKind;
  readonly words: string;
  readonly required: boolean;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly chosen: boolean }[];
}

export interface Reader {
  /** Of the page, where the customer's is not known. */
  readonly locale: string;
  /** Whose regions are meant where a branch asks for one. */
  readonly country?: string | undefined;
  readonly said: { readonly agent?: string; readonly phone?: string; readonly campaign?: string };
  nameOf(field: string): string;
  yesNo(value: 'yes' | 'no'): string;
  disposition(code: string): { id: number; name: string } | null;
}

/** The words of a script for one customer: in their language, else the reader's, else in the first it is written in. */
export function readingView(
  content: ScriptContent,
  customer: Customer | null,
  typed: TypedAnswers,
  reader: Reader,
): ReadingView {
  const written = content.languages.filter((language) =>
    content.steps.some(({ text }) => text[language]?.trim()),
  );
  const texts = Object.fromEntries(written.map((language) => [language, language]));
  const language = chooseLanguage(texts, customer?.language ?? reader.locale) ?? content.languages[0] ?? 'en';
  const speak = createSpeaker(customer, reader.said, reader.nameOf);
  const place = placeOf(typed.scriptPath ?? '', typed.scriptAt ?? '', content.steps);
  const current = place.path[place.at];
  const languageOf = (text: Readonly<Record<string, string>>) =>
    text[language]?.trim() ? language : (content.languages.find((tag) => text[tag]?.trim()) ?? language);
  return {
    language,
    place,
    walk: walkOf(content, customer, reader.country),
    steps: content.steps.map((step, index) => ({
      id: step.id,
      title: step.title.trim() || String(index + 1),
      paragraphs: isEmpty(step.text)
        ? []
        : paragraphsOf(speak(wordsIn(step.text, language, content.languages), languageOf(step.text))),
      question: questionOf(step, language, content.languages, typed, reader),
      suggested: step.disposition === null ? null : reader.disposition(step.disposition),
      shown: step.id === current,
    })),
  };
}

function questionOf(
  { id, question }: ScriptStep,
  language: string,
  languages: readonly string[],
  typed: TypedAnswers,
  reader: Reader,
): QuestionView | null {
  if (!question) return null;
  const { kind } = question;
  const field = answerField(id, kind);
  const value = typed[field] ?? '';
  const chosen = chosenIn(value);
  const offered = hasOptions(kind)
    ? question.options.map((option) => ({
        value: option.id,
        label: wordsIn(option.words, language, languages),
      }))
    : kind === 'yes-no'
      ? (['yes', 'no'] as const).map((one) => ({ value: one, label: reader.yesNo(one) }))
      : [];
  return {
    ...{ field, kind, value, required: question.required },
    words: wordsIn(question.words, language, languages),
    options: offered.map((option) => ({ ...option, chosen: chosen.includes(option.value) })),
  };
}

/** What `views/partials/crm/reading.hbs` draws. `suggestedBefore`: what the script had suggested by then. */
export function readingPart(reading: ReadingView, typed: TypedAnswers = {}) {
  return {
    reading,
    walkText: JSON.stringify(reading.walk),
    pathText: reading.place.path.join(','),
    suggestedBefore: typed.scriptSuggested ?? '',
  };
}
