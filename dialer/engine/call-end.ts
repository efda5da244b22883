import type { CallOutcome, EndedBy } from '../calls/call.ts';
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
    const agent = agents.byCall(live.call.id);
    if (agent) this.#tellAgent(agent, live, at);
    if (agents.byCall(live.call.id) === undefined) this.#leave(live);
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
    if (agent.agent.state === 'on-call' || live.forAgent === agent.agent.userId) {
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
    if (live.settled || call.state !== 'ended') return;
    live.settled = true;
    this.#ctx.calls.forget(call.id);
    const { campaign, holdsLead, undialledWaitMs } = live;
    this.#handOn.add({ call, campaign, holdsLead, undialledWaitMs, given, at });
  }
}
