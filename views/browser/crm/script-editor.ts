import { ask } from '../shared/confirm.ts';
import { announce, need } from '../shared/dom.ts';
import { asProblem, csrfToken, inTime, Refused } from '../shared/http.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';
import { ScriptPreview } from './script-preview.ts';

const quietMs = 600;
const retryMs = 4000;

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/**
 * The editor of one script: what is typed is kept on the server after a short pause, everything else at once, one
 * request after the other. Steps, problems and the preview follow what is kept.
 */
export class ScriptEditor {
  readonly #preview: ScriptPreview;
  #revision: number;
  #dirty = false;
  #changes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#revision = Number(this.#field('revision').value);
    this.#preview = new ScriptPreview(this.#root.dataset.script!, () => this.#root.dataset.language!);
    document.addEventListener('input', (event) => {
      if (!this.#isOfStep(event.target) || (event.target as Field).name === 'newLanguage') return;
      this.#dirty = true;
      this.#changes += 1;
      this.#tell('saving');
      this.#later(quietMs);
    });
    document.addEventListener('change', (event) => {
      const { dataset } = event.target as HTMLElement;
      if (this.#isOfStep(event.target) && dataset.op) void this.#operate(dataset.op);
    });
    // Before the page's own listener, which would take the form for sent.
    document.addEventListener('submit', (event) => this.#submitted(event), { capture: true });
    document.addEventListener('click', (event) => this.#clicked(event));
    document.addEventListener('keydown', (event) => this.#pressed(event));
    addEventListener('popstate', () => location.reload());
    addEventListener('beforeunload', (event) => {
      if (!this.#dirty) return;
      void this.#post('keep', { keepalive: true }).catch(() => undefined);
      event.preventDefault();
    });
  }

  get #root(): HTMLElement {
    return need('#script-editor');
  }

  get #form(): HTMLFormElement {
    return need<HTMLFormElement>('#step-form');
  }

  #field(name: string): HTMLInputElement {
    return need<HTMLInputElement>(`[name="${name}"]`, this.#form);
  }

  #isOfStep(target: EventTarget | null): boolean {
    return target instanceof Element && target.closest('#step-form') !== null;
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    // Somebody else has saved: what is kept from here on is the writer's choice.
    if (this.#root.dataset.conflict === undefined) this.#timer = setTimeout(() => void this.#keep(), ms);
  }

  /** One after the other, each over the revision that the one before has made. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#work.then(work, work);
    this.#work = next.catch(() => undefined);
    return next;
  }

  /** Keeps what is typed; the form stays as it is. */
  #keep(): Promise<boolean> {
    clearTimeout(this.#timer);
    return this.#inTurn(async () => {
      if (!this.#dirty) return true;
      if (this.#root.dataset.conflict !== undefined) return false;
      const changes = this.#changes;
      try {
        const answer = await this.#post('keep', { accept: 'application/json' });
        if (answer.status === 409) {
          await this.#replace(await this.#post('keep', { fragment: true }));
          return false;
        }
        if (!answer.ok) throw new Refused(asProblem(await answer.json().catch(() => null), answer.status));
        this.#took(((await answer.json()) as { revision: number }).revision);
        if (changes === this.#changes) this.#clean();
        void this.#follow();
        return true;
      } catch (error) {
        this.#tell('unsaved');
        if (error instanceof Refused && error.problem.status === 422) toast('danger', error.problem.detail);
        else this.#later(retryMs);
        return false;
      }
    });
  }

  #clean(): void {
    this.#dirty = false;
    this.#tell('saved');
  }

  #took(revision: number): void {
    this.#revision = revision;
    for (const field of document.querySelectorAll<HTMLInputElement>('#step-form [name="revision"], #publish-form [name="revision"]')) field.value = String(revision); // prettier-ignore
  }

  /** Does something to the script, with what is typed, and shows the editor as it then is. */
  #operate(op: string): Promise<void> {
    clearTimeout(this.#timer);
    return this.#inTurn(async () => {
      try {
        const answer = await this.#post(op, { fragment: true });
        if (answer.ok || answer.status === 409) await this.#replace(answer);
        else toast('danger', asProblem(null, answer.status).detail);
      } catch {
        this.#tell('unsaved');
        this.#later(retryMs);
      }
    });
  }

