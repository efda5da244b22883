import type { CallbackLook } from '../../../dialer/workspace/callback-times.ts';
import { Refused, send } from '../shared/http.ts';
import { typedValue } from '../shared/typed-field.ts';
import { say } from '../shared/words.ts';
import { bound, setHidden, setText, showError } from './dom.ts';
import { fillForm, readForm } from './draft-fields.ts';

const quietMs = 250;

/** When the customer is to be called: the time on both clocks, and at once whether it can be promised. */
export class CallbackFields {
  readonly #form: HTMLFormElement;
  readonly #callId: string;
  readonly #zone: string;
  readonly #changed: () => void;
  #shown = false;
  #asked = '';
  #look: CallbackLook | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(form: HTMLFormElement, callId: string, zone: string, changed: () => void) {
    this.#form = form;
    this.#callId = callId;
    this.#zone = zone;
    this.#changed = changed;
    for (const button of form.querySelectorAll<HTMLElement>('[data-do="callback-at"]'))
      button.addEventListener('click', () => this.#take(button.dataset.date!, button.dataset.time!));
    bound('callback-next', form).addEventListener('click', () => {
      const next = this.#look?.next;
      if (next) this.#take(next.date, next.time);
    });
  }

  /** Follows what has been typed; `wanted`: the result chosen needs a callback. */
  draw(wanted: boolean): void {
    if (wanted && !this.#shown) bound('callback', this.#form).scrollIntoView({ block: 'nearest' });
    this.#shown = wanted;
    const { date, time } = this.#when();
    const { callbackPhone = '' } = readForm(this.#form);
    const asked = wanted && date && time ? `${date} ${time} ${callbackPhone}` : '';
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#show(null);
    clearTimeout(this.#timer);
    if (asked) this.#timer = setTimeout(() => void this.#ask(asked), quietMs);
  }

  /** What is missing or stands against it, in words; '' when it can be handed in. */
  problem(now: number): string {
    const { date, time, wrong } = this.#when();
    if (wrong) return wrong;
    if (!date && !time) return say('callback.missing');
    if (!date) return say('callback.missingDate');
    if (!time) return say('callback.missingTime');
    return this.#look && this.#look.at <= now ? say('callback.past') : (this.#look?.problem ?? '');
  }

  /** As the server takes it. */
  value(): object {
    const values = readForm(this.#form);
    return {
      ...{ date: this.#when().date, time: this.#when().time },
      zone: this.#zone,
      mine: values.callbackMine !== 'false',
      note: values.callbackNote || undefined,
      e164: values.callbackPhone || undefined,
    };
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** As typed so far: who hands in by a key has not left the field. */
  #when(): { date: string; time: string; wrong: string } {
    const [date, time] = ['callbackDate', 'callbackTime'].map((name) => {
      const field = this.#form.querySelector<HTMLInputElement>(`[name="${name}"]`);
      const value = field && typedValue(field);
      return { value: value ?? '', wrong: value === null ? (field?.dataset.typedError ?? '') : '' };
    });
    return { date: date!.value, time: time!.value, wrong: date!.wrong || time!.wrong };
  }

  async #ask(asked: string): Promise<void> {
    const { date, time } = this.#when();
    const { callbackPhone } = readForm(this.#form);
    const query = new URLSearchParams({ callId: this.#callId, zone: this.#zone });
    query.set('date', date);
    query.set('time', time);
    if (callbackPhone) query.set('e164', callbackPhone);
    try {
      const look = await send<CallbackLook>('GET', `/workspace/callback-look?${query.toString()}`);
      if (asked === this.#asked) this.#show(look);
    } catch (error) {
      // The server looks again when the form is handed in.
      if (error instanceof Refused && error.problem.status === 422 && asked === this.#asked)
        showError(this.#form, 'callback', error.problem.detail);
    }
  }

  #show(look: CallbackLook | null): void {
    this.#look = look;
    const both =
      look &&
      say(look.same ? 'callback.sameTime' : 'callback.bothTimes', { theirs: look.theirs, yours: look.yours });
    setText(bound('both-times', this.#form), both ?? '');
    showError(this.#form, 'callback', look?.problem ?? '');
    const next = bound('callback-next', this.#form);
    setHidden(next, !look?.next);
    setText(next, look?.next?.label ?? '');
    if (look?.next) next.scrollIntoView({ block: 'nearest' });
  }

  #take(date: string, time: string): void {
    fillForm(this.#form, { callbackDate: date, callbackTime: time });
    this.#changed();
  }
}
