import type { RequestContext, SettingField, SettingsGroup } from '../../core/http/index.ts';
import { formatDate, formatNumber, formatPercent, type Translator } from '../../core/i18n/index.ts';
import { settingOptions, shownValue } from '../settings/setting-form.ts';

/** Says in the reader's words what the audit keeps in those of the code. */
export interface AuditWords {
  /** Every action that has words. */
  readonly actions: readonly string[];
  action(action: string, reader: RequestContext): string;
  /** What it was done to: `User 3`, `Setting: Name of the organisation`. */
  subject(entity: string | null, id: string | null, reader: RequestContext): string | null;
  /** `path` is the way to a value: `['hours', 'mon']`. */
  field(path: readonly string[], reader: RequestContext): string;
  value(entity: string | null, id: string | null, path: readonly string[], value: unknown, reader: RequestContext): string | null; // prettier-ignore
}

/** Fields whose values are states and kinds, and where the words of these stand. */
const valueKeys: Record<string, readonly string[]> = {
  role: ['common:roles.*'],
  theme: ['common:themes.*'],
  state: ['campaigns:states.*'],
  mode: ['campaigns:modes.*.name'],
  phoneMode: ['web:users.phoneModes.*'],
  legMode: ['web:users.legModes.*'],
  type: ['crm:phoneTypes.*'],
  keptDays: ['recordings:kept.*'],
  reason: ['web:admin.failureReasons.*'],
  outcomes: ['crm:outcomes.*'],
  category: ['campaigns:categories.*'],
};
/** Parts of a path that are no field of ours but a kind of thing. */
const partKeys = ['web:auditFields.*', 'crm:outcomes.*', 'campaigns:weekdays.*'];
const languageTag = /^[a-z]{2,3}(-[A-Z]{2})?$/;
const dayMs = 86_400_000;

export function createAuditWords(translator: Translator, groups: readonly SettingsGroup[]): AuditWords {
  const settings = new Map<string, SettingField>(
    groups.flatMap((group) =>
      (group.fields as readonly SettingField[]).map((field) => [field.definition.key, field] as const),
    ),
  );
  const keyOf = (patterns: readonly string[], name: string) =>
    patterns.map((pattern) => pattern.replace('*', name)).find((key) => translator.has('en', key));
  const named = (section: string, name: string) =>
    keyOf(
      translator.namespaces.map((namespace) => `${namespace}:${section}.*`),
      name,
    );

  const plain = (field: string, value: unknown, reader: RequestContext): string | null => {
    const { t, locale } = reader;
    if (value === undefined || value === null || value === '') return null;
    if (typeof value === 'boolean') return t(value ? 'common:yes' : 'common:no');
    if (typeof value === 'number') return numberText(field, value, reader);
    if (Array.isArray(value))
      return value.map((item) => plain(field, item, reader) ?? '–').join(t('crm:listSeparator')) || null;
    if (typeof value === 'object')
      return Object.entries(value)
        .map(([key, inner]) => `${words.field([key], reader)} ${plain(key, inner, reader) ?? '–'}`)
        .join(t('crm:listSeparator'));
    const text = String(value);
    if (text === '(changed)') return t('web:audit.secret');
    const key = valueKeys[field] && keyOf(valueKeys[field], text);
    if (key) return t(key);
    if ((field === 'locale' || field === 'language') && languageTag.test(text))
      return displayName('language', text, locale);
    if (/country$/i.test(field) && /^[A-Z]{2}$/.test(text)) return displayName('region', text, locale);
    return text;
  };

  const words: AuditWords = {
    actions: actionsOf(translator),
    action(action, { t }) {
      const key = named('auditActions', action);
      return key ? t(key) : action;
    },
    subject(entity, id, { t }) {
      if (!entity) return null;
      const key = named('auditEntities', entity);
      const setting = entity === 'settings' && id ? settings.get(id) : undefined;
      const label =
        setting?.labelKey ?? (entity === 'settings' && id ? named('auditSettings', id) : undefined);
      if (label) return `${key ? t(key) : entity}: ${t(label)}`;
      return `${key ? t(key) : entity} ${id ?? ''}`.trim();
    },
    field(path, { t, locale }) {
      return path
        .map((part) => {
          // Each area has words for fields of its own.
          const key = keyOf(partKeys, part) ?? named('auditFields', part);
          if (key) return t(key);
          return languageTag.test(part) ? displayName('language', part, locale) : part;
        })
        .join(' › ');
    },
    value(entity, id, path, value, reader) {
      const setting = entity === 'settings' && id && path.length === 0 ? settings.get(id) : undefined;
      if (!setting || setting.definition.secret || value === null || value === undefined)
        return plain(path.at(-1) ?? '', value, reader);
      const option = settingOptions(setting, reader)?.find((choice) => choice.value === value);
      if (option) return option.label;
      const shown = plain('', shownValue(setting, value), reader);
      return shown && setting.unitKey ? `${shown} ${reader.t(setting.unitKey)}` : shown;
    },
  };
  return words;
}

/** Every action that has words, as `<namespace>:auditActions.<area>.<verb>`. */
function actionsOf(translator: Translator): string[] {
  const found: string[] = [];
  for (const namespace of translator.namespaces) {
    const { auditActions } = translator.resources('en', namespace);
    if (typeof auditActions !== 'object' || auditActions === null) continue;
    for (const [area, verbs] of Object.entries(auditActions as Record<string, Record<string, string>>))
      for (const verb of Object.keys(verbs)) found.push(`${area}.${verb}`);
  }
  return found;
}

/** The name of a field says what its number counts. */
function numberText(field: string, value: number, reader: RequestContext): string {
  const { t, locale } = reader;
  const count = (amount: number, unit: string) =>
    `${formatNumber(amount, locale, { maximumFractionDigits: 1 })} ${t(`common:units.${unit}`)}`;
  if (/At$/.test(field)) return formatDate(value, 'datetime', reader);
  if (/(cap|rate)$/i.test(field) && value <= 1) return formatPercent(value, locale);
  if (field.endsWith('Minutes')) return count(value, 'minutes');
  if (field.endsWith('Ms'))
    return value >= dayMs && value % dayMs === 0
      ? count(value / dayMs, 'days')
      : count(value / 1_000, 'seconds');
  return Math.abs(value) >= 10_000 ? formatNumber(value, locale) : String(value);
}

function displayName(type: 'region' | 'language', code: string, locale: string): string {
  const spoken = { 'zh-CN': 'zh-Hans', 'zh-TW': 'zh-Hant' }[code] ?? code;
  try {
    return new Intl.DisplayNames([locale], { type }).of(spoken) ?? code;
  } catch {
    return code;
  }
}
