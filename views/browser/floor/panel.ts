import { formatDuration } from '../../../core/i18n/duration.ts';
import { isPast, type FloorAgentRow } from '../../../dialer/floor/floor-row.ts';
import { ask } from '../shared/confirm.ts';
import { need } from '../shared/dom.ts';
import { Refused, send } from '../shared/http.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';
import type { CampaignsDialog } from './campaigns-dialog.ts';
import { el, setText } from './elements.ts';
import type { Floor } from './floor.ts';
import type { MessageDialog } from './message-dialog.ts';
import type { Monitoring } from './monitoring.ts';
import { lineFigures, wordOf } from './tiles.ts';

type Forced = 'paused' | 'ready' | 'signed-out';

export interface PanelDialogs {
  readonly messages: MessageDialog;
  readonly campaigns: CampaignsDialog;
  readonly monitoring: Monitoring;
}

const gap = 6;

/** What can be done with an agent, beside their tile. */
export class Panel {
  readonly #floor: Floor;
  readonly #panel = need('#fl-panel');
  readonly #dialogs: PanelDialogs;
  #agentId: number | null = null;

  constructor(floor: Floor, dialogs: PanelDialogs) {
    this.#floor = floor;
    this.#dialogs = dialogs;
    floor.watch(() => this.#draw());
    need('[data-bind="tiles"]').addEventListener('click', (event) => {
      const tile = (event.target as HTMLElement).closest<HTMLElement>('[data-agent]');
      if (tile) this.#open(Number(tile.dataset.agent));
    });
    this.#panel.addEventListener('click', (event) => {
      const button = (event.target as HTMLElement).closest<HTMLElement>('[data-act]');
      if (button) void this.#act(button.dataset.act!);
    });
    this.#panel.addEventListener('toggle', (event) => {
      if ((event as ToggleEvent).newState === 'closed') this.#agentId = null;
    });
  }

  get agent(): FloorAgentRow | null {
    return this.#agentId === null ? null : this.#floor.agent(this.#agentId);
  }

  #open(id: number): void {
    this.#agentId = id;
    this.#draw();
    this.#panel.showPopover();
    this.#agentId = id;
    this.#place();
    this.#panel.querySelector<HTMLElement>('.fl-actions .btn:not([hidden], :disabled)')?.focus();
  }

  /** Below the tile, or above it where there is no room; never over the edge. */
  #place(): void {
    const tile = this.#agentId === null ? null : this.#floor.tile(this.#agentId);
    if (!tile) return;
    const at = tile.getBoundingClientRect();
    const own = this.#panel.getBoundingClientRect();
    const below = at.bottom + gap;
    const top = below + own.height < innerHeight ? below : Math.max(gap, at.top - gap - own.height);
    this.#panel.style.top = `${top}px`;
    this.#panel.style.left = `${Math.max(gap, Math.min(at.left, innerWidth - own.width - gap))}px`;
  }

  #draw(): void {
    const row = this.agent;
    if (!row) return this.#panel.hidePopover();
    const now = this.#floor.now();
    this.#panel.className = `fl-panel state-${row.tone}`;
    setText(this.#bound('panel-name'), row.name);
    setText(this.#bound('panel-word'), wordOf(row));
    const time = row.word === 'signed-out' ? '' : formatDuration(now - row.since);
    const past =
      row.limitMs !== null && isPast(row, now)
        ? say('tile.past', { limit: formatDuration(row.limitMs) })
        : '';
    setText(this.#bound('panel-time'), [time, past].filter((part) => part !== '').join(' · '));
    this.#about(row);
    const line = lineFigures(row);
    this.#bound('panel-line').hidden = line === '';
    setText(this.#bound('panel-line'), line);
    const isIn = row.word !== 'signed-out';
    const talking = row.call?.talking === true && !row.phoneLost;
    for (const [act, possible] of Object.entries({
      listen: talking,
      whisper: talking,
      barge: talking,
      'take-over': talking && !row.call!.asking,
      paused: isIn,
      ready: isIn,
      'signed-out': isIn,
    }))
      need<HTMLButtonElement>(`[data-act="${act}"]`, this.#panel).disabled = !possible;
    const why = this.#bound('panel-why');
    why.hidden = !talking || !row.call!.asking;
    setText(why, why.hidden ? '' : say('monitor.asking', { agent: row.name }));
  }

  #about(row: FloorAgentRow): void {
    const place = this.#bound('panel-about');
    const campaign =
      row.campaignId === null
        ? row.campaignIds.map((id) => this.#floor.campaignName(id)).join(say('listSeparator'))
        : this.#floor.campaignName(row.campaignId);
    const { call, next } = row;
    const phone = call?.phone ?? '';
    const key = JSON.stringify([campaign, phone, call?.customerId, next]);
    if (place.dataset.shown === key) return;
    place.dataset.shown = key;
    const parts: (Node | string)[] = [campaign];
    if (call && call.customerId !== null) {
      const link = el('a', '', phone);
      link.href = `/customers/${call.customerId}`;
      parts.push(link);
    } else if (phone !== '') parts.push(phone);
    if (next) parts.push(say(`tile.next.${next}`));
    place.replaceChildren(
      ...parts.filter((part) => part !== '').flatMap((part, index) => (index === 0 ? [part] : [' · ', part])),
    );
  }

  async #act(act: string): Promise<void> {
    const row = this.agent;
    this.#panel.hidePopover();
    if (!row) return;
    if (act === 'listen' || act === 'whisper' || act === 'barge' || act === 'take-over')
      void this.#dialogs.monitoring.start(row.id, act);
    else if (act === 'message') this.#dialogs.messages.open(row);
    else if (act === 'campaigns') void this.#dialogs.campaigns.open(row);
    else if (act === 'paused' || act === 'ready' || act === 'signed-out') await this.#force(row, act);
  }

  async #force({ id, name }: FloorAgentRow, to: Forced): Promise<void> {
    const texts = { text: say(`force.${to}`, { agent: name }), ok: say(`act.${to}`) };
    const reason = await ask({ ...texts, title: name, reason: true });
    if (reason === null) return;
    try {
      await send('POST', `/floor/agents/${id}/force`, { to, reason });
      toast('success', say(`forced.${to}`, { agent: name }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      toast('danger', error.problem.detail);
    }
  }

  #bound(name: string): HTMLElement {
    return need(`[data-bind="${name}"]`, this.#panel);
  }
}
