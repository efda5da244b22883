import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import type { Campaign } from '../../campaigns/campaign.ts';
import { openStates } from '../../leads/hopper-row.ts';
import { createLeadFigures } from '../../leads/lead-figures.ts';
import type { Openings } from './openings.ts';

/** One step on the way from loaded to dialable: how many are left, and what took the others. */
export interface FunnelStep {
  readonly key: 'loaded' | 'unfinished' | 'free' | 'due' | 'dialable';
  readonly left: number;
  readonly lost: readonly { readonly reason: string; readonly count: number }[];
}

/** What the dialer says of a campaign, as far as it is at work. */
const pacingForm = z.looseObject({
  mode: z.string(),
  launch: z.number(),
  reason: z.string(),
  linesInFlight: z.number(),
  hopper: z.number(),
  facts: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  notDialing: z
    .looseObject({
      code: z.string(),
      params: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
      until: z.number().nullable(),
    })
    .nullable(),
});
export type DialerSide = z.infer<typeof pacingForm>;

const askMs = 2_000;
const shownReasons = 12;

export function createFunnel(app: App) {
  const figures = createLeadFigures(app);

  /** From loaded leads to those dialable at this moment. The last step is counted on a sample and scaled to all. */
  async function steps(campaign: Campaign, openings: Openings): Promise<FunnelStep[]> {
    const counts = await figures.countsByState(campaign.id);
    const loaded = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const unfinished = loaded - counts.done - counts.exhausted - counts.blocked;
    const free = unfinished - counts.reserved - counts.dialing;
    const later = await waitingBy(campaign.id, openings.at);
    const due = Math.max(0, free - later.reduce((sum, { count }) => sum + count, 0));
    const { sampled, dialable, lost } = openings.now;
    const scale = sampled > 0 ? due / sampled : 0;
    const scaled = (count: number): number => Math.round(count * scale);
    return [
      { key: 'loaded', left: loaded, lost: [] },
      {
        ...{ key: 'unfinished', left: unfinished },
        lost: [
          ...only({ reason: 'done', count: counts.done }),
          ...only({ reason: 'exhausted', count: counts.exhausted }),
          ...(await blockedBy(campaign.id)),
        ],
      },
      {
        ...{ key: 'free', left: free },
        lost: [
          ...only({ reason: 'reserved', count: counts.reserved }),
          ...only({ reason: 'dialing', count: counts.dialing }),
        ],
      },
      { key: 'due', left: due, lost: later },
      {
        ...{ key: 'dialable', left: scaled(dialable) },
        lost: lost.map(({ reason, count }) => ({ reason, count: scaled(count) })),
      },
    ];
  }

  async function blockedBy(campaignId: number) {
    return mostFrequent(await figures.reasonsOf(campaignId, ['blocked']));
  }

  async function waitingBy(campaignId: number, now: number) {
    return mostFrequent(await figures.reasonsOf(campaignId, openStates, now));
  }

  /** Null where no dialer answers. */
  async function dialerSide(campaignId: number): Promise<DialerSide | null> {
    try {
      const answer = await app.bus.request('campaign.pacing', { campaignId }, { timeoutMs: askMs });
      return pacingForm.safeParse(answer).data ?? null;
    } catch {
      return null;
    }
  }

  /** Agents of the campaign by their state. */
  async function agentStates(campaignId: number): Promise<{ state: string; count: number }[]> {
    const rows: { state: string | null; n: number | string }[] = await app.db
      .knex('campaign_agents as c')
      .leftJoin('agent_sessions as s', 's.user_id', 'c.user_id')
      .where('c.campaign_id', campaignId)
      .groupBy('s.state')
      .select('s.state')
      .count({ n: '*' });
    return rows.map(({ state, n }) => ({ state: state ?? 'signed-out', count: Number(n) }));
  }

  return { steps, dialerSide, agentStates };
}

function mostFrequent(reasons: ReadonlyMap<string | null, number>): { reason: string; count: number }[] {
  const counts = [...reasons]
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => ({ reason: reason ?? 'waiting', count }))
    .sort((a, b) => b.count - a.count);
  const rest = counts.slice(shownReasons).reduce((sum, { count }) => sum + count, 0);
  return [...counts.slice(0, shownReasons), ...only({ reason: 'other', count: rest })];
}

function only(part: { reason: string; count: number }): { reason: string; count: number }[] {
  return part.count > 0 ? [part] : [];
}
