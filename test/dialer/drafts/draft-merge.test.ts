import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { mergeDrafts } from '../../../dialer/drafts/draft-merge.ts';

const note = (was: string, here: string, there: string) => {
  const { form, both } = mergeDrafts({ note: was }, { note: here }, { note: there });
  return [form.note, both];
};

describe('bringing together two drafts', () => {
  it('takes each field from the side that touched it', () => {
    const base = { note: '', callbackDate: '2026-01-02', dispositionId: '1' };
    const mine = { ...base, note: 'blue' };
    const theirs = { ...base, dispositionId: '3', callbackTime: '10:00' };
    assert.deepEqual(mergeDrafts(base, mine, theirs), {
      form: { note: 'blue', callbackDate: '2026-01-02', dispositionId: '3', callbackTime: '10:00' },
      both: false,
    });
  });

  it('leaves one’s own choice where both chose', () => {
    const merged = mergeDrafts({ dispositionId: '1' }, { dispositionId: '2' }, { dispositionId: '3' });
    assert.deepEqual(merged, { form: { dispositionId: '2' }, both: false });
  });

  it('brings changes in different places of a text together without a word', () => {
    assert.deepEqual(note('wants a car', 'wants a blue car', 'wants a car by May'), [
      'wants a blue car by May',
      false,
    ]);
    assert.deepEqual(note('wants a car', 'wants a car by May', 'He wants a car'), [
      'He wants a car by May',
      false,
    ]);
  });

  it('keeps both where both wrote in one place, and what they share once', () => {
    assert.deepEqual(note('', 'blue', '红色'), ['blue\n红色', true]);
    assert.deepEqual(note('car', 'car, blue', 'car for 2'), ['car, blue\n for 2', true]);
    const merged = mergeDrafts({}, { callbackNote: 'after 5' }, { callbackNote: 'mobile' });
    assert.deepEqual(merged, { form: { callbackNote: 'after 5 / mobile' }, both: true });
  });

  it('takes the longer one where one side is only further on', () => {
    assert.deepEqual(note('', 'wants', 'wants two'), ['wants two', false]);
    assert.deepEqual(note('', 'wants two', 'wants'), ['wants two', false]);
  });

  it('loses nothing that either side wrote, wherever each wrote it', () => {
    const of = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
    fc.assert(
      fc.property(
        of('ab 车'),
        of('xy，'),
        of('12\n'),
        fc.nat(8),
        fc.nat(8),
        (was, own, other, here, there) => {
          const put = (at: number, added: string) => was.slice(0, at) + added + was.slice(at);
          const [merged] = note(was, put(here, own), put(there, other));
          assert.ok(String(merged).includes(own) && String(merged).includes(other), String(merged));
        },
      ),
    );
  });
});
