import assert from 'node:assert/strict';

/** The page holds it. Says so in one line when it does not, instead of printing the page. */
export function shows(html: string, what: RegExp, where = ''): void {
  assert.ok(what.test(html), `the page ${where} does not show ${what}: ${mainText(html)}`);
}

export function hides(html: string, what: RegExp, where = ''): void {
  const found = what.exec(html);
  assert.ok(
    !found,
    `the page ${where} shows ${html.slice(Math.max(0, (found?.index ?? 0) - 60), (found?.index ?? 0) + 80)}`,
  );
}

const mainText = (html: string): string =>
  html
    .slice(Math.max(0, html.indexOf('<main')))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .slice(0, 600);
