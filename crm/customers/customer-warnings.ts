import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { CustomerWarning } from './customer-store.ts';

/**
 * What is on record against calling a customer again, however long their timeline is. Where the campaign is known (null:
 * none), what holds for another one alone is no warning.
 */
export function createCustomerWarnings({ db }: Pick<App, 'db'>) {
  return async function warningsOf(
    { id, phones }: { readonly id: number; readonly phones: readonly { readonly e164: string }[] },
    now: number,
    campaignId?: number | null,
  ): Promise<CustomerWarning[]> {
    const disposition = () => db.knex('timeline_entries').where({ customer_id: id, kind: 'disposition' });
    const numbers = phones.map(({ e164 }) => e164);
    const ofTheirs = (its: Knex.QueryBuilder) =>
      its.where({ customer_id: id }).orWhere((one) => one.whereNull('customer_id').whereIn('e164', numbers));
    const wish = db
      .knex('consents')
      .where({ kind: 'refusal' })
      .whereNull('annulled_at')
      .where('given_at', '<=', now)
      .where(ofTheirs)
      .max({ at: 'given_at' })
      .first();
    const permission = (since: number) =>
      db
        .knex('consents')
        .whereNotIn('kind', ['refusal', 'annulment', 'purchase', 'inquiry'])
        .where('given_at', '>', since)
        .where((holds) => holds.whereNull('revoked_at').orWhere('revoked_at', '>', now))
        .where((holds) => holds.whereNull('expires_at').orWhere('expires_at', '>', now))
        .where(ofTheirs)
        .first('id');
    const [refused, listed, last] = await Promise.all([
      // As it is written: what JSON functions answer differs between the engines.
      disposition().whereRaw('data like ?', ['%"category":"refused"%']).first('id'),
      db
        .knex('dnc_numbers')
        .whereIn('e164', numbers) // prettier-ignore
        .where((holds) => holds.whereNull('expires_at').orWhere('expires_at', '>', now))
        .modify((its) => {
          if (campaignId !== undefined) void its.whereIn('campaign_id', [0, campaignId ?? 0]);
        })
        .first('id'),
      wish,
    ]);
    const at = (last as { at: number | null } | undefined)?.at ?? null;
    const optedOut = listed !== undefined || (at !== null && !(await permission(at)));
    return [...(refused ? ['refused-before' as const] : []), ...(optedOut ? ['opted-out' as const] : [])];
  };
}
