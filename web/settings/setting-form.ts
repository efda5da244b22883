import { createHmac } from 'node:crypto';
import type { RequestContext, SettingField, SettingsGroup } from '../../core/http/index.ts';
import { fieldErrors } from '../../core/http/index.ts';
import type { Translate } from '../../core/i18n/index.ts';
import type { StoredSetting } from '../../core/settings/settings.ts';

/** A setting as the form shows it. A secret never goes back to the browser. */
export function shownValue(field: SettingField, value: unknown): unknown {
  if (field.definition.secret) return '';
  if (field.input === 'number' && field.scale) return Number(value) / field.scale;
  return value;
}

/** What a select offers, in the reader's words. */
export function settingOptions(
  { choices }: SettingField,
  { t, locale }: Pick<RequestContext, 't' | 'locale'>,
): { value: string; label: string }[] | undefined {
  if (typeof choices === 'function') return [...choices(locale, t)];
  return choices?.map(({ value, labelKey }) => ({ value, label: t(labelKey) }));
}

/** What the form sent, as the setting's schema wants it. */
export function sentValue(field: SettingField, body: Record<string, unknown>): unknown {
  const raw = body[field.definition.key];
  switch (field.input) {
    case 'checkbox':
      return raw === 'on';
    case 'number':
      if (raw === '' || raw === undefined) return undefined;
      return Number(raw) * (field.scale ?? 1);
    default:
      return typeof raw === 'string' ? raw.replaceAll('\r\n', '\n') : raw;
  }
}

export interface CheckedSettings {
  changes: { field: SettingField; value: unknown }[];
  errors: Record<string, string>;
}

/** Checks a whole group before anything of it is stored. An empty secret stays as it is. */
export function checkGroup(
  group: SettingsGroup,
  body: Record<string, unknown>,
  t: Translate,
): CheckedSettings {
  const checked: CheckedSettings = { changes: [], errors: {} };
  for (const field of group.fields as readonly SettingField[]) {
    const { key, schema, secret } = field.definition;
    const value = sentValue(field, body);
    if (secret && !value && body[`${key}.clear`] !== 'on') continue;
    const result = schema.safeParse(value);
    if (result.success) checked.changes.push({ field, value: result.data });
    else checked.errors[key] = Object.values(fieldErrors(result.error, t))[0] ?? '';
  }
  return checked;
}

/**
 * Tells whether somebody else has saved something of a group since a page showed it. Keyed, as secrets are among it and
 * the page carries it.
 */
export function revisionOf(group: SettingsGroup, stored: StoredSetting, key: string): string {
  const values = (group.fields as readonly SettingField[]).map(({ definition }) => stored(definition));
  return createHmac('sha256', key).update(JSON.stringify(values)).digest('base64url').slice(0, 22);
}
