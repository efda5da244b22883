import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createCalendarBook, lunarDateOf, type DayEdit } from '../../../core/calendar/index.ts';
import { loosensDay, realEdits } from '../../../core/calendar/calendar-change.ts';
import { solarTermDay } from '../../../core/calendar/lunar.ts';
import { formatDay, parseDay } from '../../../core/time/local-day.ts';

const book = createCalendarBook();
const days = (name: string, year: number, kind = 'holiday') =>
  book
    .get(name)!
    .daysOf(year)
    .filter((one) => one.kind === kind)
    .map(({ day }) => formatDay(day).slice(5))
    .join(' ');

describe('calendars', () => {
  it('know the lunar new year for a century, where the engine’s own calendar is wrong', () => {
    const first: [year: number, day: string][] = [
      [2019, '02-05'],
      [2024, '02-10'],
      [2026, '02-17'],
      [2027, '02-06'],
      [2028, '01-26'],
      [2030, '02-03'],
      [2033, '01-31'],
      [2034, '02-19'],
      [2057, '02-04'],
    ];
    for (const [year, day] of first) {
      const found = parseDay(`${year}-${day}`);
      assert.deepEqual(lunarDateOf(found), { month: 1, day: 1 }, String(year));
      assert.match(days('HK', year), new RegExp(day));
    }
  });

  it('find Qingming and the equinoxes', () => {
    const term = (year: number, name: '清明' | '秋分') => formatDay(solarTermDay(year, name));
    assert.deepEqual([2025, 2026, 2027, 2028].map((year) => term(year, '清明').slice(5)), ['04-04', '04-05', '04-05', '04-04']); // prettier-ignore
    assert.deepEqual(
      [2026, 2028].map((year) => term(year, '秋分').slice(5)),
      ['09-23', '09-22'],
    );
  });

  it('have the State Council’s arrangements of past years with their make-up workdays', () => {
    assert.equal(days('CN', 2026, 'workday'), '01-04 02-14 02-28 05-09 09-20 10-10');
    assert.equal(days('CN', 2025, 'workday'), '01-26 02-08 04-27 09-28 10-11');
    assert.equal(days('CN', 2020, 'workday'), '01-19 04-26 05-09 06-28 09-27 10-10');
    assert.match(days('CN', 2026), /02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23/);
    for (let year = 2007; year <= 2026; year += 1) {
      assert.ok(book.get('CN')!.isSettled(year), String(year));
      assert.notEqual(days('CN', year, 'workday'), '', String(year));
    }
  });

  it('say of a year to come that its arrangement is not out, and have what the law names', () => {
    assert.ok(!book.get('CN')!.isSettled(2027));
    assert.equal(
      days('CN', 2027),
      '01-01 02-05 02-06 02-07 02-08 04-05 05-01 05-02 06-09 09-15 10-01 10-02 10-03',
    );
    const arranged = createCalendarBook([], [{ calendar: 'CN', days: [edit('2027-02-14', 'workday')] }]);
    assert.ok(arranged.get('CN')!.isSettled(2027));
  });

  it('move Taiwan’s holidays off weekends', () => {
    assert.equal(
      days('TW', 2026),
      '01-01 02-15 02-16 02-17 02-18 02-19 02-20 02-27 02-28 04-03 04-04 04-05 04-06 05-01 06-19 09-25 09-28 10-09 10-10 10-25 10-26 12-25',
    );
    assert.match(days('TW', 2027), /02-04 02-05 02-06 02-07 02-08 02-09 02-10/);
    assert.match(days('TW', 2027), /04-04 04-05 04-06/);
    assert.equal(days('TW', 2025, 'workday'), '02-08');
    assert.match(days('TW', 2028), /04-03 04-04/);
  });

  it('move Hong Kong’s off Sundays, and bridge Japan’s', () => {
    assert.match(days('HK', 2026), /04-03 04-04 04-05 04-06 04-07 .* 05-25 .* 10-19/);
    assert.match(days('HK', 2027), /02-06 02-07 02-08 02-09/);
    assert.match(days('JP', 2026), /05-03 05-04 05-05 05-06 .* 09-21 09-22 09-23/);
  });

  it('move American and British holidays as their laws do, over the turn of the year too', () => {
    assert.match(days('US', 2027), /12-24 12-25 12-31$/);
    assert.match(days('US-UT', 2027), /07-23 07-24/);
    assert.match(days('US-LA', 2028), /02-29 04-14 .* 11-07/);
    assert.equal(/11-0[2-8]/.test(days('US-LA', 2027)), false);
    assert.match(days('GB', 2027), /12-25 12-26 12-27 12-28/);
    assert.match(days('CA', 2026), /05-18/);
  });

  it('have half-days and days of regions, with those of the country they lie in', () => {
    const eve = book.get('AU-QLD')!.on(parseDay('2026-12-24'));
    assert.deepEqual([eve?.kind, eve?.open], ['half-day', ['00:00', '18:00']]);
    assert.equal(book.get('AU')!.on(parseDay('2026-12-24')), undefined);
    assert.match(days('DE-BY', 2026), /01-06 04-03 .* 10-03/);
    assert.equal(days('DE', 2026, 'half-day'), '12-24 12-31');
  });

  it('take what is decided, last word last, and hand it on to calendars below', () => {
    const own = [{ name: 'Shanghai', title: 'Shanghai office', parent: 'CN' }];
    const after = createCalendarBook(own, [
      { calendar: 'CN', days: [edit('2027-02-14', 'workday')] },
      { calendar: 'Shanghai', days: [edit('2027-02-12', 'half-day', ['00:00', '12:00'])] },
      { calendar: 'CN', days: [edit('2027-05-02', 'ordinary')] },
      { calendar: 'Shanghai', days: [edit('2027-02-14', 'holiday')] },
    ]);
    const kind = (name: string, date: string) => after.get(name)!.on(parseDay(date))?.kind;
    assert.equal(kind('CN', '2027-02-14'), 'workday');
    assert.equal(kind('Shanghai', '2027-02-14'), 'holiday');
    assert.equal(kind('Shanghai', '2027-02-12'), 'half-day');
    assert.equal(kind('CN', '2027-02-12'), undefined);
    assert.equal(kind('Shanghai', '2027-05-02'), undefined);
    assert.notEqual(after.get('CN')!.version, book.get('CN')!.version);
    assert.notEqual(after.get('Shanghai')!.version, after.get('CN')!.version);
    assert.equal(after.get('US')!.version, book.get('US')!.version);
  });

  it('answer for a day as they answer for its year', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...book.names),
        fc.integer({ min: parseDay('2000-01-01'), max: parseDay('2060-12-31') }),
        (name, day) => {
          const calendar = book.get(name)!;
          const year = Number(formatDay(day).slice(0, 4));
          const found = calendar.daysOf(year).filter((one) => one.day === day);
          assert.deepEqual(calendar.on(day), found[0]);
          assert.ok(found.length <= 1);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function edit(date: string, kind: DayEdit['kind'], open?: [string, string]): DayEdit {
  return { date, kind, name: 'test', ...(open && { open }) };
}

describe('a changed day', () => {
  const us = book.get('US')!;
  const cn = book.get('CN')!;
  const on = (calendar: typeof us, date: string) => calendar.on(parseDay(date));

  it('loosens where a call may pass that was blocked', () => {
    const cases: [what: string, calendar: typeof us, edit: DayEdit, opens: boolean, loosens: boolean][] = [
      ['a holiday more', us, edit('2026-11-27', 'holiday'), false, false],
      ['a holiday more where holidays have hours', us, edit('2026-11-27', 'holiday'), true, true],
      ['a holiday less', us, edit('2026-11-26', 'ordinary'), false, true],
      ['half of a holiday', us, edit('2026-11-26', 'half-day', ['00:00', '12:00']), false, true],
      ['half of an ordinary day', us, edit('2026-11-27', 'half-day', ['00:00', '12:00']), false, false],
      ['a make-up workday', cn, edit('2027-02-20', 'workday'), false, true],
      ['a make-up workday less', cn, edit('2026-10-10', 'ordinary'), false, false],
    ];
    for (const [what, calendar, change, opens, expected] of cases)
      assert.equal(loosensDay(on(calendar, change.date), change, opens), expected, what);
    const half = createCalendarBook([], [{ calendar: 'US', days: [edit('2026-11-27', 'half-day', ['00:00', '12:00'])] }]).get('US')!; // prettier-ignore
    assert.equal(loosensDay(on(half, '2026-11-27'), edit('2026-11-27', 'half-day', ['00:00', '13:00']), false), true); // prettier-ignore
    assert.equal(loosensDay(on(half, '2026-11-27'), edit('2026-11-27', 'half-day', ['08:00', '12:00']), false), false); // prettier-ignore
  });

  it('is none that says what is there', () => {
    assert.deepEqual(realEdits(us, [edit('2026-11-27', 'ordinary')]), []);
    assert.equal(realEdits(us, [edit('2026-11-27', 'holiday')]).length, 1);
  });
});
