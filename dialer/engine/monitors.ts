import { randomUUID } from 'node:crypto';
import { CommandRefused } from '../../core/bus/bus.ts';
import type { Call } from '../calls/call.ts';
import { tellListeningSetting } from '../monitors/monitor-settings.ts';
import {
  advanceMonitor,
  monitorTopic,
  type Monitor,
  type MonitorEnd,
  type MonitorEvent,
  type MonitorMode,
  type MonitorView,
} from '../monitors/monitor.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { AgentEndpoints } from './agent-endpoints.ts';
import { endpointOf, type AgentPhones } from './agent-phones.ts';
import { AgentVoice } from './agent-voice.ts';
import type { CallsInHand } from './calls-in-hand.ts';
import type { DialerContext } from './context.ts';
import { agentBridgeId, type LiveAgent } from './live-agents.ts';
import { MonitorLegs, readMonitorBridgeId } from './monitor-legs.ts';

/** A page that is open says so more often than this. */
const pageGoneMs = 35_000;

interface LiveMonitor {
  monitor: Monitor;
  readonly name: string;
  /** The agent is told of one who only listens. */
  readonly isToldOf: boolean;
  readonly legs: MonitorLegs;
  /** One request after the other, or the last one is not what holds. */
  joining: Promise<void>;
  joined: MonitorMode | null;
  /** The agent's leg that was made mute. */
  silenced: string | null;
  stopWaiting: () => void;
}

/**
 * Supervisors with agents' calls: listening, whispering, in the talk. Each ends with its call, its agent's or
 * supervisor's phone, or the supervisor's page, and leaves nothing on the switch.
 */
export class Monitors {
  readonly #ctx: DialerContext;
  readonly #endpoints: AgentEndpoints;
  readonly #recorder: Recorder;
  readonly #inHand: CallsInHand;
  readonly #voice: AgentVoice;
  readonly #onChange: (userId: number) => void;
  readonly #monitors = new Map<number, LiveMonitor>();

  constructor(
    ctx: DialerContext,
    parts: { endpoints: AgentEndpoints; phones: AgentPhones; recorder: Recorder; inHand: CallsInHand },
    onChange: (userId: number) => void,
  ) {
    this.#ctx = ctx;
    this.#endpoints = parts.endpoints;
    this.#recorder = parts.recorder;
    this.#inHand = parts.inHand;
    this.#voice = new AgentVoice(ctx, parts.phones);
    this.#onChange = onChange;
    ctx.calls.onTransition(({ call }) => this.#callMoved(call));
    ctx.agents.onTransition(({ agent }, before) => {
      if (agent.channelId !== before.channelId || agent.phone !== 'up')
        this.#endAll(({ monitor }) => monitor.userId === agent.userId, 'agent-gone');
    });
  }

  /** Makes a supervisor's phone known to the switch, so that their page can register it. @throws CommandRefused */
  async prepare(by: number): Promise<void> {
    const user = await this.#ctx.stores.users.byId(by).catch(() => {
      throw new CommandRefused('database-down');
    });
    if (!user || user.disabledAt !== null) throw new CommandRefused('invalid');
    if (this.#ctx.telephony.state !== 'up') throw new CommandRefused('switch-down');
    await this.#endpoints.put(user);
  }

