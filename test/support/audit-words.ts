import { join } from 'node:path';
import type { AuditEntry } from '../../core/audit/audit.ts';
import { createTranslator } from '../../core/i18n/index.ts';
import { paths } from '../../core/paths.ts';

const translator = createTranslator(join(paths.views, 'locales'));

export const auditWordsExist = (section: string, name: string): boolean =>
  translator.namespaces.some((namespace) => translator.has('en', `${namespace}:${section}.${name}`));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands inside these is named by the firm, by a language or by an outcome, not by us. */
const free = new Set(['custom', 'names', 'words', 'script', 'retryRules', 'hours']);

function* fieldsOf(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* fieldsOf(item);
  else if (isRecord(value))
    for (const [key, inner] of Object.entries(value)) {
      yield key;
      if (!free.has(key)) yield* fieldsOf(inner);
    }
}

/**
 * Every test that writes to the audit proves that its page can say in words what was written. The words of all
 * languages have the same keys, so one language is enough here.
 */
export function demandAuditWords(entry: AuditEntry): void {
  const missing = [
    ...(auditWordsExist('auditActions', entry.action) ? [] : [`auditActions.${entry.action}`]),
    ...(entry.entity && !auditWordsExist('auditEntities', entry.entity)
      ? [`auditEntities.${entry.entity}`]
      : []),
    ...(entry.entity === 'settings' ? [] : [...fieldsOf(entry.before), ...fieldsOf(entry.after)])
      .filter((field) => !auditWordsExist('auditFields', field))
      .map((field) => `auditFields.${field}`),
  ];
  if (missing.length === 0) return;
  const text = `The audit page has no words for ${[...new Set(missing)].join(', ')}: put them into views/locales`;
  // A route makes a plain 500 of it; whoever reads the failed test wants the reason.
  process.emitWarning(text);
  throw new Error(text);
}
