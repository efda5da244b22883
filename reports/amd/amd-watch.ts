import type { App } from '../../core/app.ts';
import { checksOf, machineErrors } from '../../campaigns/compliance/index.ts';
import { createAmdSwitch, createCampaignStore, type Campaign } from '../../campaigns/index.ts';
import { isCertainlyOver } from './amd-figures.ts';
import { createAmdReport } from './amd-store.ts';

export const amdWatchJob = 'amd.watch';
const everyMs = 60_000;

/** Switches machine detection off where it certainly takes more people for machines than may be. */
export function createAmdWatch(app: App) {
  const campaigns = createCampaignStore(app);
  const detection = createAmdSwitch(app);
  const report = createAmdReport(app);

  async function look(signal?: AbortSignal): Promise<void> {
    for (const campaign of await campaigns.running()) {
      if (signal?.aborted) return;
      if (campaign.amd) await judge(campaign);
    }
  }

  async function judge(campaign: Campaign): Promise<void> {
    const now = app.clock.now();
    const { counts } = await report.of(campaign, now);
    const { limit } = campaign.amdSettings;
    if (!isCertainlyOver(counts, limit)) return;
    const { rate, low, high } = machineErrors(counts).falsePositive!;
    const after = {
      ...{ amd: false, falsePositiveRate: rounded(rate), from: rounded(low), to: rounded(high), limit },
      ...{ checked: checksOf(counts), checkedPersons: counts.checkedPersons },
    };
    const entry = {
      userId: null,
      action: 'campaign.amd-off-by-itself',
      entity: 'campaigns',
      entityId: campaign.id,
    };
    const also = (trx: Parameters<App['audit']['record']>[1]) =>
      app.audit.record({ ...entry, before: { amd: true }, after }, trx);
    if (await detection.set(campaign.id, false, now, { byItself: true, also }))
      app.log.warn({ campaign: campaign.id, ...after }, 'machine detection switched itself off');
  }

  return { look };
}

const rounded = (share: number): number => Number(share.toFixed(4));

/** Says how the look is done, and has it done. Call before jobs are started, in every worker. */
export async function defineAmdWatch(app: App): Promise<void> {
  const { look } = createAmdWatch(app);
  app.jobs.define<null>(amdWatchJob, ({ signal }) => look(signal));
  await app.jobs.repeat(amdWatchJob, everyMs);
}
