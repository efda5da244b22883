import {
  groupOf,
  inOrder,
  hasPoorLine,
  isPast,
  isTrouble,
  isWanted,
  type FloorAgentRow,
  type FloorCallRow,
  type FloorChanges,
  type FloorView,
} from '../../../dialer/floor/floor-row.ts';
import type { MonitorView } from '../../../dialer/monitors/monitor.ts';
import { need, pageData } from '../shared/dom.ts';
import { live } from '../shared/live.ts';
import { say } from '../shared/words.ts';
import { Alarm } from './alarm.ts';
import { Calls } from './calls.ts';
import { setText } from './elements.ts';
import { Filters } from './filters.ts';
import { lineWords, Tiles } from './tiles.ts';

/** So long after the last look at the order tiles may change their places; sooner only what is new comes in. */
const restMs = 8_000;

/** The supervisor's page: what the stream tells, drawn where it stands. */
export class Floor {
  readonly root = need('#floor');
  readonly #agents = new Map<number, FloorAgentRow>();
  readonly #calls = new Map<string, FloorCallRow>();
  readonly #collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  readonly #filters = new Filters(() => this.#arrange());
  readonly #tiles = new Tiles((id) => this.campaignName(id));
  readonly #lines = new Calls();
  readonly #alarm = new Alarm(this.root);
  readonly #notice = need('[data-bind="notice"]');
  readonly #empty = need('[data-bind="empty"]');
  readonly #watchers: (() => void)[] = [];
  readonly #monitors: ((view: MonitorView) => void)[] = [];
  #view = pageData<FloorView>()!;
  /** Server clock minus this machine's. */
  #skew = 0;
  #arrangedAt = 0;
  #isStale = false;
  #touched = false;
  /** What was in trouble when last looked at: only what is new is told. */
  #told: ReadonlySet<string> | null = null;

