import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { namesMeant, resembles } from '../../../campaigns/compliance/scrubs/list-names.ts';

describe('names of official lists', () => {
  it('resemble each other by case, signs, order, a letter or two, or what stands behind', () => {
    for (const [one, other] of [
      ['FTC Do Not Call', 'ftc  do-not-call'],
      ['FTC Do Not Call', 'FTC Do Not Cal'],
      ['FTC Do Not Call', 'FTC Do Not Clal'],
      ['FTC Do Not Call', 'Do Not Call FTC'],
      ['FTC Do Not Call', 'FTC Do Not Call 2026-11'],
      ['Lista Róbinson', 'lista robinson'],
      ['全国谢绝来电名单', '全国谢绝来电名册'],
      ['ＴＰＳ', 'TPS'],
    ] as const)
      assert.ok(resembles(one, other) && resembles(other, one), `${one} | ${other}`);
    for (const [one, other] of [
      ['FTC Do Not Call', 'Reassigned numbers'],
      ['Registry', 'Second'],
      ['Texas No-Call', 'Florida Do Not Call'],
      ['全国谢绝来电名单', '上海市拒收登记'],
      ['--', 'FTC'],
    ] as const)
      assert.ok(!resembles(one, other) && !resembles(other, one), `${one} | ${other}`);
  });

  it('are asked about within one kind and country, and not where the name is just one in force', () => {
    const list = (name: string, country = 'US', kind = 'national') => ({ name, country, kind });
    const inForce = [list('FTC Registry'), list('FTC Registry East'), list('FTC Registry', 'CA'), list('FTC Registry', 'US', 'reassigned')]; // prettier-ignore
    assert.deepEqual(namesMeant(list('FTC registry'), inForce), inForce.slice(0, 2));
    assert.deepEqual(namesMeant(list('FTC Registry'), inForce), []);
    assert.deepEqual(namesMeant(list('FTC registry', 'GB'), inForce), []);
  });
});
