import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance, type i18n } from 'i18next';
import Backend, { type FsBackendOptions } from 'i18next-fs-backend';
import { locales, type Locale } from './locale.ts';

/** Words for `namespace:key`, with `params` put in. An unknown key comes back as itself. */
export type Translate = (key: string, params?: Record<string, unknown>) => string;

export interface Translator {
  readonly namespaces: readonly string[];
  for(locale: Locale): Translate;
  /** Whether `namespace:key` has words in that language. */
  has(locale: Locale, key: string): boolean;
  /** The whole namespace, for handing to browser code. */
  resources(locale: Locale, namespace: string): Record<string, unknown>;
}

/** Reads every `<directory>/<locale>/<namespace>.json` at once, so that a missing or broken file fails the start. */
export function createTranslator(directory: string): Translator {
  const namespaces = readdirSync(join(directory, 'en'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
  const instance: i18n = createInstance();
  void instance.use(Backend).init<FsBackendOptions>({
    initAsync: false,
    lng: 'en',
    preload: [...locales],
    fallbackLng: 'en',
    ns: namespaces,
    defaultNS: 'common',
    // Words that are missing are told from words: the walk of all pages looks for a whole key.
    appendNamespaceToMissingKey: true,
    // Handlebars escapes what a template prints; escaping twice would show entities.
    interpolation: { escapeValue: false },
    backend: { loadPath: join(directory, '{{lng}}', '{{ns}}.json') },
  });
  const translators = new Map<Locale, Translate>();
  for (const locale of locales) {
    const fixed = instance.getFixedT(locale);
    translators.set(locale, (key, params) => String(fixed(key, params ?? {})));
  }
  return {
    namespaces,
    for: (locale) => translators.get(locale)!,
    has: (locale, key) => instance.exists(key, { lng: locale }),
    resources: (locale, namespace) =>
      (instance.getResourceBundle(locale, namespace) ?? {}) as Record<string, unknown>,
  };
}
