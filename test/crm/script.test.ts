import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  checkScript,
  chooseLanguage,
  customField,
  fieldsOf,
  mergeScript,
  mergeValues,
  scriptProblemParams,
} from '../../crm/index.ts';
import { customerFields } from './fixtures.ts';

const customer = {
  ...customerFields({ name: 'Ada <b>', custom: { policy: 'P-9' } }),
  id: 1,
  revision: 0,
  createdAt: 0,
  updatedAt: 0,
};

describe('script merge fields', () => {
  it('fills in fields as plain text; an empty one leaves nothing', () => {
    const text = 'Hello {{name}}, policy {{custom.policy}}{{company}}. {{agent}} of {{campaign}}';
    assert.deepEqual(checkScript(text), []);
    assert.equal(
      mergeScript(text, mergeValues(customer, { agent: 'Lin', campaign: 'Spring' })),
      'Hello Ada <b>, policy P-9. Lin of Spring',
    );
  });

  it('speaks of a region by its name, in the customer’s language', () => {
    const said = (addressRegion: string | null, language: string | null) =>
      mergeScript('{{region}}', mergeValues({ ...customer, addressRegion, language }, {}));
    assert.equal(said('CN-31', 'zh-CN'), '上海');
    assert.equal(said('US-NY-10001', 'en'), 'New York');
    assert.equal(said('US-10001', null), 'New York');
    assert.equal(said('CN', 'zh-TW'), '中國');
    assert.equal(said(null, 'en'), '');
  });

  it('greets nobody by a number: who has no name leaves a gap', () => {
    const nameless = { ...customer, name: '+442079460001', salutation: null };
    assert.equal(mergeScript('Hello {{salutation}}{{name}}.', mergeValues(nameless, {})), 'Hello .');
  });

  it('says the name once of whom is addressed by it, wherever both fields stand side by side', () => {
    const said = (text: string, salutation: string | null) =>
      mergeScript(text, mergeValues({ ...customer, name: '陈伟', salutation }, {}));
    assert.equal(said('您好，{{salutation}}{{name}}，', null), '您好，陈伟，');
    assert.equal(said('Dear {{salutation}} {{name}}, hello', null), 'Dear 陈伟, hello');
    assert.equal(said('{{name}}{{! mind the tone }} {{salutation}}!', null), '陈伟!');
    assert.equal(said('Dear {{salutation}} {{name}}, hello', 'Mr'), 'Dear Mr 陈伟, hello');
    assert.equal(said('{{salutation}}: {{name}}? {{name}}', null), '陈伟: 陈伟? 陈伟');
  });

  it('guesses which field was meant', () => {
    const meant = (text: string) => scriptProblemParams(checkScript(text)[0]!).meant;
    for (const text of ['{{customer.name}}', '{{Name}}', '{{customer_name}}'])
      assert.equal(meant(text), '{{name}}');
    assert.equal(meant('{{plan}}'), '{{custom.plan}}');
  });

  it('names unknown fields with their line', () => {
    assert.deepEqual(checkScript('Hello\n{{nmae}} {{name}}'), [
      { code: 'unknown-field', text: 'nmae', line: 2 },
    ]);
  });

  for (const text of [
    '{{#if name}}x{{/if}}',
    '{{{name}}}',
    '{{lookup name "x"}}',
    '{{> partial}}',
    '{{../name}}',
    '{{@root}}',
    '{{"name"}}',
  ])
    it(`refuses ${text}`, () => {
      assert.equal(checkScript(text)[0]?.code, 'not-a-field');
      assert.equal(mergeScript(text, { name: 'x' }), text);
    });

  it('fault: braces that do not match are a syntax problem with a line', () => {
    assert.deepEqual(checkScript('a\n{{name'), [{ code: 'syntax', text: '', line: 2 }]);
  });

  it('does not reach what a field merely inherits', () => {
    assert.deepEqual(checkScript('{{constructor}}')[0]?.code, 'unknown-field');
    assert.equal(mergeScript('{{custom.constructor}}', Object.create(null) as Record<string, string>), '');
  });

  for (const name of ['plan', '套餐', 'plan name', '2026', 'true', 'a.b', 'x-y', "d'or"])
    it(`names the own field ${name} so that it is filled in`, () => {
      const text = customField(name)!;
      assert.deepEqual(checkScript(text), []);
      assert.deepEqual(fieldsOf(text), [`custom.${name}`]);
      assert.equal(mergeScript(text, { [`custom.${name}`]: 'filled' }), 'filled');
    });

  it('fault: a name that braces cannot hold is offered to nobody', () => {
    assert.equal(customField('a]b'), null);
    assert.equal(customField(''), null);
  });

  it('chooses the nearest language', () => {
    const texts = { en: 'a', 'zh-TW': 'b', 'zh-CN': 'c', ja: ' ' };
    assert.equal(chooseLanguage(texts, 'zh-HK'), 'zh-TW');
    assert.equal(chooseLanguage(texts, 'zh-cn'), 'zh-CN');
    assert.equal(chooseLanguage(texts, 'ja'), 'en');
    assert.equal(chooseLanguage(texts, null), 'en');
    assert.equal(chooseLanguage({}, 'en'), null);
  });
});
