/**
 * A form with `data-warn-unsaved` that was changed and not sent is not left without a question; nor when another form of
 * the page is sent, which leaves this one behind. `stayed` is called when the answer may have been to stay.
 */
export function warnUnsaved(stayed: () => void): void {
  const changed = new Set<HTMLFormElement>();
  let sent: HTMLFormElement | null = null;
  const formOf = ({ target }: Event) =>
    (target as Element).closest<HTMLFormElement>('form[data-warn-unsaved]') ??
    (target as HTMLInputElement).form;
  const note = (event: Event) => {
    const form = formOf(event);
    if (form?.dataset.warnUnsaved !== undefined) changed.add(form);
  };
  addEventListener('input', note);
  addEventListener('change', note);
  addEventListener('submit', ({ target, defaultPrevented }) => {
    // One that is held up by a question has not gone yet.
    if (defaultPrevented) return;
    sent = changed.delete(target as HTMLFormElement) ? (target as HTMLFormElement) : null;
  });
  addEventListener('reset', ({ target }) => changed.delete(target as HTMLFormElement));
  addEventListener('beforeunload', (event) => {
    if (![...changed].some((form) => form.isConnected)) return;
    event.preventDefault();
    setTimeout(() => {
      // What was to be sent is still unsaved where the answer was to stay.
      if (sent) changed.add(sent);
      stayed();
    });
  });
}
