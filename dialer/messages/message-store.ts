import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import {
  messagesChanged,
  messagesTopic,
  type MessageKind,
  type MessageScope,
  type SentMessage,
  type UnreadMessage,
} from './message.ts';

interface MessageRow {
  id: number;
  at: number | string;
  by_user_id: number | null;
  kind: string;
  scope: string;
  scope_id: number | null;
  body: string;
  must_read: number;
}

/** Signed out for longer, one has missed it. */
const unreadForMs = 30 * 86_400_000;
const shownAtOnce = 20;

export type MessageStore = ReturnType<typeof createMessageStore>;

/** All SQL for messages to staff. What changes is told on the bus: to the readers' pages, and to the dialers. */
export function createMessageStore(app: Pick<App, 'db' | 'bus'>) {
  const { db, bus } = app;

  const tell = (userIds: readonly number[]) => {
    for (const userId of userIds) bus.publish(messagesTopic(userId), {});
    bus.publish(messagesChanged, { userIds });
  };

  async function send(
    message: { by: number; kind: MessageKind; scope: MessageScope; text: string; mustRead: boolean },
    readers: readonly number[],
    at: number,
    also?: (trx: Knex.Transaction, id: number) => Promise<void>,
  ): Promise<number> {
    const { by, kind, scope, text, mustRead } = message;
    const id = await db.transaction(async (trx) => {
      const made = await db.insertId(
        'staff_messages',
        {
          ...{ at, by_user_id: by, kind, scope: scope.to, body: text, must_read: mustRead ? 1 : 0 },
          scope_id: scope.to === 'all' ? null : scope.id,
        },
        trx,
      );
      const rows = [...new Set(readers)].map((user_id) => ({ message_id: made, user_id, read_at: null }));
      await db.insertMany('staff_message_readers', rows, trx);
      await also?.(trx, made);
      return made;
    });
    tell(readers);
    return id;
  }

  const unreadSince = (now: number, trx: Knex = db.knex) =>
    trx('staff_message_readers as r')
      .join('staff_messages as m', 'm.id', 'r.message_id')
      .whereNull('r.read_at')
      .where('m.at', '>', now - unreadForMs);

  /** The oldest first. */
  async function unread(userId: number, now: number): Promise<UnreadMessage[]> {
    const rows = (await unreadSince(now)
      .where('r.user_id', userId)
      .leftJoin('users as u', 'u.id', 'm.by_user_id')
      .orderBy('m.id')
      .limit(shownAtOnce)
      .select('m.id', 'm.at', 'm.kind', 'm.body', 'm.must_read', 'u.name')) as (MessageRow & {
      name: string | null;
    })[];
    return rows.map(({ id, at, kind, body, must_read, name }) => ({
      ...{ id, at: Number(at), kind: kind as MessageKind, text: body },
      ...{ byName: name ?? '', mustRead: must_read === 1 },
    }));
  }

  /** Which of these have an announcement that they have not read. */
  async function withAnnouncement(userIds: readonly number[], now: number): Promise<Set<number>> {
    if (userIds.length === 0) return new Set();
    const rows = (await unreadSince(now)
      .where('m.must_read', 1)
      .whereIn('r.user_id', [...userIds])
      .distinct('r.user_id as user_id')) as { user_id: number }[];
    return new Set(rows.map(({ user_id }) => user_id));
  }

  /** False where it was no message for this user. Read again, it stays as first read. */
  async function read(messageId: number, userId: number, at: number): Promise<boolean> {
    const mine = { message_id: messageId, user_id: userId };
    const moved = await db
      .knex('staff_message_readers')
      .where(mine)
      .whereNull('read_at')
      .update({ read_at: at });
    if (moved === 1) tell([userId]);
    return moved === 1 || (await db.knex('staff_message_readers').where(mine).first('user_id')) !== undefined;
  }

  /** The newest that somebody wrote, with who has read them and when. */
  async function sent(limit: number): Promise<SentMessage[]> {
    const rows = (await db
      .knex('staff_messages as m')
      .leftJoin('users as u', 'u.id', 'm.by_user_id')
      .where('m.kind', 'written')
      .orderBy('m.id', 'desc')
      .limit(limit)
      .select('m.*', 'u.name')) as (MessageRow & { name: string | null })[];
    const readers = (await db
      .knex('staff_message_readers as r')
      .join('users as u', 'u.id', 'r.user_id')
      .whereIn(
        'r.message_id',
        rows.map(({ id }) => id),
      )
      .orderBy('u.name')
      .select('r.message_id', 'r.read_at', 'u.name')) as {
      message_id: number;
      read_at: number | string | null;
      name: string;
    }[];
    return rows.map(({ id, at, by_user_id, kind, scope, scope_id, body, must_read, name }) => ({
      ...{ id, at: Number(at), by: by_user_id, byName: name ?? '', kind: kind as MessageKind, text: body },
      scope: (scope === 'all' ? { to: scope } : { to: scope, id: scope_id }) as MessageScope,
      mustRead: must_read === 1,
      readers: readers
        .filter(({ message_id }) => message_id === id)
        .map((reader) => ({
          name: reader.name,
          readAt: reader.read_at === null ? null : Number(reader.read_at),
        })),
    }));
  }

  return { send, unread, withAnnouncement, read, sent };
}
