import htmx from 'htmx.org';

// Extensions look for a global, and are imported after this.
(window as unknown as { htmx: typeof htmx }).htmx = htmx;
