import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { DraftForm, DraftNews } from '../../../dialer/drafts/draft.ts';
import type { MergedDraft } from '../../../dialer/drafts/draft-merge.ts';
import type { Commands } from './commands.ts';
import { CallbackFields } from './callback-fields.ts';
import { bound, setHidden, setText, showError } from './dom.ts';
import { fillForm, identifyForm, readForm, readingForm } from './draft-fields.ts';
import { DraftKeeper, type DraftState } from './draft-keeper.ts';
import { announce } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import type { Truth } from './truth.ts';

/** What is chosen is handed in by itself this long before the wrap-up limit, so that it is not lost to the clock. */
const handInEarlyMs = 1500;

/** In the place of a pause code: the pause from which the number was dialled by hand, which had none. */
const asBefore = 'before';

/** The disposition form of one call: choosing, typing, keeping it as a draft, handing it in. */
export class DispositionForm {
  readonly #form: HTMLFormElement;
  readonly #commands: Commands;
  readonly #truth: Truth;
  readonly #done: () => void;
  readonly #callId: string;
  /** The wrap-up was missed: handed in between calls, whatever the agent's state. */
  readonly #late: boolean;
  readonly #callback: CallbackFields;
  readonly #draft: DraftKeeper;
  /** Somebody else says what came of the call. */
  #noteOnly = false;
  #sending = false;
  #closed = false;
  /** The pause asked for beside the form. */
  #nextPause = '';
  /** The wrap-up limit for which it was handed in by itself already: a refusal must not repeat for ever. */
  #handedInFor: number | null = null;

