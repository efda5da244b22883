const pauseMs = 120;

/** A search field of a list's filters brings the list while it is typed in; the address follows. */
export function searchAsYouType(): void {
  const field = document.querySelector<HTMLInputElement>('[data-search-as-you-type]');
  const form = field?.form;
  if (!field || !form) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked: AbortController | undefined;
  let composing = false;

  const search = async () => {
    asked?.abort();
    asked = new AbortController();
    const params = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value !== '') params.set(name, String(value));
    const url = `${form.action}?${params.toString()}`;
    try {
      const answer = await fetch(url, { signal: asked.signal, headers: { accept: 'text/html' } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('section.list');
      const shown = document.querySelector('section.list');
      if (fresh && shown) shown.replaceWith(fresh);
      history.replaceState(null, '', url);
    } catch {
      // Overtaken by the next letter, or no connection: what stands there stays.
    }
  };
  const later = () => {
    clearTimeout(timer);
    if (!composing) timer = setTimeout(() => void search(), pauseMs);
  };
  // While Chinese is being composed, the letters of its spelling are not what is looked for.
  field.addEventListener('compositionstart', () => (composing = true));
  field.addEventListener('compositionend', () => {
    composing = false;
    later();
  });
  field.addEventListener('input', later);
  field.setSelectionRange(field.value.length, field.value.length);
}
