import { formatDuration } from '../../../core/i18n/duration.ts';
import type { AgentSnapshot, ParkedCall } from '../../../dialer/protocol.ts';
import { mayTakeUp, parkedInOrder } from '../../../dialer/workspace/bar.ts';
import { keyLabel } from '../../../dialer/workspace/keys.ts';
import { arrange, need } from '../shared/dom.ts';
import { send } from '../shared/http.ts';
import { say } from '../shared/words.ts';
import { ringDevice } from '../softphone/devices.ts';
import { Ringer } from '../softphone/ringer.ts';
import type { Attention } from './attention.ts';
import type { Commands } from './commands.ts';
import { liveRegion } from './dialogs.ts';
import { bound, setHidden, setText } from './dom.ts';
import type { Truth } from './truth.ts';

/** Of a customer who is parked, in the reader's way of writing. */
interface Who {
  name: string;
  phone: string;
}

/** Customers who are parked: above the work, each with who has parked them and for how long, and one press to have them. */
export class ParkedStrip {
  readonly #truth: Truth;
  readonly #commands: Commands;
  readonly #attention: Attention;
  readonly #list = bound('parked');
  readonly #template = need<HTMLTemplateElement>('#ws-parked-row');
  readonly #ringer = new Ringer();
  readonly #rows = new Map<string, HTMLElement>();
  #who: Readonly<Record<string, Who>> = {};

  constructor(truth: Truth, commands: Commands, attention: Attention) {
    this.#truth = truth;
    this.#commands = commands;
    this.#attention = attention;
    truth.watch((snapshot, before) => this.#follow(snapshot, before));
    setInterval(() => this.#tick(), 500);
    this.#list.addEventListener('click', (event) => {
      const row = (event.target as HTMLElement).closest('button')?.closest<HTMLElement>('[data-call]');
      if (row) this.#take(row.dataset.call!);
    });
  }

  /** The one that the key is for: what rings at this agent, else their own, else who has waited longest. */
  takeFirst(): boolean {
    const { snapshot } = this.#truth;
    const [first] = snapshot && mayTakeUp(snapshot) ? parkedInOrder(snapshot) : [];
    if (first) this.#take(first.callId);
    return first !== undefined;
  }

  #take(callId: string): void {
    void this.#commands.run('take-up', { callId });
  }

  #follow(snapshot: AgentSnapshot, before: AgentSnapshot | null): void {
    const parked = parkedInOrder(snapshot);
    const known = new Set(before?.parked?.map(({ callId }) => callId));
    if (parked.some(({ callId }) => !known.has(callId) || this.#who[callId] === undefined)) void this.#name();
    const ids = new Set(parked.map(({ callId }) => callId));
    for (const callId of this.#rows.keys()) if (!ids.has(callId)) this.#rows.delete(callId);
    arrange(
      this.#list,
      parked.map((call, index) => this.#draw(call, snapshot, index === 0)),
    );
    setHidden(this.#list, parked.length === 0);
    this.#ring(snapshot, before);
    this.#tick();
  }

  #draw(call: ParkedCall, snapshot: AgentSnapshot, isFirst: boolean): HTMLElement {
    const row = this.#rowOf(call.callId);
    const { slot, by, e164, campaignId } = call;
    const who = this.#who[call.callId];
    row.dataset.ringing = String(call.isRinging);
    setText(bound('parked-slot', row), say('parked.slot', { slot }));
    setText(bound('parked-name', row), who?.name ?? '');
    const campaign = snapshot.campaigns.find(({ id }) => id === campaignId)?.name ?? '';
    const isOwn = by?.userId === snapshot.userId;
    const byWhom = by === null ? '' : isOwn ? say('parked.byYou') : say('parked.by', { name: by.name });
    const about = [who?.phone ?? e164, campaign, byWhom].filter((part) => part !== '');
    setText(bound('parked-about', row), about.join(' · '));
    const button = need<HTMLButtonElement>('button', row);
    button.disabled = !mayTakeUp(snapshot);
    button.title = button.disabled ? say('parked.busy') : '';
    button.setAttribute(
      'aria-label',
      say('parked.takeUpOf', { slot, name: who?.name ?? who?.phone ?? e164 }),
    );
    const key = bound('parked-key', row);
    setText(key, keyLabel('take-up'));
    setHidden(key, !isFirst || button.disabled);
    return row;
  }

  #rowOf(callId: string): HTMLElement {
    const known = this.#rows.get(callId);
    if (known) return known;
    const row = this.#template.content.firstElementChild!.cloneNode(true) as HTMLElement;
    row.dataset.call = callId;
    this.#rows.set(callId, row);
    return row;
  }

  /** It rings at the one who has parked it, and is told where the tab is hidden or not looked at. */
  #ring(snapshot: AgentSnapshot, before: AgentSnapshot | null): void {
    const ringing = ringingAt(snapshot);
    if (ringing.length === 0) return this.#ringer.stop();
    const wasRinging = new Set(before ? ringingAt(before) : []);
    const hasBegun = ringing.some((callId) => !wasRinging.has(callId));
    if (hasBegun) {
      liveRegion('shout').textContent = say('notify.parked');
      this.#attention.parkedRings();
      void this.#ringer.useDevice(ringDevice()).catch(() => undefined);
    }
    if (snapshot.state !== 'on-call') return this.#ringer.start();
    // Over a talk it would be heard by the customer: it is no more than told.
    if (before?.state !== 'on-call') this.#ringer.stop();
    if (hasBegun) this.#ringer.once();
  }

  /** Without their names they can be taken up all the same. */
  async #name(): Promise<void> {
    const answer = await send<{ who: Record<string, Who> }>('GET', '/workspace/parked').catch(() => null);
    const { snapshot } = this.#truth;
    if (!answer || !snapshot) return;
    this.#who = { ...this.#who, ...answer.who };
    for (const [index, call] of parkedInOrder(snapshot).entries()) this.#draw(call, snapshot, index === 0);
  }

  #tick(): void {
    const { snapshot } = this.#truth;
    if (!snapshot) return;
    const now = this.#truth.now();
    for (const { callId, since, isRinging, ringsBackAt } of snapshot.parked ?? []) {
      const row = this.#rows.get(callId);
      if (!row) continue;
      setText(bound('parked-time', row), formatDuration(now - since));
      const left = ringsBackAt === null ? null : Math.max(0, ringsBackAt - now);
      const then = isRinging ? say('parked.rings') : left === null ? '' : say('parked.backIn', { time: formatDuration(left) }); // prettier-ignore
      setText(bound('parked-back', row), then);
    }
  }
}

function ringingAt({ parked = [], userId }: AgentSnapshot): string[] {
  return parked.flatMap(({ callId, isRinging, by }) => (isRinging && by?.userId === userId ? callId : []));
}
