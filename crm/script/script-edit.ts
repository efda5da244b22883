import { randomBytes } from 'node:crypto';
import type { StepForm } from './script-form.ts';
import {
  hasOptions,
  mostBranches,
  mostLanguages,
  mostOptions,
  mostSteps,
  type ScriptContent,
  type ScriptOption,
  type ScriptQuestion,
  type ScriptStep,
  type Words,
} from './script.ts';

export const newId = (): string => randomBytes(4).toString('hex');

export const emptyStep = (): ScriptStep => ({
  ...{ id: newId(), title: '', text: {}, question: null },
  ...{ branches: [], next: 'end', disposition: null },
});

/** What a new script begins with: one step that is said, and then the end. */
export const emptyContent = (language: string): ScriptContent => ({
  languages: [language],
  steps: [emptyStep()],
});

/** Where the editor is. */
export interface Edited {
  readonly content: ScriptContent;
  readonly stepId: string;
  readonly language: string;
}

/** The step as it was typed, in the place of what stood there; one that is gone by now comes back at the end. */
export function withStep(content: ScriptContent, id: string, form: StepForm): ScriptContent {
  const { language } = form;
  const languages = content.languages.includes(language)
    ? content.languages
    : [...content.languages, language];
  const before = content.steps.find((step) => step.id === id);
  const step: ScriptStep = {
    id,
    title: form.title,
    text: put(before?.text, language, form.text),
    question: questionOf(before?.question ?? null, form),
    branches: form.branches,
    next: form.next,
    disposition: form.disposition || null,
  };
  const steps = before ? content.steps.map((one) => (one.id === id ? step : one)) : [...content.steps, step];
  return { languages, steps };
}

/** Of a question that is put away, nothing is kept; of one that becomes of another kind, all but its answers. */
function questionOf(before: ScriptQuestion | null, form: StepForm): ScriptQuestion | null {
  const { kind, language } = form;
  if (kind === '') return null;
  const options: ScriptOption[] = form.options.map(({ id, words }) => ({
    id,
    words: put(before?.options.find((option) => option.id === id)?.words, language, words),
  }));
  const isNew = before === null || !hasOptions(before.kind);
  return {
    kind,
    words: put(before?.words, language, form.words),
    required: form.required,
    saveTo: form.saveTo || null,
    options: hasOptions(kind) && isNew && options.length === 0 ? [newOption(), newOption()] : options,
  };
}

const newOption = (): ScriptOption => ({ id: newId(), words: {} });

function put(words: Words | undefined, language: string, text: string): Words {
  const rest = Object.fromEntries(Object.entries(words ?? {}).filter(([tag]) => tag !== language));
  return text.trim() === '' ? rest : { ...rest, [language]: text.replaceAll('\r\n', '\n') };
}

/** Null: there is no such operation, or no room for it. */
export function operate({ content, stepId, language }: Edited, form: StepForm): Edited | null {
  const { name, of } = form.op;
  const steps = [...content.steps];
  const at = steps.findIndex(({ id }) => id === (name.endsWith('-step') && of ? of : stepId));
  const step = steps[at];
  if (!step) return null;
  const stay = (changed: Partial<ScriptContent>): Edited => ({ content: { ...content, ...changed }, stepId, language }); // prettier-ignore
  const change = (changed: Partial<ScriptStep>) =>
    stay({ steps: steps.map((one) => (one.id === step.id ? { ...one, ...changed } : one)) });
  const { question, branches } = step;
  const options = (changed: readonly ScriptOption[] | null) =>
    question && changed ? change({ question: { ...question, options: changed } }) : null;
  const index = Number(of);
  switch (name) {
    case 'keep':
      return stay({});
    case 'add-step':
      return steps.length < mostSteps ? added(steps, at, language, content) : null;
    case 'remove-step':
      return removed(steps, at, { content, stepId, language });
    case 'up-step':
      return at > 0 ? stay({ steps: moved(steps, at, -1)! }) : stay({});
    case 'down-step':
      return at < steps.length - 1 ? stay({ steps: moved(steps, at, 1)! }) : stay({});
    case 'add-option':
      return options((question?.options.length ?? 0) < mostOptions ? [...(question?.options ?? []), newOption()] : null); // prettier-ignore
    case 'remove-option':
      return options(without(question?.options ?? [], index));
    case 'up-option':
      return options(moved(question?.options ?? [], index, -1));
    case 'add-branch':
      return branches.length < mostBranches ? change({ branches: [...branches, newBranch(step)] }) : null;
    case 'remove-branch':
      return change({ branches: without(branches, index) });
    case 'up-branch':
      return change({ branches: moved(branches, index, -1) ?? branches });
    case 'add-language':
      return withLanguage(content, stepId, form.newLanguage);
    case 'remove-language':
      return withoutLanguage(content, stepId, language);
    default:
      return null;
  }
}

