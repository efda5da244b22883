import { z } from 'zod';
import { compileRuleSet, ruleSetForm, type RuleSet } from '../rules/rule-set.ts';

export type Warn = (text: string) => void;
type Written = Record<string, unknown>;

/** What rules of each kind look at; whatever else is written beside it changes nothing. */
const frequencyKeys: Record<string, readonly string[]> = {
  rolling: ['max', 'hours', 'key'],
  rolling_days: ['max', 'days'],
  calendar_day: ['max'],
  calendar_week: ['max', 'week_start'],
  regf_7in7: [],
  regf_conversation: [],
  refusal_cooldown: ['days'],
  abandon_cooldown: ['hours'],
};

/**
 * A rule set of a file by somebody else. Words that no rule has are told and left out; what a rule has, and cannot be
 * read, makes the set one that nobody can be called by.
 * @throws ZodError that names the field
 */
export function readRuleSet(name: string, written: unknown, warn: Warn): RuleSet {
  if (!isObject(written)) return compileRuleSet(name, written);
  const form: Written = known(written, Object.keys(ruleSetForm.shape), warn);
  for (const key of ['source', 'confidence'])
    if (typeof form[key] !== 'string') {
      warn(`${key} is not given in words`);
      form[key] = '';
    }
  if (isObject(form.windows)) {
    const days = known(form.windows, Object.keys(ruleSetForm.shape.windows.shape), (text) =>
      warn(`windows: ${text}`),
    );
    form.windows = Object.fromEntries(Object.entries(days).map(([day, list]) => [day, padded(list)]));
  }
  if (Array.isArray(form.freq))
    form.freq = form.freq.map((rule: unknown, row) => {
      const keys = isObject(rule) ? frequencyKeys[String(rule.type)] : undefined;
      return keys ? known(rule as Written, ['type', ...keys], (text) => warn(`freq.${row}: ${text}`)) : rule;
    });
  return compileRuleSet(name, form);
}

/** Without what is not known by name or has no value. */
function known(written: Written, keys: readonly string[], warn: Warn): Written {
  const kept: Written = {};
  for (const [key, value] of Object.entries(written))
    if (!keys.includes(key)) warn(`"${key}" is unknown and was not considered`);
    else if (value === null) warn(`"${key}" has no value and was taken for absent`);
    else kept[key] = value;
  return kept;
}

/** `9:00` is `09:00`. */
function padded(windows: unknown): unknown {
  if (!Array.isArray(windows)) return windows;
  return windows.map((window: unknown) =>
    Array.isArray(window)
      ? window.map((time: unknown) => (typeof time === 'string' ? time.padStart(5, '0') : time))
      : window,
  );
}

export const isObject = (value: unknown): value is Written =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function explain(error: unknown): string {
  if (!(error instanceof z.ZodError)) return error instanceof Error ? error.message : String(error);
  return error.issues
    .map(({ path, message }) => {
      const words = message.endsWith('received undefined') ? 'is missing' : message;
      return `${path.join('.') || 'value'} ${words}`;
    })
    .join('; ');
}
