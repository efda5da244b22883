import { need } from './dom.ts';

export interface Question {
  text: string;
  title?: string;
  /** The word on the button; say what happens. */
  ok?: string;
  /** Asks for a typed reason of three characters or more. */
  reason?: boolean;
}

/** Ends the question that stands, with its answer. */
let endStanding = (): void => undefined;

/** Asks before something that cannot be undone. The typed reason ('' where none was asked for), or null for "no". */
export function ask(question: Question): Promise<string | null> {
  endStanding();
  const dialog = need<HTMLDialogElement>('#confirm-dialog');
  const ok = need<HTMLButtonElement>('#confirm-ok', dialog);
  const cancel = need<HTMLButtonElement>('#confirm-cancel', dialog);
  const reason = need<HTMLInputElement>('#confirm-reason', dialog);
  need('#confirm-title', dialog).textContent = question.title ?? dialog.dataset.title ?? '';
  need('#confirm-text', dialog).textContent = question.text;
  need('#confirm-reason-field', dialog).hidden = !question.reason;
  ok.textContent = question.ok ?? ok.dataset.default ?? '';
  reason.value = '';
  reason.required = Boolean(question.reason);
  const check = () => (ok.disabled = Boolean(question.reason) && reason.value.trim().length < 3);
  check();
  return new Promise((resolve) => {
    let answer: string | null = null;
    const accept = (event: Event) => {
      event.preventDefault();
      if (ok.disabled) return;
      answer = reason.value.trim();
      dialog.close();
    };
    const refuse = () => dialog.close();
    const form = need<HTMLFormElement>('form', dialog);
    reason.addEventListener('input', check);
    form.addEventListener('submit', accept);
    cancel.addEventListener('click', refuse);
    // The event comes a moment after the dialog has closed: the next question may be open by then.
    const closed = () => {
      if (!dialog.open) end();
    };
    const end = () => {
      reason.removeEventListener('input', check);
      form.removeEventListener('submit', accept);
      cancel.removeEventListener('click', refuse);
      dialog.removeEventListener('close', closed);
      endStanding = () => undefined;
      resolve(answer);
    };
    dialog.addEventListener('close', closed);
    endStanding = end;
    dialog.showModal();
    (question.reason ? reason : cancel).focus();
  });
}

/** Forms and htmx elements with `data-confirm` ask first; a hidden field `reason` takes what was typed. */
export function confirmForms(): void {
  document.addEventListener(
    'submit',
    (event) => {
      const form = event.target as HTMLFormElement;
      if (form.dataset.confirm === undefined || form.matches('[hx-post],[hx-put],[hx-patch],[hx-delete]'))
        return;
      if (form.dataset.confirmed === 'yes') return void delete form.dataset.confirmed;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { submitter } = event;
      void ask(questionOf(form)).then((reason) => {
        if (reason === null) return;
        takeReason(form, reason);
        form.dataset.confirmed = 'yes';
        // A page that is drawn anew every second has put another form in its place by now; the answer is to this one.
        if (!form.isConnected) {
          form.hidden = true;
          document.body.append(form);
        }
        form.requestSubmit(submitter);
      });
    },
    true,
  );
  document.addEventListener('htmx:confirm', (event) => {
    const { elt, issueRequest } = (
      event as CustomEvent<{ elt: HTMLElement; issueRequest(skip: boolean): void }>
    ).detail;
    if (elt.dataset.confirm === undefined) return;
    event.preventDefault();
    void ask(questionOf(elt)).then((reason) => {
      if (reason === null) return;
      takeReason(elt, reason);
      issueRequest(true);
    });
  });
}

function questionOf(element: HTMLElement): Question {
  const { confirm = '', confirmOk, confirmTitle, confirmReason } = element.dataset;
  return { text: confirm, ok: confirmOk, title: confirmTitle, reason: confirmReason !== undefined };
}

function takeReason(element: HTMLElement, reason: string): void {
  const field = element.querySelector<HTMLInputElement>('input[name="reason"]');
  if (field) field.value = reason;
}
