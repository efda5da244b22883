import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { blocksPublishing, checkContent } from '../../crm/script/script-check.ts';
import type { ScriptContent, ScriptQuestion, ScriptStep } from '../../crm/script/script.ts';

const around = { ownFields: ['plan'], dispositions: ['sale'] };
const step = (id: string, part: Partial<ScriptStep> = {}): ScriptStep => ({
  ...{
    id,
    title: id,
    text: { en: `Say ${id}` },
    question: null,
    branches: [],
    next: 'end',
    disposition: null,
  },
  ...part,
});
const asks = (part: Partial<ScriptQuestion> = {}): ScriptQuestion => ({
  ...{ kind: 'choice', words: { en: 'Which?' }, required: false, saveTo: null },
  options: [
    { id: '11111111', words: { en: 'One' } },
    { id: '22222222', words: { en: 'Two' } },
  ],
  ...part,
});
const when = (value: string, to: string) =>
  ({ condition: { on: 'answer', operator: 'is', value }, to }) as ScriptStep['branches'][number];
const found = (steps: ScriptStep[], languages = ['en']) =>
  checkContent({ languages, steps } satisfies ScriptContent, around);
const told = (steps: ScriptStep[]) => found(steps).map(({ code, stepId }) => `${stepId}: ${code}`);

describe('what is wrong with a script', () => {
  it('is nothing where each step is written and leads on to the end', () => {
    const steps = [
      step('a', { next: 'following', question: asks({ saveTo: 'plan' }), branches: [when('11111111', 'c')] }),
      step('b', { text: { en: 'Your plan is {{custom.plan}}.' }, next: 'c' }),
      step('c', { disposition: 'sale' }),
    ];
    assert.deepEqual(told(steps), []);
  });

  it('is a step that no other leads to', () => {
    assert.deepEqual(told([step('a'), step('b')]), ['b: unreachable']);
  });

  it('is a step that leads nowhere: below the last one, or to one that is gone', () => {
    assert.deepEqual(told([step('a', { next: 'following' })]), ['a: leads-nowhere']);
    assert.deepEqual(told([step('a', { next: 'gone' })]), ['a: target-gone']);
    const branches = [when('11111111', 'gone')];
    assert.deepEqual(told([step('a', { question: asks(), branches })]), ['a: target-gone']);
  });

  it('is a loop that nobody comes out of, and not one with a way out', () => {
    assert.deepEqual(told([step('a', { next: 'b' }), step('b', { next: 'a' })]), [
      'a: no-exit',
      'b: no-exit',
    ]);
    const out = step('b', { next: 'a', question: asks(), branches: [when('11111111', 'end')] });
    assert.deepEqual(told([step('a', { next: 'b' }), out]), []);
  });

  it('leaves out the way without an answer where one is needed and each has a way of its own', () => {
    const branches = [when('yes', 'b'), when('no', 'end')];
    const question = asks({ kind: 'yes-no', options: [], required: true });
    const round = (required: boolean) => [
      step('a', { question: { ...question, required }, branches, next: 'following' }),
      step('b'),
    ];
    assert.deepEqual(told(round(true)), []);
    const last = [
      step('a', { question, branches: [when('yes', 'end'), when('no', 'end')], next: 'following' }),
    ];
    assert.deepEqual(told(last), []);
    const optional = [{ ...last[0]!, question: { ...question, required: false } }];
    assert.deepEqual(told(optional), ['a: leads-nowhere']);
  });

  it('is an unknown merge field, by its language, and an own field that nobody has is looked at only', () => {
    const [wrong] = found([step('a', { text: { en: 'Hello {{nmae}}' } })]);
    assert.equal(wrong?.code, 'merge-field');
    assert.equal(wrong?.language, 'en');
    const own = found([step('a', { text: { en: 'Hello {{custom.plna}}' } })]);
    assert.deepEqual(
      own.map(({ code, level }) => [code, level]),
      [['unknown-own-field', 'warns']],
    );
    assert.equal(blocksPublishing(own), false);
  });

  it('is a question without words, without answers, with empty ones or one answer twice', () => {
    assert.deepEqual(told([step('a', { question: asks({ words: {} }) })]), ['a: no-question-words']);
    assert.deepEqual(told([step('a', { question: asks({ options: [] }) })]), ['a: no-answers']);
    const empty = asks({ options: [{ id: '11111111', words: {} }] });
    assert.deepEqual(told([step('a', { question: empty })]), ['a: answer-without-words']);
    const twice = asks({ options: ['11111111', '22222222'].map((id) => ({ id, words: { en: 'One' } })) });
    assert.deepEqual(told([step('a', { question: twice })]), ['a: same-answers']);
  });

  it('is a branch for an answer that is gone, or with nothing to wait for', () => {
    const branches = [when('33333333', 'end')];
    assert.deepEqual(told([step('a', { question: asks(), branches })]), ['a: branch-answer-gone']);
    assert.deepEqual(told([step('a', { branches })]), ['a: branch-without-question']);
  });

  it('is a target that is gone: a field to save into, a disposition, a field of a condition', () => {
    assert.deepEqual(told([step('a', { question: asks({ saveTo: 'gone' }) })]), ['a: save-field-gone']);
    assert.deepEqual(told([step('a', { disposition: 'gone' })]), ['a: disposition-gone']);
    const condition = { on: 'customer', field: 'custom.gone', operator: 'empty', value: '' } as const;
    assert.deepEqual(told([step('a', { branches: [{ condition, to: 'end' }] })]), ['a: branch-field-gone']);
  });

  it('is a text that one of its languages lacks, which stops nobody', () => {
    const problems = found([step('a')], ['en', 'zh-TW']);
    assert.deepEqual(
      problems.map(({ code, language }) => [code, language]),
      [['text-missing-in', 'zh-TW']],
    );
    assert.equal(blocksPublishing(problems), false);
    assert.deepEqual(told([step('a', { text: {} })]), ['a: no-text']);
  });
});