/** A new step stands behind this one, and is where it leads if it had led to the end. */
function added(steps: ScriptStep[], at: number, language: string, content: ScriptContent): Edited {
  const step = { ...emptyStep(), next: steps[at]!.next };
  const before = { ...steps[at]!, next: 'following' as const };
  steps.splice(at, 1, before, step);
  return { content: { ...content, steps }, stepId: step.id, language };
}

/** What led to it leads to the step that came after it, or to the end where there is none. */
function removed(steps: ScriptStep[], at: number, { content, stepId, language }: Edited): Edited | null {
  if (steps.length === 1) return null;
  const { id, next } = steps[at]!;
  const after = next === 'following' ? (steps[at + 1]?.id ?? 'end') : next === id ? 'end' : next;
  const instead = (to: string) => (to === id ? after : to);
  const left = steps
    .filter((step) => step.id !== id)
    .map((step) => ({
      ...step,
      next: instead(step.next),
      branches: step.branches.map((branch) => ({ ...branch, to: instead(branch.to) })),
    }));
  // The last one now: nothing follows it any more.
  const last = left.at(-1)!;
  if (last.next === 'following') left[left.length - 1] = { ...last, next: 'end' };
  const shown = stepId === id ? (left[Math.max(0, at - 1)]?.id ?? left[0]!.id) : stepId;
  return { content: { ...content, steps: left }, stepId: shown, language };
}

function newBranch({ question }: ScriptStep): ScriptStep['branches'][number] {
  if (!question)
    return { condition: { on: 'customer', field: 'language', operator: 'is', value: '' }, to: 'end' };
  const first = question.kind === 'yes-no' ? 'yes' : question.options[0]?.id;
  return first === undefined
    ? {
        condition: { on: 'answer', operator: question.kind === 'number' ? 'at-least' : 'given', value: '' },
        to: 'end',
      }
    : { condition: { on: 'answer', operator: 'is', value: first }, to: 'end' };
}

function withLanguage(content: ScriptContent, stepId: string, language: string): Edited | null {
  if (language === '' || content.languages.length >= mostLanguages) return null;
  const languages = [...new Set([...content.languages, language])];
  return { content: { ...content, languages }, stepId, language };
}

function withoutLanguage(content: ScriptContent, stepId: string, language: string): Edited | null {
  const languages = content.languages.filter((tag) => tag !== language);
  if (languages.length === 0) return null;
  const cut = (words: Words) => Object.fromEntries(Object.entries(words).filter(([tag]) => tag !== language));
  const steps = content.steps.map((step) => ({
    ...step,
    text: cut(step.text),
    question: step.question && {
      ...step.question,
      words: cut(step.question.words),
      options: step.question.options.map((option) => ({ ...option, words: cut(option.words) })),
    },
  }));
  return { content: { languages, steps }, stepId, language: languages[0]! };
}

const without = <T>(items: readonly T[], index: number): T[] => items.filter((_, at) => at !== index);

function moved<T>(items: readonly T[], index: number, by: -1 | 1): T[] | null {
  const other = index + by;
  if (items[index] === undefined || items[other] === undefined) return null;
  const order = [...items];
  [order[index], order[other]] = [order[other]!, order[index]!];
  return order;
}

/** Another script of the same words: its steps get ids of their own, so that answers are not counted together. */
export function copied(content: ScriptContent): ScriptContent {
  const ids = new Map(content.steps.map(({ id }) => [id, newId()]));
  const to = (target: string) => ids.get(target) ?? target;
  const steps = content.steps.map((step) => ({
    ...step,
    id: ids.get(step.id)!,
    next: to(step.next),
    branches: step.branches.map((branch) => ({ ...branch, to: to(branch.to) })),
  }));
  return { ...content, steps };
}
