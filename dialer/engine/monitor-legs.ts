import { randomBytes } from 'node:crypto';
import type { Monitor } from '../monitors/monitor.ts';
import { channelNames } from './channels.ts';
import type { DialerContext } from './context.ts';
import { agentBridgeId } from './live-agents.ts';

/** The bridge in which a supervisor's phone hears a snoop. */
export function monitorBridgeId(by: number): string {
  return `rw-monitor-${by}`;
}

/** Whose bridge it is; null where it is none of a supervisor's. */
export function readMonitorBridgeId(bridgeId: string): number | null {
  const by = /^rw-monitor-(\d+)$/.exec(bridgeId)?.[1];
  return by === undefined ? null : Number(by);
}

const ringMs = 20_000;
const unique = () => randomBytes(5).toString('hex');

/** A supervisor's audio leg on the switch, and the ear on the agent's. */
export class MonitorLegs {
  readonly #ctx: DialerContext;
  readonly by: number;
  legId: string | null = null;
  snoopId: string | null = null;
  /** What was asked for last stands. */
  isUp = false;

  constructor(ctx: DialerContext, by: number) {
    this.#ctx = ctx;
    this.by = by;
  }

  /** Registers the leg, then has it rung. Rejects where the switch does not take it. */
  async ring(endpoint: string): Promise<void> {
    const { channels, telephony } = this.#ctx;
    const channelId = channelNames.monitor(this.by, unique());
    this.legId = channelId;
    channels.register(channelId, { kind: 'monitor', by: this.by });
    const asked = telephony.originate({
      ...{ channelId, endpoint, callerId: '', callerName: 'Ringwise', ringTimeoutMs: ringMs },
    });
    try {
      await channels.whileAsked(channelId, asked);
    } catch (error) {
      channels.gone(channelId);
      throw error;
    }
    if (this.legId !== channelId) channels.drop(channelId);
  }

  /** An ear on the agent's leg, which joins the supervisor's bridge once the switch has it; or the leg in the talk. */
  async join({ mode, userId }: Monitor, agentChannelId: string): Promise<void> {
    const { telephony, channels } = this.#ctx;
    if (this.legId === null) throw new Error('the supervisor’s leg is gone');
    this.isUp = false;
    if (mode === 'barge' || mode === 'take-over') {
      await telephony.addToBridge(agentBridgeId(userId), [this.legId]);
      this.isUp = true;
      return this.#dropSnoop();
    }
    const before = this.snoopId;
    const snoopId = channelNames.snoop(this.by, unique());
    channels.register(snoopId, { kind: 'monitor', by: this.by });
    this.snoopId = snoopId;
    const bridgeId = monitorBridgeId(this.by);
    await telephony.createBridge(bridgeId, 'mixing');
    await telephony.addToBridge(bridgeId, [this.legId]);
    await telephony.snoop(agentChannelId, snoopId, { whisper: mode === 'whisper' });
    // Only now: a moment of both is better than a moment of neither.
    if (before !== null) channels.drop(before);
  }

  /** The ear is there. */
  async snoopUp(snoopId: string): Promise<void> {
    await this.#ctx.telephony.addToBridge(monitorBridgeId(this.by), [snoopId]);
    if (this.snoopId === snoopId) this.isUp = true;
  }

  #dropSnoop(): void {
    const { snoopId } = this;
    this.snoopId = null;
    if (snoopId !== null) this.#ctx.channels.drop(snoopId);
  }

  /** Nothing of it stays on the switch. */
  end(): void {
    const { legId } = this;
    this.#dropSnoop();
    this.legId = null;
    if (legId !== null) this.#ctx.channels.drop(legId);
    this.#ctx.telephony.destroyBridge(monitorBridgeId(this.by)).catch(() => {});
  }
}
