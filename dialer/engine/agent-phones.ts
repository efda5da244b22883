import { randomBytes } from 'node:crypto';
import type { User } from '../../core/users/index.ts';
import { isBusy } from '../agents/agent.ts';
import type { AgentEndpoints } from './agent-endpoints.ts';
import type { Actions } from './actions.ts';
import { channelNames } from './channels.ts';
import type { DialerContext } from './context.ts';
import { agentBridgeId, type LiveAgent } from './live-agents.ts';

const ringMs = 20_000;
const roomAgainMs = 5_000;
/** Pauses before a lost leg is rung again; after the last one it waits for the phone to show itself. */
const againAfterMs = [500, 1_000, 2_000, 5_000, 10_000];
/** A phone that is there takes a leg within this; one that still rings may be rung at an address that is gone. */
const pickedUpWithinMs = 3_000;
/** A phone that rang this long for a customer who waited, and was not picked up, has an agent who is not there. */
const missedAfterMs = 1_000;
/** A leg that is back this soon lets a ready agent be ready again: a page was reloaded. */
const resumeWithinMs = 20_000;

interface Phone {
  readonly endpoint: string;
  tries: number;
  rungAt: number;
  stopTimer: (() => void) | null;
  /** Was ready when the leg was lost, or about to be, and until when that is remembered. */
  resumeUntil: number;
  waiters: { resolve: () => void; reject: (error: Error) => void }[];
}

/** Agents' audio legs: rung at sign-in and kept up, rung again when lost; or rung for each call. */
export class AgentPhones {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #endpoints: AgentEndpoints;
  /** Whether something is to be read before this agent is ready. */
  readonly #hasToRead: (live: LiveAgent) => boolean;
  readonly #phones = new Map<number, Phone>();

