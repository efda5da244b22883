import type { Request } from 'express';
import { formatDate, formatNumber, isZone, zoneLabel, type Locale } from '../../core/i18n/index.ts';
import { dayMs } from '../../core/time/local-day.ts';
import { regionName } from '../../crm/index.ts';
import type { Abandonment } from './abandonment.ts';
import type { Outlook } from './gate.ts';
import type { RuleCatalogue } from './rules/catalogue.ts';
import { confidenceWords, consentWords, sourceName } from './rulebook/rule-words.ts';
import type { StoredVerdict } from './verdict-store.ts';

/** A rule set of a verdict: whose it is, and whether it is still the same today. */
export interface ShownRules {
  readonly name: string;
  readonly source: string;
  readonly confidence: string;
  readonly version: string;
  readonly since: string;
}

export interface ShownFact {
  readonly label: string;
  readonly text: string;
}

const ownHours = /^campaign\.\d+$/;

/** The rule sets behind `us.fed_tm@1a2b…+campaign.7@3c4d…`. */
export function shownRules(
  ruleVersion: string,
  catalogue: RuleCatalogue,
  context: Request['context'],
): ShownRules[] {
  const { t } = context;
  if (ruleVersion === '' || ruleVersion.startsWith('sha256:')) return [];
  return ruleVersion.split('+').map((part) => {
    const [name = '', version = ''] = part.split('@');
    const rules = catalogue.get(name);
    if (ownHours.test(name))
      return { name: '', version, source: t('compliance:verdict.ownHours'), confidence: '', since: '' };
    return {
      name,
      version,
      source: rules ? sourceName(rules.form.source) : '',
      confidence: rules ? confidenceWords(rules.form.confidence, context) : '',
      since: t(
        !rules
          ? 'compliance:verdict.gone'
          : rules.version === version
            ? 'compliance:verdict.same'
            : 'compliance:verdict.changed',
      ),
    };
  });
}

/** What zones showed on their clocks, kept as `America/New_York` → `2026-11-23T10:00:00-05:00`. */
export function localTimes(facts: StoredVerdict['facts'], locale: Locale): { zone: string; clock: string }[] {
  const local = facts.local;
  if (typeof local !== 'object' || local === null) return [];
  return Object.entries(local as Record<string, string>).map(([zone, text]) => {
    // As the gate read the clock then, whatever is known of that zone by now.
    const wall = Date.parse(`${text.slice(0, '2026-11-23T10:00:00'.length)}Z`);
    if (!isZone(zone) || Number.isNaN(wall)) return { zone, clock: text };
    const shown = { locale, zone: 'UTC' };
    return {
      zone: zoneLabel(zone, locale),
      clock: `${formatDate(wall, 'date', shown)} ${formatDate(wall, 'seconds', shown)}`,
    };
  });
}

/** The facts in words, those that are known. */
export function shownFacts(req: Request, facts: StoredVerdict['facts']): ShownFact[] {
  const { context } = req;
  const { t } = context;
  const shown: ShownFact[] = [];
  const add = (key: string, text: string | null, words: { count?: number } = {}): void => {
    if (text !== null) shown.push({ label: t(`compliance:facts.${key}`, words), text });
  };
  const number = (value: unknown): string | null =>
    typeof value === 'number' ? formatNumber(value, context.locale) : null;
  const instant = (value: unknown): string | null =>
    typeof value === 'number' ? formatDate(value, 'datetime', context) : null;
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

  add('cause', text(facts.cause));
  if (facts.cause) add('ruleSet', text(facts.ruleSet));
  const kind = text(facts.kind);
  add('kind', kind && t(`compliance:kind.${kind}`));
  add('addressRegion', regionName(text(facts.addressRegion), context.locale) || null);
  if (Array.isArray(facts.consents))
    add('consents', consentWords(facts.consents as string[], context) || t('compliance:none'));
  if (Array.isArray(facts.consentLines)) add('consentLines', text(facts.consentLines.join(', ')));
  for (const key of ['nationalList', 'scrubUncovered', 'reassigned'])
    if (facts[key] === true) add(key, t('compliance:yes'));
  add('scrubbedOn', text(facts.scrubbedOn));
  if (Array.isArray(facts.suspensions)) add('suspensions', text(facts.suspensions.join(', ')));
  const override = facts.override as { id: number; instead: string } | undefined;
  if (Array.isArray(facts.grounds))
    add('grounds', (facts.grounds as string[]).map((code) => t(`compliance:reason.${code}`)).join(' · '));
  if (override) add('override', `#${override.id}: ${t(`compliance:reason.${override.instead}`)}`);
  add('dnc', instant((facts.dnc as { addedAt?: number } | null)?.addedAt));
  // How far back was looked is kept with each verdict, as rules that look farther may come into force.
  const days = typeof facts.lookBackMs === 'number' ? facts.lookBackMs / dayMs : null;
  for (const key of ['attempts', 'numberAttempts'])
    add(days === null ? key : `${key}Within`, number(facts[key]), { count: days ?? 0 });
  const lead = facts.lead as { attempts: number; maxAttempts: number | null } | null | undefined;
  if (lead) add('leadAttempts', `${number(lead.attempts) ?? ''} / ${number(lead.maxAttempts) ?? '–'}`);
  const counts = facts.abandonment as Abandonment | null | undefined;
  if (counts)
    add(
      'abandonment',
      `${number(counts.abandoned) ?? ''} / ${number(counts.abandoned + counts.connected) ?? ''}`,
    );
  if (counts?.hungUpOn) add('hungUpOn', number(Math.round(10 * counts.hungUpOn) / 10));
  add('conversationAt', instant(facts.conversationAt));
  add('refusedAt', instant(facts.refusedAt));
  add('lastAbandonedAt', instant(facts.lastAbandonedAt));
  if (typeof facts.partner === 'number') add('partner', `#${facts.partner}`);
  add('zoneData', text(facts.zoneData));
  return shown;
}

/** What the outlook means for the lead, as a sentence. */
export function outlookWords(req: Request, outlook: Outlook, nextAllowedAt: number | null): string {
  const { context } = req;
  const when = nextAllowedAt === null ? '' : formatDate(nextAllowedAt, 'datetime', context);
  return context.t(`compliance:outlook.${outlook}`, { when });
}
