import type { Knex } from 'knex';
import { isMaria } from './support/tables.ts';

/** Members of a list are stored in its order and found by it: an id of their own was one index more to write. */
export async function up(knex: Knex): Promise<void> {
  if (!(await knex.schema.hasColumn('list_members', 'id'))) return;
  if (isMaria(knex)) {
    await knex.raw(
      'alter table list_members drop column id, drop primary key, drop index list_members_once, ' +
        'add primary key (list_id, customer_id)',
    );
    return;
  }
  await knex.raw('drop table if exists list_members_before');
  await knex.raw('alter table list_members rename to list_members_before');
  await knex.raw('drop index list_members_customer');
  await knex.raw('drop index list_members_import');
  await knex.raw(
    'create table list_members (list_id integer not null, customer_id integer not null, import_id integer, ' +
      'primary key (list_id, customer_id)) without rowid',
  );
  await knex.raw('insert into list_members select list_id, customer_id, import_id from list_members_before');
  await knex.raw('drop table list_members_before');
  await knex.raw('create index list_members_customer on list_members (customer_id)');
  await knex.raw('create index list_members_import on list_members (import_id)');
}

export async function down(): Promise<void> {}
