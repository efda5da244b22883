import { published, type CalendarDefinition } from './calendar-definition.ts';
import { easter, lunar, mondayOf, on, term } from './day-rule.ts';
import { publishedInChina } from './published-china.ts';

const after = { shift: 'after' } as const;
const sunday = { shift: 'sunday' } as const;
const tw = { shift: 'tw' } as const;

/** 条例 of 2025: lunar days on a weekend are made up for after the holiday. */
const taiwanSince = 2026;

export const asianCalendars: readonly CalendarDefinition[] = [
  {
    // 全国年节及纪念日放假办法, as amended from 2025.
    ...{ name: 'CN', announced: true, published: publishedInChina() },
    rules: [
      on('newYear', 1, 1),
      lunar('newYearEve', 1, 1, {}, -1),
      ...[1, 2, 3].map((day) => lunar('lunarNewYear', 1, day)),
      term('qingming', '清明'),
      ...[1, 2].map((day) => on('labour', 5, day)),
      lunar('dragonBoat', 5, 5),
      lunar('midAutumn', 8, 15),
      ...[1, 2, 3].map((day) => on('national', 10, day)),
    ],
  },
  {
    name: 'TW',
    rules: [
      on('newYear', 1, 1, tw),
      lunar('beforeNewYearEve', 1, 1, { ...after, from: taiwanSince }, -2),
      lunar('newYearEve', 1, 1, after, -1),
      ...[1, 2, 3].map((day) => lunar('lunarNewYear', 1, day, after)),
      on('peaceMemorial', 2, 28, tw),
      on('children', 4, 4, { ...tw, apart: true }),
      term('tombSweeping', '清明', tw),
      on('labour', 5, 1, tw),
      lunar('dragonBoat', 5, 5, tw),
      lunar('midAutumn', 8, 15, tw),
      on('teachers', 9, 28, { ...tw, from: 2025 }),
      on('nationalTaiwan', 10, 10, tw),
      on('retrocession', 10, 25, { ...tw, from: 2025 }),
      on('constitutionTaiwan', 12, 25, { ...tw, from: 2025 }),
    ],
    // 行政院人事行政總處, calendars of 2023 to 2025.
    extra: [
      ...published('holiday', '2023-01-20 2023-01-27 2023-02-27 2023-04-03 2023-06-23 2023-10-09'),
      ...published('workday', '2023-01-07 2023-02-04 2023-02-18 2023-03-25 2023-06-17 2023-09-23'),
      ...published('holiday', '2024-02-08 2025-01-27'),
      ...published('workday', '2024-02-17 2025-02-08'),
    ],
  },
  {
    name: 'HK',
    rules: [
      on('newYear', 1, 1, sunday),
      ...[1, 2, 3].map((day) => lunar('lunarNewYear', 1, day, sunday)),
      term('chingMing', '清明', sunday),
      easter('goodFriday', -2),
      easter('holySaturday', -1),
      easter('easterMonday', 1),
      on('labour', 5, 1, sunday),
      lunar('buddha', 4, 8, sunday),
      lunar('dragonBoat', 5, 5, sunday),
      on('hongKong', 7, 1, sunday),
      lunar('afterMidAutumn', 8, 15, sunday, 1),
      lunar('chungYeung', 9, 9, sunday),
      on('national', 10, 1, sunday),
      on('christmas', 12, 25, sunday),
      on('boxing', 12, 26, sunday),
    ],
  },
  {
    ...{ name: 'JP', bridges: true },
    rules: [
      on('newYear', 1, 1, sunday),
      mondayOf('comingOfAge', 1, 2),
      on('foundation', 2, 11, sunday),
      on('emperor', 2, 23, { ...sunday, from: 2020 }),
      term('vernal', '春分', sunday, 1),
      on('showa', 4, 29, sunday),
      on('constitution', 5, 3, sunday),
      on('greenery', 5, 4, sunday),
      on('childrenJapan', 5, 5, sunday),
      mondayOf('marine', 7, 3, { from: 2022 }),
      on('mountain', 8, 11, { ...sunday, from: 2022 }),
      mondayOf('aged', 9, 3),
      term('autumnal', '秋分', sunday, 1),
      mondayOf('sports', 10, 2, { from: 2022 }),
      on('culture', 11, 3, sunday),
      on('labourThanks', 11, 23, sunday),
    ],
  },
];
