import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'mocha';
import { createTranslator, locales } from '../../core/i18n/index.ts';
import { paths } from '../../core/paths.ts';

const directory = join(paths.views, 'locales');
const namespaces = readdirSync(join(directory, 'en')).map((file) => file.replace(/\.json$/, ''));

const plural = /_(zero|one|two|few|many|other)$/;

/** Flat texts of one file: `a.b.c` to text. */
function texts(locale: string, namespace: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
    else found.set(path, value as string);
  };
  walk(JSON.parse(readFileSync(join(directory, locale, `${namespace}.json`), 'utf8')), '');
  return found;
}

/** Keys without their plural endings, each with the parameters that its texts take. */
function shapes(entries: Map<string, string>): Map<string, Set<string>> {
  const shaped = new Map<string, Set<string>>();
  for (const [key, text] of entries) {
    const base = key.replace(plural, '');
    const params = shaped.get(base) ?? new Set<string>();
    for (const [, name] of text.matchAll(/\{\{\s*-?\s*(\w+)/g)) params.add(name!);
    shaped.set(base, params);
  }
  return shaped;
}

function sources(folder: string, endings: RegExp): string[] {
  return readdirSync(join(paths.root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('words', () => {
  it('are in the same files in every language', () => {
    for (const locale of locales)
      assert.deepEqual(
        readdirSync(join(directory, locale)).sort(),
        namespaces.map((n) => `${n}.json`).sort(),
      );
  });

  for (const namespace of namespaces) {
    it(`of ${namespace} have the same keys and parameters in every language, and none is empty`, () => {
      const wanted = shapes(texts('en', namespace));
      for (const locale of locales) {
        const entries = texts(locale, namespace);
        // Chinese puts nothing between two sentences.
        for (const [key, text] of entries)
          if (!key.endsWith('Separator'))
            assert.ok(
              typeof text === 'string' && text.trim() !== '',
              `${locale} ${namespace}:${key} is empty`,
            );
        const given = shapes(entries);
        assert.deepEqual([...given.keys()].sort(), [...wanted.keys()].sort(), `${locale} ${namespace}`);
        for (const [key, params] of wanted) {
          const mine = [...given.get(key)!].sort();
          assert.deepEqual(mine, [...params].sort(), `${locale} ${namespace}:${key}`);
        }
      }
    });

    it(`of ${namespace} have every plural form that their language needs`, () => {
      for (const locale of locales) {
        const needed = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
        const keys = new Set(texts(locale, namespace).keys());
        const bases = [...keys].filter((key) => plural.test(key)).map((key) => key.replace(plural, ''));
        for (const base of new Set(bases))
          for (const form of needed)
            assert.ok(keys.has(`${base}_${form}`), `${locale} ${namespace}:${base}_${form}`);
      }
    });
  }

  it('are there for every key that templates and code use', () => {
    const translator = createTranslator(directory);
    const files = [
      ...sources('views', /\.hbs$/),
      ...['core', 'crm', 'campaigns', 'dialer', 'reports', 'web', 'views/browser'].flatMap((folder) =>
        sources(folder, /\.ts$/),
      ),
    ];
    const names = namespaces.join('|');
    // A whole key in quotes; one that ends in a dot is the beginning of a key made up at run time.
    const key = new RegExp(`['"\`]((?:${names}):[\\w.-]*[\\w-])['"\`]`, 'g');
    const prefix = new RegExp(`['"\`]((?:${names}):[\\w.-]+)\\.(?:['"]|\\$\\{)`, 'g');
    const missing: string[] = [];
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      for (const [, namespace] of text.matchAll(/[{(]t '([\w-]+):/g))
        if (!namespaces.includes(namespace!)) missing.push(`${relative(paths.root, file)}: ${namespace}:…`);
      for (const [, used] of text.matchAll(key))
        if (!translator.has('en', used!) && !translator.has('en', `${used!}_other`))
          missing.push(`${relative(paths.root, file)}: ${used}`);
      for (const [, used] of text.matchAll(prefix)) {
        const [namespace, path] = used!.split(':');
        let group: unknown = translator.resources('en', namespace!);
        for (const part of path!.split('.')) group = (group as Record<string, unknown> | undefined)?.[part];
        if (typeof group !== 'object') missing.push(`${relative(paths.root, file)}: ${used}.…`);
      }
    }
    assert.deepEqual([...new Set(missing)], []);
  });
});
