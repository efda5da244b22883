import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { relative, resolve, dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));

/** From roof to ground: a folder imports only from itself and from those after it. */
const floors = ['bin', 'web', 'reports', 'dialer', 'campaigns', 'crm', 'core'];

/** Keeps the floors of docs/ARCHITECTURE.md: nothing imports from a floor above its own. */
const floorRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { upstairs: '{{from}}/ must not import from {{to}}/: it is on a floor above.' },
  },
  create(context) {
    const place = (file) => relative(root, file).split(sep)[0];
    const from = place(context.filename);
    if (!floors.includes(from)) return {};
    const check = (node) => {
      const source = node.source?.value ?? node.argument?.literal?.value;
      if (typeof source !== 'string' || !source.startsWith('.')) return;
      const to = place(resolve(dirname(context.filename), source));
      if (to === from) return;
      if (floors.indexOf(to) <= floors.indexOf(from) && to !== 'migrations')
        context.report({ node, messageId: 'upstairs', data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', 'data/**', 'node_modules/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    plugins: { 'import-x': importX, ringwise: { rules: { floors: floorRule } } },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: ['tsconfig.json'] })],
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'ringwise/floors': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // The clock is handed in; only its one home may ask the machine for the time.
    files: ['crm/**/*.ts', 'campaigns/**/*.ts', 'dialer/**/*.ts', 'reports/**/*.ts', 'web/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is passed in: use app.clock.now().' },
      ],
      // The engine's own data of time zones may be older than those the gate goes by.
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'luxon',
              allowTypeImports: true,
              message:
                'Use localTime and fromLocal of core/time/local-time.ts, which keep to the clocks of the gate.',
            },
          ],
        },
      ],
    },
  },
);
