import { csrfToken } from '../shared/http.ts';

const pauseMs = 350;

/** Puts merge fields where the cursor is, and shows the script as a real customer would hear it. */
export function scriptEditor(): void {
  const scripts = [...document.querySelectorAll<HTMLTextAreaElement>('textarea[data-script]')];
  const place = document.getElementById('script-preview');
  const customer = document.querySelector<HTMLInputElement>('#preview-customer');
  let current = scripts.find((script) => script.value !== '') ?? scripts[0];
  if (!current || !place || !customer) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked: AbortController | undefined;

  const preview = async () => {
    asked?.abort();
    asked = new AbortController();
    const script = current;
    const body = new URLSearchParams({
      text: script?.value ?? '',
      language: script?.dataset.script ?? 'en',
      customer: customer.value,
      name: document.querySelector<HTMLInputElement>('#f-name')?.value ?? '',
    });
    try {
      const answer = await fetch('/campaigns/preview-script', {
        method: 'POST',
        body,
        signal: asked.signal,
        headers: { 'x-csrf-token': csrfToken(), 'hx-request': 'true' },
      });
      if (!answer.ok) return;
      place.innerHTML = await answer.text();
      if (script) tell(script, place.querySelectorAll('.field-error'));
    } catch {
      // Overtaken by the next letter, or no connection: the last preview stays.
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void preview(), pauseMs);
  };
  for (const script of scripts) {
    script.addEventListener('focus', () => {
      current = script;
      later();
    });
    script.addEventListener('input', later);
  }
  customer.addEventListener('input', later);
  document.addEventListener('click', (event) => {
    const text = (event.target as HTMLElement).closest<HTMLElement>('[data-insert]')?.dataset.insert;
    if (!text || !current) return;
    current.setRangeText(text, current.selectionStart, current.selectionEnd, 'end');
    current.focus();
    current.dispatchEvent(new Event('input', { bubbles: true }));
  });
  later();
}

/** What is wrong with a script stands once, beside it, as after saving. */
function tell(script: HTMLTextAreaElement, problems: Iterable<Element>): void {
  const all = [...problems];
  document.getElementById(`${script.id}-note`)?.replaceChildren(...all);
  script.classList.toggle('is-invalid', all.length > 0);
  if (all.length > 0) script.setAttribute('aria-invalid', 'true');
  else script.removeAttribute('aria-invalid');
}
