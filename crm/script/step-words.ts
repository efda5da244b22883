import type { RequestContext } from '../../core/http/index.ts';
import { hasDefault } from './script-check.ts';
import {
  destinationOf,
  hasOptions,
  wordsIn,
  type BranchCondition,
  type ScriptContent,
  type ScriptStep,
} from './script.ts';

export function titleOf({ steps }: ScriptContent, id: string, { t }: RequestContext): string {
  const index = steps.findIndex((step) => step.id === id);
  const title = steps[index]?.title.trim() ?? '';
  return t('scripts:placed', { place: index + 1, title: title || t('scripts:untitled') });
}

export function whenOf(condition: BranchCondition): string {
  if (condition.on === 'customer') return 'customer';
  const isChoice = condition.operator === 'is' && /^([0-9a-f]{8}|yes|no)$/.test(condition.value);
  return isChoice ? `is:${condition.value}` : condition.operator;
}

/** What a branch of that step may wait for. */
export function whensOf(
  { t }: RequestContext,
  { question }: ScriptStep,
  language: string,
  languages: readonly string[],
) {
  const customer = { value: 'customer', label: t('scripts:when.customer') };
  if (!question) return [customer];
  const { kind } = question;
  const values =
    kind === 'yes-no'
      ? (['yes', 'no'] as const).map((value) => ({
          value: `is:${value}`,
          answer: t(`scripts:answers.${value}`),
        }))
      : question.options.map(({ id, words }) => ({
          value: `is:${id}`,
          answer: wordsIn(words, language, languages) || t('scripts:untitled'),
        }));
  const given = values.map(({ value, answer }) => ({ value, label: t('scripts:when.is', { answer }) }));
  const compared = kind === 'number' ? (['at-least', 'at-most', 'is'] as const) : [];
  return [
    ...(kind === 'yes-no' || hasOptions(kind) ? given : []),
    ...compared.map((value) => ({ value, label: t(`scripts:when.${value === 'is' ? 'equals' : value}`) })),
    ...(['given', 'not-given'] as const).map((value) => ({ value, label: t(`scripts:when.${value}`) })),
    customer,
  ];
}

/** The arrows that leave a step, in words. */
export function waysOf(
  context: RequestContext,
  content: ScriptContent,
  index: number,
  language: string,
  labelOf: (name: string) => string,
) {
  const { t } = context;
  const step = content.steps[index]!;
  const goes = (to: string) => {
    const id = destinationOf(content, index, to);
    if (id === undefined) return { to: t('scripts:target.nowhere'), wrong: true };
    return { to: id === null ? t('scripts:target.end') : titleOf(content, id, context), wrong: false };
  };
  const branches = step.branches.map(({ condition, to }) => ({ when: conditionText(context, content, step, condition, language, labelOf), ...goes(to) })); // prettier-ignore
  if (!hasDefault(step)) return branches;
  return [...branches, { when: branches.length > 0 ? t('scripts:when.otherwise') : '', ...goes(step.next) }];
}

function conditionText(
  { t }: RequestContext,
  content: ScriptContent,
  { question }: ScriptStep,
  condition: BranchCondition,
  language: string,
  labelOf: (name: string) => string,
): string {
  if (condition.on === 'customer') {
    const { field, operator, value } = condition;
    const own = field.startsWith('custom.')
      ? labelOf(field.slice('custom.'.length))
      : t(`scripts:fields.${field}`);
    return t('scripts:ways.customer', {
      field: own,
      operator: t(`scripts:operators.${operator}`),
      value,
    }).trim();
  }
  const { operator, value } = condition;
  if (operator === 'given' || operator === 'not-given') return t(`scripts:when.${operator}`);
  if (operator !== 'is') return t(`scripts:ways.${operator}`, { value });
  if (value === 'yes' || value === 'no') return t(`scripts:answers.${value}`);
  const option = question?.options.find(({ id }) => id === value);
  return option ? wordsIn(option.words, language, content.languages) || t('scripts:untitled') : value || '?';
}
