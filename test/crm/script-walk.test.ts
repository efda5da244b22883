import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { answersIn, typedFrom } from '../../crm/script/answer.ts';
import { meets, walkOf } from '../../crm/script/script-condition.ts';
import { advance, nextOf, numberIn, placeOf, type WalkStep } from '../../crm/script/script-walk.ts';
import type { ScriptContent } from '../../crm/script/script.ts';
import type { Customer } from '../../crm/index.ts';

const [a, b, c] = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'];
const yes: WalkStep['branches'][number] = { on: 'answer', operator: 'is', value: 'yes', to: b };
const walk = (part: Partial<WalkStep>): WalkStep => ({
  ...{ id: a, kind: 'yes-no', required: false, branches: [], next: c },
  ...part,
});

describe('walking through a script', () => {
  it('takes the first branch that holds, else the way without one; an end is a way too', () => {
    assert.equal(nextOf(walk({ branches: [yes] }), 'yes'), b);
    assert.equal(nextOf(walk({ branches: [yes] }), 'no'), c);
    assert.equal(nextOf(walk({ branches: [{ ...yes, to: null }] }), 'yes'), null);
    const customer = { on: 'customer', holds: true, to: null } as const;
    assert.equal(nextOf(walk({ branches: [customer, yes] }), 'yes'), null);
  });

  it('finds one of several choices, compares numbers however they are written, and knows an empty answer', () => {
    const of = (
      operator: 'is' | 'at-least' | 'at-most' | 'given' | 'not-given',
      value: string,
      answer: string,
    ) => nextOf(walk({ branches: [{ on: 'answer', operator, value, to: b }] }), answer) === b;
    assert.equal(of('is', '22222222', '11111111,22222222'), true);
    assert.equal(of('is', '22222222', '11111111'), false);
    assert.equal(of('at-least', '2.5', '２,５'), true);
    assert.equal(of('at-most', '2', '3'), false);
    assert.equal(of('at-least', '2', 'soon'), false);
    assert.equal(of('is', '5', '5.0'), true);
    assert.equal(of('given', '', ' '), false);
    assert.equal(of('not-given', '', ''), true);
    assert.equal(numberIn('1,234'), 1234);
    assert.equal(numberIn('1e5'), null);
  });

  it('goes back and forth without losing steps, and takes another way when the answer has changed', () => {
    let place = advance(placeOf('', '', [{ id: a }]), b);
    place = advance(place, c);
    assert.deepEqual(advance({ ...place, at: 0 }, b), { path: [a, b, c], at: 1 });
    assert.deepEqual(advance({ ...place, at: 0 }, c), { path: [a, c], at: 1 });
  });

  it('reads a kept place, also of a version that has other steps', () => {
    const steps = [{ id: a }, { id: b }];
    assert.deepEqual(placeOf(`${a},${b}`, '0', steps), { path: [a, b], at: 0 });
    assert.deepEqual(placeOf(`${a},${c},${b}`, '9', steps), { path: [a, b], at: 1 });
    assert.deepEqual(placeOf('nonsense', 'x', steps), { path: [a], at: 0 });
  });

  it('asks what is known of the customer', () => {
    const customer = {
      name: 'Mei',
      language: 'zh-TW',
      custom: { plan: 'Copper 50', since: '2019' },
      tags: ['VIP'],
    };
    const ask = (field: string, operator: Parameters<typeof meets>[1]['operator'], value = '') =>
      meets(customer as unknown as Customer, { on: 'customer', field, operator, value });
    assert.equal(ask('language', 'is', 'ZH-tw'), true);
    assert.equal(ask('custom.plan', 'contains', 'copper'), true);
    assert.equal(ask('custom.since', 'at-most', '2020'), true);
    assert.equal(ask('custom.none', 'empty'), true);
    assert.equal(ask('tag', 'is', 'vip'), true);
    assert.equal(ask('company', 'not-empty'), false);
    assert.equal(meets(null, { on: 'customer', field: 'name', operator: 'empty', value: '' }), true);
  });
});

it('a branch takes who is in a region, by name or code', () => {
  const of = (addressRegion: string) => ({ addressRegion }) as unknown as Customer;
  const is = (region: string, value: string) =>
    meets(of(region), { on: 'customer', field: 'addressRegion', operator: 'is', value });
  for (const value of ['CN-SH', 'CN-31', '上海', 'CN'])
    for (const region of ['CN-SH', 'CN-31', 'CN-SH-200000'])
      assert.ok(is(region, value), `${region} ${value}`);
  assert.ok(!is('CN-BJ', '上海'));
  assert.ok(is('US-10001', 'New York'));
  assert.ok(is('CN-HK', '香港'));
  const georgia = { on: 'customer', field: 'addressRegion', operator: 'is', value: 'Georgia' } as const;
  assert.ok(meets(of('US-GA-30301'), georgia, 'US'));
  assert.ok(!meets(of('GE'), georgia, 'US'));
  assert.ok(meets(of('GE'), georgia));
});

describe('answers of a call', () => {
  const question = (kind: 'choices' | 'number' | 'date' | 'short-text') => ({
    ...{ kind, words: { en: '?' }, required: false, saveTo: null },
    options: ['11111111', '22222222'].map((id) => ({ id, words: { en: id } })),
  });
  const content: ScriptContent = {
    languages: ['en'],
    steps: (['choices', 'number', 'date'] as const).map((kind, index) => ({
      ...{ id: [a, b, c][index]!, title: kind, text: {}, question: question(kind) },
      ...{ branches: [], next: 'following', disposition: null },
    })),
  };

  it('are those of the steps that were gone through, each of several choices a row', () => {
    const typed = {
      scriptPath: `${a},${b}`,
      [`answer.${a}`]: '22222222,99999999,11111111',
      [`answer.${b}`]: '1,5',
    };
    const answers = answersIn(content, { ...typed, [`answer.${c}`]: '2026-01-02' });
    assert.deepEqual(
      answers.map(({ stepId, value, number }) => [stepId, value, number]),
      [
        [a, '22222222', null],
        [a, '11111111', null],
        [b, '1.5', 1.5],
      ],
    );
    assert.equal(typedFrom(answers)[`answer.${a}`], '22222222,11111111');
  });

  it('keep what was typed where it is no number and no day', () => {
    const typed = { scriptPath: `${b},${c}`, [`answer.${b}`]: 'a few', [`answer.${c}`]: 'in May' };
    assert.deepEqual(
      answersIn(content, typed).map(({ value, text }) => [value, text]),
      [
        [null, 'a few'],
        [null, 'in May'],
      ],
    );
  });

  it('can be gone through again with the customer that it is of', () => {
    assert.deepEqual(
      walkOf(content, null).map(({ next }) => next),
      [b, c, null],
    );
  });
});
