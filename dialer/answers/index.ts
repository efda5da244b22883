export { createAnswerKeeper, type AnsweredCall, type AnswerKeeper } from './keep-answers.ts';
