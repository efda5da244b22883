import type { App } from '../../core/app.ts';
import { z } from 'zod';
import type { SettingDefinition } from '../../core/settings/settings.ts';

/** What people call the firm's own fields, one a line: `policy_no = Policy number`. */
export const fieldLabelsSetting: SettingDefinition<string> = {
  key: 'crm.fieldLabels',
  schema: z
    .string()
    .max(10_000)
    .refine((text) => linesOf(text).every((line) => labelLine.test(line)), 'crm:errors.fieldLabels'),
  fallback: '',
};

const labelLine = /^([^=]*[^=\s])\s*=\s*(\S.*)$/;

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** How a field of the firm's own is named on pages: by the label it was given, else by its name made readable. */
export async function fieldLabels({ settings }: Pick<App, 'settings'>): Promise<(name: string) => string> {
  const given = new Map<string, string>();
  for (const line of linesOf(await settings.get(fieldLabelsSetting))) {
    const [, name, label] = labelLine.exec(line) ?? [];
    if (name && label) given.set(name, label);
  }
  return (name) => given.get(name) ?? readable(name);
}

/** `policy_no` and `policyNo` are how machines write "Policy no"; a name with spaces or in Chinese stays. */
export function readable(name: string): string {
  const words = name
    .replace(/_+/g, ' ')
    .replace(
      /(\p{Ll})(\p{Lu})(?=\p{Ll})/gu,
      (_, end: string, start: string) => `${end} ${start.toLowerCase()}`,
    )
    .trim();
  if (words === '') return name;
  return words[0]!.toUpperCase() + words.slice(1);
}

/** Fields of the firm's own that were given a label: they are known, whether a customer has them yet or not. */
export async function labelledFields({ settings }: Pick<App, 'settings'>): Promise<string[]> {
  const lines = linesOf(await settings.get(fieldLabelsSetting));
  return lines.flatMap((text) => labelLine.exec(text)?.[1] ?? []);
}
