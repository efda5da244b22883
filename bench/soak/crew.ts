import { createRobotAgents, type RobotAgents } from '../../dialer/index.ts';
import type { House, Shift } from './house.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Half of a shift at a time goes to lunch, signed out. */
const lunchMs = 30 * minuteMs;

interface Party {
  readonly shift: Shift;
  readonly userIds: readonly number[];
  readonly lunchFromMs: number;
  robots: RobotAgents | null;
}

/** Robots who come to their shifts, go to lunch and home, take breaks, and promise callbacks. */
export class Crew {
  readonly #house: House;
  readonly #parties: Party[];
  #isClosed = false;
  readonly #leaving: Promise<void>[] = [];
  /** Who leaves says goodbye to the customer they have. */
  readonly #leavers = new Set<number>();

  constructor(house: House) {
    this.#house = house;
    this.#parties = house.shifts.flatMap((shift) => {
      const half = Math.ceil(shift.userIds.length / 2);
      const noonMs = ((((shift.to - shift.from + 24) % 24) * hourMs) / 2) & ~1;
      return [shift.userIds.slice(0, half), shift.userIds.slice(half)].map((userIds, index) => ({
        ...{ shift, userIds, lunchFromMs: noonMs + index * lunchMs, robots: null },
      }));
    });
  }

  /** Brings those who are due to be at work there, and sends the others home. To be called each minute of the app's time. */
  async look(now: number): Promise<void> {
    for (const party of this.#parties) {
      const isDue = isAtWork(party, now) && !this.#isClosed;
      if (isDue) for (const userId of party.userIds) this.#leavers.delete(userId);
      if (isDue && !party.robots) {
        party.robots = createRobotAgents(this.#house.product.app, {
          userIds: party.userIds,
          seed: 1 + Math.floor(now / minuteMs) + party.userIds[0]!,
          talkMs: { least: 8_000, mean: 55_000 },
          wrapupMs: { least: 3_000, most: 15_000 },
          breakChance: 0.03,
        });
        void party.robots.start();
      } else if (!isDue && party.robots) {
        this.#leaving.push(party.robots.close());
        party.robots = null;
        for (const userId of party.userIds) this.#leavers.add(userId);
      }
    }
    await this.#sayGoodbye();
  }

  /** Everybody goes home, within the next minutes in which `look` is called. */
  close(): void {
    this.#isClosed = true;
  }

  /** Resolves when all who were sent home have been. */
  async gone(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** Nobody gives a disposition then: the wrap-up runs out. */
  async #sayGoodbye(): Promise<void> {
    const { bus, db } = this.#house.product.app;
    const talking: { user_id: number; call_id: string }[] = await db
      .knex('agent_sessions')
      .where({ state: 'on-call' })
      .whereIn('user_id', [...this.#leavers])
      .select('user_id', 'call_id');
    for (const { user_id: userId, call_id: callId } of talking)
      bus.request('agent.hangup', { userId, callId }).catch(() => {});
  }
}

function isAtWork({ shift, lunchFromMs }: Party, now: number): boolean {
  const sinceMs = ((now - shift.from * hourMs) % (24 * hourMs) + 24 * hourMs) % (24 * hourMs); // prettier-ignore
  const lengthMs = ((shift.to - shift.from + 24) % 24) * hourMs;
  return sinceMs < lengthMs && (sinceMs < lunchFromMs || sinceMs >= lunchFromMs + lunchMs);
}
