/** Parts of a page that are fetched after it, some again and again. */
export function fetchedParts(): void {
  // The browser has looked for what the address names before it was there.
  const named = document.getElementById(location.hash.slice(1));
  if (named?.hasAttribute('hx-get'))
    named.addEventListener('htmx:afterSettle', () => named.scrollIntoView({ block: 'start' }), {
      once: true,
    });

  let opened: string[] = [];
  document.body.addEventListener('htmx:beforeSwap', (event) => {
    const { target } = (event as CustomEvent<{ target: Element }>).detail;
    opened = [...target.querySelectorAll('details[open][id]')].map(({ id }) => id);
  });
  document.body.addEventListener('htmx:afterSwap', () => {
    for (const id of opened.splice(0)) document.getElementById(id)?.setAttribute('open', '');
  });
}
