import { formatDuration } from '../../../core/i18n/duration.ts';
import type { FloorCallRow } from '../../../dialer/floor/floor-row.ts';
import { arrange, need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import { el, setText } from './elements.ts';

const order = [
  'waiting',
  'parked',
  'transferring',
  'announcing',
  'detecting',
  'ringing',
  'dialing',
  'messaging',
];
const tones: Record<FloorCallRow['state'], string> = {
  waiting: 'lost',
  parked: 'call',
  transferring: 'reserved',
  announcing: 'lost',
  detecting: 'wrapup',
  ringing: 'reserved',
  dialing: 'off',
  messaging: 'off',
};

interface Line {
  readonly item: HTMLLIElement;
  readonly word: HTMLElement;
  readonly time: HTMLElement;
  readonly phone: HTMLElement;
}

/** Every call that nobody talks on yet: who waits stands first, the longest on top. */
export class Calls {
  readonly #list = need('[data-bind="calls"]');
  readonly #none = need('[data-bind="no-calls"]');
  readonly #lines = new Map<string, Line>();

  draw(
    calls: readonly FloorCallRow[],
    names: { campaign: (id: number) => string; agent: (id: number) => string | null },
    isLong: (call: FloorCallRow, now: number) => boolean,
    now: number,
  ): void {
    const sorted = [...calls].sort(
      (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.since - b.since,
    );
    const items = sorted.map((call) => {
      const line = this.#lineOf(call.id);
      line.item.className = `fl-call state-${tones[call.state]}${isLong(call, now) ? ' past' : ''}`;
      setText(line.word, wordOf(call));
      setText(line.time, formatDuration(now - call.since));
      const agent = call.userId === null ? null : names.agent(call.userId);
      const campaign = call.campaignId === null ? '' : names.campaign(call.campaignId);
      const whom = agent === null ? campaign : say(call.slot === null ? 'calls.for' : 'calls.by', { agent });
      setText(line.phone, [call.phone, whom].filter((part) => part !== '').join(' · '));
      line.phone.title = [call.phone, campaign, agent ?? ''].filter((part) => part !== '').join('\n');
      return line.item;
    });
    arrange(this.#list, items);
    const ids = new Set(calls.map(({ id }) => id));
    for (const id of this.#lines.keys()) if (!ids.has(id)) this.#lines.delete(id);
    this.#none.hidden = calls.length > 0;
  }

  #lineOf(id: string): Line {
    let line = this.#lines.get(id);
    if (!line) {
      const item = el('li', 'fl-call');
      line = {
        item,
        word: el('span', 'fl-word'),
        time: el('span', 'fl-time'),
        phone: el('span', 'fl-phone'),
      };
      item.append(line.word, line.time, line.phone);
      this.#lines.set(id, line);
    }
    return line;
  }
}

function wordOf({ state, slot }: FloorCallRow): string {
  if (slot === null) return say(`calls.${state}`);
  return say(state === 'waiting' ? 'calls.back' : 'calls.parked', { slot });
}
