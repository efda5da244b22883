import { formatDuration } from '../../../core/i18n/duration.ts';
import type { MonitorMode, MonitorView } from '../../../dialer/monitors/monitor.ts';
import { need } from '../shared/dom.ts';
import { Refused, send } from '../shared/http.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';
import { createPhone, type Phone, type PhoneConfig, type PhoneState } from '../softphone/index.ts';
import type { PhoneOptions } from '../softphone/phone.ts';
import { thisBrowser } from '../softphone/this-browser.ts';
import { setText } from './elements.ts';
import type { Floor } from './floor.ts';

/** The dialer takes a page that does not say so for gone. */
const keepMs = 10_000;
const registerMs = 15_000;

const usable: ReadonlySet<PhoneState['status']> = new Set(['registered', 'simulated', 'desk']);
const hopeless: ReadonlySet<PhoneState['status']> = new Set([
  ...(['elsewhere', 'refused', 'no-microphone', 'unsupported', 'unreachable'] as const),
]);

/** Being with an agent's call, over this page's own phone. */
export class Monitoring {
  readonly #floor: Floor;
  readonly #bar = need('[data-bind="monitor"]');
  #view: MonitorView | null = null;
  /** Of the last one that is over: what was said of it before may come after. */
  #over: string | null = null;
  #phone: Phone | null = null;
  #starting = false;
  #keeper: ReturnType<typeof setInterval> | undefined;

  constructor(floor: Floor) {
    this.#floor = floor;
    floor.watch(() => this.#draw());
    floor.onMonitor((view) => this.#see(view));
    for (const button of this.#bar.querySelectorAll<HTMLElement>('[data-mode]'))
      button.addEventListener('click', () => {
        if (this.#view) void this.start(this.#view.userId, button.dataset.mode as MonitorMode);
      });
    need('[data-do="monitor-stop"]', this.#bar).addEventListener('click', () => void this.#stop());
    need('[data-do="monitor-end"]', this.#bar).addEventListener('click', () => void this.#endCall());
    addEventListener('pagehide', () => this.#phone?.stop());
  }

  async start(agent: number, mode: MonitorMode): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    try {
      if (this.#view && this.#view.userId !== agent) await this.#stop();
      if (!this.#phone) await this.#openPhone(agent);
      this.#see(await send<MonitorView>('POST', '/floor/monitor', { agent, mode }));
    } catch (error) {
      if (!this.#view) this.#closePhone();
      toast('danger', error instanceof Refused ? error.problem.detail : String((error as Error).message));
    } finally {
      this.#starting = false;
    }
  }

  async #openPhone(agent: number): Promise<void> {
    const config = await send<PhoneConfig>('GET', `/floor/phone?agent=${agent}`);
    const phone = await createPhone(config, {
      autoAnswer: () => true,
      expectsSound: () => this.#view?.state === 'on',
      inCall: () => this.#view !== null,
      holding: tellsOnce(),
      opensElsewhere: () => false,
    });
    this.#phone = phone;
    const ready = this.#registered(phone);
    await phone.start();
    await ready;
  }

  #registered(phone: Phone): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(say('monitor.noPhone')));
      const late = setTimeout(fail, registerMs);
      const stop = phone.watch(({ status, problem }) => {
        if (!usable.has(status) && !hopeless.has(status)) return;
        clearTimeout(late);
        setTimeout(() => stop());
        if (usable.has(status)) resolve();
        else
          reject(new Error(problem ?? say(status === 'elsewhere' ? 'monitor.elsewhere' : 'monitor.noPhone')));
      });
    });
  }

  #see(view: MonitorView): void {
    const before = this.#view;
    // An answer and what the dialer tells of itself overtake each other.
    if (view.id === this.#over || (before?.id === view.id && view.step < before.step)) return;
    if (view.state === 'ended') {
      this.#over = view.id;
      if (before?.id !== view.id) return;
      this.#view = null;
      clearInterval(this.#keeper);
      this.#closePhone();
      if (view.ended && view.ended !== 'stopped')
        toast('info', say(`monitor.ended.${view.ended}`, { agent: this.#nameOf(view) }));
    } else {
      this.#view = view;
      this.#phone?.mute(view.mode === 'listen');
      if (!before) this.#keeper = setInterval(() => void this.#keep(), keepMs);
    }
    this.#draw();
  }

  async #keep(): Promise<void> {
    const view = this.#view;
    if (!view) return;
    const { monitor } = await send<{ monitor: MonitorView | null }>('POST', '/floor/monitor/keep', {
      agent: view.userId,
    }).catch(() => ({ monitor: view }));
    if (this.#view !== view) return;
    // Ended unheard: the dialer was started anew, or its word was lost.
    this.#see(monitor ?? { ...view, state: 'ended', ended: 'call-over' });
  }

  async #stop(): Promise<void> {
    const view = this.#view;
    if (!view) return;
    this.#see({ ...view, state: 'ended', ended: 'stopped' });
    await send('POST', '/floor/monitor/stop', { agent: view.userId }).catch((error: unknown) => {
      if (error instanceof Refused) toast('danger', error.problem.detail);
    });
  }

  async #endCall(): Promise<void> {
    const view = this.#view;
    if (!view) return;
    await send('POST', '/floor/monitor/end-call', { agent: view.userId }).catch((error: unknown) => {
      if (error instanceof Refused) toast('danger', error.problem.detail);
    });
  }

  #closePhone(): void {
    this.#phone?.stop();
    this.#phone = null;
  }

  #nameOf({ userId }: MonitorView): string {
    return this.#floor.agent(userId)?.name ?? '';
  }

  #draw(): void {
    const view = this.#view;
    this.#bar.hidden = view === null;
    if (!view) return;
    const on = view.state === 'on';
    need('[data-do="monitor-end"]', this.#bar).hidden = !on || view.mode !== 'take-over';
    const word = on ? `monitor.now.${view.mode}` : 'monitor.now.calling';
    setText(need('[data-bind="monitor-word"]', this.#bar), say(word, { agent: this.#nameOf(view) }));
    const time = on ? formatDuration(this.#floor.now() - view.since) : '';
    setText(need('[data-bind="monitor-time"]', this.#bar), time);
    const call = this.#floor.agent(view.userId)?.call;
    const notes = [view.simulated && 'simulated', call?.recordingPaused && 'recordingPaused'];
    setText(
      need('[data-bind="monitor-note"]', this.#bar),
      notes.flatMap((note) => (note ? say(`monitor.${note}`) : [])).join(' '),
    );
    const asking = call?.asking === true;
    for (const button of this.#bar.querySelectorAll<HTMLButtonElement>('[data-mode]')) {
      button.setAttribute('aria-pressed', String(button.dataset.mode === view.mode));
      if (button.dataset.mode !== 'take-over') continue;
      button.disabled = asking;
      button.title = asking ? say('monitor.asking', { agent: this.#nameOf(view) }) : '';
    }
  }
}

/** Pages of this supervisor in other browsers are told that the phone is here. */
function tellsOnce(): PhoneOptions['holding'] {
  let told = false;
  return {
    wants: () => undefined,
    registered() {
      if (told) return;
      told = true;
      void send('POST', '/workspace/phone/take', { browser: thisBrowser() }).catch(() => (told = false));
    },
  };
}
