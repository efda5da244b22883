const key = 'ringwise-browser';

/** What this browser is called among those of its user; the same for all of its tabs, and after a reload. */
export function thisBrowser(): string {
  try {
    const known = localStorage.getItem(key);
    if (known) return known;
    const name = newName();
    localStorage.setItem(key, name);
    return name;
  } catch {
    // Storage forbidden: each page counts as a browser.
    return newName();
  }
}

function newName(): string {
  const parts = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(parts, (part) => part.toString(16).padStart(2, '0')).join('');
}
