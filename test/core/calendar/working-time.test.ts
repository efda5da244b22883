import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createCalendarBook, createWorkingTime, readDays } from '../../../core/calendar/index.ts';

const hourMs = 3_600_000;
const split: [string, string][] = [
  ['09:00', '12:00'],
  ['13:30', '18:00'],
];
const office = [split, split, split, split, split, [], []];
const cn = createCalendarBook().get('CN')!;
const shanghai = createWorkingTime({ week: office, zone: 'Asia/Shanghai', calendar: cn });
const text = (at: number | null) => (at === null ? null : new Date(at).toISOString().slice(0, 16));
const at = (iso: string) => Date.parse(iso);

describe('working time', () => {
  it('stands still over lunch, nights and holidays, and runs on a make-up Saturday', () => {
    // Wednesday 30 September 2026, 17:30 in Shanghai; the holiday ends on the 7th.
    assert.equal(text(shanghai.after(at('2026-09-30T09:30:00Z'), hourMs)), '2026-10-08T01:30');
    assert.equal(text(shanghai.after(at('2026-09-28T03:30:00Z'), hourMs)), '2026-09-28T06:00');
    // Saturday 10 October is worked, Sunday is not.
    assert.ok(shanghai.isOpen(at('2026-10-10T02:00:00Z')));
    assert.equal(text(shanghai.opensAt(at('2026-10-10T10:00:00Z'))), '2026-10-12T01:00');
    assert.equal(shanghai.between(at('2026-09-30T00:00:00Z'), at('2026-10-12T00:00:00Z')), 4 * 7.5 * hourMs);
  });

  it('ends early on a half-day', () => {
    const calendar = createCalendarBook([], [
      { calendar: 'CN', days: [{ date: '2026-12-31', kind: 'half-day', name: '年终', open: ['00:00', '12:00'] }] },
    ]).get('CN')!; // prettier-ignore
    const time = createWorkingTime({ week: office, zone: 'Asia/Shanghai', calendar });
    assert.equal(text(time.closesAt(at('2026-12-31T02:00:00Z'))), '2026-12-31T04:00');
    assert.equal(time.isOpen(at('2026-12-31T06:00:00Z')), false);
  });

  it('goes by the wall clock through the hour that is skipped and the one that comes twice', () => {
    const night = createWorkingTime({ week: Array.from({ length: 7 }, () => [['00:00', '06:00']] as [string, string][]), zone: 'America/New_York' }); // prettier-ignore
    assert.equal(night.between(at('2027-03-14T05:00:00Z'), at('2027-03-14T16:00:00Z')), 5 * hourMs);
    assert.equal(night.between(at('2026-11-01T04:00:00Z'), at('2026-11-01T16:00:00Z')), 7 * hourMs);
  });

  it('never ends where nobody ever works, nor begins', () => {
    const never = createWorkingTime({ week: Array.from({ length: 7 }, () => []), zone: 'Asia/Taipei' });
    assert.equal(never.opensAt(0), null);
    assert.equal(never.after(0, 1), null);
    const always = createWorkingTime({ week: Array.from({ length: 7 }, () => [['00:00', '24:00']] as [string, string][]), zone: 'Asia/Taipei' }); // prettier-ignore
    assert.equal(always.closesAt(0), null);
    assert.equal(always.after(0, hourMs), hourMs);
    assert.throws(() => createWorkingTime({ week: office, zone: 'Mars/Olympus' }), RangeError);
  });

  it('after as much time has passed as much time, for any instant', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2026-11-01T00:00:00Z') }),
        fc.integer({ min: 1, max: 60 * 60 }),
        (from, minutes) => {
          const end = shanghai.after(from, minutes * 60_000)!;
          assert.equal(shanghai.between(from, end), minutes * 60_000);
          assert.ok(shanghai.between(from, end - 1) < minutes * 60_000);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a list of days', () => {
  it('is read from lines as people write them', () => {
    const { days, refused } = readDays(
      [
        '2027-02-05..2027-02-07, holiday, Spring Festival',
        '2027/2/14，班，补班',
        '20271231\thalf-day\tYear end\t9:00-12:00',
        '2027-05-02, ordinary, taken back',
        '# a remark',
        '2027-02-30, holiday, no such day',
        '2027-03-01, perhaps, unsure',
        '2027-03-02, half-day, without hours',
        'nonsense',
      ].join('\r\n'),
    );
    assert.deepEqual(
      days.map(({ date, kind, open }) => [date.slice(5), kind, open?.join('-')].filter(Boolean).join(' ')),
      ['02-05 holiday', '02-06 holiday', '02-07 holiday', '02-14 workday', '05-02 ordinary', '12-31 half-day 09:00-12:00'], // prettier-ignore
    );
    assert.deepEqual(
      refused.map(({ line, error }) => [line, error]),
      [
        [6, 'calendar:errors.date'],
        [7, 'calendar:errors.kind'],
        [8, 'calendar:errors.open'],
        [9, 'calendar:errors.date'],
      ],
    );
  });

  it('is read from an iCalendar file, folded lines and ranges included', () => {
    const file = 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270206\r\nDTEND;VALUE=DATE:20270208\r\nSUMMARY;LANGUAGE=en:Lunar New Y\r\n ear\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270214\r\nSUMMARY:春节补班\r\nEND:VEVENT\r\nEND:VCALENDAR'; // prettier-ignore
    assert.deepEqual(
      readDays(file).days.map(({ date, kind, name }) => [date, kind, name]),
      [
        ['2027-02-06', 'holiday', 'Lunar New Year'],
        ['2027-02-07', 'holiday', 'Lunar New Year'],
        ['2027-02-14', 'workday', '春节补班'],
      ],
    );
  });

  it('is read from the table of Taiwan’s personnel administration, plain weekends left out', () => {
    const file = '\uFEFF西元日期,星期,是否放假,備註\n20270101,五,2,開國紀念日\n20270102,六,2,\n20270103,日,0,補行上班\n20270104,一,0,\n20270105,二,2,'; // prettier-ignore
    assert.deepEqual(
      readDays(file).days.map(({ date, kind, name }) => [date.slice(5), kind, name]),
      [
        ['01-01', 'holiday', '開國紀念日'],
        ['01-03', 'workday', '補行上班'],
        ['01-05', 'holiday', '放假'],
      ],
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (given) => readDays(given).days.length >= 0));
  });
});
