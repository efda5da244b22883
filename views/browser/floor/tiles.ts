import { formatDuration } from '../../../core/i18n/duration.ts';
import { hasPoorLine, isPast, type FloorAgentRow } from '../../../dialer/floor/floor-row.ts';
import { arrange, need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import { el, setText } from './elements.ts';

interface Tile {
  readonly item: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly icon: HTMLElement;
  readonly name: HTMLElement;
  readonly time: HTMLElement;
  readonly word: HTMLElement;
  readonly line: HTMLElement;
  readonly lineText: HTMLElement;
  readonly more: HTMLElement;
  shownIcon: string;
}

/** One tile for each agent. A tile keeps its element, so that focus and pointer stay where they are. */
export class Tiles {
  readonly #list = need('[data-bind="tiles"]');
  readonly #tiles = new Map<number, Tile>();
  readonly #campaignName: (id: number) => string;

  constructor(campaignName: (id: number) => string) {
    this.#campaignName = campaignName;
  }

  /** Shows these, in this order. */
  arrange(rows: readonly FloorAgentRow[], now: number): void {
    const wanted = rows.map((row) => {
      this.draw(row, now);
      return this.#tileOf(row.id).item;
    });
    arrange(this.#list, wanted);
    const ids = new Set(rows.map(({ id }) => id));
    for (const id of this.#tiles.keys()) if (!ids.has(id)) this.#tiles.delete(id);
  }

  has(id: number): boolean {
    return this.#tiles.has(id);
  }

  button(id: number): HTMLButtonElement | null {
    return this.#tiles.get(id)?.button ?? null;
  }

  draw(row: FloorAgentRow, now: number): void {
    const tile = this.#tileOf(row.id);
    const { button, icon } = tile;
    if (tile.shownIcon !== row.word) {
      tile.shownIcon = row.word;
      const drawn = document.querySelector<HTMLTemplateElement>(`template[data-icon="${row.word}"]`);
      icon.replaceChildren(drawn ? drawn.content.cloneNode(true) : '');
    }
    setText(tile.name, row.name);
    setText(tile.word, wordOf(row));
    const line = lineWords(row);
    tile.line.hidden = line === '';
    tile.line.dataset.grade = row.call?.line?.grade ?? '';
    setText(tile.lineText, line);
    setText(tile.more, this.#moreOf(row));
    button.title = [row.name, wordOf(row), line, this.#moreOf(row)].filter((part) => part !== '').join('\n');
    this.tick(row, now);
  }

  /** What changes by time alone. */
  tick(row: FloorAgentRow, now: number): void {
    const tile = this.#tiles.get(row.id);
    if (!tile) return;
    const past = isPast(row, now);
    const classes = ['fl-tile', `state-${row.tone}`, past ? 'past' : ''];
    classes.push(row.phoneLost ? 'gone' : '', hasPoorLine(row) ? 'unclear' : '');
    const className = classes.filter((name) => name !== '').join(' ');
    if (tile.button.className !== className) tile.button.className = className;
    setText(tile.time, row.word === 'signed-out' ? '' : formatDuration(now - row.since));
  }

  #moreOf(row: FloorAgentRow): string {
    if (row.phoneLost && row.word !== 'phone-lost') return say('tile.phoneLost');
    if (row.next) return say(`tile.next.${row.next}`);
    if (row.campaignId !== null) return this.#campaignName(row.campaignId);
    const [only, ...others] = row.campaignIds;
    if (only === undefined) return '';
    return others.length === 0
      ? this.#campaignName(only)
      : say('tile.campaigns', { count: row.campaignIds.length });
  }

  #tileOf(id: number): Tile {
    let tile = this.#tiles.get(id);
    if (!tile) {
      const item = el('li');
      const button = el('button', 'fl-tile');
      button.type = 'button';
      button.dataset.agent = String(id);
      const [icon, name, time] = [el('span', 'fl-icon'), el('span', 'fl-name'), el('span', 'fl-time')];
      const [word, more] = [el('span', 'fl-word'), el('span', 'fl-more')];
      const [first, second] = [el('span', 'fl-first'), el('span', 'fl-second')];
      const [line, lineText] = [el('span', 'fl-line'), el('span')];
      line.append(bars(), lineText);
      first.append(name, time);
      second.append(word, line, more);
      button.append(icon, first, second);
      item.append(button);
      tile = { item, button, icon, name, time, word, line, lineText, more, shownIcon: '' };
      this.#tiles.set(id, tile);
    }
    return tile;
  }
}

/** How the talk sounds, in figure and word; empty where nobody measures it. */
export function lineWords({ call }: FloorAgentRow): string {
  if (!call?.line) return '';
  const { mos, grade } = call.line;
  return say('line.short', { mos: figure(mos), word: say(`line.${grade}`) });
}

const lang = () => document.documentElement.lang;
const figure = (mos: number) =>
  mos.toLocaleString(lang(), { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Three bars, as many of them strong as the line is good. */
function bars(): HTMLElement {
  const drawn = el('span', 'fl-bars');
  drawn.setAttribute('aria-hidden', 'true');
  drawn.append(el('i'), el('i'), el('i'));
  return drawn;
}

/** All that is known of the line. */
export function lineFigures({ call }: FloorAgentRow): string {
  if (!call?.line) return '';
  const { mos, grade, jitterMs, loss, roundTripMs } = call.line;
  const words = { mos: figure(mos), word: say(`line.${grade}`) };
  const percent = loss.toLocaleString(lang(), { style: 'percent', maximumFractionDigits: 1 });
  const whole = say('line.whole', { ...words, jitter: jitterMs, loss: percent });
  return roundTripMs === null ? whole : whole + say('line.trip', { trip: roundTripMs });
}

/** The state, and why where that is known. */
export function wordOf({ word, note }: FloorAgentRow): string {
  const said = say(`state.${word}`);
  return note === '' ? said : `${said}${say('separator')}${note}`;
}
