import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Script, ScriptContent, ScriptVersion } from './script.ts';

interface ScriptRow {
  id: number;
  name: string;
  draft: string;
  revision: number;
  version: number;
  published_revision: number;
  archived_at: number | null;
  created_by: number | null;
  created_at: number;
  updated_by: number | null;
  updated_at: number;
}

interface VersionRow {
  id: number;
  script_id: number;
  name: string;
  version: number;
  content: string;
  published_at: number;
}

/** Who does it and when, for the audit. */
export interface By {
  readonly userId: number | null;
  readonly ip?: string;
  readonly at: number;
}

/** `changed-meanwhile`: somebody else has saved since this editor read; `script` is what stands there. */
export type DraftKept =
  | { readonly kept: true; readonly revision: number }
  | { readonly kept: false; readonly reason: 'changed-meanwhile' | 'gone' };

const fromRow = (row: ScriptRow): Script => ({
  id: row.id,
  name: row.name,
  draft: JSON.parse(row.draft) as ScriptContent,
  revision: row.revision,
  version: row.version,
  publishedRevision: row.published_revision,
  archivedAt: row.archived_at,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by,
});

const versionFromRow = ({
  id,
  script_id,
  name,
  version,
  content,
  published_at,
}: VersionRow): ScriptVersion => ({
  ...{ id, scriptId: script_id, name, version },
  content: JSON.parse(content) as ScriptContent,
  publishedAt: published_at,
});

export type ScriptStore = ReturnType<typeof createScriptStore>;

/** All SQL for scripts and their versions. */
export function createScriptStore(app: Pick<App, 'db' | 'audit'>) {
  const { db, audit } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<ScriptRow>('scripts');
  const versions = (trx: Knex | Knex.Transaction = db.knex) =>
    trx('script_versions as v')
      .join('scripts as s', 's.id', 'v.script_id')
      .select('v.id', 'v.script_id', 's.name', 'v.version', 'v.content', 'v.published_at');
  const entity = 'scripts';

  /** Those put away behind the others. */
  async function all(): Promise<Script[]> {
    const rows = await table().orderByRaw('case when archived_at is null then 0 else 1 end, name, id');
    return rows.map(fromRow);
  }

  async function get(id: number): Promise<Script | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function newest(scriptId: number): Promise<ScriptVersion | null> {
    const row = (await versions().where('s.id', scriptId).whereRaw('v.version = s.version').first()) as
      VersionRow | undefined; // prettier-ignore
    return row ? versionFromRow(row) : null;
  }

  async function version(versionId: number): Promise<ScriptVersion | null> {
    const row = (await versions().where('v.id', versionId).first()) as VersionRow | undefined;
    return row ? versionFromRow(row) : null;
  }

  /** Newest first. */
  async function versionsOf(scriptId: number): Promise<ScriptVersion[]> {
    const rows = (await versions().where('s.id', scriptId).orderBy('v.version', 'desc')) as VersionRow[];
    return rows.map(versionFromRow);
  }

  async function versionsById(ids: readonly number[]): Promise<Map<number, ScriptVersion>> {
    const rows = (await versions().whereIn('v.id', [...new Set(ids)])) as VersionRow[];
    return new Map(rows.map((row) => [row.id, versionFromRow(row)]));
  }

  async function create(
    name: string,
    draft: ScriptContent,
    { userId, ip, at }: By,
    copyOf?: number,
  ): Promise<number> {
    return db.transaction(async (trx) => {
      const row = { name, draft: JSON.stringify(draft), revision: 1, created_by: userId, created_at: at };
      const id = await db.insertId('scripts', { ...row, updated_by: userId, updated_at: at }, trx);
      const after = { name, ...(copyOf === undefined ? {} : { copyOf }) };
      await audit.record({ userId, ip, action: 'script.created', entity, entityId: id, after }, trx);
      return id;
    });
  }

  /** Only over the `revision` that was read. What is written is no event of its own: publishing is. */
  async function keep(
    id: number,
    revision: number,
    draft: ScriptContent,
    { userId, at }: By,
  ): Promise<DraftKept> {
    const changes = {
      draft: JSON.stringify(draft),
      revision: revision + 1,
      updated_by: userId,
      updated_at: at,
    };
    if ((await table().where({ id, revision }).update(changes)) === 1)
      return { kept: true, revision: revision + 1 };
    return { kept: false, reason: (await get(id)) ? 'changed-meanwhile' : 'gone' };
  }

  async function rename(id: number, name: string, { userId, ip, at }: By): Promise<void> {
    await db.transaction(async (trx) => {
      const before = await table(trx).where({ id }).first('name');
      if (!before || before.name === name) return;
      await table(trx).where({ id }).update({ name, updated_by: userId, updated_at: at });
      const change = { before: { name: before.name }, after: { name } };
      await audit.record({ userId, ip, action: 'script.renamed', entity, entityId: id, ...change }, trx);
    });
  }

  /** What that revision holds becomes a version. Null: somebody has saved since. */
  async function publish(script: Script, { userId, ip, at }: By): Promise<number | null> {
    const { id, revision, draft } = script;
    return db.transaction(async (trx) => {
      const next = script.version + 1;
      const same = { id, revision, version: script.version, archived_at: null };
      const changes = { version: next, published_revision: revision };
      if ((await table(trx).where(same).update(changes)) !== 1) return null;
      await trx('script_versions').insert({
        ...{ script_id: id, version: next, content: JSON.stringify(draft) },
        ...{ published_by: userId, published_at: at },
      });
      const after = { name: script.name, version: next, steps: draft.steps.length };
      await audit.record({ userId, ip, action: 'script.published', entity, entityId: id, after }, trx);
      return next;
    });
  }

  async function archive(id: number, isArchived: boolean, { userId, ip, at }: By): Promise<boolean> {
    return db.transaction(async (trx) => {
      const rows = table(trx).where({ id });
      void (isArchived ? rows.whereNull('archived_at') : rows.whereNotNull('archived_at'));
      if ((await rows.update({ archived_at: isArchived ? at : null })) !== 1) return false;
      const action = isArchived ? 'script.archived' : 'script.restored';
      await audit.record({ userId, ip, action, entity, entityId: id }, trx);
      return true;
    });
  }

  return { all, get, newest, version, versionsOf, versionsById, create, keep, rename, publish, archive };
}
