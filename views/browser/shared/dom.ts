/** The element of that selector. @throws when it is not there: a page and its script belong together. */
export function need<E extends Element = HTMLElement>(selector: string, within: ParentNode = document): E {
  const element = within.querySelector<E>(selector);
  if (!element) throw new Error(`no element ${selector}`);
  return element;
}

/** Data that the server put on the page (`pageData`), or null. */
export function pageData<T>(): T | null {
  const element = document.getElementById('page-data');
  return element ? (JSON.parse(element.textContent ?? 'null') as T) : null;
}

/** Speaks to screen readers at once, without moving the focus. */
export function announce(text: string): void {
  const region = document.getElementById('announcer');
  if (region) region.textContent = text;
}

/** Puts `wanted` into `parent` in this order, and moves only what does not stand there already. */
export function arrange(parent: Element, wanted: readonly Element[]): void {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((node, index) => {
    const there = parent.children[index];
    if (there !== node) parent.insertBefore(node, there ?? null);
  });
}
