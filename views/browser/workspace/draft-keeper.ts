import type { Draft, DraftForm, DraftSaved } from '../../../dialer/drafts/draft.ts';
import { mergeDrafts, sameDraft, type MergedDraft } from '../../../dialer/drafts/draft-merge.ts';
import { csrfToken, send } from '../shared/http.ts';
import { forgetCopy, storeCopy, takeCopies } from './draft-copies.ts';

export type DraftState = 'saving' | 'saved' | 'unsaved' | 'elsewhere';

const quietMs = 600;
const retryMs = 3000;
/** Handing in does not wait longer than this for the last save. */
const settleMs = 1000;

/**
 * Keeps what is typed beside one call: at once in this browser, and after a short pause on the server. The browser's
 * copy goes when the server has acknowledged it, so a crash between the two loses nothing. What another page of the
 * agent saved comes in as it is told, and each save names the revision it is written over: neither loses a word.
 */
export class DraftKeeper {
  readonly #callId: string;
  readonly #tell: (state: DraftState) => void;
  readonly #takeOver: (merged: MergedDraft) => void;
  /** What the server is known to have. */
  #base: Draft;
  #form: DraftForm;
  /** What was sent since the server last answered: it may have taken any of these. */
  #sent: DraftForm[] = [];
  #dirty = false;
  /** Counts changes; what the server has is the count at the time it was sent. */
  #changes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: AbortController | null = null;
  #saving: Promise<void> = Promise.resolve();
  #composing = false;
  #waiting: Draft | null = null;
  #closed = false;
  readonly #leaving = () => this.#sendOnLeaving();
  readonly #hiding = () => document.hidden && this.flush();

  /** `takeOver` is given what the fields have to hold once another page's text has come in. */
  constructor(
    callId: string,
    base: Draft,
    on: { state: (state: DraftState) => void; takeOver: (merged: MergedDraft) => void },
  ) {
    this.#callId = callId;
    this.#base = base;
    this.#form = base.form;
    this.#tell = on.state;
    this.#takeOver = on.takeOver;
    addEventListener('pagehide', this.#leaving);
    // The agent goes over to another page: what was typed here is to be there first.
    document.addEventListener('visibilitychange', this.#hiding);
  }

  /** Brings back what this browser kept that the server never acknowledged. */
  recover(): void {
    const copies = takeCopies(this.#callId);
    for (const copy of copies) {
      const merged = mergeDrafts(copy.base.form, copy.form, this.#form);
      this.#form = merged.form;
      this.#takeOver(merged);
    }
    if (!sameDraft(this.#form, this.#base.form)) this.keep(this.#form);
    else if (copies.length > 0) this.#tell('saved');
  }

  keep(form: DraftForm): void {
    if (this.#closed) return;
    this.#form = form;
    this.#dirty = true;
    this.#changes += 1;
    storeCopy(this.#callId, { base: this.#base, form });
    this.#tell('saving');
    this.#later(quietMs);
  }

  /** Another page has saved. */
  receive(draft: Draft): void {
    if (this.#closed || draft.revision <= this.#base.revision) return;
    // They would break off if the field changed under them.
    if (this.#composing) this.#waiting = draft;
    else this.#adopt(draft);
  }

  /** Letters are being composed: they are kept here, and go to the server and other pages as a whole. */
  composing(on: boolean): void {
    this.#composing = on;
    if (on) return;
    if (this.#dirty) this.#later(quietMs);
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) this.receive(waiting);
  }

  /** Sends at once what the server does not have yet. */
  flush(): void {
    if (this.#dirty) this.#save();
  }

  /** Before the form is handed in: what is unsaved meets what another page has saved. */
  async settle(): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, settleMs));
    const settled = async () => {
      await this.#saving;
      this.flush();
      await this.#saving;
    };
    await Promise.race([settled(), late]);
  }

  /** The form was handed in: nothing is kept any more. */
  discard(): void {
    this.close();
    forgetCopy(this.#callId);
  }

  /** Stops working; the browser's copy stays for the next time this call is shown. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#sending?.abort();
    removeEventListener('pagehide', this.#leaving);
    document.removeEventListener('visibilitychange', this.#hiding);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#composing) this.#save();
    }, ms);
  }

  /** One at a time, so that an older text never arrives after a newer one. */
  #save(): void {
    if (this.#closed || this.#sending) return;
    clearTimeout(this.#timer);
    this.#saving = this.#send();
  }

  async #send(): Promise<void> {
    const sending = (this.#sending = new AbortController());
    const changes = this.#changes;
    const form = this.#form;
    this.#sent.push(form);
    try {
      const path = `/workspace/draft/${encodeURIComponent(this.#callId)}`;
      const body = { revision: this.#base.revision, form };
      const saved = await send<DraftSaved>('PUT', path, body, { signal: sending.signal });
      this.#sending = null;
      if (this.#closed) return;
      if (!saved.kept) this.#refused(saved);
      else if (saved.revision > this.#base.revision) this.#base = { revision: saved.revision, form };
      this.#sent = [];
      if (!saved.kept) return;
      if (changes === this.#changes) this.#clean('saved');
      else this.#later(quietMs);
    } catch {
      this.#sending = null;
      if (this.#closed) return;
      this.#tell('unsaved');
      this.#later(retryMs);
    }
  }

  /** Another page was first: what it wrote comes in, and what is more here is saved over that. */
  #refused(theirs: Draft): void {
    // Told already, or gone from the server: the next save goes by what is there.
    if (theirs.revision <= this.#base.revision) this.#base = { ...this.#base, revision: theirs.revision };
    else this.receive(theirs);
    if (this.#dirty) this.#later(quietMs);
  }

  #adopt(draft: Draft): void {
    const before = this.#base.form;
    this.#base = draft;
    if (sameDraft(draft.form, this.#form)) return this.#clean('saved');
    // One's own save, heard of before its answer or instead of it; what was typed since is still to be saved.
    if (this.#sent.some((form) => sameDraft(form, draft.form))) return;
    const merged = mergeDrafts(before, this.#form, draft.form);
    this.#form = merged.form;
    this.#changes += 1;
    this.#takeOver(merged);
    if (sameDraft(merged.form, draft.form)) return this.#clean('elsewhere');
    this.keep(merged.form);
  }

  #clean(state: DraftState): void {
    this.#dirty = false;
    clearTimeout(this.#timer);
    forgetCopy(this.#callId);
    this.#tell(state);
  }

  /** The page goes while something is unsaved: one last request that outlives it. */
  #sendOnLeaving(): void {
    if (this.#closed || !this.#dirty) return;
    void fetch(`/workspace/draft/${encodeURIComponent(this.#callId)}`, {
      method: 'PUT',
      keepalive: true,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-csrf-token': csrfToken(),
      },
      body: JSON.stringify({ revision: this.#base.revision, form: this.#form }),
    }).catch(() => undefined);
  }
}
