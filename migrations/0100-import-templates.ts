import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** How files with certain headings are read, kept under a name. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'import_templates', (t) => {
    t.id();
    t.text('name', 120).notNullable();
    // SHA-256 of the headings, by which a file finds its template.
    t.text('fingerprint', 64).notNullable();
    // JSON: what each column holds, and the choices of the form.
    t.long('options').notNullable();
    t.ref('created_by');
    t.time('updated_at').notNullable();
    t.unique(['name'], 'import_templates_name');
    t.index(['fingerprint', 'updated_at'], 'import_templates_fingerprint');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('import_templates');
}
