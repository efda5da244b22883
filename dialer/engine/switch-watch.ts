import { isInFlight } from '../calls/call.ts';
import type { BridgeInfo, ChannelInfo } from '../telephony/telephony.ts';
import type { Actions } from './actions.ts';
import type { AgentPhones } from './agent-phones.ts';
import { bridgeOf } from './call-bridges.ts';
import type { CallsInHand } from './calls-in-hand.ts';
import { readChannelId, type ChannelOwner } from './channels.ts';
import type { ConsultLegs } from './consult-legs.ts';
import type { DialerContext } from './context.ts';
import type { Dialling } from './dialling.ts';
import type { LiveCall } from './live-calls.ts';
import type { Reconciler } from './reconcile.ts';

/** Between two looks: while there are calls, and while only phones are up. */
const lookMs = 3_000;
const idleLookMs = 15_000;
/** Where something differs the switch is asked again so soon. */
const againMs = 1_000;
/** What is told of a channel's end may be late by so long; that is no difference yet. */
const lateMs = 2_500;
/** The switch ends what rings for too long by itself; what it has not ended by then it will not. */
const ringMarginMs = 15_000;

/** What the switch has is not what is believed here. The key names both sides: it is another where either has moved. */
interface Difference {
  readonly key: string;
  /** For how long it must have been so. */
  readonly ms: number;
  readonly isStill: () => boolean;
  readonly settle: () => unknown;
}

/** Calls and legs as they were believed to be when the switch was asked; what is younger the answer cannot know. */
interface Belief {
  readonly at: number;
  readonly owners: readonly (readonly [string, ChannelOwner])[];
  readonly calls: readonly { readonly live: LiveCall; readonly call: LiveCall['call'] }[];
}

export interface SwitchWatchParts {
  readonly reconciler: Pick<Reconciler, 'vanished' | 'bringHome' | 'detecting' | 'adoptStray'>;
  readonly phones: Pick<AgentPhones, 'answered'>;
  readonly dialling: Pick<Dialling, 'answered' | 'rungSince'>;
  readonly legs: Pick<ConsultLegs, 'join'>;
  readonly inHand: Pick<CallsInHand, 'has'>;
  /** The switch is there, and has been compared with since it came. */
  readonly isReady: () => boolean;
}

/**
 * Finds what an event would have told that was lost though the link is up. The switch is asked for all that it has every
 * few seconds, in two questions however many calls there are; what differs is acted on once it has differed in two
 * answers, in which nothing of it has moved.
 */
export class SwitchWatch {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #parts: SwitchWatchParts;
  /** When each difference of the last look was first seen, by the time of the question. */
  #suspects = new Map<string, number>();
  /** Legs that were not up yet, with the time of the latest question of which the answer said so. */
  #notUp = new Map<string, number>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #stopTimer: () => void = () => {};
  #stopped = false;

