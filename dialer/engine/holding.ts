import { CommandRefused } from '../../core/bus/bus.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { CallsInHand } from './calls-in-hand.ts';
import { mustHaveLeg, type ConsultLegs } from './consult-legs.ts';
import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';
import type { Monitors } from './monitors.ts';
import { Music } from './music.ts';

export interface HoldingParts {
  readonly legs: ConsultLegs;
  readonly inHand: CallsInHand;
  readonly recorder: Recorder;
  readonly monitors: Monitors;
}

/** An agent's customer on hold, without anybody beside them. */
export class Holding {
  readonly #ctx: DialerContext;
  readonly #parts: HoldingParts;
  readonly #music: Music;

  constructor(ctx: DialerContext, parts: HoldingParts) {
    this.#ctx = ctx;
    this.#parts = parts;
    this.#music = new Music(ctx);
  }

  /** @throws CommandRefused; the customer hears then what whoever has them by now wants */
  async hold(agent: LiveAgent, customer: LiveCall, on: boolean): Promise<void> {
    this.#mustHave(agent, customer);
    if ((customer.call.state === 'held') === on) return;
    const { legs, inHand, recorder } = this.#parts;
    const { telephony, calls } = this.#ctx;
    await inHand.alone(customer.call.id, async () => {
      if (!on) return legs.resume(agent, customer);
      try {
        await legs.ask(() => telephony.hold(customer.channelId ?? '', true));
        this.#mustHave(agent, customer);
        const moved = calls.apply(customer, { type: 'hold' });
        if (!moved.ok) throw new CommandRefused('wrong-state', { state: moved.state });
      } catch (error) {
        void this.#music.follow(customer);
        throw error;
      }
      recorder.hold(customer, true);
    });
  }

  /** A customer whose agent's phone is lost is held until it is back; nobody would hear them before. */
  #mustHave(agent: LiveAgent, customer: LiveCall): void {
    this.#parts.legs.mustHave(agent, customer);
    this.#parts.monitors.mustHaveTalk(agent.agent.userId);
    if (agent.agent.phone !== 'up') throw new CommandRefused('phone-not-up');
    mustHaveLeg(customer);
  }
}
