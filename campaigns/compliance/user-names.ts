import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { UserStore } from '../../core/users/index.ts';

/** Names of those who did something; the product itself has its own word. */
export function createNames(app: Pick<App, 'db'>) {
  const users = new UserStore(app.db);
  return async (ids: readonly (number | null)[]) => {
    const names = new Map<number, string>();
    for (const id of new Set(ids)) if (id !== null) names.set(id, (await users.byId(id))?.name ?? `#${id}`);
    return (id: number | null, req: Request): string =>
      id === null ? req.context.t('dnc:system') : (names.get(id) ?? `#${id}`);
  };
}
