import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Call } from './call.ts';

/** For so long after a talk its customer is left alone at the most, until what the agent says of it is written. */
export const unwrittenMs = 3_600_000;
/** No call is looked for that began longer ago. */
export const longestCallMs = 86_400_000;

type Asked = Pick<Call, 'id' | 'e164' | 'customerId'>;

/** Whom other calls keep from being called, as the database of all dialers has it. */
export function createCalledElsewhere({ db }: Pick<App, 'db'>) {
  /**
   * Which of these calls another dialer's stand beside: to the same number or customer, and not ended, or dialled
   * after `since`, or talked and not wrapped up yet. And those whose person has said something, to whichever dialer,
   * that is not where the gate looks yet.
   */
  return async function calledElsewhere(
    dialerId: string,
    calls: readonly Asked[],
    since: number,
  ): Promise<Set<string>> {
    const numbers = calls.map(({ e164 }) => e164);
    const customers = calls.flatMap(({ customerId }) => (customerId === null ? [] : [customerId]));
    const taken = new Set([
      ...(await besides(dialerId, since, 'e164', numbers)),
      ...(await besides(dialerId, since, 'customer_id', customers)),
      ...(await heard(numbers, customers)),
    ]);
    const isTaken = ({ e164, customerId }: Asked): boolean =>
      taken.has(e164) || (customerId !== null && taken.has(customerId));
    return new Set(calls.filter(isTaken).map(({ id }) => id));
  };

  async function besides(
    dialerId: string,
    since: number,
    column: 'e164' | 'customer_id',
    values: readonly (string | number)[],
  ): Promise<(string | number)[]> {
    if (values.length === 0) return [];
    return db
      .knex('calls')
      .whereIn(column, [...values])
      .where('created_at', '>', since - longestCallMs)
      .whereNot({ dialer_id: dialerId })
      .where((there) => {
        void there
          .whereNot({ state: 'ended' })
          .orWhere('dialed_at', '>', since)
          .orWhere((talked) =>
            talked
              .whereNotNull('connected_at')
              .whereNull('wrapped_up_at')
              .where('ended_at', '>', since - unwrittenMs),
          );
      })
      .distinct()
      .pluck<(string | number)[]>(column);
  }

  /**
   * Of what was handed in, or pressed, a part may be done and its call count as wrapped up: it is kept until all of it is. Both
   * tables are as good as empty.
   */
  async function heard(
    numbers: readonly string[],
    customers: readonly number[],
  ): Promise<(string | number)[]> {
    const inCalls = async (kept: string, number: string): Promise<(string | number)[]> => {
      const said: { e164: string | null; customer_id: number | null }[] = await db
        .knex(`${kept} as k`)
        .leftJoin('calls as c', 'c.id', 'k.call_id')
        .where((them: Knex.QueryBuilder) => {
          void them.whereIn(number, [...numbers]).orWhereIn('c.customer_id', [...customers]);
        })
        .select(`${number} as e164`, 'c.customer_id');
      return said.flatMap(({ e164, customer_id }) => [e164, customer_id]).filter((key) => key !== null);
    };
    return [...(await inCalls('opt_outs', 'k.e164')), ...(await inCalls('given_dispositions', 'c.e164'))];
  }
}
