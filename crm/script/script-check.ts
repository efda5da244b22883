import { checkScript, fieldsOf, scriptProblemParams } from './merge.ts';
import { numberIn } from './script-walk.ts';
import { destinationOf, hasOptions, isEmpty, type ScriptContent, type ScriptStep } from './script.ts';

/**
 * What is wrong with a script. Words in `scripts:checks.<code>`. `blocks`: it cannot be published so. `warns`: it can,
 * but somebody should look.
 */
export interface ContentProblem {
  readonly code: ContentProblemCode;
  readonly level: 'blocks' | 'warns';
  /** Null: the script as a whole. */
  readonly stepId: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  /** The language of the text that it is about. */
  readonly language?: string;
}

export const contentProblemCodes = [
  'no-steps',
  'no-title',
  'no-text',
  'text-missing-in',
  'merge-field',
  'unknown-own-field',
  'no-question-words',
  'question-missing-in',
  'no-answers',
  'answer-without-words',
  'same-answers',
  'unreachable',
  'leads-nowhere',
  'target-gone',
  'branch-answer-gone',
  'branch-without-question',
  'branch-value-missing',
  'branch-field-gone',
  'no-exit',
  'save-field-gone',
  'disposition-gone',
  'never-ends',
] as const;
export type ContentProblemCode = (typeof contentProblemCodes)[number];

/** What there is beside the script. */
export interface Surroundings {
  /** Names of the firm's own fields that are known. */
  readonly ownFields: readonly string[];
  /** Codes of dispositions in use. */
  readonly dispositions: readonly string[];
}

/** Everything that is wrong, in the order of the steps. */
export function checkContent(content: ScriptContent, around: Surroundings): ContentProblem[] {
  const { steps } = content;
  if (steps.length === 0) return [{ code: 'no-steps', level: 'blocks', stepId: null, params: {} }];
  const edges = steps.map((step, index) => waysOf(content, step, index));
  const reached = reachedFrom(steps, edges);
  const leads = leadsOut(steps, edges);
  return steps.flatMap((step, index) => {
    const found: ContentProblem[] = [];
    const tell = (code: ContentProblemCode, params: object = {}, level: ContentProblem['level'] = 'blocks', language?: string) =>
      found.push({ code, level, stepId: step.id, params: { step: titleOf(step, index), ...params }, ...(language ? { language } : {}) }); // prettier-ignore
    if (step.title.trim() === '') tell('no-title', { place: index + 1 });
    checkTexts(content, step, around, tell);
    checkQuestion(content, step, around, tell);
    checkBranches(content, step, index, around, tell);
    if (!reached.has(step.id)) tell('unreachable');
    else if (!leads.has(step.id) && edges[index]!.every((to) => to !== undefined)) tell('no-exit');
    if (step.disposition !== null && !around.dispositions.includes(step.disposition))
      tell('disposition-gone');
    if (step.disposition !== null && !edges[index]!.includes(null)) tell('never-ends', {}, 'warns');
    return found;
  });
}

type Tell = (
  code: ContentProblemCode,
  params?: object,
  level?: ContentProblem['level'],
  language?: string,
) => void;

const titleOf = (step: ScriptStep, index: number): string => step.title.trim() || String(index + 1);

function checkTexts({ languages }: ScriptContent, step: ScriptStep, around: Surroundings, tell: Tell): void {
  if (isEmpty(step.text)) tell('no-text');
  else
    for (const language of languages)
      if (!step.text[language]?.trim()) tell('text-missing-in', { language }, 'warns', language);
  for (const language of languages) {
    const text = step.text[language] ?? '';
    for (const problem of checkScript(text))
      tell('merge-field', { problem, ...scriptProblemParams(problem) }, 'blocks', language);
    for (const field of fieldsOf(text)) {
      const own = field.startsWith('custom.') ? field.slice('custom.'.length) : null;
      if (own !== null && !around.ownFields.includes(own))
        tell('unknown-own-field', { field: own }, 'warns', language);
    }
  }
}

