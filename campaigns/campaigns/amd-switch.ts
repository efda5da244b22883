import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';

export interface AmdSwitched {
  /** It was wrong too often: that stays written on the campaign until somebody has decided. */
  readonly byItself?: boolean;
  readonly also?: (trx: Knex.Transaction) => Promise<void>;
}

/** Switches machine detection beside the campaign's form. Whoever has that open is told when saving. */
export function createAmdSwitch(app: Pick<App, 'db' | 'bus'>) {
  const table = (trx: Knex | Knex.Transaction = app.db.knex) => trx('campaigns');
  const changed = (campaignId: number) => app.bus.publish('campaign.changed', { campaignId });

  /** On, counted anew from now, or off. False when it is so already. */
  async function set(id: number, on: boolean, now: number, given: AmdSwitched = {}): Promise<boolean> {
    const moved = await app.db.transaction(async (trx) => {
      const rows = await table(trx)
        .where({ id, amd: on ? 0 : 1 })
        .whereNull('archived_at')
        .increment('revision', 1)
        .update({
          ...{ amd: on ? 1 : 0, updated_at: now },
          ...(on ? { amd_since: now, amd_off_at: null } : { amd_off_at: given.byItself ? now : null }),
        });
      if (rows === 1) await given.also?.(trx);
      return rows === 1;
    });
    if (moved) changed(id);
    return moved;
  }

  /** It has switched itself off and stays off: somebody has seen it. False when there was nothing to see. */
  async function leaveOff(id: number, now: number, also?: AmdSwitched['also']): Promise<boolean> {
    const seen = await app.db.transaction(async (trx) => {
      const rows = await table(trx)
        .where({ id })
        .whereNotNull('amd_off_at')
        .update({ amd_off_at: null, updated_at: now });
      if (rows > 0) await also?.(trx);
      return rows > 0;
    });
    if (seen) changed(id);
    return seen;
  }

  /** Campaigns in use whose detection has switched itself off, and nobody has decided on it. */
  async function waiting(): Promise<number> {
    const row = await table().whereNotNull('amd_off_at').whereNull('archived_at').count({ n: '*' }).first();
    return Number(row?.['n'] ?? 0);
  }

  return { set, leaveOff, waiting };
}
