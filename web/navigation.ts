import type { RequestHandler } from 'express';
import type { App } from '../core/app.ts';
import { inTime } from '../core/database/in-time.ts';
import { isHtmx, wantsJson, type NavEntry } from '../core/http/index.ts';
import { localeNames, locales } from '../core/i18n/index.ts';
import { themes } from '../core/users/index.ts';
import { organisation } from './settings/general-settings.ts';

export const webNavigation: NavEntry[] = [
  {
    ...{ href: '/calendars', icon: 'calendar-event', labelKey: 'calendar:nav', order: 247 },
    roles: ['supervisor', 'marketing', 'manager', 'administrator'],
  },
  { href: '/admin', icon: 'layout-dashboard', labelKey: 'web:nav.admin', roles: ['administrator'], order: 5 },
  { href: '/users', icon: 'users', labelKey: 'web:nav.users', roles: ['administrator'], order: 900 },
  { href: '/api-keys', icon: 'key', labelKey: 'web:nav.apiKeys', roles: ['administrator'], order: 905 },
  { href: '/settings', icon: 'settings', labelKey: 'web:nav.settings', roles: ['administrator'], order: 910 },
  { href: '/audit', icon: 'history', labelKey: 'web:nav.audit', roles: ['administrator'], order: 920 },
];

/** What layouts need on every page: this role's navigation, the switches, the firm's name. */
export function layoutLocals(app: App, navigation: readonly NavEntry[]): RequestHandler {
  return async (req, res, next) => {
    const { user } = req.context;
    const entries = user ? navigation.filter((entry) => entry.roles.includes(user.role)) : [];
    const { path } = req;
    const current = bestMatch(entries, path);
    res.locals.layout = undefined;
    const isPage = req.method === 'GET' && !isHtmx(req) && !wantsJson(req);
    // Agents work on while the database is away, and no page waits for a figure beside its menu.
    const waiting = await Promise.all(
      entries.map((entry) =>
        user && isPage && entry.waiting
          ? inTime(app.clock, entry.waiting.count(user.id), () => 0)
          : Promise.resolve(0),
      ),
    );
    res.locals.navigation = entries.map((entry, index) => ({
      ...entry,
      waiting: waiting[index],
      waitingKey: entry.waiting?.labelKey,
      // `page` is the entry's own page, `true` one that belongs to it.
      current: entry === current && (entry.href === path ? 'page' : 'true'),
    }));
    res.locals.navigationSide = user !== null && user.role !== 'agent';
    res.locals.languages = locales.map((value) => ({ value, label: localeNames[value] }));
    res.locals.themes = themes;
    res.locals.organisation = await app.settings.get(organisation);
    res.locals.returnTo = req.method === 'GET' ? req.originalUrl : '/';
    next();
  };
}

/** The entry that leads deepest towards `path`. */
function bestMatch(entries: readonly NavEntry[], path: string): NavEntry | undefined {
  return entries
    .filter(({ href }) => path === href || path.startsWith(`${href}/`))
    .sort((a, b) => b.href.length - a.href.length)[0];
}
