import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { loadCatalogue, sourceWords } from '../../../campaigns/compliance/index.ts';
import { createTranslator } from '../../../core/i18n/index.ts';
import { paths } from '../../../core/paths.ts';

describe('the source of a rule set', () => {
  const translator = createTranslator(join(paths.views, 'locales'));
  const catalogue = loadCatalogue();
  const said = (name: string, locale: 'en' | 'zh-CN' = 'en') =>
    sourceWords(catalogue.get(name)!.form, { t: translator.for(locale), locale });

  it('is named without remarks to whoever keeps the rules; that it is not verified is said in words', () => {
    assert.equal(said('tw.collect'), 'bank outsourced collection rules · Not verified');
    assert.equal(said('tw.collect', 'zh-CN'), 'bank outsourced collection rules · 未核实');
    assert.equal(said('us.md'), 'Md. Com. Law 14-4502 (1 Jan 2024) · Statute');
    assert.equal(said('nz.policy'), 'House policy');
    assert.equal(
      said('uk.policy'),
      '72 h retry after abandoned call, estimate of people taken for machines among the abandoned = Ofcom · House policy',
    );
    for (const name of catalogue.names) assert.doesNotMatch(said(name), /\b(memory|verify)\b/, name);
  });
});
