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