  constructor(ctx: DialerContext, actions: Actions, parts: SwitchWatchParts) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#parts = parts;
  }

  /** Returns what ends it. */
  start(): () => void {
    this.#next();
    return () => {
      this.#stopped = true;
      this.#stopTimer();
    };
  }

  #next(): void {
    if (this.#stopped) return;
    const ms = this.#suspects.size > 0 ? againMs : lookMs;
    this.#stopTimer = this.#ctx.app.clock.after(ms, () => void this.#look().finally(() => this.#next()));
  }

  #isDue(): boolean {
    const { calls, app } = this.#ctx;
    if (this.#suspects.size > 0 || calls.open()[Symbol.iterator]().next().done !== true) return true;
    return app.clock.now() - this.#lookedAt >= idleLookMs;
  }

  async #look(): Promise<void> {
    const { telephony, app } = this.#ctx;
    if (!this.#isDue()) return;
    const before = this.#suspects;
    this.#suspects = new Map();
    if (!this.#parts.isReady()) return;
    this.#lookedAt = app.clock.now();
    const belief = this.#believe();
    try {
      const [present, bridges] = await Promise.all([telephony.channels(), telephony.bridges()]);
      if (this.#stopped || !this.#parts.isReady()) return;
      await this.#settle(belief, this.#differences(belief, present, bridges), before);
      this.#noteNotUp(belief, present);
    } catch (error) {
      app.log.debug({ error: String(error) }, 'the switch could not be compared with; it is tried again');
    }
  }

  #believe(): Belief {
    const { channels, calls, app } = this.#ctx;
    const owners = channels
      .ids()
      .flatMap((id) => (channels.isAsked(id) ? [] : [[id, channels.owner(id)!] as const]));
    return {
      ...{ at: app.clock.now(), owners },
      calls: [...calls.open()].map((live) => ({ live, call: live.call })),
    };
  }

  async #settle(
    { at }: Belief,
    differences: readonly Difference[],
    before: ReadonlyMap<string, number>,
  ): Promise<void> {
    for (const { key, ms, isStill, settle } of differences) {
      const since = before.get(key);
      if (since === undefined || at - since < ms) {
        this.#suspects.set(key, since ?? at);
        continue;
      }
      // Another one of them may have settled it.
      if (!isStill()) continue;
      this.#ctx.app.log.warn({ difference: key }, 'the switch had not told of this; it is made up for');
      await settle();
    }
  }

  #noteNotUp({ at }: Belief, present: readonly ChannelInfo[]): void {
    this.#notUp = new Map(present.flatMap(({ channelId, up }) => (up ? [] : [[channelId, at] as const])));
  }

  #differences(
    { owners, calls, at }: Belief,
    present: readonly ChannelInfo[],
    bridges: readonly BridgeInfo[],
  ): Difference[] {
    const { channels } = this.#ctx;
    const byId = new Map(present.map((channel) => [channel.channelId, channel]));
    const bridgeByChannel = new Map(
      bridges.flatMap(({ bridgeId, channelIds }) => channelIds.map((id) => [id, bridgeId] as const)),
    );
    const found: Difference[] = [];
    for (const [channelId, owner] of owners) {
      if (channels.owner(channelId) !== owner) continue;
      const channel = byId.get(channelId);
      if (!channel) found.push(this.#gone(channelId, owner));
      else if (owner.kind === 'agent') found.push(...this.#pickedUp(owner.userId, channel));
    }
    for (const { live, call } of calls) {
      const channel = byId.get(live.channelId ?? '');
      // It has moved, or is being moved at this moment.
      if (live.call !== call || !channel || live.bringing || live.movingTo || this.#parts.inHand.has(call.id))
        continue;
      found.push(...this.#ofCall(live, channel, bridgeByChannel.get(channel.channelId) ?? null, at));
    }
    for (const channel of present) {
      const { channelId } = channel;
      if (channels.owner(channelId) || readChannelId(channelId) === null) continue;
      found.push({
        ...{ key: `${channelId} is nobody’s`, ms: lateMs, isStill: () => !channels.owner(channelId) },
        settle: () => this.#parts.reconciler.adoptStray(channel),
      });
    }
    return found;
  }

  #gone(channelId: string, owner: ChannelOwner): Difference {
    const { channels, calls, app } = this.#ctx;
    return {
      key: `${channelId} is gone`,
      ms: lateMs,
      isStill: () => channels.owner(channelId) === owner,
      settle: () => {
        const live = owner.kind === 'call' ? calls.get(owner.callId) : undefined;
        // What rang for all of its time was not answered; of what ended sooner nobody knows why.
        if (live?.channelId === channelId && isInFlight(live.call.state)) {
          const rungMs = app.clock.now() - this.#parts.dialling.rungSince(live);
          if (rungMs >= live.campaign.ringTimeoutMs) this.#actions.end(live, 'no-answer', 'system');
        }
        this.#parts.reconciler.vanished(channelId);
      },
    };
  }

  #pickedUp(userId: number, { channelId, up }: ChannelInfo): Difference[] {
    const { agents } = this.#ctx;
    const isStill = () => {
      const agent = agents.get(userId)?.agent;
      return agent?.channelId === channelId && agent.phone === 'ringing';
    };
    if (!up || !isStill()) return [];
    const settle = () => this.#parts.phones.answered(agents.get(userId)!, channelId);
    return [{ key: `${channelId} has picked up`, ms: againMs, isStill, settle }];
  }

  #ofCall(live: LiveCall, channel: ChannelInfo, isIn: string | null, at: number): Difference[] {
    const { call } = live;
    const about = `${channel.channelId} of revision ${call.revision}`;
    const isStill = () => live.call === call && live.channelId === channel.channelId;
    const found = (what: string, ms: number, settle: () => unknown): Difference[] => [
      { key: `${about} ${what}`, ms, isStill, settle },
    ];
    if (call.state === 'dialing' || call.state === 'ringing') {
      if (channel.up) return found('has answered', againMs, () => this.#answered(live, channel.channelId));
      if (at - this.#parts.dialling.rungSince(live) < live.campaign.ringTimeoutMs + ringMarginMs) return [];
      return found('rings for ever', 0, () => this.#actions.end(live, 'no-answer', 'system'));
    }
    if (call.state === 'detecting')
      return channel.inApp
        ? found('is back from detection', againMs, () =>
            this.#parts.reconciler.detecting(live, channel, false),
          )
        : [];
    const home = bridgeOf(live, this.#ctx.calls);
    if (home === isIn) return [];
    return found(`is in ${isIn ?? 'no bridge'}`, lateMs, () => this.#parts.reconciler.bringHome(live, isIn));
  }

  /**
   * Who is there gets them at once. When they picked up nobody knows: the earliest that it may have been counts, so that
   * a wait that was too long is none that nobody counts.
   */
  #answered(live: LiveCall, channelId: string): void {
    const { calls } = this.#ctx;
    const { ringingAt, dialedAt, createdAt, trunkId, parentId } = live.call;
    const at = Math.max(ringingAt ?? dialedAt ?? createdAt, this.#notUp.get(channelId) ?? 0);
    if (trunkId !== null) this.#parts.dialling.answered(live, trunkId);
    if (!calls.apply(live, { type: 'answer' }, { at }).ok) return;
    if (parentId !== null) void this.#parts.legs.join(live);
    else this.#actions.personWaits(live);
  }
}
