import type { AgentSnapshot } from '../../dialer/protocol.ts';
import { trunkEndpointName } from '../../dialer/trunks/trunk.ts';
import type { House } from './house.ts';

const minuteMs = 60_000;
const carrierAwayMs = 3 * minuteMs;
const carrierLimits = { channels: 200, callsPerSecond: 50 };

/** What agents and supervisors do with calls beside talking, and what goes wrong in a day. Everything may be refused. */
export class Incidents {
  readonly #house: House;
  readonly #random: () => number;
  readonly done: Record<string, number> = {};

  constructor(house: House, random: () => number) {
    this.#house = house;
    this.#random = random;
  }

  /** To be called each minute of the app's time. */
  async look(now: number): Promise<void> {
    const minute = Math.floor(now / minuteMs);
    if (minute % 181 === 90) this.#carrierGoes();
    if (minute % 307 === 45) {
      this.#house.simulator.faults.dropSockets();
      this.#count('event socket cut');
    }
    const talking: { user_id: number; call_id: string; campaign_id: number; channel_id: string | null }[] =
      await this.#house.product.app.db.knex('agent_sessions').where({ state: 'on-call' }).select();
    for (const one of talking) {
      if (this.#random() > 0.4) continue;
      const others = talking.filter(({ user_id }) => user_id !== one.user_id);
      const who = { userId: one.user_id, callId: one.call_id };
      const kinds = [
        () => this.#holds(who),
        () => this.#parks(who),
        () => this.#pausesRecording(who),
        () => this.#givesAway(who, one.campaign_id),
        () => this.#asksColleague(who, one.campaign_id),
        () => this.#losesPhone(one.channel_id),
        () => this.#isPaused(others[0]?.user_id ?? one.user_id),
      ];
      void kinds[Math.floor(this.#random() * kinds.length)]!();
    }
    if (minute % 7 === 0) await this.#dialsByHand();
  }

  async #holds(who: Who): Promise<void> {
    if (await this.#ask('hold', 'agent.hold', { ...who, on: true }))
      this.#later(12_000, () => this.#ask('resume', 'agent.hold', { ...who, on: false }));
  }

  async #parks(who: Who): Promise<void> {
    if (!(await this.#ask('park', 'agent.park', who))) return;
    // Some are fetched in time, others ring back.
    if (this.#random() < 0.6) this.#later(20_000, () => this.#ask('take up', 'agent.take-up', who));
    this.#later(30_000, () => this.#ask('ready', 'agent.ready', { userId: who.userId }));
  }

  async #pausesRecording(who: Who): Promise<void> {
    if (await this.#ask('pause recording', 'agent.record', { ...who, on: false }))
      this.#later(8_000, () => this.#ask('resume recording', 'agent.record', { ...who, on: true }));
  }

  async #givesAway(who: Who, campaignId: number): Promise<void> {
    const userId = await this.#colleague(who.userId, campaignId);
    if (userId === null) return;
    if (await this.#ask('transfer', 'agent.transfer', { ...who, to: { userId } })) this.#leavesNote(who);
  }

  async #asksColleague(who: Who, campaignId: number): Promise<void> {
    const userId = await this.#colleague(who.userId, campaignId);
    if (userId === null) return;
    if (!(await this.#ask('consult', 'agent.consult', { ...who, to: { userId } }))) return;
    if (this.#random() < 0.5) return this.#later(8_000, () => this.#ask('take back', 'agent.take-back', who));
    this.#later(8_000, async () => {
      if (await this.#ask('complete', 'agent.complete', who)) this.#leavesNote(who);
    });
  }

  /** Who has left the call to somebody else writes a note, and is ready again. */
  #leavesNote(who: Who): void {
    this.#later(5_000, () => this.#ask('note', 'agent.note', { ...who, note: 'so far', next: 'ready' }));
  }

  async #losesPhone(channelId: string | null): Promise<void> {
    if (channelId === null) return;
    try {
      this.#house.simulator.hangUp(channelId);
      this.#count('phone lost');
    } catch {
      // It has gone by itself.
    }
  }

  async #isPaused(userId: number): Promise<void> {
    await this.#ask('forced pause', 'agent.force', { userId, by: 0, to: 'paused', reason: 'soak' });
  }

  /** An agent who is free calls somebody whom the campaign does not know, or whom it has called already. */
  async #dialsByHand(): Promise<void> {
    const { knex } = this.#house.product.app.db;
    const free = await knex('agent_sessions as s')
      .join('campaign_agents as c', 'c.user_id', 's.user_id')
      .where({ 's.state': 'ready' })
      .first('s.user_id', 'c.campaign_id');
    if (!free) return;
    const number: { e164: string; customer_id: number } | undefined = await knex('leads as l')
      .join('customer_phones as p', 'p.customer_id', 'l.customer_id')
      .where({ 'l.campaign_id': free.campaign_id, 'l.state': 'waiting' })
      .first('p.e164', 'p.customer_id');
    if (!number) return;
    const { user_id: userId, campaign_id: campaignId } = free;
    const { e164, customer_id: customerId } = number;
    // Some type the number, others choose the customer.
    const whom = this.#random() < 0.5 ? { e164 } : { e164, customerId };
    await this.#ask('dial by hand', 'agent.dial', { userId, campaignId, ...whom });
  }

  async #colleague(userId: number, campaignId: number): Promise<number | null> {
    const row = await this.#house.product.app.db
      .knex('agent_sessions as s')
      .join('campaign_agents as c', 'c.user_id', 's.user_id')
      .where({ 's.state': 'ready', 'c.campaign_id': campaignId })
      .whereNot('s.user_id', userId)
      .first('s.user_id');
    return row?.user_id ?? null;
  }

  #carrierGoes(): void {
    const { simulator } = this.#house;
    const carrier = trunkEndpointName(this.#house.trunkIds[0]!);
    simulator.setCarrier(carrier, { ...carrierLimits, down: true });
    this.#count('carrier away');
    this.#later(carrierAwayMs, async () => simulator.setCarrier(carrier, carrierLimits));
  }

  #later(ms: number, act: () => Promise<unknown>): void {
    this.#house.clock.after(ms, () => void act());
  }

  /** False where it was refused, as the call has ended meanwhile. */
  async #ask(what: string, command: string, payload: object): Promise<boolean> {
    try {
      await this.#house.product.app.bus.request<AgentSnapshot>(command, payload);
    } catch {
      this.#count(`${what}, refused`);
      return false;
    }
    this.#count(what);
    return true;
  }

  #count(what: string): void {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }
}

interface Who {
  readonly userId: number;
  readonly callId: string;
}
