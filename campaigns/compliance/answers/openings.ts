import type { App } from '../../../core/app.ts';
import { pieceAt } from '../../../core/time/local-day.ts';
import { zoneRules } from '../../../core/time/zone-rules.ts';
import type { Campaign } from '../../campaigns/campaign.ts';
import { openStates } from '../../leads/hopper-row.ts';
import { createLeadFigures } from '../../leads/lead-figures.ts';
import type { BucketCount } from '../../leads/lead-ranges.ts';
import { createJudge } from '../judge.ts';
import type { ReasonCode } from '../reason.ts';
import type { RuleBook } from '../rulebook/rule-book.ts';
import { chosenAt, judgedNumbers, reasonAt } from './lead-numbers.ts';
import { createLookAhead, type OpenLead } from './look-ahead.ts';

export const sampleSize = 2_000;
const hourMs = 3_600_000;
const shownZones = 8;
const breathEvery = 50;
const zoneJoint = ' ';

/** When how many open leads may be called; counts are of the samples, `open` of all. */
export interface Openings {
  readonly at: number;
  /** Open leads of the campaign. */
  readonly open: number;
  /** How many of them were looked at. */
  readonly sampled: number;
  /** The instants looked at: `at`, then full hours. */
  readonly instants: readonly number[];
  /**
   * Leads that may be called at each instant, of the zones with most leads, and of the others together (`zones: null`).
   * Who may be in one of several zones goes by all of them.
   */
  readonly zones: readonly { readonly zones: readonly string[] | null; readonly counts: readonly number[] }[];
  /** What the gate says at `at` of those that are due. */
  readonly now: {
    /** How many of them were looked at. */
    readonly sampled: number;
    readonly dialable: number;
    /** Why the others may not be called, most frequent first. */
    readonly lost: readonly { readonly reason: ReasonCode; readonly count: number }[];
  };
}

export interface DryRunCall {
  readonly lead: OpenLead['lead'];
  readonly e164: string;
  readonly at: number;
  readonly zones: readonly string[];
}

export interface DryRun {
  readonly from: number;
  readonly until: number;
  readonly open: number;
  readonly sampled: number;
  /** In the order of their instants. */
  readonly calls: readonly DryRunCall[];
  /** Those who cannot be called on that day, by what the gate says at its beginning. */
  readonly blocked: readonly { readonly reason: ReasonCode; readonly count: number }[];
}

