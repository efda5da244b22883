import { wordsIn, type Answer, type ScriptContent } from '../../crm/index.ts';

const longestField = 500;

/**
 * What answers say of the firm's own fields: a choice by its words in the script's first language, a number and a day as
 * machines write them. What is no number or day is left out.
 */
export function savedFields(
  { languages, steps }: ScriptContent,
  answers: readonly Answer[],
): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { id, question } of steps) {
    if (question?.saveTo == null) continue;
    const given = answers.filter(({ stepId }) => stepId === id);
    const values = given.flatMap(({ kind, value, text }) => {
      const option = question.options.find((one) => one.id === value);
      if (option) return [wordsIn(option.words, languages[0]!, languages)];
      if (value === null) return kind === 'short-text' || kind === 'long-text' ? [text ?? ''] : [];
      return [value];
    });
    if (values.length > 0) fields[question.saveTo] = values.join(', ').slice(0, longestField);
  }
  return fields;
}
