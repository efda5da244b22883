export {
  checkScript,
  chooseLanguage,
  mergeFields,
  mergeScript,
  mergeValues,
  type MergeField,
  type ScriptProblem,
} from './merge.ts';