  start(): void {
    this.#whole(this.#view);
    live('/floor/events')
      .on<FloorView>('floor', (view) => this.#whole(view))
      .on<FloorChanges>('changes', (changes) => this.#change(changes))
      .on<MonitorView>('monitor', (view) => {
        for (const watcher of this.#monitors) watcher(view);
      })
      .onState((state) => {
        this.#isStale = state === 'lost';
        this.#note();
      });
    setInterval(() => this.#tick(), 500);
    // Whoever is about to press a tile finds it where it was.
    const tiles = need('.fl-agents');
    tiles.addEventListener('pointerenter', () => (this.#touched = true));
    tiles.addEventListener('pointerleave', () => (this.#touched = false));
    // Back out of the browser's page cache the stream is closed: the page is read anew.
    addEventListener('pageshow', (event) => {
      if (event.persisted) location.reload();
    });
  }

  /** Told what becomes of the call that this supervisor is with. */
  onMonitor(watcher: (view: MonitorView) => void): void {
    this.#monitors.push(watcher);
  }

  /** Told after each change. */
  watch(watcher: () => void): void {
    this.#watchers.push(watcher);
  }

  agent(id: number): FloorAgentRow | null {
    return this.#agents.get(id) ?? null;
  }

  tile(id: number): HTMLButtonElement | null {
    return this.#tiles.button(id);
  }

  get campaigns(): Readonly<Record<number, string>> {
    return this.#view.campaigns;
  }

  campaignName(id: number): string {
    return this.#view.campaigns[id] ?? '';
  }

  /** The server's time. */
  now(): number {
    return Date.now() + this.#skew;
  }

  #whole(view: FloorView): void {
    this.#view = view;
    this.#skew = view.at - Date.now();
    this.#agents.clear();
    this.#calls.clear();
    for (const row of view.agents) this.#agents.set(row.id, row);
    for (const call of view.calls) this.#calls.set(call.id, call);
    this.#filters.offer(view.campaigns, (a, b) => this.#collator.compare(a, b));
    this.#note();
    this.#arrange();
    this.#tick();
  }

  #change(changes: FloorChanges): void {
    this.#skew = changes.at - Date.now();
    for (const row of changes.agents) this.#agents.set(row.id, row);
    for (const id of changes.gone) this.#agents.delete(id);
    for (const call of changes.calls) this.#calls.set(call.id, call);
    for (const id of changes.ended) this.#calls.delete(id);
    const now = this.now();
    const { filter } = this.#filters;
    const moved = [...changes.agents, ...changes.gone.map((id) => ({ id }))].some((row) => {
      const agent = this.#agents.get(row.id);
      return this.#tiles.has(row.id) !== (agent !== undefined && isWanted(agent, filter, now));
    });
    if (moved) this.#arrange();
    else for (const row of changes.agents) if (this.#tiles.has(row.id)) this.#tiles.draw(row, now);
    this.#tick();
  }

  /** Each to its place. */
  #arrange(): void {
    const now = this.now();
    const { filter, sort } = this.#filters;
    const wanted = [...this.#agents.values()].filter((row) => isWanted(row, filter, now));
    const names = (id: number) => this.campaignName(id);
    this.#tiles.arrange(inOrder(wanted, sort, now, names, this.#collator), now);
    this.#arrangedAt = performance.now();
    this.#empty.hidden = wanted.length > 0;
    setText(this.#empty, say(this.#agents.size === 0 ? 'empty.nobody' : 'empty.filtered'));
  }

  #tick(): void {
    const now = this.now();
    if (performance.now() - this.#arrangedAt > restMs && !this.#isBusy()) this.#arrange();
    const counts = new Map<string, number>();
    const add = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
    const { campaign } = this.#filters.filter;
    for (const row of this.#agents.values()) {
      this.#tiles.tick(row, now);
      if (!isWanted(row, { campaign, state: groupOf(row.word), q: '' }, now)) continue;
      add(groupOf(row.word));
      if (isTrouble(row, now)) add('trouble');
    }
    for (const chip of document.querySelectorAll<HTMLElement>('[data-count]')) {
      const count = counts.get(chip.dataset.count!) ?? 0;
      setText(chip, count.toLocaleString(document.documentElement.lang));
      if (chip.dataset.count === 'trouble') chip.parentElement?.classList.toggle('some', count > 0);
    }
    this.#drawCalls(now);
    this.#tellTrouble(now);
    for (const watcher of this.#watchers) watcher();
  }

  /** Somebody is at the tiles with pointer or keyboard. */
  #isBusy(): boolean {
    const focused = document.activeElement;
    return this.#touched || (focused instanceof HTMLElement && focused.closest('.fl-tiles') !== null);
  }

  #isLong(call: FloorCallRow, now: number): boolean {
    const { waitingLimitMs } = this.#view;
    return call.state === 'waiting' && waitingLimitMs > 0 && now - call.since > waitingLimitMs;
  }

  #drawCalls(now: number): void {
    const { campaign } = this.#filters.filter;
    const shown = [...this.#calls.values()].filter(
      (call) => campaign === null || call.campaignId === campaign,
    );
    const names = {
      campaign: (id: number) => this.campaignName(id),
      agent: (id: number) => this.#agents.get(id)?.name ?? null,
    };
    this.#lines.draw(shown, names, (call, at) => this.#isLong(call, at), now);
  }

  #tellTrouble(now: number): void {
    const found = new Map<string, string>();
    for (const row of this.#agents.values()) {
      const { id, name: agent, word } = row;
      if (row.phoneLost) found.set(`phone ${id}`, say('alerts.phone', { agent }));
      else if (hasPoorLine(row))
        found.set(`line ${row.call!.id}`, say('alerts.line', { agent, line: lineWords(row) }));
      else if (isPast(row, now))
        found.set(`past ${id} ${row.since}`, say('alerts.agent', { agent, state: say(`state.${word}`) }));
    }
    for (const call of this.#calls.values())
      if (this.#isLong(call, now)) found.set(`call ${call.id}`, say('alerts.waiting', { phone: call.phone }));
    const told = this.#told;
    this.#told = new Set(found.keys());
    if (told) this.#alarm.raise([...found].flatMap(([key, text]) => (told.has(key) ? [] : [text])));
  }

  #note(): void {
    const { away, silent } = this.#view;
    const text = this.#isStale
      ? say('notice.stale')
      : away
        ? say('notice.away')
        : silent.length > 0
          ? say('notice.silent', { names: silent.join(', ') })
          : '';
    setText(this.#notice, text);
  }
}
