import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { clockTime, isoDay } from '../../../core/time/typed.ts';

describe('what people type for a time of day', () => {
  it('is read as a clock of 24 hours, in the writing of each language', () => {
    const read = {
      '15:30': '15:30',
      '8:05': '08:05',
      '1530': '15:30',
      '830': '08:30',
      '8': '08:00',
      '15.30': '15:30',
      '１５：３０': '15:30',
      ' 3:30 PM ': '15:30',
      '3 p.m.': '15:00',
      '12 am': '00:00',
      '12:15pm': '12:15',
      下午3点30分: '15:30',
      '上午 9時': '09:00',
      '15点': '15:00',
      晚上8点: '20:00',
      晚上12点: '24:00',
      夜里12点: '24:00',
      '午夜12:00': '24:00',
      半夜1点: '01:00',
      深夜11點: '23:00',
      凌晨12点: '00:00',
      '上午12:00': '00:00',
      下午12點: '12:00',
      中午12点: '12:00',
      中午1點: '13:00',
      早上9点: '09:00',
      '0:00': '00:00',
      '24:00': '24:00',
    };
    for (const [typed, time] of Object.entries(read)) assert.equal(clockTime(typed), time, typed);
  });

  it('is no time where no clock shows it, or where two times could be meant', () => {
    for (const typed of [
      '',
      'x',
      '25:00',
      '24:01',
      '12:60',
      '8:3',
      '13 pm',
      '上午3 pm',
      '12345',
      '8-9',
      'um 8',
      '早上12点',
      '晚上1点',
      '晚上12点30分',
      '晚上15点',
    ])
      assert.equal(clockTime(typed), null, typed);
  });
});

describe('what people type for a day', () => {
  it('is read in the writing of each language, and only where the calendar has it', () => {
    for (const typed of ['2026-11-29', '2026/11/29', '20261129', '2026年11月29日', '２０２６-11-29'])
      assert.equal(isoDay(typed), '2026-11-29', typed);
    for (const typed of ['2026-02-30', '29-11-2026', '11/29/2026', ''])
      assert.equal(isoDay(typed), null, typed);
  });
});
