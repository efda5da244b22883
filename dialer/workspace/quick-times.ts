import type { DateTime } from 'luxon';
import { localTime } from '../../core/time/local-time.ts';
import { weekdays, type CallingHours } from '../../campaigns/campaigns/index.ts';

export interface QuickTime {
  /** `workspace:callback.quick.<key>` */
  key:
    | 'hour'
    | 'threeHours'
    | 'evening'
    | 'tomorrowMorning'
    | 'tomorrowAfternoon'
    | 'tomorrowEvening'
    | 'nextWeek';
  /** Wall clock of the customer. */
  date: string;
  time: string;
}

/** Times that customers usually ask for, as far as the campaign may call then. In the customer's zone. */
export function quickTimes(now: number, zone: string, hours: CallingHours): QuickTime[] {
  const here = localTime(now, zone);
  const at = (days: number, hour: number) =>
    here.plus({ days }).set({ hour, minute: 0, second: 0, millisecond: 0 });
  const candidates: [QuickTime['key'], DateTime][] = [
    ['hour', roundUp(here.plus({ hours: 1 }))],
    ['threeHours', roundUp(here.plus({ hours: 3 }))],
    ['evening', at(0, 18)],
    ['tomorrowMorning', at(1, 10)],
    ['tomorrowAfternoon', at(1, 14)],
    ['tomorrowEvening', at(1, 18)],
    ['nextWeek', at(7, 10)],
  ];
  return candidates
    .filter(([, time]) => time > here.plus({ minutes: 20 }) && isOpen(time, hours))
    .filter(([, time], index, all) => all.findIndex(([, other]) => +other === +time) === index)
    .map(([key, time]) => ({ key, date: time.toISODate()!, time: time.toFormat('HH:mm') }));
}

function roundUp(time: DateTime): DateTime {
  const rest = time.minute % 5;
  return time.startOf('minute').plus({ minutes: rest === 0 ? 0 : 5 - rest });
}

export function isOpen(time: DateTime, hours: CallingHours): boolean {
  const clock = time.toFormat('HH:mm');
  const windows = hours[weekdays[time.weekday - 1]!];
  return windows.some(([from, to]) => clock >= from && clock < to);
}
