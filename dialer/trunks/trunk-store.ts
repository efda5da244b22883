import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { seal, unseal } from '../../core/crypto/seal.ts';
import type { SipHeader } from './sip-headers.ts';
import type { PrefixRule, Trunk, TrunkForm } from './trunk.ts';

interface TrunkRow {
  id: number;
  name: string;
  host: string;
  port: number;
  transport: string;
  username: string | null;
  password_sealed: string | null;
  register: number;
  login_in_from: number;
  codecs: string;
  channels: number;
  calls_per_second: number;
  prefix_rules: string;
  caller_id: string | null;
  position: number;
  weight: number;
  headers: string | null;
  enabled: number;
  created_at: number;
  updated_at: number;
}

const fromRow = (row: TrunkRow): Trunk => ({
  id: row.id,
  name: row.name,
  host: row.host,
  port: row.port,
  transport: row.transport as Trunk['transport'],
  username: row.username,
  hasPassword: row.password_sealed !== null,
  register: row.register === 1,
  loginInFrom: row.login_in_from === 1,
  codecs: row.codecs.split(',').filter(Boolean),
  channels: row.channels,
  callsPerSecond: row.calls_per_second,
  prefixRules: JSON.parse(row.prefix_rules) as PrefixRule[],
  callerId: row.caller_id,
  position: row.position,
  weight: row.weight,
  headers: row.headers ? (JSON.parse(row.headers) as SipHeader[]) : [],
  enabled: row.enabled === 1,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export type TrunkSaved =
  | { readonly saved: true; readonly id: number }
  | { readonly saved: false; readonly reason: 'name-taken' | 'gone' };

/** A trunk to be written; what is left out stays as it is stored. */
export type TrunkInput = Omit<TrunkForm, 'password' | 'weight' | 'headers'> &
  Partial<Pick<TrunkForm, 'password' | 'weight' | 'headers'>>;

export type TrunkStore = ReturnType<typeof createTrunkStore>;

/** All SQL for trunks. Every change is told on the bus as `trunks.changed`. */
export function createTrunkStore(app: Pick<App, 'db' | 'bus' | 'config'>) {
  const { db } = app;
  const key = app.config.secrets.encryption;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<TrunkRow>('trunks');
  const changed = () => app.bus.publish('trunks.changed', {});
  const context = (id: number) => `trunks.${id}`;

  const toRow = (form: TrunkInput) => ({
    name: form.name,
    host: form.host,
    port: form.port,
    transport: form.transport,
    username: form.username,
    register: form.register ? 1 : 0,
    login_in_from: form.loginInFrom ? 1 : 0,
    codecs: form.codecs.join(','),
    channels: form.channels,
    calls_per_second: form.callsPerSecond,
    prefix_rules: JSON.stringify(form.prefixRules),
    caller_id: form.callerId,
    ...(form.weight === undefined ? {} : { weight: form.weight }),
    ...(form.headers === undefined ? {} : { headers: JSON.stringify(form.headers) }),
    enabled: form.enabled ? 1 : 0,
  });

  async function all(): Promise<Trunk[]> {
    return (await table().orderBy([{ column: 'position' }, { column: 'id' }])).map(fromRow);
  }

  async function get(id: number): Promise<Trunk | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** The password in the clear, for the switch alone; null when there is none or it was sealed with another key. */
  async function password(id: number): Promise<string | null> {
    const row = await table().where({ id }).first('password_sealed');
    return row?.password_sealed ? unseal(key, context(id), row.password_sealed) : null;
  }

  async function create(form: TrunkInput, now: number): Promise<TrunkSaved> {
    const result = await db.transaction(async (trx): Promise<TrunkSaved> => {
      if (await table(trx).where({ name: form.name }).first('id'))
        return { saved: false, reason: 'name-taken' };
      const last = (await table(trx).max({ position: 'position' }).first()) as
        { position: number | null } | undefined;
      const id = await db.insertId(
        'trunks',
        { ...toRow(form), position: (last?.position ?? -1) + 1, created_at: now, updated_at: now },
        trx,
      );
      // The id is part of what the password is sealed with.
      if (form.password)
        await table(trx)
          .where({ id })
          .update({ password_sealed: seal(key, context(id), form.password) });
      return { saved: true, id };
    });
    if (result.saved) changed();
    return result;
  }

  /** An empty password keeps the stored one; no username drops it. */
  async function update(id: number, form: TrunkInput, now: number): Promise<TrunkSaved> {
    const result = await db.transaction(async (trx): Promise<TrunkSaved> => {
      if (await table(trx).where({ name: form.name }).whereNot({ id }).first('id'))
        return { saved: false, reason: 'name-taken' };
      const sealed = form.password
        ? { password_sealed: seal(key, context(id), form.password) }
        : form.username === null
          ? { password_sealed: null }
          : {};
      const rows = await table(trx)
        .where({ id })
        .update({ ...toRow(form), ...sealed, updated_at: now });
      return rows === 1 ? { saved: true, id } : { saved: false, reason: 'gone' };
    });
    if (result.saved) changed();
    return result;
  }

  async function enable(id: number, enabled: boolean, now: number): Promise<boolean> {
    const rows = await table()
      .where({ id })
      .update({ enabled: enabled ? 1 : 0, updated_at: now });
    if (rows > 0) changed();
    return rows > 0;
  }

  /** Puts trunks in this order; ids that are not named follow in their old one. */
  async function order(ids: readonly number[], now: number): Promise<void> {
    await db.transaction(async (trx) => {
      const rows = await table(trx)
        .orderBy([{ column: 'position' }, { column: 'id' }])
        .select('id');
      const rest = rows.map((row) => row.id).filter((id) => !ids.includes(id));
      // One that stays where it was is as it was: a rest it takes after failures goes on.
      for (const [position, id] of [...ids, ...rest].entries())
        await table(trx).where({ id }).whereNot({ position }).update({ position, updated_at: now });
    });
    changed();
  }

  return { all, get, password, create, update, enable, order };
}
