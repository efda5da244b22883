import type { App } from '../../../core/app.ts';
import { createCalendars } from '../../../core/calendar/index.ts';
import { createCampaignStore } from '../../campaigns/campaign-store.ts';
import type { Campaign } from '../../campaigns/campaign.ts';
import { openStates } from '../../leads/hopper-row.ts';
import { leadFromRow, type LeadRow } from '../../leads/lead-row.ts';
import { judgedNumbers, reasonAt } from '../answers/lead-numbers.ts';
import { createLookAhead } from '../answers/look-ahead.ts';
import { createJudge } from '../judge.ts';
import type { ReasonCode } from '../reason.ts';
import type { RuleCatalogue } from '../rules/catalogue.ts';
import { catalogueOf, holdingAt } from './rule-book.ts';
import type { RuleImpact, RuleVersion } from './rule-version.ts';
import { createRuleVersionStore } from './rule-version-store.ts';

export const ruleImpactJob = 'compliance.rule-impact';

const hourMs = 3_600_000;
const hoursAhead = 24;
const idsAtOnce = 2_000;
const keptExamples = 50;

/** Sets the look at today's leads going, for a version that was written or is to be looked at anew. */
export function createImpactStart(app: App) {
  const versions = createRuleVersionStore(app);
  return async (versionId: number): Promise<void> => {
    const job = await app.jobs.add(ruleImpactJob, { versionId }, { key: String(versionId) });
    await versions.setImpactJob(versionId, job);
  };
}

/** Which of today's leads a version would call, or call no more: both are asked about every open lead, hour by hour. */
export function createRuleImpact(app: App) {
  const versions = createRuleVersionStore(app);
  const campaigns = createCampaignStore(app);
  const lookAhead = createLookAhead(app);
  const calendars = createCalendars(app);

  async function run(
    versionId: number,
    { signal, progress }: { signal: AbortSignal; progress(percent: number): Promise<void> },
  ): Promise<void> {
    const version = await versions.get(versionId);
    if (!version) return;
    const now = app.clock.now();
    const [before, after] = await bothCatalogues(version, now);
    const look = {
      lookBackMs: Math.max(before.lookBackMs, after.lookBackMs),
      abandonWindows: [...new Set([...before.abandonWindows, ...after.abandonWindows])].sort((a, b) => b - a),
    };
    const running = new Map<number, Campaign>();
    for (const campaign of await campaigns.list())
      if (campaign.archivedAt === null && campaign.state !== 'finished') running.set(campaign.id, campaign);
    const judges = [createJudge(), createJudge()] as const;
    const instants = Array.from({ length: hoursAhead }, (_, hour) => now + hour * hourMs);
    const counts = { leads: 0, changed: 0, before: instants.map(() => 0), after: instants.map(() => 0) };
    const moves = new Map<string, number>();
    const examples: RuleImpact['examples'][number][] = [];

    for await (const { leads, done } of allOpen([...running.keys()])) {
      signal.throwIfAborted();
      for (const open of await lookAhead.withFacts(
        leads,
        ({ campaignId }) => running.get(campaignId),
        look,
      )) {
        counts.leads += 1;
        const answers = [before, after].map((catalogue, side) => {
          const numbers = judgedNumbers(open.numbers, judges[side]!, catalogue);
          return instants.map((at) => reasonAt(numbers, at));
        }) as [ReasonCode[], ReasonCode[]];
        const [was, will] = answers;
        for (const hour of instants.keys()) {
          if (was[hour] === 'OK') counts.before[hour]! += 1;
          if (will[hour] === 'OK') counts.after[hour]! += 1;
        }
        if (was.every((reason, hour) => (reason === 'OK') === (will[hour] === 'OK'))) continue;
        counts.changed += 1;
        const [from, to] = [was[0]!, will[0]!];
        moves.set(`${from} ${to}`, (moves.get(`${from} ${to}`) ?? 0) + 1);
        const { id: leadId, campaignId, customerId } = open.lead;
        if (examples.length < keptExamples) examples.push({ leadId, campaignId, customerId, from, to });
      }
      await progress(done);
    }
    const ranked = [...moves].sort((a, b) => b[1] - a[1]);
    await versions.setImpact(versionId, {
      ...{ at: now, ...counts, examples },
      moves: ranked.map(([move, count]) => {
        const [from = '', to = ''] = move.split(' ');
        return { from, to, count };
      }),
    });
  }

  /** The rules of now, and the same with this version in place of what holds. */
  async function bothCatalogues(version: RuleVersion, now: number): Promise<[RuleCatalogue, RuleCatalogue]> {
    const holding = holdingAt(await versions.approved(), now);
    holding.delete(version.name);
    const previous = (await versions.ofName(version.name)).find(
      ({ id, state, effectiveAt }) => id < version.id && state === 'approved' && effectiveAt <= now,
    );
    const before = new Map<string, Pick<RuleVersion, 'form'>>(holding);
    if (previous) before.set(version.name, previous);
    const after = new Map(before).set(version.name, version);
    const book = await calendars.now();
    return [catalogueOf(before, book), catalogueOf(after, book)];
  }

  /** Open leads of the campaigns by ranges of ids, so that no index of states is walked while it changes. */
  async function* allOpen(campaignIds: readonly number[]) {
    const [{ last } = { last: 0 }] = (await app.db.knex('leads').max({ last: 'id' })) as {
      last: number | null;
    }[];
    const end = Number(last ?? 0);
    for (let from = 0; from < end; from += idsAtOnce) {
      const rows: LeadRow[] = await app.db
        .knex<LeadRow>('leads')
        .where('id', '>', from)
        .where('id', '<=', from + idsAtOnce)
        .whereIn('campaign_id', [...campaignIds])
        .whereIn('state', [...openStates]);
      yield { leads: rows.map(leadFromRow), done: Math.min(99, ((from + idsAtOnce) / end) * 100) };
    }
  }

  return {
    run,
    define: () =>
      app.jobs.define<{ versionId: number }>(ruleImpactJob, (job) => run(job.data.versionId, job)),
  };
}
