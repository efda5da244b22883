import type { User } from '../../core/users/index.ts';
import type { ChannelInfo } from '../telephony/telephony.ts';
import type { AgentPhones } from './agent-phones.ts';
import { readChannelId } from './channels.ts';
import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';

/** Legs on the switch that this process has not placed: each gets its owner by the id in its name, or is ended. */
export class LegsFound {
  readonly #ctx: DialerContext;
  readonly #phones: AgentPhones;
  /** Agents' legs that are to be brought into their bridges still, by channel. */
  readonly #unbridged = new Map<string, number>();

  constructor(ctx: DialerContext, phones: AgentPhones) {
    this.#ctx = ctx;
    this.#phones = phones;
  }

  /**
   * Gives each its owner in one go: what happens to a leg that nobody owns is heard by nobody. False where none was
   * without one.
   */
  register(present: readonly ChannelInfo[]): boolean {
    const { channels } = this.#ctx;
    let found = false;
    for (const channel of present) {
      if (channels.owner(channel.channelId) || readChannelId(channel.channelId) === null) continue;
      found = true;
      if (this.#isCalls(channel) || this.#isAgents(channel)) continue;
      channels.register(channel.channelId, { kind: 'stray' });
      channels.drop(channel.channelId);
    }
    return found;
  }

  #isCalls({ channelId }: ChannelInfo): boolean {
    const { channels, calls, trunks } = this.#ctx;
    const whose = readChannelId(channelId);
    const live = whose?.kind === 'call' ? calls.get(whose.callId) : undefined;
    if (!live || live.call.state === 'ended' || live.channelId !== null || live.call.trunkId === null)
      return false;
    const { id: callId, trunkId } = live.call;
    live.channelId = channelId;
    channels.register(channelId, { kind: 'call', callId, trunkId });
    trunks.occupy(trunkId, channelId);
    return true;
  }

  #isAgents({ channelId, up }: ChannelInfo): boolean {
    const { channels, agents } = this.#ctx;
    const whose = readChannelId(channelId);
    const live = whose?.kind === 'agent' ? agents.get(whose.userId) : undefined;
    if (!live || !up || live.agent.channelId !== channelId || live.agent.phone !== 'up') return false;
    const { userId } = live.agent;
    channels.register(channelId, { kind: 'agent', userId });
    this.#unbridged.set(channelId, userId);
    return true;
  }

  /** A leg that cannot be brought, as it ends just now, is no reason to leave all others where they are. */
  async #adopt(live: LiveAgent, user: User, channelId: string): Promise<void> {
    const { channels, telephony, app } = this.#ctx;
    try {
      await this.#phones.adopt(live, user, channelId);
    } catch (error) {
      if (telephony.state !== 'up') throw error;
      app.log.warn({ user: user.id, error: String(error) }, 'the leg of an agent could not be taken up');
      if (!channels.owner(channelId)) return;
      channels.drop(channelId);
      this.#phones.lost(live, channelId);
    }
  }

  /** Brings the agents' legs among them into their bridges; one that has ended since is rung anew by who heard of it. */
  async bridgeAgents(): Promise<void> {
    const { channels, agents, stores } = this.#ctx;
    for (const [channelId, userId] of [...this.#unbridged]) {
      const live = agents.get(userId);
      const user = live && channels.owner(channelId) ? await stores.users.byId(userId) : null;
      if (live && user) await this.#adopt(live, user, channelId);
      else if (live && channels.owner(channelId)) {
        channels.drop(channelId);
        this.#phones.lost(live, channelId);
      }
      this.#unbridged.delete(channelId);
    }
  }
}
