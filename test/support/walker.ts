import type { Visitor } from '../web/support.ts';

/** Two addresses of the same shape are one page with other data. */
export const shapeOf = (href: string): string => {
  const url = new URL(href, 'http://here');
  const path = url.pathname.replace(/\d+/g, ':id').replace(/(\/rules\/sets|\/calendars)\/[^/]+/, '$1/:name');
  return `${path}?${[...url.searchParams.keys()].sort().join()}`;
};

const linksOf = (html: string): string[] =>
  [...html.matchAll(/<a\b[^>]*\bhref="(\/[^"]*)"/g)].map(([, href]) =>
    href!.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&').replace(/#.*/, ''),
  );
/** A file; it answers, and is not looked at. */
const isFile = (href: string): boolean => /[?&]format=|\.(csv|xlsx|wav)(\?|$)|\/download/.test(href);
/** Sorted, paged and with other columns it is still the same page. */
const isSame = (href: string): boolean => /[?&](sort|page|size|columns)=/.test(href);

export interface FoundPage {
  href: string;
  shape: string;
  /** The entry of the navigation it belongs to. */
  under: string | null;
}

/** From the first page on, by every link, to each shape of page once. What is wrong is told of each. */
export async function findPages(
  visitor: Visitor,
  language: string,
  namespaces: readonly string[],
): Promise<{ pages: FoundPage[]; wrong: string[] }> {
  const heard = { 'accept-language': language };
  const queue = ['/profile', '/password', '/'];
  const seen = new Set(queue.map(shapeOf));
  const pages: FoundPage[] = [];
  const wrong: string[] = [];
  for (let href = queue.shift(); href !== undefined; href = queue.shift()) {
    let answer = await visitor.get(href, heard);
    if (href === '/' && answer.status === 303)
      answer = await visitor.get((href = answer.headers.location!), heard);
    if (answer.status !== 200) wrong.push(`${href} answers ${answer.status}`);
    if (isFile(href) || !/html/.test(answer.headers['content-type'] ?? '')) continue;
    const html = answer.text;
    for (const fault of textFaults(html, language, namespaces)) wrong.push(`${href}: ${fault}`);
    const under = /<a href="([^"]*)" class="(?:sidebar|topbar)-link current"/.exec(html)?.[1] ?? null;
    pages.push({ href, shape: shapeOf(href), under });
    for (const link of linksOf(html)) {
      if (isSame(link) || seen.has(shapeOf(link))) continue;
      seen.add(shapeOf(link));
      queue.push(link);
    }
  }
  return { pages, wrong };
}

/** What no reader should meet in the text of a page: keys in place of words, places nobody filled in. */
export function textFaults(html: string, language: string, namespaces: readonly string[]): string[] {
  const shown = html
    .replace(/<(script|style|template|textarea|code|pre)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(/ data-insert="[^"]*"(?: title="[^"]*")?[^>]*>[^<]*/g, ' ')
    .replace(/<(?!\/)[^>]*?((?:aria-label|title|placeholder|alt)="[^"]*")[^>]*>/g, ' $1 ')
    .replace(/<[^>]*>/g, ' ');
  const patterns: readonly [string, RegExp][] = [
    ['key', new RegExp(`(?<![\\w/])(?:${namespaces.join('|')}):[a-z][\\w-]*(?:\\.[\\w-]+)+`, 'g')],
    ['parameter', /\{\{[^}]*\}\}/g],
    ['ISO time', /\b\d{4}-\d\d-\d\dT\d\d:/g],
    ['value', /\b(?:undefined|NaN)\b|\[object \w+\]/g],
  ];
  const raw = patterns.flatMap(([what, pattern]) =>
    [...new Set(shown.match(pattern) ?? [])].map((text) => `raw ${what}: ${text}`),
  );
  return html.includes(`<html lang="${language}"`) ? raw : [`is not in ${language}`, ...raw];
}
