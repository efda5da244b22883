import { createRequire } from 'node:module';
import type { PublishedDay } from './calendar-definition.ts';

const chineseNames: Record<string, string> = {
  元旦: 'newYear',
  春节: 'lunarNewYear',
  清明: 'qingming',
  劳动节: 'labour',
  端午: 'dragonBoat',
  中秋: 'midAutumn',
  国庆节: 'national',
  中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日: 'victory',
};

/** The State Council's arrangement of each year, as the package chinese-days (MIT) records it. */
export function publishedInChina(): Map<number, PublishedDay[]> {
  const { holidays, workdays } = createRequire(import.meta.url)('chinese-days/dist/chinese-days.json') as {
    holidays: Record<string, string>;
    workdays: Record<string, string>;
  };
  const years = new Map<number, PublishedDay[]>();
  const take = (kind: PublishedDay['kind'], dates: Record<string, string>): void => {
    for (const [date, text] of Object.entries(dates)) {
      const year = Number(date.slice(0, 4));
      const name = kind === 'workday' ? 'makeUp' : (chineseNames[text.split(',')[1] ?? ''] ?? 'other');
      years.set(year, [...(years.get(year) ?? []), { date, kind, name }]);
    }
  };
  take('holiday', holidays);
  take('workday', workdays);
  return years;
}
