type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/**
 * What a field lacks, in the language of the page: a browser's own bubble speaks the browser's language. Fields may come
 * later with a fragment, so the document listens. A field with words of its own (`setCustomValidity`) keeps them.
 */
export function nativeWords(): void {
  document.addEventListener(
    'invalid',
    ({ target }) => {
      if (!isField(target)) return;
      if (worded.delete(target)) target.setCustomValidity('');
      if (target.validity.customError) return;
      const words = wordsFor(target);
      if (!words) return;
      target.setCustomValidity(words);
      worded.add(target);
    },
    true,
  );
  for (const kind of ['input', 'change', 'click', 'reset'])
    document.addEventListener(kind, ({ target }) => forget(target), true);
}

/** Fields whose words are from here: they hold until the field is touched or the form is sent again. */
const worded = new Set<Field>();

function forget(target: EventTarget | null): void {
  const form = target instanceof Element ? target.closest('form') : null;
  for (const field of worded) {
    // What a field lacks may be mended in another one: a radio of the same name, a button that fills it.
    if (field !== target && field.isConnected && field.form !== form) continue;
    field.setCustomValidity('');
    worded.delete(field);
  }
}

function isField(target: EventTarget | null): target is Field {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement
  );
}

function wordsFor(field: Field): string {
  const { validity } = field;
  const said = document.getElementById('form-words')?.dataset ?? {};
  const chosen = field instanceof HTMLSelectElement || field.type === 'radio';
  if (validity.valueMissing) return (chosen ? said.choice : said.required) ?? '';
  if (validity.badInput) return said.number ?? '';
  if (validity.typeMismatch) return (field.type === 'url' ? said.url : said.email) ?? '';
  if (validity.patternMismatch) return said.format ?? '';
  const { min = '', max = '' } = field instanceof HTMLInputElement ? field : {};
  if (validity.rangeUnderflow) return filled(said.min, min);
  if (validity.rangeOverflow) return filled(said.max, max);
  if (validity.tooShort && !(field instanceof HTMLSelectElement))
    return filled(said.tooShort, String(field.minLength));
  return said.invalid ?? '';
}

const filled = (words: string | undefined, limit: string) =>
  (words ?? '').replace(/\{\{[^}]*\}\}/, () =>
    Number.isNaN(Number(limit)) ? limit : Number(limit).toLocaleString(document.documentElement.lang),
  );
