import type { RequestContext } from '../../core/http/context.ts';
import { formatNumber, formatPercent } from '../../core/i18n/format.ts';
import { formatDuration } from '../../core/i18n/duration.ts';
import type { Attained, Measure } from './target.ts';

export interface AttainedView {
  measure: Measure;
  label: string;
  value: string;
  target: string;
  /** For a bar of 100. */
  filled: number;
  state: Attained['state'];
  word: string;
}

/** A target with what has come of it, in the reader's words. */
export function attainedView({ t, locale }: RequestContext, one: Attained): AttainedView {
  const { measure, target, value, share, state } = one;
  const shown = (amount: number) => amountText(locale, measure, amount);
  const left = value === null ? null : Math.abs(target - value);
  return {
    ...{ measure, state, filled: Math.round(share * 100) },
    label: t(`targets:measures.${measure}`),
    value: value === null ? '–' : shown(value),
    target: measure === 'wrapupSeconds' ? t('targets:atMost', { amount: shown(target) }) : shown(target),
    word: wordOf(),
  };

  function wordOf(): string {
    if (left === null) return t('targets:state.nothing');
    if (state === 'reached') return t('targets:state.reached');
    return t(`targets:state.${state}`, { amount: shown(left) });
  }
}

/** An amount in the unit of its measure. */
export function amountText(locale: RequestContext['locale'], measure: Measure, amount: number): string {
  if (measure === 'talkShare') return formatPercent(amount / 100, locale, 0);
  if (measure === 'wrapupSeconds') return formatDuration(amount * 1000);
  return formatNumber(amount, locale);
}
