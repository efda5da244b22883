import { phoneUsable } from '../agents/agent.ts';
import { chooseAgent, chooseCall } from '../router/router.ts';
import type { Actions } from './actions.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { DialerContext } from './context.ts';
import { agentBridgeId, type LiveAgent } from './live-agents.ts';
import type { LateBlock } from './late-block.ts';
import type { LiveCall } from './live-calls.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { Roster } from './roster.ts';
import type { Announcer } from './announcer.ts';

/** Detection that does not come back has lost the call. */
const detectionLimitMs = 10_000;
/** How long a customer hears music for an agent whose phone was lost in the middle of the talk. */
const phoneBackMs = 15_000;

export interface AnsweringParts {
  readonly phones: AgentPhones;
  readonly recorder: Recorder;
  readonly roster: Roster;
  readonly announcer: Announcer;
  readonly lateBlock: LateBlock;
}

/** From the answer to the talk: detection, router, the join of both legs, and what happens when no agent is there. */
export class Answering {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #parts: AnsweringParts;

  constructor(ctx: DialerContext, actions: Actions, parts: AnsweringParts) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#parts = parts;
  }

  answered(live: LiveCall, channelId: string): void {
    const { calls, telephony, app, channels } = this.#ctx;
    if (live.channelId !== channelId || live.call.state === 'ended') return channels.drop(channelId);
    if (live.call.state !== 'dialing' && live.call.state !== 'ringing') return;
    if (live.campaign.amd && live.forAgent === null) {
      calls.apply(live, { type: 'detect' });
      live.stopTimers.push(
        app.clock.after(detectionLimitMs, () => this.#actions.end(live, 'failed', 'system')),
      );
      telephony.detectMachine(channelId).catch((error: unknown) => {
        app.log.warn({ call: live.call.id, error: String(error) }, 'machine detection could not start');
        this.detected(live, 'unsure');
      });
      return;
    }
    if (calls.apply(live, { type: 'answer' }).ok) this.#actions.personWaits(live);
  }

  detected(live: LiveCall, result: 'human' | 'machine' | 'unsure'): void {
    if (live.call.state !== 'detecting') return;
    if (result === 'machine') return this.#actions.end(live, 'machine', 'system');
    if (this.#ctx.calls.apply(live, { type: 'human', amd: result }).ok) this.#actions.personWaits(live);
  }

  /** A person is on the line: an agent within the grace, or the identification message. */
  personWaits(live: LiveCall): void {
    live.waitsSince = this.#ctx.app.clock.now();
    live.stopTimers.push(this.#ctx.app.clock.after(live.campaign.answerGraceMs, () => this.#graceOver(live)));
    // Who has talked already goes on talking.
    live.cleared ||= live.call.connectedAt !== null;
    if (live.cleared) return this.#findAgent(live, new Set());
    void this.#parts.lateBlock.mayConnect(live).then((may) => {
      live.cleared = may;
      if (may) this.#findAgent(live, new Set());
    });
  }

  /** Gives a free agent the call that has waited longest, if there is one. */
  agentFree(agent: LiveAgent): void {
    if (agent.agent.state !== 'ready' || !phoneUsable(agent.agent)) return;
    const waiting = [];
    for (const live of this.#ctx.calls.open())
      if (
        live.call.state === 'waiting' &&
        live.cleared &&
        live.bringing === null &&
        live.forAgent === null &&
        this.#parts.roster.serves(agent.agent.userId, live.call.campaignId)
      )
        waiting.push({
          callId: live.call.id,
          waitingSince: live.call.answeredAt ?? live.call.createdAt,
          priority: live.campaign.priority,
          live,
        });
    const next = chooseCall(waiting);
    if (next) void this.#join(next.live, agent, new Set());
  }

  #findAgent(live: LiveCall, except: Set<number>): void {
    if (live.call.state !== 'waiting' || live.bringing !== null) return;
    if (live.forAgent !== null) {
      const agent = this.#ctx.agents.get(live.forAgent);
      if (agent?.agent.callId === live.call.id && !except.has(live.forAgent))
        return void this.#join(live, agent, except);
      return this.#actions.end(live, 'abandoned', 'system');
    }
    const free = this.#parts.roster
      .agentsOf(live.call.campaignId)
      .filter(({ agent }) => agent.state === 'ready' && phoneUsable(agent))
      .map((agent) => ({ userId: agent.agent.userId, idleSince: agent.idleSince, agent }));
    const chosen = chooseAgent(free, { lastAgent: live.lastAgent, except });
    if (chosen) void this.#join(live, chosen.agent, except);
  }

  /** Joins customer and agent. After each await both are asked again whether they still want it. */
  async #join(live: LiveCall, agent: LiveAgent, except: Set<number>): Promise<void> {
    const { agents, calls, telephony, app } = this.#ctx;
    const { userId } = agent.agent;
    const callId = live.call.id;
    const channelId = live.channelId;
    const campaignId = live.campaign.id;
    if (agent.agent.callId !== callId && !agents.apply(agent, { type: 'reserve', callId, campaignId }).ok) {
      except.add(userId);
      return this.#findAgent(live, except);
    }
    live.bringing = userId;
    let failure: unknown = null;
    try {
      await this.#parts.phones.ensureLeg(agent);
      if (channelId !== null && live.call.state === 'waiting')
        await telephony.addToBridge(agentBridgeId(userId), [channelId]);
    } catch (error) {
      failure = error;
    }
    live.bringing = null;
    if (live.call.state !== 'waiting' || live.channelId !== channelId) return this.#letGo(agent, callId);
    const there =
      !failure &&
      agent.agent.callId === callId &&
      agent.agent.state === 'reserved' &&
      agent.agent.phone === 'up';
    if (there && calls.apply(live, { type: 'connect', userId }).ok) {
      agents.apply(agent, { type: 'connect', callId });
      if (live.campaign.recording) this.#parts.recorder.start(live, userId);
      return;
    }
    app.log.info(
      { call: callId, user: userId, error: failure ? String(failure) : undefined },
      'agent was not there after all',
    );
    except.add(userId);
    if (failure) this.#parts.phones.suspect(agent);
    this.#letGo(agent, callId);
    if (this.#isGraceOver(live)) this.#graceOver(live);
    else this.#findAgent(live, except);
  }

  #letGo(agent: LiveAgent, callId: string): void {
    if (agent.agent.state === 'reserved' && agent.agent.callId === callId)
      this.#ctx.agents.apply(agent, { type: 'release' });
  }

  #isGraceOver(live: LiveCall): boolean {
    return this.#ctx.app.clock.now() - live.waitsSince >= live.campaign.answerGraceMs;
  }

  #graceOver(live: LiveCall): void {
    // An agent is being joined in this moment: what comes of it decides.
    if (live.call.state !== 'waiting' || live.bringing !== null) return;
    if (live.forAgent !== null) return;
    if (live.call.connectedAt !== null) return this.#actions.end(live, 'answered', 'system');
    this.#parts.announcer.announce(live);
  }

  /** The leg is gone: a talk waits for it with music, anything else goes to another agent. */
  phoneLost(agent: LiveAgent): void {
    const { calls, telephony, app } = this.#ctx;
    const { callId } = agent.agent;
    const live = callId === null ? undefined : calls.get(callId);
    if (!live || live.call.userId !== agent.agent.userId) return;
    if (live.call.state !== 'connected' && live.call.state !== 'held') return;
    if (agent.agent.legMode === 'per-call') return this.#actions.end(live, 'answered', 'agent');
    if (live.call.state === 'connected') calls.apply(live, { type: 'hold' });
    if (live.channelId) telephony.hold(live.channelId, true).catch(() => {});
    live.stopTimers.push(app.clock.after(phoneBackMs, () => this.#giveToAnother(live, agent)));
  }

  /** The leg is back in the bridge where the customer waits. */
  phoneBack(agent: LiveAgent): void {
    const { calls, telephony } = this.#ctx;
    const live = agent.agent.callId === null ? undefined : calls.get(agent.agent.callId);
    if (live?.call.state !== 'held' || live.call.userId !== agent.agent.userId) return;
    calls.apply(live, { type: 'resume' });
    if (live.channelId) telephony.hold(live.channelId, false).catch(() => {});
    // The agent may have put the customer on hold before the phone was lost.
    if (live.recording === 'paused') this.#parts.recorder.pause(live, false);
  }

  #giveToAnother(live: LiveCall, agent: LiveAgent): void {
    const { agents, calls, telephony } = this.#ctx;
    if (live.call.state !== 'held' || agent.agent.phone === 'up') return;
    if (live.channelId) telephony.hold(live.channelId, false).catch(() => {});
    this.#parts.recorder.stop(live);
    agents.apply(agent, { type: 'call-lost' });
    if (calls.apply(live, { type: 'reroute' }).ok) this.#actions.personWaits(live);
  }
}