  #post(op: string, how: { accept?: string; fragment?: boolean; keepalive?: boolean }): Promise<Response> {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.#form))
      if (typeof value === 'string') body.append(name, value);
    body.set('revision', String(this.#revision));
    body.set('op', op);
    const headers = {
      'x-csrf-token': csrfToken(),
      accept: how.accept ?? 'text/html',
      ...(how.fragment ? { 'hx-request': 'true' } : {}),
    };
    return inTime((signal) =>
      fetch(this.#form.action, { method: 'POST', body, headers, signal, keepalive: how.keepalive ?? false }),
    );
  }

  async #replace(answer: Response): Promise<void> {
    const text = await answer.text();
    // No room for it, or put away meanwhile: said in words, and nothing has changed.
    if (/json/.test(answer.headers.get('content-type') ?? ''))
      return toast('danger', asProblem(JSON.parse(text), answer.status).detail);
    const focused = document.activeElement;
    const before = { id: focused?.id ?? '', step: this.#root.dataset.step };
    const template = document.createElement('template');
    template.innerHTML = text;
    this.#root.replaceWith(template.content);
    this.#took(Number(this.#field('revision').value));
    const { conflict, step, language } = this.#root.dataset;
    if (conflict === undefined) this.#clean();
    else announce(say('scripts.clash'));
    if (step !== before.step) need<HTMLInputElement>('#f-title').focus();
    else refocus(before.id);
    history.replaceState(null, '', `?step=${step}&lang=${language}`);
    void this.#preview.refresh();
  }

  /** Steps, problems and preview of what is kept now. */
  async #follow(): Promise<void> {
    const { script, step, language } = this.#root.dataset;
    try {
      const answer = await fetch(`/scripts/${script}/beside?step=${step}&lang=${language}`, { headers: { 'hx-request': 'true' } }); // prettier-ignore
      if (!answer.ok) return;
      const focused = document.activeElement?.id ?? '';
      const place = need('#script-beside');
      const within = place.contains(document.activeElement);
      place.innerHTML = await answer.text();
      if (within) refocus(focused);
    } catch {
      // The next change asks again.
    }
    await this.#preview.refresh();
  }

  /** Another step, or another language: first what is typed here is kept. */
  async #open(href: string): Promise<void> {
    if (!(await this.#keep())) return;
    await this.#inTurn(async () => {
      const answer = await fetch(href, { headers: { 'hx-request': 'true' } });
      if (!answer.ok) return location.assign(href);
      history.pushState(null, '', href);
      await this.#replace(answer);
    });
  }

  #submitted(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    const submitter = event.submitter as HTMLButtonElement | null;
    if (form.id === 'publish-form' && this.#dirty) {
      event.preventDefault();
      event.stopImmediatePropagation();
      void this.#keep().then((kept) => kept && form.requestSubmit());
    }
    if (form.id !== 'step-form') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const op = submitter?.value || 'keep';
    const question = submitter?.dataset.ask;
    if (!question) return void this.#operate(op);
    void ask({ text: question, ok: submitter?.dataset.askOk }).then((answer) =>
      answer === null ? undefined : this.#operate(op),
    );
  }

  #clicked(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    const text = target.closest<HTMLElement>('[data-insert]')?.dataset.insert;
    if (text) {
      const field = need<HTMLTextAreaElement>('#f-text');
      field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
      field.focus();
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
    const link = target.closest<HTMLAnchorElement>('#script-editor a[href*="?step="]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // In a conflict the link is the way to what the other has written.
    if (this.#root.dataset.conflict !== undefined) return void (this.#dirty = false);
    event.preventDefault();
    void this.#open(link.getAttribute('href')!);
  }

  /** Alt and an arrow move the step that has the focus. */
  #pressed(event: KeyboardEvent): void {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    const id = (event.target as HTMLElement).closest<HTMLElement>('[data-flow]')?.dataset.flow;
    if (id === undefined) return;
    event.preventDefault();
    void this.#operate(`${event.key === 'ArrowUp' ? 'up' : 'down'}-step:${id}`);
  }

  #tell(state: 'saving' | 'saved' | 'unsaved'): void {
    const place = need('[data-bind="script-saved"]');
    place.dataset.state = state;
    if (place.textContent !== say(`scripts.${state}`)) place.textContent = say(`scripts.${state}`);
  }
}

/** Where the work was; a button that is of no use there any more hands on to what it stood beside. */
function refocus(id: string): void {
  const element = id === '' ? null : document.getElementById(id);
  if (element && !(element as HTMLButtonElement).disabled) return element.focus();
  const [, kind, step] = /^(up|down)-([0-9a-f]{8})$/.exec(id) ?? [];
  if (kind) document.getElementById(`${kind === 'up' ? 'down' : 'up'}-${step}`)?.focus();
}
