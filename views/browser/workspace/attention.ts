import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';

const title = document.title;

/** Calls the agent back to a hidden tab: a notification where it is allowed, and the tab's title. */
export class Attention {
  #shown: Notification | null = null;

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#clear();
    });
  }

  /** Asks for leave to notify; only in answer to a click, or browsers refuse. */
  async allow(): Promise<void> {
    const answer = 'Notification' in window ? await Notification.requestPermission() : 'denied';
    toast(
      answer === 'granted' ? 'success' : 'warning',
      say(answer === 'granted' ? 'phone.notifyOn' : 'phone.notifyOff'),
    );
  }

  follow(snapshot: AgentSnapshot, before: AgentSnapshot | null): void {
    document.title = snapshot.state === 'ready' ? title : `${say(`state.${titleWord(snapshot)}`)} · ${title}`;
    if (snapshot.call && snapshot.call.id !== before?.call?.id) this.#call('call', campaignOf(snapshot));
    else if (snapshot.preview && snapshot.preview.leadId !== before?.preview?.leadId)
      this.#call('preview', campaignOf(snapshot));
  }

  ringing(): void {
    this.#call('ringing', '');
  }

  /** A customer whom this agent has parked comes back. */
  parkedRings(): void {
    this.#call('parked', '');
  }

  /** The campaign is named and the customer is not: notifications stand on screens that others see. */
  #call(what: 'call' | 'preview' | 'ringing' | 'parked', campaign: string): void {
    if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
    this.#clear();
    const shown = new Notification(say(`notify.${what}`), {
      body: campaign,
      tag: 'ringwise-call',
      requireInteraction: true,
    });
    shown.addEventListener('click', () => {
      window.focus();
      shown.close();
    });
    this.#shown = shown;
  }

  #clear(): void {
    this.#shown?.close();
    this.#shown = null;
  }
}

function titleWord(snapshot: AgentSnapshot): string {
  return snapshot.state === 'reserved'
    ? snapshot.preview && !snapshot.call
      ? 'preview'
      : 'dialing'
    : snapshot.state;
}

function campaignOf(snapshot: AgentSnapshot): string {
  const id = snapshot.call?.campaignId ?? snapshot.preview?.campaignId;
  return snapshot.campaigns.find((campaign) => campaign.id === id)?.name ?? '';
}