/** Looks ahead: hours of a week, and a whole day of a campaign. Facts are those of now. */
export function createOpenings(app: App, rules: RuleBook) {
  const lookAhead = createLookAhead(app);
  const figures = createLeadFigures(app);
  const judge = createJudge();

  async function hours(campaign: Campaign, count: number): Promise<Openings> {
    const at = app.clock.now();
    const catalogue = await rules.at(at);
    const buckets = await figures.openBuckets(campaign.id, at);
    const leads = await lookAhead.sample(campaign, buckets, {
      limit: sampleSize,
      look: catalogue,
    });
    const first = at - (at % hourMs) + hourMs;
    const instants = [at, ...Array.from({ length: count - 1 }, (_, index) => first + index * hourMs)];
    const byZone = new Map<string, number[]>();
    for (const [index, { lead, numbers }] of leads.entries()) {
      if (index % breathEvery === 0) await new Promise((resolve) => setImmediate(resolve));
      const its = judgedNumbers(numbers, judge, catalogue);
      const zones = chosenAt(its, at).judged?.zones ?? [];
      if (zones.length === 0) continue; // Never open.
      const key = zones.join(zoneJoint);
      const counts = byZone.get(key) ?? instants.map(() => 0);
      byZone.set(key, counts);
      for (const [place, instant] of instants.entries())
        if (lead.nextAt <= instant && reasonAt(its, instant) === 'OK') counts[place]! += 1;
    }
    return {
      ...{ at, instants, sampled: leads.length },
      open: await openLeads(campaign),
      zones: largest(byZone, instants.length),
      now: await dueNow(campaign, buckets, at),
    };
  }

  async function dueNow(
    campaign: Campaign,
    buckets: readonly BucketCount[],
    at: number,
  ): Promise<Openings['now']> {
    const catalogue = await rules.at(at);
    const leads = await lookAhead.sample(campaign, buckets, {
      limit: sampleSize,
      look: catalogue,
      dueAt: at,
    });
    const lost = new Map<ReasonCode, number>();
    let dialable = 0;
    for (const [index, { numbers }] of leads.entries()) {
      if (index % breathEvery === 0) await new Promise((resolve) => setImmediate(resolve));
      const { reasonCode } = chosenAt(judgedNumbers(numbers, judge, catalogue), at).decision;
      if (reasonCode === 'OK') dialable += 1;
      else add(lost, reasonCode);
    }
    return { sampled: leads.length, dialable, lost: ranked(lost) };
  }

  /** Whom a campaign would call on the day after today, in its own zone, and when at the earliest. */
  async function tomorrow(campaign: Campaign, shown: number): Promise<DryRun> {
    const now = app.clock.now();
    const clock = zoneRules(campaign.zone) ?? zoneRules('UTC')!;
    const from = nextMidnight(clock, now);
    const until = nextMidnight(clock, from);
    const catalogue = await rules.at(from);
    const buckets = await figures.openBuckets(campaign.id, now);
    const leads = await lookAhead.sample(campaign, buckets, {
      limit: sampleSize,
      look: catalogue,
    });
    const calls: DryRunCall[] = [];
    const blocked = new Map<ReasonCode, number>();
    for (const [index, { lead, numbers }] of leads.entries()) {
      if (index % breathEvery === 0) await new Promise((resolve) => setImmediate(resolve));
      const start = Math.max(from, lead.nextAt);
      if (start >= until) continue;
      const { request, judged, decision } = chosenAt(judgedNumbers(numbers, judge, catalogue), start);
      const at = decision.decision === 'allow' ? start : decision.nextAllowedAt;
      if (at !== null && at < until) calls.push({ lead, e164: request.e164, at, zones: judged?.zones ?? [] });
      else if (decision.reasonCode !== 'OK') add(blocked, decision.reasonCode);
    }
    calls.sort((a, b) => a.at - b.at || a.lead.priority - b.lead.priority || a.lead.id - b.lead.id);
    return {
      ...{ from, until, sampled: leads.length, open: await openLeads(campaign) },
      calls: calls.slice(0, shown),
      blocked: ranked(blocked),
    };
  }

  async function openLeads({ id }: Campaign): Promise<number> {
    const counts = await figures.countsByState(id);
    return openStates.reduce((sum, state) => sum + counts[state], 0);
  }

  return { hours, tomorrow };
}

function nextMidnight(clock: NonNullable<ReturnType<typeof zoneRules>>, at: number): number {
  const first = pieceAt(clock, at);
  let piece = first;
  while (piece.day === first.day) piece = pieceAt(clock, piece.until);
  return piece.from;
}

function add(counts: Map<ReasonCode, number>, reason: ReasonCode): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
}

function ranked(counts: ReadonlyMap<ReasonCode, number>): { reason: ReasonCode; count: number }[] {
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}

function largest(byZone: ReadonlyMap<string, number[]>, length: number): Openings['zones'] {
  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const order = [...byZone].sort((a, b) => total(b[1]) - total(a[1]));
  const shown: { zones: string[] | null; counts: number[] }[] = order
    .slice(0, shownZones)
    .map(([key, counts]) => ({ zones: key.split(zoneJoint), counts }));
  const rest = order.slice(shownZones);
  if (rest.length > 0)
    shown.push({
      zones: null,
      counts: Array.from({ length }, (_, place) => rest.reduce((sum, [, counts]) => sum + counts[place]!, 0)),
    });
  return shown;
}
