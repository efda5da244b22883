import type { Agent } from '../agents/agent.ts';
import { asAnswered, type CallOutcome, type EndedBy } from '../calls/call.ts';
import type { GivenDisposition } from '../calls/given-disposition.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { Ending } from './actions.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { DialerContext } from './context.ts';
import { HandOn } from './hand-on.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';

export interface CallEndParts {
  readonly phones: AgentPhones;
  readonly recorder: Recorder;
  /** Nobody will wrap the call up: what this agent has typed by now stands for it. */
  readonly leave: (live: LiveCall, userId: number) => void;
}

/** Ends calls, and hands on what came of them. */
export class CallEnd {
  readonly #ctx: DialerContext;
  readonly #parts: CallEndParts;
  readonly #handOn: HandOn;

  constructor(ctx: DialerContext, parts: CallEndParts) {
    this.#ctx = ctx;
    this.#parts = parts;
    this.#handOn = new HandOn(ctx);
  }

  end(
    live: LiveCall,
    reported: CallOutcome,
    by: EndedBy,
    cause: number | null = null,
    given: Ending = {},
  ): void {
    const { calls, channels, agents } = this.#ctx;
    const { at } = given;
    const graceMs = live.campaign.answerGraceMs;
    if (!calls.apply(live, { type: 'end', reported, by, cause, graceMs }, given).ok) return;
    if (live.channelId) channels.drop(live.channelId, reported === 'cancelled' ? 'normal' : undefined);
    this.#parts.recorder.stop(live);
    const all = agents.allByCall(live.call.id);
    for (const agent of all) this.#tellAgent(agent, live, at);
    if (live.call.parentId !== null || live.settled) this.settle(live, null);
    else if (!all.some(({ agent }) => isWrappedUpBy(live, agent))) this.#leave(live);
  }

  /** Whom the customer had met was lost, and not back before the call ended. */
  #leave(live: LiveCall): void {
    const { userId, connectedAt } = live.call;
    if (userId === null || connectedAt === null) this.settle(live, null);
    else this.#parts.leave(live, userId);
  }

  #tellAgent(agent: LiveAgent, live: LiveCall, at?: number): void {
    const { agents, app } = this.#ctx;
    const wrapupUntil = app.clock.now() + live.campaign.wrapupLimitMs;
    if (live.call.parentId !== null && agent.agent.state === 'on-call') {
      agents.apply(agent, { type: 'consult-over' }, { at });
      this.#parts.phones.callOver(agent);
    } else if (agent.agent.state === 'on-call' || live.forAgent === agent.agent.userId) {
      agents.apply(agent, { type: 'call-ended', wrapupUntil }, { at });
      this.#parts.phones.callOver(agent);
    } else if (agent.agent.state === 'reserved') {
      this.#parts.phones.callOver(agent);
      agents.apply(agent, { type: 'release' }, { at });
    }
  }

  /** Once for each call, after its end and, where an agent has it, after the wrap-up. */
  settle(live: LiveCall, given: GivenDisposition | null, at = this.#ctx.app.clock.now()): void {
    const { call } = live;
    const wasSettled = live.settled;
    if (call.state !== 'ended' && call.state !== 'outside') return;
    live.settled = true;
    this.forget(call.id);
    if (wasSettled) return;
    const { campaign, holdsLead, undialledWaitMs, refusedUs, optedOut } = live;
    const terms = { campaign, holdsLead, undialledWaitMs, refusedUs };
    this.#handOn.add({ call: asAnswered(call), ...terms, given, optedOut, at });
  }

  /** Nobody needs the call any more; who has left it to somebody else may still write about it. */
  forget(callId: string): void {
    const { calls, agents } = this.#ctx;
    const live = calls.get(callId);
    const isOver = live?.settled && live.call.state === 'ended';
    if (isOver && !agents.allByCall(callId).some(({ agent }) => !isWrappedUpBy(live, agent)))
      calls.forget(callId);
  }
}

/** Whether it is this agent who says what came of the call: who talked last, or who called in vain. */
export function isWrappedUpBy({ call }: LiveCall, { callId, state, userId }: Agent): boolean {
  return callId === call.id && state === 'wrapup' && (call.userId === null || call.userId === userId);
}