  constructor(
    form: HTMLFormElement,
    zone: string,
    parts: { commands: Commands; truth: Truth; done: () => void },
  ) {
    this.#form = form;
    this.#commands = parts.commands;
    this.#truth = parts.truth;
    this.#done = parts.done;
    this.#late = form.dataset.late === 'true';
    this.#callId = form.dataset.call ?? '';
    const base = { revision: Number(form.dataset.revision ?? 0), form: readForm(form) };
    this.#draft = new DraftKeeper(this.#callId, base, {
      state: (state) => this.#showState(state),
      takeOver: (merged) => this.#takeOver(merged),
    });
    for (const part of [form, identifyForm(form), readingForm(form)]) {
      part?.addEventListener('compositionstart', () => this.#draft.composing(true));
      part?.addEventListener('compositionend', () => this.#draft.composing(false));
      part?.addEventListener('input', () => this.#changed());
    }
    form.addEventListener('change', (event) => {
      this.#changed();
      const { dataset } = event.target as HTMLElement;
      if (event.target instanceof HTMLSelectElement && event.target.name === 'pauseCodeId')
        this.#askFor(event.target.value);
      if (dataset.category === 'callback')
        form.querySelector('.ws-callback')?.scrollIntoView({ block: 'nearest' });
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.handIn();
    });
    this.#callback = new CallbackFields(form, this.#callId, zone, () => this.#changed());
    this.#draft.recover();
    this.#draw();
  }

  get callId(): string {
    return this.#callId;
  }

  /** Another page of the agent has saved what was typed there. */
  receive({ callId, revision, form }: DraftNews): void {
    if (callId === this.#callId) this.#draft.receive({ revision, form });
  }

  /** Leaves the page; what was typed stays kept. */
  close(): void {
    this.#closed = true;
    this.#draft.close();
    this.#callback.close();
  }

  /** Chooses by hotkey. False when no disposition has that key. */
  choose(hotkey: string): boolean {
    const radio = this.#form.querySelector<HTMLInputElement>(`input[data-hotkey="${CSS.escape(hotkey)}"]`);
    if (!radio) return false;
    radio.checked = true;
    radio.dispatchEvent(new Event('change', { bubbles: true }));
    announce(radio.closest('label')?.textContent?.trim() ?? '');
    return true;
  }

  /** What the script suggests is chosen, unless the agent has chosen for themselves. */
  suggest(dispositionId: string): void {
    const before = readForm(this.#form);
    const field = readingForm(this.#form)?.querySelector<HTMLInputElement>('[name="scriptSuggested"]');
    if (!field || before.scriptSuggested === dispositionId) return;
    field.value = dispositionId;
    if (!before.dispositionId || before.dispositionId === before.scriptSuggested)
      fillForm(this.#form, { dispositionId });
    this.#changed();
  }

  focusNote(): void {
    this.#form.querySelector<HTMLTextAreaElement>('textarea[name="note"]')?.focus();
  }

  /** What was written before the form was there, behind what another page has saved meanwhile. */
  addToNote(text: string, hadFocus: boolean): void {
    const field = this.#form.querySelector<HTMLTextAreaElement>('textarea[name="note"]');
    if (!field) return;
    if (text !== '') {
      field.value = [field.value, text].filter(Boolean).join('\n').slice(0, field.maxLength);
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
    if (!hadFocus) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  /** The state has changed: handing in is possible once the call is over. */
  follow(snapshot: AgentSnapshot): void {
    const over = this.#late || (snapshot.state === 'wrapup' && snapshot.call?.id === this.#callId);
    for (const button of this.#form.querySelectorAll<HTMLButtonElement>('button[type="submit"]'))
      button.disabled = !over || this.#sending;
    this.#form.classList.toggle('ws-wrapping', over);
    const isOwn = snapshot.call?.id === this.#callId;
    this.#noteOnly = !this.#late && isOwn && snapshot.call!.noteOnly;
    setHidden(bound('note-only', this.#form), !this.#noteOnly);
    setHidden(bound('dispositions', this.#form), this.#noteOnly);
    // Whoever is asked has no call of their own to say anything about.
    setHidden(this.#form, !this.#late && isOwn && snapshot.call!.askedBy !== null);
    if (!this.#late) this.#followPause(snapshot);
  }

  /** What comes next is told at once, as by the bar: it also counts where the limit runs out first. */
  #askFor(pauseCodeId: string): void {
    if (pauseCodeId === asBefore) return;
    const asked = pauseCodeId
      ? this.#commands.run('pause', { pauseCodeId: Number(pauseCodeId) })
      : this.#commands.run('ready');
    void asked.then((done) => {
      if (!done) fillForm(this.#form, { pauseCodeId: this.#nextPause });
    });
  }

  /** A pause asked for by the bar is what comes next: handing in must not take it back. */
  #followPause({ nextPauseCodeId, pausesNext }: AgentSnapshot): void {
    const pauses = pausesNext ?? nextPauseCodeId !== null;
    const next = pauses ? String(nextPauseCodeId ?? asBefore) : '';
    if (next === this.#nextPause) return;
    this.#nextPause = next;
    const option = this.#form.querySelector<HTMLOptionElement>(`option[value="${asBefore}"]`);
    if (option) option.hidden = next !== asBefore;
    fillForm(this.#form, { pauseCodeId: next });
    this.#draft.keep(readForm(this.#form));
  }

  /** Called often: hands in what is chosen before the limit takes it. */
  watchLimit(snapshot: AgentSnapshot): void {
    const { wrapupUntil } = snapshot;
    if (snapshot.state !== 'wrapup' || snapshot.call?.id !== this.#callId || wrapupUntil === null) return;
    if (this.#handedInFor === wrapupUntil || this.#truth.now() < wrapupUntil - handInEarlyMs) return;
    this.#handedInFor = wrapupUntil;
    // What cannot be handed in goes with the call as it was typed, so the server has to have all of it.
    this.#draft.flush();
    if (this.#chosen() || this.#noteOnly) void this.handIn();
  }

  async handIn(): Promise<void> {
    if (this.#sending || !(this.#late || this.#truth.snapshot?.state === 'wrapup') || !this.#body()) return;
    this.#sending = true;
    await this.#draft.settle();
    const body = this.#body();
    // Handed in by another page meanwhile.
    if (!body || this.#closed) return void (this.#sending = false);
    const refused = await this.#commands.attempt(this.#noteOnly ? 'note' : 'dispose', body);
    this.#sending = false;
    if (!refused) {
      this.#draft.discard();
      announce(say('disposition.done'));
      this.#done();
      return;
    }
    const { fields = {}, code, detail } = refused.problem;
    const callback = Object.entries(fields).find(([field]) => field.startsWith('callback'))?.[1];
    const aboutCallback = code.startsWith('callback-');
    showError(this.#form, 'callback', callback ?? (aboutCallback ? detail : ''));
    showError(this.#form, 'note', fields.note ?? '');
    showError(this.#form, 'form', callback || aboutCallback || fields.note ? '' : detail);
    if (this.#truth.snapshot) this.follow(this.#truth.snapshot);
  }

  #chosen(): HTMLInputElement | null {
    return this.#form.querySelector<HTMLInputElement>('input[name="dispositionId"]:checked');
  }

  /** What is sent; null when something is missing, which is then said beside its field. */
  #body(): object | null {
    const chosen = this.#chosen();
    const values = readForm(this.#form);
    if (this.#noteOnly)
      return { callId: this.#callId, note: values.note ?? '', ...answersOf(values), ...afterwards(values.pauseCodeId ?? '') }; // prettier-ignore
    showError(this.#form, 'dispositionId', chosen ? '' : say('disposition.chooseFirst'));
    if (!chosen) {
      this.#form.querySelector<HTMLInputElement>('input[name="dispositionId"]')?.focus();
      return null;
    }
    const wantsCallback = chosen.dataset.category === 'callback';
    const wrong = wantsCallback ? this.#callback.problem(this.#truth.now()) : '';
    showError(this.#form, 'callback', wrong);
    if (wrong) return null;
    return {
      callId: this.#callId,
      dispositionId: Number(chosen.value),
      note: values.note ?? '',
      ...answersOf(values),
      ...(this.#late ? { late: true } : {}),
      ...(this.#late ? { next: 'ready' } : afterwards(values.pauseCodeId ?? '')),
      ...(wantsCallback ? { callback: this.#callback.value() } : {}),
    };
  }

  #changed(): void {
    this.#draft.keep(readForm(this.#form));
    this.#draw();
  }

  #takeOver({ form, both }: MergedDraft): void {
    fillForm(this.#form, form);
    this.#draw();
    if (both) setText(bound('merged', this.#form), say('disposition.merged'));
  }

  #draw(): void {
    const chosen = this.#chosen();
    if (chosen) showError(this.#form, 'dispositionId', '');
    this.#callback.draw(chosen?.dataset.category === 'callback');
  }

  #showState(state: DraftState): void {
    const place = bound('saved', this.#form);
    place.dataset.state = state;
    setText(place, say(`disposition.${state}`));
  }
}

/** Answers go with the disposition: a draft that could not be saved must not lose them. */
function answersOf(values: DraftForm): object {
  if (!values.scriptPath) return {};
  const ofScript = Object.entries(values).filter(([name]) => /^(script[A-Z]|answer\.|words\.)/.test(name));
  return { script: Object.fromEntries(ofScript) };
}

function afterwards(pauseCodeId: string): object {
  if (!pauseCodeId) return { next: 'ready' };
  return { next: 'paused', ...(pauseCodeId === asBefore ? {} : { pauseCodeId: Number(pauseCodeId) }) };
}
