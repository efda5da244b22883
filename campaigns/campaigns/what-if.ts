import type { App } from '../../core/app.ts';
import { createGate, type GatePath, type ReasonCode } from '../compliance/index.ts';
import { createLeadReader } from '../leads/lead-read.ts';
import type { Campaign } from './campaign.ts';

export interface WhatIf {
  /** How many of the next leads were asked about. */
  readonly asked: number;
  readonly allowed: number;
  /** Blocked ones by the gate's reason, most frequent first. */
  readonly blocked: readonly { readonly reason: ReasonCode; readonly count: number }[];
  /** When the first of the blocked may be called, epoch ms; null: time alone does not help. */
  readonly nextAllowedAt: number | null;
  readonly zones: readonly string[];
}

const sampleSize = 200;

/** Asks the gate about the next leads of a campaign as if it started now. Nothing is reserved and nothing is stored. */
export function createWhatIf(app: App): (campaign: Campaign) => Promise<WhatIf> {
  const gate = createGate(app, { dry: true });
  const leads = createLeadReader(app);
  return async (campaign) => {
    const sample = await leads.dueSample(campaign.id, app.clock.now(), sampleSize);
    const callable = sample.filter((view) => view.e164 !== null);
    const verdicts = await gate.mayCallMany(
      callable.map(({ lead, e164 }) => ({
        e164: e164!,
        stage: 'reserve' as const,
        path: campaign.mode satisfies GatePath,
        campaignId: campaign.id,
        leadId: lead.id,
        customerId: lead.customerId,
      })),
    );
    const counts = new Map<ReasonCode, number>();
    const zones = new Set<string>();
    const times: number[] = [];
    for (const verdict of verdicts) {
      for (const zone of verdict.zones) zones.add(zone);
      if (verdict.allowed) continue;
      counts.set(verdict.reasonCode, (counts.get(verdict.reasonCode) ?? 0) + 1);
      if (verdict.nextAllowedAt !== null) times.push(verdict.nextAllowedAt);
    }
    const allowed = verdicts.filter((verdict) => verdict.allowed).length;
    return {
      asked: verdicts.length,
      allowed,
      blocked: [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count),
      nextAllowedAt: allowed === 0 && times.length > 0 ? Math.min(...times) : null,
      zones: [...zones].sort(),
    };
  };
}
