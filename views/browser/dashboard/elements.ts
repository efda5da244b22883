export type Part = Node | string;

/** Builds an element; texts are always set as text, never as markup. */
export function el(tag: string, className: string, ...children: Part[]): HTMLElement {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** Puts children into the place marked `data-bind="name"`; what has not changed keeps its nodes and the focus. */
export function put(root: ParentNode, name: string, ...children: Part[]): void {
  const place = root.querySelector(`[data-bind="${name}"]`);
  if (!place) return;
  const next = document.createElement('div');
  next.append(...children);
  if (place.innerHTML !== next.innerHTML) place.replaceChildren(...next.childNodes);
}

/** Names and figures for a `<dl>`. */
export function pairs(rows: readonly (readonly [name: string, value: string])[]): HTMLElement[] {
  return rows.map(([name, value]) => el('div', '', el('dt', '', name), el('dd', '', value)));
}

/** A state's colour, dot and word. */
export function stateBadge(state: string, word: string): HTMLElement {
  const dot = el('span', 'state-dot');
  dot.setAttribute('aria-hidden', 'true');
  return el('span', `state-badge state-${state}`, dot, word);
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60);
  return `${hours ? `${hours}:${two(minutes % 60)}` : minutes}:${two(seconds % 60)}`;
}
