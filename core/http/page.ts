import type { Request, Response } from 'express';
import { takeFlash } from './context.ts';

export interface PageOptions {
  status?: number;
  /** A file of views/layouts: `main` (with navigation), `bare` (a card in the middle), `wall` (nothing but the page). */
  layout?: 'main' | 'bare' | 'wall';
}

/**
 * Renders `views/<view>.hbs` inside a layout. `data` may hold, for the layout: `title` (a text), `script` (a name of
 * views/browser/pages), `nav` (the href of the navigation entry to mark), `wide`.
 */
export function page(
  req: Request,
  res: Response,
  view: string,
  data: object = {},
  options: PageOptions = {},
): void {
  if (options.status) res.status(options.status);
  // A page carries the reader's data and token: no proxy and no back button after sign-out may show it.
  res.set('cache-control', 'no-store');
  res.render(view, { ...data, ...chrome(req), ...marked(res, data), layout: options.layout ?? 'main' });
}

/** Renders a view without a layout: what htmx swaps in. */
export function fragment(req: Request, res: Response, view: string, data: object = {}): void {
  res.set('cache-control', 'no-store');
  res.render(view, { ...data, context: req.context, layout: false });
}

/** A page whose address is not below its navigation entry names the entry itself. */
function marked(res: Response, data: { nav?: unknown }): object {
  const entries = res.locals.navigation as { href: string; current: unknown }[] | undefined;
  if (typeof data.nav !== 'string' || !entries || entries.some((entry) => entry.current)) return {};
  return {
    navigation: entries.map((entry) => ({ ...entry, current: entry.href === data.nav && 'true' })),
  };
}

function chrome(req: Request) {
  const { t } = req.context;
  return {
    context: req.context,
    path: req.baseUrl + req.path,
    flashes: takeFlash(req).map(({ kind, key, params }) => ({ kind, text: t(key, params) })),
  };
}

export function isHtmx(req: Request): boolean {
  return req.get('hx-request') === 'true' && req.get('hx-boosted') !== 'true';
}

/** JSON goes to whoever asks for it, sends it, calls the API, or could not read a page (a live stream). */
export function wantsJson(req: Request): boolean {
  if (req.originalUrl.startsWith('/api/')) return true;
  if (isHtmx(req)) return false;
  return Boolean(req.is('application/json')) || req.accepts(['html', 'json']) !== 'html';
}

/** Where to go after a change: 303 for a browser, HX-Redirect for htmx, `{location}` for JSON. */
export function redirect(req: Request, res: Response, location: string): void {
  if (isHtmx(req)) res.set('hx-redirect', location).status(204).end();
  else if (wantsJson(req)) res.json({ location });
  else res.redirect(303, location);
}

/** A path inside this product, or `fallback`: a `next` parameter must never lead to another site. */
export function localPath(path: unknown, fallback: string): string {
  if (typeof path !== 'string' || !/^\/(?![/\\])/.test(path)) return fallback;
  // Control characters and backslashes are read by browsers as something else than they look.

  return /[\u0000-\u001f\\]/.test(path) ? fallback : path;
}
