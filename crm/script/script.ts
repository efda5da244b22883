/** Language (BCP 47) → words. */
export type Words = Readonly<Record<string, string>>;

export const questionKinds = [
  'yes-no',
  'choice',
  'choices',
  'number',
  'date',
  'short-text',
  'long-text',
] as const;
export type QuestionKind = (typeof questionKinds)[number];

/** Where a branch goes: to the step below it, to the end of the script, or to a step by its id. */
export type Target = 'following' | 'end' | (string & {});

/** What may be asked of an answer. `given`, `not-given`: of any kind. */
export const answerOperators = ['is', 'at-least', 'at-most', 'given', 'not-given'] as const;
/** What may be asked of a field of the customer. */
export const fieldOperators = [
  'is',
  'is-not',
  'contains',
  'at-least',
  'at-most',
  'empty',
  'not-empty',
] as const;
/** Fields of a customer that a branch may ask for; besides these `custom.<name>`. */
export const conditionFields = [
  'name',
  'company',
  'email',
  'language',
  'addressRegion',
  'externalId',
  'tag',
] as const;

export type BranchCondition =
  | {
      readonly on: 'answer';
      readonly operator: (typeof answerOperators)[number];
      /** Of `is`: an option's id, `yes`, `no`, or a number. */
      readonly value: string;
    }
  | {
      readonly on: 'customer';
      readonly field: string;
      readonly operator: (typeof fieldOperators)[number];
      readonly value: string;
    };

export interface ScriptBranch {
  readonly condition: BranchCondition;
  readonly to: Target;
}

export interface ScriptOption {
  readonly id: string;
  readonly words: Words;
}

export interface ScriptQuestion {
  readonly kind: QuestionKind;
  readonly words: Words;
  /** The agent goes on only with an answer. */
  readonly required: boolean;
  /** Name of the firm's own field that the answer is saved into; null: none. */
  readonly saveTo: string | null;
  /** Of `choice` and `choices`. */
  readonly options: readonly ScriptOption[];
}

export interface ScriptStep {
  /** Stays the same over versions, so that its answers can be counted together. */
  readonly id: string;
  /** What staff call it; the same in each language. */
  readonly title: string;
  /** What is said, with merge fields. */
  readonly text: Words;
  readonly question: ScriptQuestion | null;
  /** Looked at in this order; the first that holds is gone to. */
  readonly branches: readonly ScriptBranch[];
  /** Where it goes when no branch holds. */
  readonly next: Target;
  /** Code of the disposition that is suggested when the script ends here. */
  readonly disposition: string | null;
}

/** What is written; the first step is the one that a call begins with. */
export interface ScriptContent {
  /** Languages that it is written in, the first of which stands in for a missing one. */
  readonly languages: readonly string[];
  readonly steps: readonly ScriptStep[];
}

export interface Script {
  readonly id: number;
  readonly name: string;
  readonly draft: ScriptContent;
  /** Counts the saves of the draft. */
  readonly revision: number;
  /** Newest published version; 0: none. */
  readonly version: number;
  /** `revision` when it was published; what was saved since is not in any version. */
  readonly publishedRevision: number;
  readonly archivedAt: number | null;
  readonly updatedAt: number;
  readonly updatedBy: number | null;
}

/** As it was published. Never changed. */
export interface ScriptVersion {
  readonly id: number;
  readonly scriptId: number;
  readonly name: string;
  readonly version: number;
  readonly content: ScriptContent;
  readonly publishedAt: number;
}

export const mostSteps = 60;
export const mostOptions = 20;
export const mostBranches = 20;
export const mostLanguages = 9;

export const hasOptions = (kind: QuestionKind): boolean => kind === 'choice' || kind === 'choices';

/** The words in that language, else in the first of `languages` that has some, else in any. */
export function wordsIn(words: Words, language: string | null, languages: readonly string[] = []): string {
  const written = (tag: string | null) => (tag === null ? '' : (words[tag]?.trim() ?? ''));
  if (written(language)) return words[language!]!;
  const other = [...languages, ...Object.keys(words)].find(written);
  return other === undefined ? '' : words[other]!;
}

export const isEmpty = (words: Words): boolean => Object.values(words).every((text) => text.trim() === '');

/** A step's id where it goes; null: the script ends. Undefined: nowhere, as there is no such step. */
export function destinationOf(
  content: ScriptContent,
  index: number,
  target: Target,
): string | null | undefined {
  if (target === 'end') return null;
  if (target === 'following') return content.steps[index + 1]?.id;
  return content.steps.some(({ id }) => id === target) ? target : undefined;
}
