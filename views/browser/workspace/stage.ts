import { need } from '../shared/dom.ts';
import { inTime, toSignIn } from '../shared/http.ts';
import { say } from '../shared/words.ts';
import { isTypingIn } from './dom.ts';
import { EarlyNote } from './early-note.ts';

type Mounted = (stage: HTMLElement, path: string) => void;

/** The server knows of no such fragment for this agent. */
const gone = Symbol('gone');

/** So long the last customer may stand there while the next one's card is on its way: no longer than a blink. */
const blinkMs = 120;

/** Pauses before a fragment that could not be had is asked for again. */
const retryMs = [400, 1000, 2000, 5000];

/** The middle of the page: one fragment, rendered by the server, for the call, the preview, or the time between. */
export class Stage {
  readonly #root = need('#stage');
  readonly #mounted: Mounted[] = [];
  readonly #interrupted: (() => void)[] = [];
  readonly #gone: ((path: string) => void)[] = [];
  readonly #cleared: (() => void)[] = [];
  readonly #early: ((text: string, hadFocus: boolean) => void)[] = [];
  #note: EarlyNote | null = null;
  /** What was written of calls whose form has not come yet, by call. */
  readonly #unplaced = new Map<string, string>();
  #path: string;
  /** Whose fragment stands on the page. */
  #shown: string | null;
  #loading: AbortController | null = null;

  constructor(path: string) {
    this.#path = path;
    this.#shown = path;
  }

  get path(): string {
    return this.#path;
  }

  get root(): HTMLElement {
    return this.#root;
  }