  /** Begins, or goes over to another mode of the same call. @throws CommandRefused */
  async start(by: number, userId: number, mode: MonitorMode): Promise<MonitorView> {
    const { agents, stores, telephony, app } = this.#ctx;
    if (telephony.state !== 'up') throw new CommandRefused('switch-down');
    const call = this.#callOf(userId);
    this.#mustBeFree(by, call, mode);
    const before = this.#monitors.get(by);
    if (before && before.monitor.userId === userId && before.monitor.callId === call.id)
      return this.#choose(before, mode);
    if (before) this.#end(before, 'stopped');
    if (by === userId || (agents.get(by)?.agent.state ?? 'signed-out') !== 'signed-out')
      throw new CommandRefused('monitor-signed-in');
    const user = await stores.users.byId(by).catch(() => {
      throw new CommandRefused('database-down');
    });
    if (!user || user.disabledAt !== null) throw new CommandRefused('invalid');
    const isToldOf = await app.settings.get(tellListeningSetting).catch(() => false);
    // Asked again after the await: the call may be over, and a second press may have come first.
    if (this.#callOf(userId).id !== call.id) throw new CommandRefused('monitor-no-call');
    this.#mustBeFree(by, call, mode);
    const other = this.#monitors.get(by);
    if (other) return viewOf(other, this.#ctx.simulatedPhones);
    const at = app.clock.now();
    const live: LiveMonitor = {
      monitor: {
        id: randomUUID(),
        step: 0,
        by,
        userId,
        callId: call.id,
        mode,
        state: 'calling',
        since: at,
        ended: null,
      },
      ...{ name: user.name, isToldOf, legs: new MonitorLegs(this.#ctx, by) },
      ...{ joining: Promise.resolve(), joined: null, silenced: null, stopWaiting: () => {} },
    };
    this.#monitors.set(by, live);
    this.keep(by);
    this.#tell(live);
    live.legs.ring(endpointOf(user)).catch((error: unknown) => {
      app.log.info({ user: by, error: String(error) }, 'supervisor’s phone could not be rung');
      this.#end(live, 'phone-gone');
    });
    return viewOf(live, this.#ctx.simulatedPhones);
  }

  /** Two cannot have one talk, and nobody one whose customer is with neither. @throws CommandRefused */
  #mustBeFree(by: number, { id, userId }: Call, mode: MonitorMode): void {
    if (mode !== 'take-over') return;
    const other = this.#takenBy(userId!);
    if (other && other.monitor.by !== by) throw new CommandRefused('monitor-taken');
    if (this.#isAside(id)) throw new CommandRefused('monitor-consulting');
  }

  /** The customer waits while somebody is asked, or is being brought to or from that. */
  #isAside(callId: string): boolean {
    const { calls } = this.#ctx;
    // In a talk of three the customer is in the bridge.
    const isAlone = calls.aside(callId) !== undefined && calls.get(callId)?.call.state !== 'connected';
    return isAlone || this.#inHand.has(callId);
  }

  #takenBy(userId: number): LiveMonitor | undefined {
    const all = [...this.#monitors.values()];
    return all.find(({ monitor }) => monitor.userId === userId && monitor.mode === 'take-over');
  }

  /** The agent has no part in a talk that was taken over, and cannot end it. @throws CommandRefused */
  mustHaveTalk(userId: number): void {
    if (this.isTakenOver(userId)) throw new CommandRefused('taken-over');
  }

  /** From when the switch is asked for it: what an agent began after that would take the customer away again. */
  isTakenOver(userId: number): boolean {
    const state = this.#takenBy(userId)?.monitor.state;
    return state === 'joining' || state === 'on';
  }

  /** Who has the talk ends it. @throws CommandRefused */
  callToEnd(by: number): string {
    const monitor = this.#monitors.get(by)?.monitor;
    if (monitor?.mode !== 'take-over' || monitor.state !== 'on') throw new CommandRefused('monitor-no-call');
    return monitor.callId;
  }

  stop(by: number): void {
    const live = this.#monitors.get(by);
    if (live) this.#end(live, 'stopped');
  }

  /** The supervisor's page is there. Null: nothing goes on. */
  keep(by: number): MonitorView | null {
    const live = this.#monitors.get(by);
    if (!live) return null;
    live.stopWaiting();
    live.stopWaiting = this.#ctx.app.clock.after(pageGoneMs, () => this.#end(live, 'phone-gone'));
    return viewOf(live, this.#ctx.simulatedPhones);
  }

  /** Who is with this agent's call, as far as the agent is told. */
  of(userId: number): { mode: MonitorMode; name: string }[] {
    return [...this.#monitors.values()]
      .filter(({ monitor, isToldOf }) => {
        const isThere = monitor.userId === userId && monitor.state === 'on';
        return isThere && (isToldOf || monitor.mode !== 'listen');
      })
      .map(({ monitor, name }) => ({ mode: monitor.mode, name }));
  }

  /** A leg or an ear is up. */
  answered(by: number, channelId: string): void {
    const live = this.#monitors.get(by);
    if (live?.legs.legId === channelId) {
      if (this.#apply(live, { type: 'phone-up' })) this.#join(live);
    } else if (live?.legs.snoopId === channelId) {
      live.legs
        .snoopUp(channelId)
        .then(() => this.#joined(live))
        .catch((error: unknown) => this.#refused(live, error));
    } else this.#ctx.channels.drop(channelId);
  }

  ended(by: number, channelId: string): void {
    const live = this.#monitors.get(by);
    if (live?.legs.legId === channelId) this.#end(live, 'phone-gone');
    else if (live?.legs.snoopId === channelId) this.#end(live, 'agent-gone');
  }

  /** Bridges that an earlier run has left; what was in them is ended as nobody's. */
  async clearBridges(bridgeIds: readonly string[]): Promise<void> {
    for (const bridgeId of bridgeIds) {
      const by = readMonitorBridgeId(bridgeId);
      if (by !== null && !this.#monitors.has(by)) await this.#ctx.telephony.destroyBridge(bridgeId);
    }
  }

  stopAll(): void {
    this.#endAll(() => true, 'stopped');
  }

  /** The call that this agent talks on now. @throws CommandRefused */
  #callOf(userId: number): Call {
    const { agents, calls } = this.#ctx;
    const agent: LiveAgent | undefined = agents.get(userId);
    const call = agent?.agent.callId ? calls.get(agent.agent.callId)?.call : undefined;
    const talks = agent?.agent.state === 'on-call' && agent.agent.phone === 'up';
    if (!call || !talks || !isTalk(call) || call.userId !== userId)
      throw new CommandRefused('monitor-no-call');
    return call;
  }

  #choose(live: LiveMonitor, mode: MonitorMode): MonitorView {
    this.keep(live.monitor.by);
    const { state, mode: now } = live.monitor;
    if (mode !== now && this.#apply(live, { type: 'choose', mode }) && state !== 'calling') this.#join(live);
    return viewOf(live, this.#ctx.simulatedPhones);
  }

  #join(live: LiveMonitor): void {
    live.joining = live.joining.then(() => this.#joinNow(live));
  }

  async #joinNow(live: LiveMonitor): Promise<void> {
    const { mode, userId, state } = live.monitor;
    if (state === 'ended') return;
    if (live.joined === mode) return this.#joined(live);
    const channelId = this.#ctx.agents.get(userId)?.agent.channelId ?? null;
    if (channelId === null) return this.#end(live, 'agent-gone');
    // Begun while the supervisor's phone rang.
    if (mode === 'take-over' && this.#isAside(live.monitor.callId)) return this.#end(live, 'consulting');
    live.joined = mode;
    try {
      if (mode !== 'take-over') await this.#giveVoice(live);
      await live.legs.join(live.monitor, channelId);
      if (mode === 'take-over' && !this.#isOver(live)) {
        live.silenced = channelId;
        await this.#voice.take(channelId);
        await this.#endHold(live);
      }
    } catch (error) {
      return this.#refused(live, error);
    }
    // Ended meanwhile: what the switch did last is undone.
    if (this.#isOver(live)) live.legs.end();
    else this.#joined(live);
  }

  /** Who takes a talk over has the customer at once: the agent, who put them on hold, may not take them off it any more. */
  async #endHold(live: LiveMonitor): Promise<void> {
    const { calls, telephony } = this.#ctx;
    const call = calls.get(live.monitor.callId);
    if (call?.call.state !== 'held' || call.channelId === null) return;
    // After a talk with somebody who was asked they may still be on the way back.
    await telephony.addToBridge(agentBridgeId(live.monitor.userId), [call.channelId]);
    if (this.#isOver(live)) return;
    await telephony.hold(call.channelId, false);
    if (!this.#isOver(live) && calls.apply(call, { type: 'resume' }).ok) this.#recorder.hold(call, false);
  }

  /** What was chosen last stands on the switch. */
  #joined(live: LiveMonitor): void {
    if (live.legs.isUp && live.joined === live.monitor.mode) this.#apply(live, { type: 'joined' });
  }

  async #giveVoice(live: LiveMonitor): Promise<void> {
    const { silenced } = live;
    live.silenced = null;
    if (silenced !== null) await this.#voice.give(live.monitor.userId, silenced);
  }

  #isOver({ monitor }: LiveMonitor): boolean {
    return monitor.state === 'ended';
  }

  #refused(live: LiveMonitor, error: unknown): void {
    const { by, userId } = live.monitor;
    this.#ctx.app.log.warn(
      { by, user: userId, error: String(error) },
      'switch did not let a supervisor join',
    );
    this.#end(live, 'switch-refused');
  }

  #callMoved(call: Call): void {
    if (isTalk(call)) {
      const has = ({ monitor }: LiveMonitor) => monitor.callId === call.id && monitor.userId !== call.userId;
      return this.#endAll(has, 'agent-gone');
    }
    this.#endAll(({ monitor }) => monitor.callId === call.id, 'call-over');
  }

  #endAll(which: (live: LiveMonitor) => boolean, why: MonitorEnd): void {
    for (const live of [...this.#monitors.values()]) if (which(live)) this.#end(live, why);
  }

  #end(live: LiveMonitor, why: MonitorEnd): void {
    if (live.monitor.state === 'ended') return;
    live.stopWaiting();
    live.legs.end();
    live.joining = live.joining.then(() => this.#giveVoice(live));
    if (this.#monitors.get(live.monitor.by) === live) this.#monitors.delete(live.monitor.by);
    this.#apply(live, { type: 'end', why });
  }

  #apply(live: LiveMonitor, event: MonitorEvent): boolean {
    const next = advanceMonitor(live.monitor, event, this.#ctx.app.clock.now());
    if (!next) return false;
    live.monitor = next;
    this.#tell(live);
    return true;
  }

  #tell(live: LiveMonitor): void {
    const { by, userId } = live.monitor;
    this.#ctx.app.bus.publish(monitorTopic(by), viewOf(live, this.#ctx.simulatedPhones));
    this.#onChange(userId);
  }
}

function isTalk({ state }: Call): boolean {
  return state === 'connected' || state === 'held';
}

function viewOf({ monitor }: LiveMonitor, simulated: boolean): MonitorView {
  return { ...monitor, simulated };
}
