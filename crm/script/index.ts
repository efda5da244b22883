export {
  checkScript,
  customField,
  fieldsOf,
  chooseLanguage,
  mergeFields,
  mergeScript,
  mergeValues,
  scriptProblemParams,
  type MergeField,
  type ScriptProblem,
} from './merge.ts';
export { createSpeaker, paragraphsOf, type SpokenPart } from './spoken.ts';
export { createScriptStore, type ScriptStore } from './script-store.ts';
export { answerFromRow, createAnswerStore, type AnswerStore } from './answer-store.ts';
export {
  answersIn,
  longestAnswer,
  sameAnswers,
  typedFrom,
  type Answer,
  type TypedAnswers,
} from './answer.ts';
export { readingWords } from './reading-words.ts';
export { readingPart, readingView, type Reader, type ReadingView } from './reading-view.ts';
export { answerLines, answerWords, toldAnswers, type AnswerLine, type ToldAnswer } from './answer-lines.ts';
export { walkOf } from './script-condition.ts';
export {
  wordsIn,
  type ScriptContent,
  type ScriptQuestion,
  type ScriptStep,
  type ScriptVersion,
} from './script.ts';
export type { ScriptSurroundings } from './script-surroundings.ts';