  /** Called with the first fragment at once, and after each that follows. */
  onMounted(listener: Mounted): void {
    this.#mounted.push(listener);
    listener(this.#root, this.#path);
  }

  /** Called when a field that was being typed in goes with what is replaced. */
  onInterrupted(listener: () => void): void {
    this.#interrupted.push(listener);
  }

  /** Called each time the server knows of no fragment of that path; it is asked for again unless another is shown. */
  onGone(listener: (path: string) => void): void {
    this.#gone.push(listener);
  }

  /** Called when what stood there has gone and the next fragment is still on its way. */
  onCleared(listener: () => void): void {
    this.#cleared.push(listener);
  }

  /** Called with what was written before the call's form was there, once it is. */
  onEarlyNote(listener: (text: string, hadFocus: boolean) => void): void {
    this.#early.push(listener);
  }

  /** To the field for what is written before the form is there; false where there is none. */
  focusEarlyNote(): boolean {
    this.#note?.focus();
    return this.#note !== null;
  }

  /** Brings the fragment of that path onto the page, unless it is there. Never moves the focus. */
  show(path: string): void {
    if (path === this.#path) return;
    this.#path = path;
    void this.#load(path);
    // Nothing of the call before stands there but what was written of it.
    if (this.#shown === null) return this.#clear();
    setTimeout(() => {
      if (path === this.#path && this.#shown !== null && this.#shown !== path) this.#clear();
    }, blinkMs);
  }

  /**
   * Fetches the fragment anew if it is that one: figures and callbacks have moved on. Until it is there the old one
   * stays; so it does where `wanted` says by then that it must.
   */
  refreshIf(path: string, wanted?: () => boolean): void {
    if (path === this.#path) void this.#load(path, wanted);
  }

  async #load(path: string, wanted: () => boolean = () => true): Promise<void> {
    this.#loading?.abort();
    const loading = (this.#loading = new AbortController());
    this.#root.setAttribute('aria-busy', 'true');
    for (let attempt = 0; !loading.signal.aborted; attempt += 1) {
      const html = await fetchFragment(path, loading.signal);
      if (loading.signal.aborted) return;
      if (html === gone) for (const listener of this.#gone) listener(path);
      if (loading.signal.aborted) return;
      if (html !== null && html !== gone) return this.#place(html, path, wanted);
      if (attempt === 1 && path !== this.#shown) this.#apologize(path);
      await pause(retryMs[Math.min(attempt, retryMs.length - 1)]!);
    }
  }

  #place(html: string, path: string, wanted: () => boolean): void {
    this.#root.removeAttribute('aria-busy');
    if (path === this.#shown && !wanted()) return;
    const template = document.createElement('template');
    template.innerHTML = html;
    if (path === this.#shown) this.#leaveOpen(template.content);
    const hadFocus = this.#note?.hasFocus ?? false;
    this.#putNoteAside();
    this.#replace(template.content);
    this.#shown = path;
    for (const listener of this.#mounted) listener(this.#root, path);
    const callId = callOf(path);
    if (callId === null) return;
    const text = this.#unplaced.get(callId) ?? '';
    this.#unplaced.delete(callId);
    if (text !== '' || hadFocus) for (const listener of this.#early) listener(text, hadFocus);
  }

  /** It waits for the form of its own call, and goes to no other. */
  #putNoteAside(): void {
    if (this.#note !== null && this.#note.text !== '') {
      const { callId, text } = this.#note;
      const before = this.#unplaced.get(callId);
      this.#unplaced.set(callId, before === undefined ? text : `${before}\n${text}`);
    }
    this.#note = null;
  }

  /** What somebody has opened to read or fill in. */
  #leaveOpen(content: DocumentFragment): void {
    for (const form of this.#root.querySelectorAll('details[open] form[action]'))
      content
        .querySelector(`form[action="${CSS.escape(form.getAttribute('action')!)}"]`)
        ?.closest('details')
        ?.setAttribute('open', '');
  }

  /** Nobody is greeted by the name of the customer before, and no key goes to their form. */
  #clear(): void {
    const lines = document.createElement('div');
    lines.className = 'skeleton ws-loading';
    const word = document.createElement('span');
    word.className = 'visually-hidden';
    word.textContent = say('live.loading');
    lines.append(word);
    for (const kind of ['', '', ' short']) {
      const line = document.createElement('div');
      line.className = `skeleton-line${kind}`;
      lines.append(line);
    }
    this.#putNoteAside();
    const callId = this.#path.startsWith('call/') ? callOf(this.#path) : null;
    this.#note = callId === null ? null : new EarlyNote(callId);
    this.#replace(lines);
    if (this.#note) this.#root.append(this.#note.element);
    this.#shown = null;
    for (const listener of this.#cleared) listener();
  }

  #apologize(path: string): void {
    const note = document.createElement('div');
    note.className = 'alert ws-alert alert-warning ws-stage-failed';
    note.textContent = say('live.failed');
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'btn';
    again.textContent = say('live.reload');
    again.addEventListener('click', () => this.refreshIf(path));
    note.append(' ', again);
    // What is being written stays, and the place where it is written.
    if (this.#note)
      for (const one of this.#root.querySelectorAll('.ws-loading, .ws-stage-failed')) one.remove();
    else this.#replace('');
    this.#root.prepend(note);
    this.#shown = null;
  }

  #replace(content: Node | string): void {
    const focused = document.activeElement;
    const typing = isTypingIn(focused) && this.#root.contains(focused);
    this.#root.replaceChildren(content);
    if (typing) for (const listener of this.#interrupted) listener();
  }
}

/** Whose disposition that fragment asks for: the call's at work, or one whose wrap-up was missed. */
function callOf(path: string): string | null {
  return /^(?:call|late)\/(.+)$/.exec(path)?.[1] ?? null;
}

async function fetchFragment(path: string, given: AbortSignal): Promise<string | typeof gone | null> {
  try {
    return await inTime(
      async (signal) => {
        const headers = { accept: 'text/html', 'hx-request': 'true' };
        const response = await fetch(`/workspace/${path}`, { signal, headers });
        if (response.status === 401) toSignIn();
        if (response.status === 403 || response.status === 404) return gone;
        return response.ok ? await response.text() : null;
      },
      { signal: given },
    );
  } catch {
    return null;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
