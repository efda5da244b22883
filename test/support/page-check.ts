import type { Page } from 'playwright-core';

/** What may be wrong with any page, whatever it is about. Runs inside the page; needs no help from it. */
const look = `(namespaces) => {
  const wrong = [];
  const shown = (e) => e.checkVisibility({ visibilityProperty: true });
  const brief = (e) => e.outerHTML.replace(/\\s+/g, ' ').slice(0, 110);
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) {
    const over = [...document.querySelectorAll('main *, header *')].filter(
      (e) => e.getBoundingClientRect().right > innerWidth && !e.closest('.table-scroll'),
    );
    wrong.push('is ' + wide + ' px too wide: ' + (over[0] ? brief(over[0]) : ''));
  }
  const headings = [...document.querySelectorAll('h1')].filter(shown).length;
  if (headings !== 1) wrong.push('has ' + headings + ' h1');
  const named = (e) =>
    (e.labels && [...e.labels].some((label) => label.textContent.trim())) ||
    e.getAttribute('aria-label')?.trim() ||
    (e.getAttribute('aria-labelledby') ?? '').split(' ').some((id) => document.getElementById(id)?.textContent.trim());
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (shown(e) && !named(e)) wrong.push('no label: ' + brief(e));
  for (const e of document.querySelectorAll('[type=time], [type=date], [type=month], [type=week], [type=datetime-local]'))
    wrong.push("in the browser's language: " + brief(e));
  for (const e of document.querySelectorAll('button, a[href], [role=button]'))
    if (shown(e) && !named(e) && !e.textContent.trim() && !e.title) wrong.push('no name: ' + brief(e));
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) wrong.push('id twice: ' + id);
  const nav = document.querySelector('.sidebar, .topbar-nav');
  if (nav && nav.querySelectorAll('[aria-current]').length !== 1 && !/^\\/(profile|password)/.test(location.pathname))
    wrong.push('marks ' + nav.querySelectorAll('[aria-current]').length + ' navigation entries');
  const key = new RegExp('(?:^|[^\\\\w/])(?:' + namespaces.join('|') + '):[a-zA-Z][\\\\w-]*(?:\\\\.[\\\\w-]+)*');
  const raw = [
    [key, 'key'],
    [/\\{\\{[^}]*\\}\\}/, 'parameter'],
    [/\\b\\d{4}-\\d\\d-\\d\\dT\\d\\d:/, 'ISO time'],
    [/\\b(?:undefined|NaN|\\[object Object\\])\\b/, 'value'],
  ];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (!parent.closest('script, style, template, textarea, code, pre, [data-insert]') && shown(parent))
      texts.push(walk.currentNode.data);
  }
  for (const e of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
      if (e.hasAttribute(name) && shown(e) && !e.closest('[data-insert]')) texts.push(e.getAttribute(name));
  for (const text of texts)
    for (const [pattern, what] of raw)
      if (pattern.test(text)) wrong.push('raw ' + what + ': ' + text.trim().slice(0, 80));
  return [...new Set(wrong)];
}`;

/** Faults of the page as it stands: too wide, no single heading, fields without a label, words that are none. */
export function faultsOf(page: Page, namespaces: readonly string[]): Promise<string[]> {
  return page.evaluate(`(${look})(${JSON.stringify(namespaces)})`) as Promise<string[]>;
}
