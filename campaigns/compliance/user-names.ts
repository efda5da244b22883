import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { UserStore } from '../../core/users/index.ts';

/** Names of those who did something; the product itself has its own word. */
export function createNames(app: Pick<App, 'db'>) {
  const users = new UserStore(app.db);
  return async (ids: readonly (number | null)[]) => {
    const known = await users.byIds(ids.filter((id) => id !== null));
    return (id: number | null, req: Request): string =>
      id === null ? req.context.t('dnc:system') : (known.get(id)?.name ?? `#${id}`);
  };
}
