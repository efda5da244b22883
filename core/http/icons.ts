import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type Icon = (name: string, className?: string) => string;

/** Tabler's outline icons as inline SVG, read once each. Decoration beside a word: hidden from screen readers. */
export function createIcons(): Icon {
  const directory = dirname(createRequire(import.meta.url).resolve('@tabler/icons/outline/user.svg'));
  const bodies = new Map<string, string>();
  return (name, className = '') => {
    let body = bodies.get(name);
    if (body === undefined) {
      if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`not an icon name: ${name}`);
      const svg = readFileSync(join(directory, `${name}.svg`), 'utf8');
      body = svg
        .slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'))
        .replace(/\s*\n\s*/g, '');
      bodies.set(name, body);
    }
    return (
      `<svg class="icon ${className}" aria-hidden="true" focusable="false" width="20" height="20" viewBox="0 0 24 24" ` +
      `fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${body}</svg>`
    );
  };
}
