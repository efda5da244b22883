import type { DayRule } from './day-rule.ts';

/** A day as an authority has published it. */
export interface PublishedDay {
  readonly date: string;
  readonly kind: 'holiday' | 'workday';
  readonly name: string;
}

export interface CalendarDefinition {
  /** ISO 3166 code of a country or a part of it. */
  readonly name: string;
  /** The calendar whose days it has too. */
  readonly parent?: string;
  readonly rules: readonly DayRule[];
  /** A day between two holidays is one as well (Japan). */
  readonly bridges?: true;
  /** Years given here are as published and nothing else; the rules hold for all other years, provisionally. */
  readonly published?: ReadonlyMap<number, readonly PublishedDay[]>;
  /** Days that come on top of the rules. */
  readonly extra?: readonly PublishedDay[];
  /** The rules of coming years are the least that law promises; make-up workdays are published year by year. */
  readonly announced?: true;
}

export function published(kind: PublishedDay['kind'], dates: string): PublishedDay[] {
  return dates.split(' ').map((date) => ({ date, kind, name: kind === 'workday' ? 'makeUp' : 'inLieu' }));
}
