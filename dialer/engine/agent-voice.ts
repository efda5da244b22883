import type { AgentPhones } from './agent-phones.ts';
import type { DialerContext } from './context.ts';

const againMs = 500;
const tries = 5;

/** Takes an agent's voice from a talk that a supervisor has taken over, and gives it back for certain. */
export class AgentVoice {
  readonly #ctx: DialerContext;
  readonly #phones: AgentPhones;

  constructor(ctx: DialerContext, phones: AgentPhones) {
    this.#ctx = ctx;
    this.#phones = phones;
  }

  take(channelId: string): Promise<void> {
    return this.#ctx.telephony.mute(channelId, true);
  }

  /** A leg that stays mute would cost the next customer: where the switch does not do it, it is rung anew. */
  async give(userId: number, channelId: string, left = tries): Promise<void> {
    const live = this.#ctx.agents.get(userId);
    if (live?.agent.channelId !== channelId) return;
    try {
      await this.#ctx.telephony.mute(channelId, false);
    } catch (error) {
      this.#ctx.app.log.warn({ user: userId, error: String(error) }, 'agent’s voice could not be given back');
      if (left > 1) this.#ctx.app.clock.after(againMs, () => void this.give(userId, channelId, left - 1));
      else this.#phones.suspect(live);
    }
  }
}
