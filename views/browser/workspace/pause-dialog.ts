import { need } from '../shared/dom.ts';
import type { Bar } from './bar.ts';
import type { Commands } from './commands.ts';
import { closeDialog, openDialog } from './dialogs.ts';
import { fetchPart } from './dom.ts';

/** The pause codes, as they are when somebody wants a pause: the page stays open for days. */
export class PauseDialog {
  readonly #commands: Commands;
  readonly #bar: Bar;

  constructor(commands: Commands, bar: Bar) {
    this.#commands = commands;
    this.#bar = bar;
  }

  async open(): Promise<void> {
    const dialog = openDialog('pause');
    const list = need('[data-bind="pause-codes"]', dialog);
    const fresh = document.createElement('div');
    // Those of the page's start are better than none.
    const part = await fetchPart('/workspace/pause-codes').catch(() => null);
    if (!part) return;
    fresh.append(part);
    if (fresh.innerHTML.trim() === list.innerHTML.trim()) return;
    list.replaceChildren(...fresh.childNodes);
    this.#bar.knowPauses(
      [...list.querySelectorAll<HTMLElement>('[data-code]')].map(({ dataset }) => ({
        id: Number(dataset.code),
        name: dataset.name ?? '',
        limitMinutes: dataset.limit ? Number(dataset.limit) : null,
      })),
    );
  }

  take(pauseCodeId: number): void {
    closeDialog('pause');
    void this.#commands.run('pause', { pauseCodeId });
  }
}
