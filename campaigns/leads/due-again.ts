import type { App } from '../../core/app.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import type { CampaignSettings } from '../campaigns/campaign.ts';
import { blockReasons } from '../compliance/reason.ts';
import { customerRanges } from './lead-ranges.ts';

export const dueAgainJob = 'leads.due-again';

/** Settings that the gate goes by. */
const ofTheGate: readonly (keyof CampaignSettings)[] = ['hours', 'ruleSet', 'abandonCap', 'abandonWindowMs', 'maxAttempts', 'attemptsPerNumber', 'zone']; // prettier-ignore

/** Leads that one statement goes through: embedded, calls wait meanwhile. */
const batchSize = 2_000;

export const mayOpenLeads = (changed: object): boolean => ofTheGate.some((name) => name in changed);

/**
 * Leads that the gate has put off to a later time have it asked again, as what it goes by has changed: hours that open
 * earlier, a calendar without a holiday, a rule set with a wider window. A time that a customer was promised stays.
 */
export function createDueAgain(app: App) {
  const campaigns = createCampaignStore(app);

  async function apply(campaignId: number): Promise<void> {
    await app.jobs.add(dueAgainJob, { campaignId }, { key: `${campaignId}:${app.clock.now()}` });
  }

  async function run({ data: { campaignId }, signal }: RunningJob<{ campaignId: number }>): Promise<void> {
    let moved = 0;
    for await (const { from, to } of customerRanges(app.db.knex, campaignId, batchSize)) {
      if (signal.aborted) break;
      const now = app.clock.now();
      moved += await app.db
        .knex('leads')
        .where({ campaign_id: campaignId })
        .whereBetween('customer_id', [from, to])
        .whereIn('state', ['waiting', 'callback'])
        .whereIn('state_reason', [...blockReasons])
        .where('next_at', '>', now)
        .update({ next_at: now, updated_at: now });
    }
    if (moved > 0) app.bus.publish('campaign.changed', { campaignId });
  }

  /** For what all campaigns go by. Returns what ends the listening. */
  function listen(): () => void {
    const all = async (): Promise<void> => {
      for (const { id } of await campaigns.running()) await apply(id);
    };
    const told = (): void =>
      void all().catch((error: unknown) =>
        app.log.warn({ err: error }, 'leads that were put off are not asked about again'),
      );
    const stops = ['rules.changed', 'calendars.changed'].map((topic) => app.bus.subscribe(topic, told));
    return () => stops.forEach((stop) => stop());
  }

  const define = (): void => app.jobs.define<{ campaignId: number }>(dueAgainJob, run);
  return { apply, run, define, listen };
}
