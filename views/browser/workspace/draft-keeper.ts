import { draftFields, type DraftForm } from '../../../dialer/drafts/draft.ts';
import { csrfToken, send } from '../shared/http.ts';

export type DraftState = 'clean' | 'saving' | 'saved' | 'unsaved';

const quietMs = 600;
const retryMs = 3000;
const prefix = 'ringwise.draft.';

/**
 * Keeps what is typed beside one call: at once in this browser, and after a short pause on the server. The browser's
 * copy goes when the server has acknowledged it, so a crash between the two loses nothing.
 */
export class DraftKeeper {
  readonly #callId: string;
  readonly #tell: (state: DraftState) => void;
  #form: DraftForm = {};
  /** Counts changes; what the server has is the count at the time it was sent. */
  #changes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: AbortController | null = null;
  #closed = false;
  readonly #leaving = () => this.#sendOnLeaving();

  constructor(callId: string, tell: (state: DraftState) => void) {
    this.#callId = callId;
    this.#tell = tell;
    addEventListener('pagehide', this.#leaving);
  }

  /** What this browser kept that the server never acknowledged; null when there is nothing. */
  unacknowledged(): DraftForm | null {
    try {
      const text = localStorage.getItem(prefix + this.#callId);
      return text ? (JSON.parse(text) as DraftForm) : null;
    } catch {
      return null;
    }
  }

  keep(form: DraftForm): void {
    if (this.#closed) return;
    this.#form = form;
    this.#changes += 1;
    store(this.#callId, form);
    this.#tell('saving');
    this.#later(quietMs);
  }

  /** Sends at once what the server does not have yet. */
  flush(): void {
    if (this.#closed || !this.unacknowledged()) return;
    clearTimeout(this.#timer);
    void this.#save();
  }

  /** The form was handed in: nothing is kept any more. */
  discard(): void {
    this.close();
    forget(this.#callId);
  }

  /** Stops working; the browser's copy stays for the next time this call is shown. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#sending?.abort();
    removeEventListener('pagehide', this.#leaving);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), ms);
  }

  async #save(): Promise<void> {
    // One at a time, so that an older text never arrives after a newer one.
    if (this.#closed || this.#sending) return;
    const sending = (this.#sending = new AbortController());
    const changes = this.#changes;
    try {
      await send('PUT', `/workspace/draft/${encodeURIComponent(this.#callId)}`, this.#form, sending.signal);
      this.#sending = null;
      if (this.#closed) return;
      if (changes === this.#changes) {
        forget(this.#callId);
        this.#tell('saved');
      } else this.#later(quietMs);
    } catch {
      this.#sending = null;
      if (this.#closed) return;
      this.#tell('unsaved');
      this.#later(retryMs);
    }
  }

  /** The page goes while something is unsaved: one last request that outlives it. */
  #sendOnLeaving(): void {
    if (this.#closed || !this.unacknowledged()) return;
    void fetch(`/workspace/draft/${encodeURIComponent(this.#callId)}`, {
      method: 'PUT',
      keepalive: true,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-csrf-token': csrfToken(),
      },
      body: JSON.stringify(this.#form),
    }).catch(() => undefined);
  }
}

function store(callId: string, form: DraftForm): void {
  try {
    localStorage.setItem(prefix + callId, JSON.stringify(form));
  } catch {
    // Storage full or forbidden: the server's copy has to do.
  }
}

function forget(callId: string): void {
  try {
    localStorage.removeItem(prefix + callId);
  } catch {
    // Nothing was kept there either.
  }
}

/** The fields of a form that belong to a draft, as they stand. */
export function readForm(form: HTMLFormElement): DraftForm {
  const data = new FormData(form);
  const draft: DraftForm = {};
  for (const field of draftFields) {
    const value = data.get(field);
    if (typeof value === 'string') draft[field] = value;
  }
  return draft;
}

/** Puts a draft back into its fields. */
export function fillForm(form: HTMLFormElement, draft: DraftForm): void {
  for (const field of draftFields) {
    const value = draft[field];
    if (value === undefined) continue;
    for (const element of form.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(
      `[name="${field}"]`,
    )) {
      // A hidden field says what the server knows now, not what it knew when this was typed.
      if (element.type === 'hidden') continue;
      if (element instanceof HTMLInputElement && element.type === 'radio')
        element.checked = element.value === value;
      else element.value = value;
    }
  }
}
