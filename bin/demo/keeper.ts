import type { App } from '../../core/app.ts';
import {
  attemptOutcomes,
  createCampaignStore,
  createDispositionStore,
  createLeadStore,
  type Campaign,
} from '../../campaigns/index.ts';
import type { DialerCommands, NotDialing } from '../../dialer/protocol.ts';

const lookMs = 60_000;
/** Nobody is left who may be called now. */
const runDry = new Set<NotDialing['code']>(['no-leads', 'leads-not-due', 'outside-hours', 'all-blocked']);

/**
 * Keeps the demo going for as long as it is left running: where a campaign of the robots has nobody left to call, those
 * it is done with are dialled again. The gate has its say over each of them as ever.
 */
export function startKeeper(
  app: App,
  robotIds: readonly number[],
): { look(): Promise<void>; close(): Promise<void> } {
  const campaigns = createCampaignStore(app);
  const leads = createLeadStore(app);
  const dispositions = createDispositionStore(app);

  async function look(): Promise<void> {
    const found = new Map<number, Campaign>();
    for (const id of robotIds) for (const one of await campaigns.ofAgent(id)) found.set(one.id, one);
    for (const campaign of found.values()) if (await isDry(campaign)) await recycle(campaign);
  }

  async function isDry({ id, state }: Campaign): Promise<boolean> {
    if (state === 'finished') return true;
    if (state !== 'running') return false;
    const request: DialerCommands['campaign.pacing'][0] = { campaignId: id };
    const { notDialing } = await app.bus.request<DialerCommands['campaign.pacing'][1]>(
      'campaign.pacing',
      request,
    );
    return notDialing !== null && runDry.has(notDialing.code);
  }

  async function recycle({ id, state }: Campaign): Promise<void> {
    const now = app.clock.now();
    const dispositionIds = (await dispositions.all()).map((one) => one.id);
    const count = await leads.recycle(id, { dispositionIds, outcomes: attemptOutcomes }, now);
    if (count === 0) return;
    if (state === 'finished') await campaigns.transition(id, 'start', now);
    app.bus.publish('campaign.changed', { campaignId: id });
  }

  let looking: Promise<void> = Promise.resolve();
  const stop = app.clock.every(lookMs, () => {
    looking = looking.then(look).catch((error: unknown) => {
      app.log.warn({ err: error }, 'the demo could not be looked after; it is tried again');
    });
  });
  return {
    look,
    async close() {
      stop();
      await looking;
    },
  };
}
