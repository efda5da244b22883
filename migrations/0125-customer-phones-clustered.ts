import type { Knex } from 'knex';
import { isMaria } from './support/tables.ts';

/** Numbers are stored with their customer: an id of their own was one index more to write. */
export async function up(knex: Knex): Promise<void> {
  if (!(await knex.schema.hasColumn('customer_phones', 'id'))) return;
  if (isMaria(knex)) {
    await knex.raw(
      'alter table customer_phones drop column id, drop primary key, drop index customer_phones_once, ' +
        'add primary key (customer_id, e164)',
    );
    return;
  }
  await knex.raw('drop table if exists customer_phones_before');
  await knex.raw('alter table customer_phones rename to customer_phones_before');
  await knex.raw('drop index customer_phones_e164');
  await knex.raw(
    'create table customer_phones (customer_id integer not null, e164 varchar(20) not null, ' +
      'type varchar(10) not null, position integer not null, primary key (customer_id, e164)) without rowid',
  );
  await knex.raw(
    'insert into customer_phones select customer_id, e164, type, position from customer_phones_before',
  );
  await knex.raw('drop table customer_phones_before');
  await knex.raw('create index customer_phones_e164 on customer_phones (e164)');
}

export async function down(): Promise<void> {}
