import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createTranslator } from '../../../core/i18n/index.ts';
import { paths } from '../../../core/paths.ts';
import { dashboardWords } from '../../../reports/dashboard/words.ts';

describe('words of the dashboard', () => {
  it('are handed to its script for every key that it says', () => {
    const words = dashboardWords(createTranslator(join(paths.views, 'locales')).for('en'));
    const folder = join(paths.views, 'browser', 'dashboard');
    const source = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const said = [...source.matchAll(/\bsay\(\s*'([\w.]+)'/g)].map(([, key]) => key!);
    assert.ok(said.length > 10);
    assert.deepEqual(
      said.filter((key) => !Object.hasOwn(words, key)),
      [],
    );
    for (const [key, text] of Object.entries(words)) assert.notEqual(text, `reports:chart.${key}`);
  });
});
