import { createHash } from 'node:crypto';
import type { App } from '../../core/app.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import { zoneDataVersion } from '../../core/time/zone-rules.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import type { Campaign, CampaignSettings } from '../campaigns/campaign.ts';
import type { Gate } from '../compliance/gate.ts';
import { createRuleBook } from '../compliance/rulebook/rule-book.ts';
import { createScrubStore } from '../compliance/scrubs/scrub-store.ts';
import { createSuspensionStore } from '../compliance/suspensions/suspension-store.ts';
import { createLeadOutlook } from './lead-outlook.ts';
import { customerRanges } from './lead-ranges.ts';
import type { LeadRow } from './lead-row.ts';
import { bringForward, whichArePutOff } from './put-off.ts';

export const dueAgainJob = 'leads.due-again';
export const rulesLookJob = 'leads.rules-look';
/** Rules that were approved for a later day open what they open this soon after it has begun. */
export const rulesLookEveryMs = 60_000;

/**
 * What the gate has said just before a change is written down a moment after it: those who were put off so are asked
 * about when this has passed.
 */
const laggardsAfterMs = 30_000;

interface Asked {
  campaignId: number;
  /** Once more, for those who were put off while the first run went on. */
  laggards?: true;
}

type Run = Pick<RunningJob<Asked>, 'data' | 'signal'>;

const notAsked = 'leads that were put off are not asked about again until the next look';

/** Settings that the gate goes by. */
const ofTheGate: readonly (keyof CampaignSettings)[] = ['hours', 'ruleSet', 'abandonCap', 'abandonWindowMs', 'maxAttempts', 'attemptsPerNumber', 'zone']; // prettier-ignore

/** Customers of a campaign looked through in one statement: embedded, calls wait meanwhile. */
const rangeSize = 2_000;

export const mayOpenLeads = (changed: object): boolean => ofTheGate.some((name) => name in changed);

/**
 * Leads that the gate has put off to a later time have it asked again, when what it goes by has changed: hours that open
 * earlier, a calendar without a holiday, a rule set with a wider window, a suspension that is lifted, a list that is new. Only those move that it would let be called
 * before: all others would come ahead of who may be called, to be refused once more. A time that a customer was
 * promised stays.
 */
export function createDueAgain(app: App, gate?: Gate) {
  const { db, clock } = app;
  const campaigns = createCampaignStore(app);
  const outlook = createLeadOutlook(app, gate);
  const rules = createRuleBook(app);
  const suspensions = createSuspensionStore(app);
  const scrubs = createScrubStore(app);

  /**
   * Differs whenever the gate goes by something else that may open leads: rules with the calendars they name, zones, the
   * campaign's own, official lists, suspensions that are over. One that begins opens nothing.
   */
  async function stampOf(campaign: Campaign): Promise<string> {
    const catalogue = await rules.at(clock.now());
    const law = catalogue.names.map((name) => `${name}@${catalogue.get(name)!.version}`);
    const own = ofTheGate.map((name) => campaign[name]);
    const over = await suspensions.countOver(clock.now());
    const all = JSON.stringify([law, zoneDataVersion, own, over, await scrubs.stamp()]);
    return createHash('sha256').update(all).digest('hex').slice(0, 32);
  }

  /**
   * Where what the gate goes by is not what it was when all that were put off have been asked about last. Never fails: what
   * it follows is done already, and of a campaign that dials each look asks the same.
   */
  async function apply(campaignId: number): Promise<void> {
    try {
      await askAgain(campaignId);
    } catch (error) {
      app.log.warn({ err: error, campaignId }, notAsked);
    }
  }

  async function askAgain(campaignId: number): Promise<void> {
    const campaign = await campaigns.get(campaignId);
    if (!campaign) return;
    const stamp = await stampOf(campaign);
    if ((await lastStamp(campaignId)) === stamp) return;
    await app.jobs.add<Asked>(dueAgainJob, { campaignId }, { key: `${campaignId}:${stamp}` });
  }

  async function lastStamp(campaignId: number): Promise<string | null> {
    const row: { asked_stamp: string | null } | undefined = await db
      .knex('campaigns')
      .where({ id: campaignId })
      .first('asked_stamp');
    return row?.asked_stamp ?? null;
  }

  async function run({ data: { campaignId, laggards }, signal }: Run): Promise<void> {
    const campaign = await campaigns.get(campaignId);
    if (!campaign) return;
    const stamp = await stampOf(campaign);
    let moved = 0;
    for await (const { from, to } of customerRanges(db.knex, campaignId, rangeSize)) {
      const putOff: LeadRow[] = await db
        .knex<LeadRow>('leads')
        .where({ campaign_id: campaignId })
        .whereBetween('customer_id', [from, to])
        .modify(whichArePutOff, clock.now());
      for await (const some of outlook.ask(campaign, putOff)) {
        if (signal.aborted) return;
        moved += await bringForward(app, some);
      }
    }
    if (!laggards && (await lastStamp(campaignId)) !== stamp)
      await app.jobs.add<Asked>(
        dueAgainJob,
        { campaignId, laggards: true },
        { key: `${campaignId}:${stamp}:laggards`, delayMs: laggardsAfterMs },
      );
    await db.knex('campaigns').where({ id: campaignId }).update({ asked_stamp: stamp });
    if (moved > 0) app.bus.publish('campaign.changed', { campaignId });
  }

  /** Looks whether any campaign that dials goes by something else by now, whatever it was and whoever was told of it. */
  async function look(): Promise<void> {
    for (const { id } of await campaigns.running()) await apply(id);
  }

  /** For what all campaigns go by. Returns what ends the listening. */
  function listen(): () => void {
    const told = (): void => void look().catch((error: unknown) => app.log.warn({ err: error }, notAsked));
    const stops = ['rules.changed', 'calendars.changed', 'scrubs.changed', 'calls.resumed'].map((topic) =>
      app.bus.subscribe(topic, told),
    );
    return () => stops.forEach((stop) => stop());
  }

  function define(): void {
    app.jobs.define<Asked>(dueAgainJob, run);
    app.jobs.define<null>(rulesLookJob, look);
  }
  return { apply, run, look, define, listen };
}
