import type { Knex } from 'knex';

const batchSize = 400;

interface Wish {
  call_id: string;
  customer_id: number;
  e164: string;
  reason: string;
  user_id: number | null;
  at: number;
}

/**
 * Who asked in a call to be called no more, when that bound the number alone: from now on it binds the person, on all
 * their numbers. Only where it is written who was called and that the wish still stands: the number is on the list by it,
 * and was not taken off since. Nobody is bound for having the number today. A permission given after the wish holds.
 */
export async function up(knex: Knex): Promise<void> {
  for (let after = 0; ;) {
    const listed: { id: number }[] = await knex('dnc_numbers')
      .where('id', '>', after)
      .where({ campaign_id: 0 })
      .whereIn('source', ['agent', 'customer'])
      .whereNull('expires_at')
      .orderBy('id')
      .limit(batchSize)
      .select('id');
    if (listed.length === 0) return;
    const ids = listed.map(({ id }) => id);
    for (const wish of [...(await saidToAgents(knex, ids)), ...(await pressed(knex, ids))])
      await bind(knex, wish);
    after = ids.at(-1)!;
  }
}

/** Calls of a number on the list, by which it came onto it. */
const callsOf = (knex: Knex, ids: readonly number[], source: 'agent' | 'customer') =>
  knex('dnc_numbers as d')
    .join('calls as c', 'c.e164', 'd.e164')
    .join('customers as p', 'p.id', 'c.customer_id')
    .whereIn('d.id', [...ids])
    .where('d.source', source);

const columns = { call_id: 'c.id', customer_id: 'c.customer_id', e164: 'd.e164', reason: 'd.reason' };

async function saidToAgents(knex: Knex, ids: readonly number[]): Promise<Wish[]> {
  const rows: (Omit<Wish, 'at'> & { wrapped: unknown; ended: unknown; made: unknown })[] = await callsOf(knex, ids, 'agent') // prettier-ignore
    .join('dispositions as o', 'o.id', 'c.disposition_id')
    .where('o.category', 'dnc')
    .whereRaw('o.code = d.reason')
    .select({ ...columns, user_id: 'c.user_id', wrapped: 'c.wrapped_up_at', ended: 'c.ended_at', made: 'c.created_at' }); // prettier-ignore
  return rows.map(({ wrapped, ended, made, ...wish }) => ({ ...wish, at: Number(wrapped ?? ended ?? made) }));
}

/** Pressed while the call was up. */
async function pressed(knex: Knex, ids: readonly number[]): Promise<Wish[]> {
  const rows: Wish[] = await callsOf(knex, ids, 'customer')
    .whereRaw('c.answered_at <= d.added_at')
    .where((up) => void up.whereNull('c.ended_at').orWhereRaw('c.ended_at >= d.added_at'))
    .select({ ...columns, user_id: 'd.added_by', at: 'd.added_at' });
  return rows.map((wish) => ({ ...wish, at: Number(wish.at) }));
}

async function bind(knex: Knex, { call_id, customer_id, e164, reason, user_id, at }: Wish): Promise<void> {
  const takenOff = await knex('dnc_log')
    .where({ e164, campaign_id: 0, action: 'removed' })
    .where('at', '>=', at)
    .first('id');
  // Written down already, or annulled since.
  const known = await knex('consents').where({ customer_id, kind: 'refusal', proof: call_id }).first('id');
  if (takenOff || known) return;
  const revocation = { revoked_at: at, revoke_reason: reason, revoked_by: user_id };
  const line = (customer: number | null, number: string) => ({
    ...{ customer_id: customer, e164: number, kind: 'refusal', source: 'call', proof: call_id },
    ...{ import_id: null, given_at: at, expires_at: null, annulled_at: null },
    ...{ recorded_by: user_id, recorded_at: at, ...revocation },
  });
  const given = (its: Knex.QueryBuilder): Knex.QueryBuilder =>
    its
      .whereNotIn('kind', ['refusal', 'annulment'])
      .whereNull('revoked_at')
      .where('given_at', '<=', at)
      .where('recorded_at', '<=', at);
  // Given for a number, whoever has it: where that is this person alone.
  const theirs = knex('customer_phones as mine')
    .where('mine.customer_id', customer_id)
    .whereNotExists(
      knex('customer_phones as others')
        .whereRaw('others.e164 = mine.e164')
        .whereNot('others.customer_id', customer_id)
        .select('others.e164'),
    )
    .select('mine.e164');
  const numbers = await given(knex('consents').whereNull('customer_id'))
    .whereIn('e164', theirs)
    .distinct()
    .pluck<string[]>('e164');
  await given(knex('consents').whereNull('customer_id')).whereIn('e164', numbers).update(revocation);
  await given(knex('consents').where({ customer_id })).update(revocation);
  for (const number of numbers) await knex('consents').insert(line(null, number));
  // Last: by it a run that was cut off knows what is done.
  await knex('consents').insert(line(customer_id, ''));
}

/** What somebody wanted stays wanted. */
export async function down(): Promise<void> {}
