import type { App } from '../../core/app.ts';
import type { CustomerWarning } from './customer-store.ts';

/** What is on record against calling a customer again, however long their timeline is. */
export function createCustomerWarnings({ db }: Pick<App, 'db'>) {
  return async function warningsOf(
    { id, phones }: { readonly id: number; readonly phones: readonly { readonly e164: string }[] },
    now: number,
  ): Promise<CustomerWarning[]> {
    const disposition = () => db.knex('timeline_entries').where({ customer_id: id, kind: 'disposition' });
    const [refused, listed] = await Promise.all([
      // As it is written: what JSON functions answer differs between the engines.
      disposition().whereRaw('data like ?', ['%"category":"refused"%']).first('id'),
      db
        .knex('dnc_numbers')
        .whereIn(
          'e164',
          phones.map(({ e164 }) => e164),
        ) // prettier-ignore
        .where((holds) => holds.whereNull('expires_at').orWhere('expires_at', '>', now))
        .first('id'),
    ]);
    return [...(refused ? ['refused-before' as const] : []), ...(listed ? ['opted-out' as const] : [])];
  };
}
