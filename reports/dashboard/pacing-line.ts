import type { RequestContext } from '../../core/http/index.ts';
import { formatNumber } from '../../core/i18n/index.ts';
import type { PacingReason } from '../../dialer/pacing/index.ts';
import type { NotDialing, PacingView } from '../../dialer/protocol.ts';

/** Every reason a pacer gives, with its words; leads that it does not find may only be on their way. */
const lines: Record<PacingReason | 'looking-for-leads', string> = {
  pacing: 'reports:pacing.line.pacing',
  'enough-ringing': 'reports:pacing.line.enough-ringing',
  'no-agents': 'reports:pacing.line.no-agents',
  'no-leads': 'reports:pacing.line.no-leads',
  'looking-for-leads': 'reports:pacing.line.looking-for-leads',
  'no-lines': 'reports:pacing.line.no-lines',
  'lines-per-agent': 'reports:pacing.line.lines-per-agent',
  'budget-spent': 'reports:pacing.line.budget-spent',
  'no-gain': 'reports:pacing.line.no-gain',
  progressive: 'reports:pacing.line.progressive',
  power: 'reports:pacing.line.power',
};
const limits: Record<string, string> = {
  lines: 'reports:pacing.limit.lines',
  leads: 'reports:pacing.limit.leads',
  'lines-per-agent': 'reports:pacing.limit.lines-per-agent',
  budget: 'reports:pacing.limit.budget',
};

/** A breath between calls, as in every well-paced campaign: said, but not called "not dialling". */
export const calmCodes = new Set<NotDialing['code']>([
  'agents-busy',
  'pacer-holds',
  'lines-full',
  'agent-dials',
  'starting',
]);

/** What keeps a campaign from dialling is said once: a pacer that has neither agents nor lines would say it again in other words. */
const isSaidAlready = ({ notDialing, reason }: PacingView): boolean =>
  notDialing !== null && (reason === 'no-agents' || !calmCodes.has(notDialing.code));

/** The latest decision in one line for people, its budget, and what held it back; null while there is none. */
export function pacingLine(
  pacing: PacingView | null,
  { t, locale }: Pick<RequestContext, 't' | 'locale'>,
): { text: string; budget: string | null; limit: string | null } | null {
  const key = pacing && (lines as Record<string, string | undefined>)[pacing.reason];
  if (!pacing || !key || isSaidAlready(pacing)) return null;
  const { facts } = pacing;
  const left = Number(facts.budgetLeft ?? 0);
  const say = (value: unknown, digits = 0): string =>
    formatNumber(Number(value ?? 0), locale, { maximumFractionDigits: digits });
  return {
    text: t(key, {
      launch: say(pacing.launch),
      idle: say(facts.idle),
      ringing: say(facts.ringing),
      expectedFree: say(facts.expectedFree, 1),
      expectedAnswers: say(facts.expectedAnswers, 1),
    }),
    budget:
      pacing.mode === 'progressive' && pacing.reason === 'progressive'
        ? null
        : left < 0
          ? t('reports:pacing.overBudget', { over: say(-left, 1) })
          : t('reports:pacing.budget', { budgetLeft: say(left, 1) }),
    limit: typeof facts.limit === 'string' && limits[facts.limit] ? t(limits[facts.limit]!) : null,
  };
}
