import type { App } from '../../core/app.ts';
import { signedOutAgent, type Agent, type AgentEvent } from '../agents/agent.ts';
import { advanceAgent, type AgentAdvance } from '../agents/agent-transition.ts';
import type { AgentStore } from '../agents/agent-store.ts';
import type { AgentMonitor, AgentTransition } from '../protocol.ts';
import type { AlsoWritten, Journal } from './journal.ts';

export interface Preview {
  readonly leadId: number;
  readonly campaignId: number;
  readonly customerId: number;
  readonly e164: string;
  readonly until: number;
}

/** An agent of this dialer, with what is known only while it runs. */
export interface LiveAgent {
  agent: Agent;
  /** As the account says; empty until it has been read. */
  name: string;
  preview: Preview | null;
  /** Since when the agent has been free of calls: the longest idle comes first. */
  idleSince: number;
  stopTimers: (() => void)[];
  /** Another dialer has taken the session: nothing of it is written here any more. */
  lost?: true;
  /** Supervisors who are with their call, as far as the agent is told. */
  monitors?: AgentMonitor[];
  /** Worked by a robot, which needs no session of the product. */
  robot?: boolean;
}

export interface ApplyOptions {
  also?: AlsoWritten;
  /** When it happened, epoch milliseconds; now, unless it was missed. */
  at?: number;
}

export type AgentListener = (live: LiveAgent, before: Agent, event: AgentEvent) => void;

/** The bridge in which an agent's leg waits and talks. */
export function agentBridgeId(userId: number): string {
  return `rw-agent-${userId}`;
}

/** All agents that are or were signed in to this dialer. */
export class LiveAgents {
  readonly #app: Pick<App, 'clock' | 'bus' | 'log'>;
  readonly #store: AgentStore;
  readonly #journal: Journal;
  readonly #dialerId: string;
  readonly #agents = new Map<number, LiveAgent>();
  readonly #listeners: AgentListener[] = [];
  readonly #onLost: ((live: LiveAgent, holder: string) => void)[] = [];

  constructor(
    app: Pick<App, 'clock' | 'bus' | 'log'>,
    parts: { store: AgentStore; journal: Journal; dialerId: string },
  ) {
    this.#app = app;
    this.#store = parts.store;
    this.#journal = parts.journal;
    this.#dialerId = parts.dialerId;
  }

  onTransition(listener: AgentListener): void {
    this.#listeners.push(listener);
  }

  /** Told when it turns out that another dialer has taken an agent over. */
  onLost(listener: (live: LiveAgent, holder: string) => void): void {
    this.#onLost.push(listener);
  }

  get(userId: number): LiveAgent | undefined {
    return this.#agents.get(userId);
  }

  /** The agent of this user; one never seen before is signed out. */
  of(userId: number): LiveAgent {
    return this.#agents.get(userId) ?? this.adopt(signedOutAgent(userId, this.#app.clock.now()));
  }

  all(): Iterable<LiveAgent> {
    return this.#agents.values();
  }

  signedIn(): LiveAgent[] {
    return [...this.#agents.values()].filter(({ agent }) => agent.state !== 'signed-out');
  }

  /** Who has this call, or else who wraps it up. */
  byCall(callId: string): LiveAgent | undefined {
    const all = this.allByCall(callId);
    return all.find(({ agent }) => agent.state !== 'wrapup') ?? all[0];
  }

  /** Also those who have left it to somebody else and wrap up their part, and who is about to get it. */
  allByCall(callId: string): LiveAgent[] {
    return [...this.#agents.values()].filter(({ agent }) => agent.callId === callId);
  }

  /** Takes up a session as the database has it. */
  adopt(agent: Agent): LiveAgent {
    const live: LiveAgent = {
      agent,
      name: this.#agents.get(agent.userId)?.name ?? '',
      preview: null,
      idleSince: agent.since,
      stopTimers: [],
    };
    this.#agents.set(agent.userId, live);
    return live;
  }

  apply(live: LiveAgent, event: AgentEvent, { also, at: given }: ApplyOptions = {}): AgentAdvance {
    const before = live.agent;
    const at = given ?? this.#app.clock.now();
    const result = advanceAgent(before, event, at);
    if (!result.ok) {
      this.#app.log.debug(
        { user: before.userId, state: result.state, event: event.type },
        'agent event refused',
      );
      return result;
    }
    live.agent = result.agent;
    if (result.agent.state !== before.state) {
      for (const stop of live.stopTimers.splice(0)) stop();
      if (before.state === 'wrapup' || before.state === 'on-call') live.idleSince = at;
    }
    if (!live.lost) this.#write(live, result.agent, before, event, at, also);
    for (const listener of this.#listeners) {
      try {
        listener(live, before, event);
      } catch (error) {
        this.#app.log.error(
          { user: before.userId, event: event.type, err: error },
          'listener of an agent failed',
        );
      }
    }
    return result;
  }

  #write(
    live: LiveAgent,
    agent: Agent,
    before: Agent,
    event: AgentEvent,
    at: number,
    also: AlsoWritten | undefined,
  ): void {
    const campaignId = agent.campaignId ?? before.campaignId;
    const callId = agent.callId ?? before.callId;
    const transition: AgentTransition = {
      userId: agent.userId,
      at,
      from: before.state,
      to: agent.state,
      event: event.type,
      campaignId,
      callId,
      pauseCodeId: agent.pauseCodeId,
    };
    this.#journal.append({
      subject: `agent ${agent.userId}`,
      also,
      write: async (trx) => {
        const bridgeId = agent.channelId ? agentBridgeId(agent.userId) : null;
        const rows = live.lost ? 0 : await this.#store.save(agent, bridgeId, this.#dialerId, trx);
        const taken = rows === 0 ? await this.#store.find(agent.userId, trx) : null;
        if (taken && taken.dialerId !== this.#dialerId) this.#lose(live, taken.dialerId);
        return rows;
      },
      isLacking: async (trx) => {
        const found = live.lost ? null : await this.#store.find(agent.userId, trx);
        return !live.lost && (found?.agent.revision ?? -1) < agent.revision;
      },
      eventTable: 'agent_events',
      event: {
        user_id: agent.userId,
        at,
        from_state: before.state,
        to_state: agent.state,
        event: event.type,
        pause_code_id: agent.pauseCodeId,
        campaign_id: campaignId,
        call_id: callId,
        data: eventData(agent, before, event),
      },
      written: () => this.#app.bus.publish('agent.transition', transition),
    });
  }

  /** Another dialer works with this agent: here they are signed out, and nothing is written of it. */
  #lose(live: LiveAgent, holder: string): void {
    if (live.lost) return;
    live.lost = true;
    const { userId } = live.agent;
    this.#app.log.warn({ user: userId }, 'another dialer has taken this agent over');
    if (this.#agents.get(userId) === live) this.#agents.delete(userId);
    for (const listener of this.#onLost) listener(live, holder);
  }
}

/** What an event's row says besides the transition: JSON, or null. */
function eventData(agent: Agent, before: Agent, event: AgentEvent): string | null {
  if (event.type === 'extend-wrapup')
    return JSON.stringify({ until: event.wrapupUntil, reason: event.reason });
  if (!agent.pauseReason && agent.phone === before.phone) return null;
  return JSON.stringify({ phone: agent.phone, reason: agent.pauseReason });
}