function checkQuestion(
  { languages }: ScriptContent,
  { question }: ScriptStep,
  around: Surroundings,
  tell: Tell,
): void {
  if (!question) return;
  if (isEmpty(question.words)) tell('no-question-words');
  else
    for (const language of languages)
      if (!question.words[language]?.trim()) tell('question-missing-in', { language }, 'warns', language);
  if (question.saveTo !== null && !around.ownFields.includes(question.saveTo))
    tell('save-field-gone', { field: question.saveTo });
  if (!hasOptions(question.kind)) return;
  if (question.options.length === 0) tell('no-answers');
  if (question.options.some(({ words }) => isEmpty(words))) tell('answer-without-words');
  for (const language of languages) {
    const words = question.options.map((option) => option.words[language]?.trim() ?? '').filter(Boolean);
    const twice = words.find((text, at) => words.indexOf(text) !== at);
    if (twice !== undefined) tell('same-answers', { answer: twice }, 'blocks', language);
  }
}

function checkBranches(
  content: ScriptContent,
  step: ScriptStep,
  index: number,
  around: Surroundings,
  tell: Tell,
): void {
  const { question } = step;
  for (const [at, { condition, to }] of step.branches.entries()) {
    const branch = at + 1;
    const going = destinationOf(content, index, to);
    if (going === undefined) tell(to === 'following' ? 'leads-nowhere' : 'target-gone', { branch });
    if (condition.on === 'customer') {
      const own = condition.field.startsWith('custom.') ? condition.field.slice('custom.'.length) : null;
      if (own !== null && !around.ownFields.includes(own)) tell('branch-field-gone', { branch, field: own });
      const needs = condition.operator !== 'empty' && condition.operator !== 'not-empty';
      if (needs && condition.value.trim() === '') tell('branch-value-missing', { branch });
    } else if (!question) tell('branch-without-question', { branch });
    else if (
      condition.operator !== 'given' &&
      condition.operator !== 'not-given' &&
      !isAnswer(step, condition.value)
    )
      tell(condition.value === '' ? 'branch-value-missing' : 'branch-answer-gone', { branch });
  }
  // Where each answer has a way of its own, the one for no answer is never gone.
  if (hasDefault(step) && destinationOf(content, index, step.next) === undefined)
    tell(step.next === 'following' ? 'leads-nowhere' : 'target-gone', { branch: null });
}

/** Whether a branch may wait for that answer. */
function isAnswer({ question }: ScriptStep, value: string): boolean {
  if (question?.kind === 'yes-no') return value === 'yes' || value === 'no';
  if (question?.kind === 'number') return numberIn(value) !== null;
  return question?.options.some(({ id }) => id === value) ?? false;
}

/** Whether the way without a branch can be gone. */
export function hasDefault({ question, branches }: ScriptStep): boolean {
  if (!question?.required) return true;
  const asked = new Set(
    branches.flatMap(({ condition }) =>
      condition.on === 'answer' && condition.operator === 'is' ? condition.value : [],
    ),
  );
  const given = branches.some(({ condition }) => condition.on === 'answer' && condition.operator === 'given');
  if (given) return false;
  if (question.kind === 'yes-no') return !(asked.has('yes') && asked.has('no'));
  if (!hasOptions(question.kind) || question.options.length === 0) return true;
  return question.options.some(({ id }) => !asked.has(id));
}

/** Every step that may follow; null is the end, undefined leads nowhere. */
function waysOf(content: ScriptContent, step: ScriptStep, index: number): (string | null | undefined)[] {
  const targets = step.branches.map(({ to }) => to);
  if (hasDefault(step)) targets.push(step.next);
  return targets.map((to) => destinationOf(content, index, to));
}

function reachedFrom(
  steps: readonly ScriptStep[],
  edges: readonly (readonly (string | null | undefined)[])[],
): Set<string> {
  const reached = new Set([steps[0]!.id]);
  for (const id of reached)
    for (const to of edges[steps.findIndex((step) => step.id === id)]!) if (to) reached.add(to);
  return reached;
}

/** Steps from which the end can be come to. */
function leadsOut(
  steps: readonly ScriptStep[],
  edges: readonly (readonly (string | null | undefined)[])[],
): Set<string> {
  const out = new Set<string>();
  for (let grown = true; grown;) {
    grown = false;
    for (const [index, { id }] of steps.entries()) {
      if (out.has(id) || !edges[index]!.some((to) => to === null || (to !== undefined && out.has(to))))
        continue;
      out.add(id);
      grown = true;
    }
  }
  return out;
}

export const blocksPublishing = (problems: readonly ContentProblem[]): boolean =>
  problems.some(({ level }) => level === 'blocks');