  constructor(
    ctx: DialerContext,
    actions: Actions,
    parts: { endpoints: AgentEndpoints; hasToRead: (live: LiveAgent) => boolean },
  ) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#endpoints = parts.endpoints;
    this.#hasToRead = parts.hasToRead;
  }

  /** Makes the phone known to the switch, and rings a nailed leg unless it is up or ringing. */
  async open(live: LiveAgent, user: User): Promise<void> {
    await this.know(live, user);
    if (live.agent.legMode === 'nailed' && live.agent.state !== 'signed-out') this.#ring(live);
  }

  /** Notes where this agent is rung, and tells the switch if it is there. */
  async know(live: LiveAgent, user: User): Promise<void> {
    live.name = user.name;
    const before = this.#phones.get(user.id);
    before?.stopTimer?.();
    this.#phones.set(user.id, {
      endpoint: endpointOf(user),
      tries: 0,
      rungAt: before?.rungAt ?? 0,
      stopTimer: null,
      resumeUntil: before?.resumeUntil ?? 0,
      waiters: before?.waiters ?? [],
    });
    await this.#endpoints.put(user);
  }

  /** The leg is no longer wanted. */
  close(live: LiveAgent): void {
    const phone = this.#phones.get(live.agent.userId);
    phone?.stopTimer?.();
    // First, as whoever waits for the leg is told by it.
    this.#dropLeg(live);
    this.#phones.delete(live.agent.userId);
  }

  #dropLeg(live: LiveAgent): void {
    const { channelId, userId } = live.agent;
    this.#settle(userId, new Error('the phone was closed'));
    if (channelId === null) return;
    this.#ctx.agents.apply(live, { type: 'phone-closed' });
    this.#ctx.channels.drop(channelId);
    this.#ctx.telephony.destroyBridge(agentBridgeId(userId)).catch(() => {});
  }

  /**
   * The leg that was rung for one call is no longer needed. Who let it ring gets no other call until they say that they
   * are there: each would be abandoned.
   */
  callOver(live: LiveAgent): void {
    const { legMode, state, phone, userId } = live.agent;
    if (legMode !== 'per-call') return;
    const rungFor = this.#ctx.app.clock.now() - (this.#phones.get(userId)?.rungAt ?? 0);
    if (state === 'reserved' && phone === 'ringing' && rungFor >= missedAfterMs) this.#notAnswered(live);
    this.#dropLeg(live);
  }

  #notAnswered(live: LiveAgent): void {
    this.#ctx.agents.apply(live, { type: 'pause', pauseCodeId: null, reason: 'phone-not-answered' });
  }

  /** Resolves when the agent's leg is up in its bridge. @throws Error when the phone is not there or not picked up. */
  ensureLeg(live: LiveAgent): Promise<void> {
    if (live.agent.phone === 'up') return Promise.resolve();
    const phone = this.#phones.get(live.agent.userId);
    if (!phone || (live.agent.legMode === 'nailed' && live.agent.phone !== 'ringing'))
      return Promise.reject(new Error('the agent’s phone is not up'));
    if (!this.#rings(live)) return Promise.reject(new Error('the agent’s phone cannot be rung now'));
    return new Promise((resolve, reject) => void phone.waiters.push({ resolve, reject }));
  }

  /** Rings it where it does not ring yet. False where that cannot be: nobody would ever say how it went. */
  #rings(live: LiveAgent): boolean {
    this.#ring(live);
    return live.agent.phone === 'ringing';
  }

  /** Something could not be joined to this leg: it is taken down and rung anew. */
  suspect(live: LiveAgent): void {
    const { channelId, legMode } = live.agent;
    if (legMode === 'per-call') {
      this.#notAnswered(live);
      return this.#dropLeg(live);
    }
    if (channelId === null) return;
    this.#ctx.channels.drop(channelId);
    this.lost(live, channelId);
  }

  /**
   * The phone was started anew and has no leg: whatever stands on the switch leads to a browser that is gone, which
   * the switch would find out by itself only after ten seconds without sound. Who talks is held until the new leg is up.
   */
  dropDead(live: LiveAgent): void {
    const { channelId, legMode, phone: state, userId } = live.agent;
    if (channelId === null || legMode !== 'nailed') return;
    const rungFor = this.#ctx.app.clock.now() - (this.#phones.get(userId)?.rungAt ?? 0);
    if (state === 'ringing' && rungFor < pickedUpWithinMs) return;
    this.#ctx.channels.drop(channelId);
    this.lost(live, channelId);
  }

  #ring(live: LiveAgent): void {
    const { userId, phone: state } = live.agent;
    const phone = this.#phones.get(userId);
    if (!phone || state === 'up' || state === 'ringing' || this.#ctx.telephony.state !== 'up') return;
    phone.stopTimer?.();
    phone.stopTimer = null;
    // Who talks is waited for; of the others each try would be one more transition to be kept.
    if (!this.#ctx.journal.hasRoom && !isBusy(live.agent.state)) {
      phone.stopTimer = this.#ctx.app.clock.after(roomAgainMs, () => this.#ring(live));
      return;
    }
    phone.tries += 1;
    phone.rungAt = this.#ctx.app.clock.now();
    const channelId = channelNames.agent(userId, randomBytes(5).toString('hex'));
    this.#ctx.channels.register(channelId, { kind: 'agent', userId });
    if (!this.#ctx.agents.apply(live, { type: 'phone-ringing', channelId }).ok)
      return void this.#ctx.channels.gone(channelId);
    const asked = this.#ctx.telephony.originate({
      channelId,
      endpoint: phone.endpoint,
      callerId: '',
      callerName: 'Ringwise',
      ringTimeoutMs: ringMs,
    });
    this.#ctx.channels
      .whileAsked(channelId, asked)
      .then(() => {
        if (live.agent.channelId !== channelId) this.#ctx.channels.drop(channelId);
      })
      .catch((error: unknown) => {
        this.#ctx.app.log.info({ user: userId, error: String(error) }, 'agent’s phone could not be rung');
        if (this.#ctx.channels.gone(channelId)) this.lost(live, channelId);
      });
  }

  answered(live: LiveAgent, channelId: string): void {
    const { telephony, channels } = this.#ctx;
    const bridgeId = agentBridgeId(live.agent.userId);
    if (live.agent.channelId !== channelId) return channels.drop(channelId);
    telephony
      .createBridge(bridgeId, 'mixing')
      .then(() => telephony.addToBridge(bridgeId, [channelId]))
      .then(() => this.#up(live, channelId))
      .catch((error: unknown) => {
        this.#ctx.app.log.warn(
          { user: live.agent.userId, error: String(error) },
          'agent’s leg could not be bridged',
        );
        channels.drop(channelId);
        this.lost(live, channelId);
      });
  }

  #up(live: LiveAgent, channelId: string): void {
    if (live.agent.channelId !== channelId || live.agent.phone === 'up') return;
    this.#ctx.agents.apply(live, { type: 'phone-up' });
    const phone = this.#phones.get(live.agent.userId);
    if (phone) phone.tries = 0;
    this.#settle(live.agent.userId, null);
    this.#actions.phoneBack(live);
    if (phone && phone.resumeUntil > this.#ctx.app.clock.now() && live.agent.pauseReason === 'phone-lost')
      this.#resume(live);
    if (phone) phone.resumeUntil = 0;
  }

  #resume(live: LiveAgent): void {
    this.#ctx.agents.apply(
      live,
      this.#hasToRead(live)
        ? { type: 'pause', pauseCodeId: null, reason: 'announcement' }
        : { type: 'ready' },
    );
  }

  /** Takes up a leg that is up on the switch already, unless it ends meanwhile. */
  async adopt(live: LiveAgent, user: User, channelId: string): Promise<void> {
    await this.know(live, user);
    if (live.agent.channelId !== channelId) return;
    const bridgeId = agentBridgeId(user.id);
    await this.#ctx.telephony.createBridge(bridgeId, 'mixing');
    await this.#ctx.telephony.addToBridge(bridgeId, [channelId]);
    // A supervisor may have had the talk when the earlier process ended.
    await this.#ctx.telephony.mute(channelId, false);
  }

  /** The leg is gone without having been asked to; `soundlessSince` as of `Actions.phoneLost`. */
  lost(live: LiveAgent, channelId: string, soundlessSince?: number): void {
    if (live.agent.channelId !== channelId) return;
    const { agents, app } = this.#ctx;
    const { userId, legMode, state, after } = live.agent;
    this.#settle(userId, new Error('the agent’s phone was not picked up, or is gone'));
    if (legMode === 'per-call') {
      agents.apply(live, { type: 'phone-closed' });
      return this.#actions.phoneLost(live, soundlessSince);
    }
    const phone = this.#phones.get(userId);
    const now = app.clock.now();
    agents.apply(live, { type: 'phone-lost' });
    if (phone && (state === 'ready' || (state === 'reserved' && after.to === 'ready')))
      phone.resumeUntil = now + resumeWithinMs;
    this.#actions.phoneLost(live, soundlessSince);
    this.#ringLater(live);
  }

  #ringLater(live: LiveAgent): void {
    const phone = this.#phones.get(live.agent.userId);
    const pause = phone ? againAfterMs[phone.tries] : undefined;
    if (!phone || pause === undefined) return;
    phone.stopTimer?.();
    phone.stopTimer = this.#ctx.app.clock.after(pause, () => this.#ring(live));
  }

  /** A phone that has shown itself again is rung at once. */
  endpointOnline(endpoint: string): void {
    for (const [userId, phone] of this.#phones) {
      const live = this.#ctx.agents.get(userId);
      if (phone.endpoint !== endpoint || live?.agent.legMode !== 'nailed') continue;
      if (live.agent.state === 'signed-out' || live.agent.phone !== 'lost') continue;
      phone.tries = 0;
      this.#ring(live);
    }
  }

  /** The switch is there (again): legs that it has not are lost, and all that are missing are rung. */
  ringLost(whose: 'of-all' | 'of-the-free' = 'of-all'): void {
    for (const [userId, phone] of this.#phones) {
      const live = this.#ctx.agents.get(userId);
      if (!live || live.agent.state === 'signed-out') continue;
      if (whose === 'of-the-free' && isBusy(live.agent.state)) continue;
      const { channelId, phone: state } = live.agent;
      if (channelId !== null && this.#ctx.channels.owner(channelId)?.kind !== 'agent')
        this.lost(live, channelId);
      else if (channelId === null && state !== 'none' && state !== 'lost')
        this.#ctx.agents.apply(live, { type: 'phone-lost' });
      if (live.agent.legMode !== 'nailed') continue;
      phone.tries = 0;
      this.#ring(live);
    }
  }

  #settle(userId: number, error: Error | null): void {
    for (const waiter of this.#phones.get(userId)?.waiters.splice(0) ?? [])
      if (error) waiter.reject(error);
      else waiter.resolve();
  }
}

/** Where this user's phone is rung. */
export function endpointOf(user: User): string {
  return user.phoneMode === 'desk' && user.phoneEndpoint ? user.phoneEndpoint : `PJSIP/agent-${user.id}`;
}
