import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { fromRow, toRow, type DispositionRow } from './disposition-row.ts';
import type { DispositionInput } from './disposition-form.ts';
import type { Disposition } from './disposition.ts';

export interface OfferingCampaign {
  readonly id: number;
  readonly name: string;
  readonly dispositionIds: readonly number[];
}

/** What was different before and after; both empty when nothing was. */
export interface DispositionChange {
  readonly before: Record<string, unknown>;
  readonly after: Record<string, unknown>;
}

/** All SQL for editing dispositions and where they are offered. */
export function createDispositionEditor(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<DispositionRow>('dispositions');
  const changed = (campaignIds: readonly number[]) => {
    for (const campaignId of campaignIds) app.bus.publish('campaign.changed', { campaignId });
  };

  /** Campaigns that are not put away, with what each offers. */
  async function campaigns(trx: Knex | Knex.Transaction = db.knex): Promise<OfferingCampaign[]> {
    const rows: { id: number; name: string }[] = await trx('campaigns')
      .whereNull('archived_at')
      .orderBy('id', 'desc')
      .select('id', 'name');
    const joined: { campaign_id: number; disposition_id: number }[] = await trx(
      'campaign_dispositions',
    ).select('campaign_id', 'disposition_id');
    return rows.map(({ id, name }) => ({
      id,
      name,
      dispositionIds: joined
        .filter((row) => row.campaign_id === id)
        .map(({ disposition_id: dispositionId }) => dispositionId),
    }));
  }

  /** Null when the code is taken. One that is not given is made of the English name. */
  async function create(input: DispositionInput, now: number): Promise<number | null> {
    const made = await db.transaction(async (trx) => {
      const all = await table(trx);
      const codes = new Set(all.map(({ code }) => code));
      if (input.code !== '' && codes.has(input.code)) return null;
      const code = input.code === '' ? freeCode(input.names.en, codes) : input.code;
      const position = 1 + Math.max(-1, ...all.map((row) => row.position));
      const id = await db.insertId('dispositions', toRow({ ...input, code, position }), trx);
      return { id, offered: await offer(id, input.campaignIds, now, trx) };
    });
    changed(made?.offered ?? []);
    return made?.id ?? null;
  }

  /**
   * The code stays for ever; what figures are counted by stays once the disposition was given. Null: it is not any more
   * what `revision` was of, and nothing was saved.
   */
  async function save(
    id: number,
    revision: string,
    input: DispositionInput,
    now: number,
  ): Promise<DispositionChange | null> {
    const done = await db.transaction(async (trx) => {
      const row = await table(trx).where({ id }).first();
      if (!row) return null;
      const before = fromRow(row);
      const offeredBefore = (await campaigns(trx)).filter((one) => one.dispositionIds.includes(id));
      const campaignsBefore = offeredBefore.map((one) => one.id).sort((a, b) => a - b);
      if (revisionOf(before, campaignsBefore) !== revision) return null;
      const { category, rightParty } = before.usedAt === null ? input : before;
      const after: Disposition = { ...before, ...fieldsOf(input), category, rightParty };
      const { code: _c, position: _p, ...columns } = toRow(after);
      const { code: _code, position: _position, ...asRead } = toRow(before);
      if (
        (await table(trx)
          .where({ id, ...asRead })
          .update(columns)) !== 1
      )
        return null;
      const moved = await offer(id, input.campaignIds, now, trx);
      return {
        moved,
        campaignsBefore,
        change: differences(
          { ...fieldsOf(before), campaignIds: campaignsBefore },
          { ...fieldsOf(after), campaignIds: [...input.campaignIds].sort((a, b) => a - b) },
        ),
      };
    });
    changed([...new Set([...(done?.moved ?? []), ...(done?.campaignsBefore ?? [])])]);
    return done?.change ?? null;
  }

  /** Offers it in exactly these campaigns, of those not put away, behind what each offers already. Returns which changed. */
  async function offer(
    id: number,
    campaignIds: readonly number[],
    now: number,
    trx: Knex.Transaction,
  ): Promise<number[]> {
    const touched: number[] = [];
    for (const campaign of await campaigns(trx)) {
      const wanted = campaignIds.includes(campaign.id);
      if (wanted === campaign.dispositionIds.includes(id)) continue;
      const key = { campaign_id: campaign.id, disposition_id: id };
      if (wanted) {
        const last = await trx('campaign_dispositions')
          .where({ campaign_id: campaign.id })
          .max({ position: 'position' })
          .first();
        const position = Number((last as { position: number | null } | undefined)?.position ?? -1) + 1;
        await trx('campaign_dispositions').insert({ ...key, position });
      } else await trx('campaign_dispositions').where(key).delete();
      // Whoever has that campaign's form open is told, instead of putting the old choice back unseen.
      await trx('campaigns').where({ id: campaign.id }).update({ updated_at: now }).increment('revision', 1);
      touched.push(campaign.id);
    }
    return touched;
  }

  /** Ids in the new order; null when it is first or last already. */
  async function move(id: number, direction: 'up' | 'down'): Promise<number[] | null> {
    return db.transaction(async (trx) => {
      const rows = await table(trx)
        .orderBy([{ column: 'position' }, { column: 'id' }])
        .select('id');
      const ids = rows.map((row) => row.id);
      const from = ids.indexOf(id);
      const to = from + (direction === 'up' ? -1 : 1);
      if (from < 0 || to < 0 || to >= ids.length) return null;
      ids.splice(to, 0, ...ids.splice(from, 1));
      for (const [position, one] of ids.entries()) await table(trx).where({ id: one }).update({ position });
      return ids;
    });
  }

  /** False when it was given to a call: calls and reports refer to it. */
  async function remove(id: number, now: number): Promise<boolean> {
    const done = await db.transaction(async (trx) => {
      if ((await table(trx).where({ id }).whereNull('used_at').delete()) !== 1) return null;
      return offer(id, [], now, trx);
    });
    changed(done ?? []);
    return done !== null;
  }

  return { campaigns, create, save, move, remove };
}

/** `Not interested!` becomes `not_interested`; one without Latin letters gets a number. */
function freeCode(english: string, taken: ReadonlySet<string>): string {
  const made = english
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 34);
  const stem = made || 'disposition';
  if (!taken.has(stem)) return stem;
  for (let number = 2; ; number++) if (!taken.has(`${stem}_${number}`)) return `${stem}_${number}`;
}

/** Of all that the form holds: whoever saves says by it what was shown. Other than when it was, as campaigns offer it too. */
export function revisionOf(disposition: Disposition, campaignIds: readonly number[]): string {
  const held = [fieldsOf(disposition), [...campaignIds].sort((a, b) => a - b)];
  return createHash('sha256').update(JSON.stringify(held)).digest('hex').slice(0, 16);
}

function fieldsOf(from: Omit<Disposition, 'id' | 'position' | 'usedAt' | 'code'>) {
  const { names, category, rightParty, answeredBy, final, retryMinutes, hotkey, active } = from;
  return { names, category, rightParty, answeredBy, final, retryMinutes, hotkey, active };
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>): DispositionChange {
  const keys = Object.keys(after).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  const pick = (from: Record<string, unknown>) => Object.fromEntries(keys.map((key) => [key, from[key]]));
  return { before: pick(before), after: pick(after) };
}
