import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Question } from './score-sheet.ts';
import type { SheetForm } from './sheet-form.ts';

export interface Sheet {
  readonly id: number;
  readonly name: string;
  readonly version: number;
  readonly archivedAt: number | null;
}

/** A sheet as it stood when a call was scored by it. */
export interface SheetVersion {
  readonly id: number;
  readonly sheetId: number;
  readonly name: string;
  readonly version: number;
  readonly questions: readonly Question[];
}

interface SheetRow {
  id: number;
  name: string;
  version: number;
  archived_at: number | null;
}

interface VersionRow {
  id: number;
  sheet_id: number;
  name: string;
  version: number;
  questions: string;
}

interface By {
  readonly userId: number;
  readonly ip?: string;
  readonly at: number;
}

const fromRow = ({ id, name, version, archived_at }: SheetRow): Sheet => ({
  ...{ id, name, version },
  archivedAt: archived_at === null ? null : Number(archived_at),
});

const versionFromRow = ({ id, sheet_id, name, version, questions }: VersionRow): SheetVersion => ({
  ...{ id, sheetId: sheet_id, name, version },
  questions: JSON.parse(questions) as Question[],
});

/** All SQL for score sheets. */
export function createSheetStore(app: Pick<App, 'db' | 'audit'>) {
  const { db, audit } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<SheetRow>('score_sheets');
  const versions = (trx: Knex | Knex.Transaction = db.knex) =>
    trx('score_sheet_versions as v')
      .join('score_sheets as s', 's.id', 'v.sheet_id')
      .select('v.id', 'v.sheet_id', 's.name', 'v.version', 'v.questions');

  async function all(): Promise<Sheet[]> {
    const rows = await table().orderByRaw('case when archived_at is null then 0 else 1 end, name, id');
    return rows.map(fromRow);
  }

  async function get(id: number): Promise<Sheet | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function newest(id: number, trx?: Knex.Transaction): Promise<SheetVersion | null> {
    const row = (await versions(trx).where('s.id', id).whereRaw('v.version = s.version').first()) as
      VersionRow | undefined; // prettier-ignore
    return row ? versionFromRow(row) : null;
  }

  async function version(versionId: number): Promise<SheetVersion | null> {
    const row = (await versions().where('v.id', versionId).first()) as VersionRow | undefined;
    return row ? versionFromRow(row) : null;
  }

  async function byVersions(ids: readonly number[]): Promise<Map<number, SheetVersion>> {
    const rows = (await versions().whereIn('v.id', [...new Set(ids)])) as VersionRow[];
    return new Map(rows.map((row) => [row.id, versionFromRow(row)]));
  }

  /** The questions become a version of their own. Null: somebody has saved it since. With the row of the audit. */
  async function save(id: number | null, form: SheetForm, { userId, ip, at }: By): Promise<number | null> {
    return db.transaction(async (trx) => {
      const next = form.version + 1;
      let sheetId = id;
      if (sheetId === null)
        sheetId = await db.insertId('score_sheets', { name: form.name, version: next }, trx);
      else {
        const same = { id: sheetId, version: form.version };
        if ((await table(trx).where(same).update({ name: form.name, version: next })) !== 1) return null;
      }
      await trx('score_sheet_versions').insert({
        ...{ sheet_id: sheetId, version: next, made_by: userId, made_at: at },
        questions: JSON.stringify(form.questions),
      });
      const after = { name: form.name, version: next, questions: form.questions.length };
      await audit.record(
        { userId, ip, action: 'score-sheet.saved', entity: 'score_sheets', entityId: sheetId, after },
        trx,
      );
      return sheetId;
    });
  }

  async function archive(id: number, isArchived: boolean, { userId, ip, at }: By): Promise<boolean> {
    return db.transaction(async (trx) => {
      const rows = table(trx).where({ id });
      void (isArchived ? rows.whereNull('archived_at') : rows.whereNotNull('archived_at'));
      if ((await rows.update({ archived_at: isArchived ? at : null })) !== 1) return false;
      const action = isArchived ? 'score-sheet.archived' : 'score-sheet.restored';
      await audit.record({ userId, ip, action, entity: 'score_sheets', entityId: id }, trx);
      return true;
    });
  }

  return { all, get, newest, version, byVersions, save, archive };
}

export type SheetStore = ReturnType<typeof createSheetStore>;
