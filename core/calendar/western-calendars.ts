import type { CalendarDefinition } from './calendar-definition.ts';
import {
  easter,
  electionDay,
  mondayOf,
  on,
  thursdayOf,
  tuesdayOf,
  victoriaDay,
  type DayRule,
} from './day-rule.ts';

const us = { shift: 'us' } as const;
const after = { shift: 'after' } as const;

const american = {
  newYear: on('newYear', 1, 1, us),
  king: mondayOf('martinLutherKing', 1, 3),
  presidents: mondayOf('presidents', 2, 3),
  memorial: mondayOf('memorial', 5, -1),
  juneteenth: on('juneteenth', 6, 19, us),
  independence: on('independence', 7, 4, us),
  labour: mondayOf('labour', 9, 1),
  columbus: mondayOf('columbus', 10, 2),
  veterans: on('veterans', 11, 11, us),
  thanksgiving: thursdayOf('thanksgiving', 11, 4),
  christmas: on('christmas', 12, 25, us),
};
const everyAmerican: readonly DayRule[] = [
  american.newYear,
  american.king,
  american.memorial,
  american.juneteenth,
  american.independence,
  american.labour,
  american.veterans,
  american.thanksgiving,
  american.christmas,
];
const americanElection = electionDay({ even: true });

export const westernCalendars: readonly CalendarDefinition[] = [
  { name: 'US', rules: [...everyAmerican, american.presidents, american.columbus] },
  {
    name: 'US-AL',
    rules: [
      ...[...everyAmerican, american.presidents, american.columbus],
      mondayOf('confederateMemorial', 4, 4),
      mondayOf('jeffersonDavis', 6, 1),
      on('rosaParks', 12, 1),
    ],
  },
  {
    name: 'US-LA',
    rules: [
      ...[...everyAmerican, americanElection],
      easter('mardiGras', -47),
      easter('goodFriday', -2),
      on('allSaints', 11, 1, us),
    ],
  },
  {
    name: 'US-PA',
    rules: [
      ...[...everyAmerican, american.presidents, american.columbus, americanElection],
      easter('goodFriday', -2),
      on('flag', 6, 14, us),
    ],
  },
  {
    name: 'US-RI',
    rules: [
      ...[...everyAmerican, american.columbus, americanElection],
      on('rhodeIsland', 5, 4),
      mondayOf('victory', 8, 2),
    ],
  },
  { name: 'US-UT', parent: 'US', rules: [on('pioneer', 7, 24, us)] },
  {
    name: 'CA',
    rules: [
      on('newYear', 1, 1, after),
      easter('goodFriday', -2),
      victoriaDay(),
      on('canada', 7, 1, after),
      mondayOf('labour', 9, 1),
      on('reconciliation', 9, 30, after),
      mondayOf('thanksgiving', 10, 2),
      on('remembrance', 11, 11, after),
      on('christmas', 12, 25, after),
      on('boxing', 12, 26, after),
    ],
  },
  {
    name: 'GB',
    rules: [
      on('newYear', 1, 1, after),
      easter('goodFriday', -2),
      easter('easterMonday', 1),
      mondayOf('earlyMay', 5, 1),
      mondayOf('springBank', 5, -1),
      mondayOf('summerBank', 8, -1),
      on('christmas', 12, 25, after),
      on('boxing', 12, 26, after),
    ],
  },
  { name: 'GB-NIR', parent: 'GB', rules: [on('patrick', 3, 17, after), on('boyne', 7, 12, after)] },
  {
    name: 'GB-SCT',
    rules: [
      on('newYear', 1, 1, after),
      on('secondJanuary', 1, 2, after),
      easter('goodFriday', -2),
      mondayOf('earlyMay', 5, 1),
      mondayOf('springBank', 5, -1),
      mondayOf('summerBank', 8, 1),
      on('andrew', 11, 30, after),
      on('christmas', 12, 25, after),
      on('boxing', 12, 26, after),
    ],
  },
  {
    name: 'FR',
    rules: [
      on('newYear', 1, 1),
      easter('easterMonday', 1),
      on('labour', 5, 1),
      on('victory', 5, 8),
      easter('ascension', 39),
      easter('whitMonday', 50),
      on('bastille', 7, 14),
      on('assumption', 8, 15),
      on('allSaints', 11, 1),
      on('armistice', 11, 11),
      on('christmas', 12, 25),
    ],
  },
  { name: 'FR-GES', parent: 'FR', rules: [easter('goodFriday', -2), on('stephen', 12, 26)] },
  {
    name: 'DE',
    rules: [
      on('newYear', 1, 1),
      easter('goodFriday', -2),
      easter('easterMonday', 1),
      on('labour', 5, 1),
      easter('ascension', 39),
      easter('whitMonday', 50),
      on('unity', 10, 3),
      on('christmas', 12, 25),
      on('stephen', 12, 26),
      on('christmasEve', 12, 24, { open: ['00:00', '14:00'] }),
      on('newYearsEve', 12, 31, { open: ['00:00', '14:00'] }),
    ],
  },
  {
    ...{ name: 'DE-BY', parent: 'DE' },
    rules: [
      on('epiphany', 1, 6),
      easter('corpusChristi', 60),
      on('assumption', 8, 15),
      on('allSaints', 11, 1),
    ],
  },
  {
    name: 'ES',
    rules: [
      on('newYear', 1, 1),
      on('epiphany', 1, 6),
      easter('goodFriday', -2),
      on('labour', 5, 1),
      on('assumption', 8, 15),
      on('hispanic', 10, 12),
      on('allSaints', 11, 1),
      on('constitution', 12, 6),
      on('immaculate', 12, 8),
      on('christmas', 12, 25),
    ],
  },
  {
    name: 'IT',
    rules: [
      on('newYear', 1, 1),
      on('epiphany', 1, 6),
      easter('easterSunday', 0),
      easter('easterMonday', 1),
      on('liberation', 4, 25),
      on('labour', 5, 1),
      on('republic', 6, 2),
      on('assumption', 8, 15),
      on('francis', 10, 4, { from: 2026 }),
      on('allSaints', 11, 1),
      on('immaculate', 12, 8),
      on('christmas', 12, 25),
      on('stephen', 12, 26),
    ],
  },
  {
    name: 'AU',
    rules: [
      on('newYear', 1, 1, after),
      on('australia', 1, 26, after),
      easter('goodFriday', -2),
      easter('easterMonday', 1),
      on('anzac', 4, 25),
      on('christmas', 12, 25, after),
      on('boxing', 12, 26, after),
    ],
  },
  { name: 'AU-NSW', parent: 'AU', rules: [...easterWeekend(), mondayOf('kingsBirthday', 6, 2), mondayOf('labour', 10, 1)] }, // prettier-ignore
  {
    ...{ name: 'AU-QLD', parent: 'AU' },
    rules: [
      ...easterWeekend(),
      mondayOf('labour', 5, 1),
      mondayOf('kingsBirthday', 10, 1),
      on('christmasEve', 12, 24, { open: ['00:00', '18:00'] }),
    ],
  },
  {
    ...{ name: 'AU-SA', parent: 'AU' },
    rules: [
      ...easterWeekend(),
      mondayOf('adelaideCup', 3, 2),
      mondayOf('kingsBirthday', 6, 2),
      mondayOf('labour', 10, 1),
      on('christmasEve', 12, 24, { open: ['00:00', '19:00'] }),
      on('newYearsEve', 12, 31, { open: ['00:00', '19:00'] }),
    ],
  },
  {
    ...{ name: 'AU-VIC', parent: 'AU' },
    rules: [
      ...easterWeekend(),
      mondayOf('labour', 3, 2),
      mondayOf('kingsBirthday', 6, 2),
      tuesdayOf('melbourneCup', 11, 1),
    ],
  },
];

function easterWeekend(): DayRule[] {
  return [easter('holySaturday', -1), easter('easterSunday', 0)];
}
