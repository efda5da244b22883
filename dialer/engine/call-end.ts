import type { AttemptResult } from '../../campaigns/index.ts';
import { talkMsOf, type CallOutcome, type EndedBy } from '../calls/call.ts';
import type { Recorder } from '../recordings/recorder.ts';
import { writeDown, type GivenDisposition } from '../calls/given-disposition.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';

/** A lead whose call never left is tried again after so long. */
const undialledWaitMs = 60_000;

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

  constructor(ctx: DialerContext, parts: CallEndParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  end(live: LiveCall, reported: CallOutcome, by: EndedBy, cause: number | null = null): void {
    const { calls, channels, agents } = this.#ctx;
    const graceMs = live.campaign.answerGraceMs;
    if (!calls.apply(live, { type: 'end', reported, by, cause, graceMs }).ok) return;
    if (live.channelId) channels.drop(live.channelId, reported === 'cancelled' ? 'normal' : undefined);
    this.#parts.recorder.stop(live);
    const agent = agents.byCall(live.call.id);
    if (agent) this.#tellAgent(agent, live);
    if (agents.byCall(live.call.id) === undefined) this.#leave(live);
  }

  /** Whom the customer had met was lost, and not back before the call ended. */
  #leave(live: LiveCall): void {
    const { userId, connectedAt } = live.call;
    if (userId === null || connectedAt === null) this.settle(live, null);
    else this.#parts.leave(live, userId);
  }

  #tellAgent(agent: LiveAgent, live: LiveCall): void {
    const { agents, app } = this.#ctx;
    const wrapupUntil = app.clock.now() + live.campaign.wrapupLimitMs;
    if (agent.agent.state === 'on-call' || live.forAgent === agent.agent.userId) {
      agents.apply(agent, { type: 'call-ended', wrapupUntil });
      this.#parts.phones.callOver(agent);
    } else if (agent.agent.state === 'reserved') {
      this.#parts.phones.callOver(agent);
      agents.apply(agent, { type: 'release' });
    }
  }

  /** Once for each call, after its end and, where an agent has it, after the wrap-up. */
  settle(live: LiveCall, given: GivenDisposition | null): void {
    const { call } = live;
    if (live.settled || call.state !== 'ended') return;
    live.settled = true;
    this.#ctx.calls.forget(call.id);
    const at = this.#ctx.app.clock.now();
    const wasDialled = call.dialedAt !== null;
    if (live.holdsLead && call.leadId !== null)
      if (wasDialled || given) this.#finishLead(live, call.leadId, given, at);
      else this.#undial(live, call.leadId, at);
    else if (given?.callback) this.#promise(live, given, at);
    if (wasDialled) this.#tellTimeline(live, given, at);
  }

  /** No line was free, or dialling was called off first: nobody was called, so the lead has lost no attempt. */
  #undial(live: LiveCall, leadId: number, at: number): void {
    const { errands, stores, dialerId } = this.#ctx;
    errands.add('lead', { call: live.call.id, lead: leadId }, () =>
      stores.leads.undial(leadId, dialerId, at + undialledWaitMs, at),
    );
  }

  #finishLead(live: LiveCall, leadId: number, given: GivenDisposition | null, at: number): void {
    const { errands, stores } = this.#ctx;
    errands.add('lead', { call: live.call.id, lead: leadId }, () =>
      stores.leads.finishAttempt(leadId, attemptResult(live, given, at)),
    );
  }

  /** A callback agreed on in a call that held no lead: a number dialled by hand, or a lead that was finished. */
  #promise(live: LiveCall, given: GivenDisposition, at: number): void {
    const { errands, stores } = this.#ctx;
    const { campaign, call } = live;
    const { customerId } = call;
    if (customerId === null) return;
    errands.add('promise', { call: call.id }, async () => {
      const leadId = await stores.leads.ofHand(campaign.id, customerId, at);
      const result = await stores.leads.finishAttempt(leadId, attemptResult(live, given, at));
      if (!result.moved) throw new Error(`the lead of a promised callback did not move: ${result.reason}`);
    });
  }

  #tellTimeline(live: LiveCall, given: GivenDisposition | null, at: number): void {
    const { errands, stores } = this.#ctx;
    const { call, campaign } = live;
    const { customerId } = call;
    const about = { call: call.id };
    const talkMs = talkMsOf(call);
    if (customerId !== null)
      errands.add('timeline', about, () =>
        stores.timeline.append({
          customerId,
          at: call.dialedAt ?? at,
          kind: 'call',
          userId: call.userId,
          callId: call.id,
          data: {
            direction: call.direction,
            outcome: call.outcome,
            campaignId: campaign.id,
            campaignName: campaign.name,
            e164: call.e164,
            talkMs,
          },
        }),
      );
    if (call.userId === null && !given) return;
    errands.add('disposition', about, () => this.#writeDisposition(live, given, at));
    if (given) this.#stopCallingIfAsked(live, given, at);
  }

  #writeDisposition(live: LiveCall, given: GivenDisposition | null, at: number): Promise<void> {
    const { stores, app } = this.#ctx;
    const { call, campaign } = live;
    const said = { dispositionId: given?.dispositionId ?? null, note: given?.note || null, wrappedUpAt: at };
    const missedAt = given?.missed ? at : null;
    return app.db.transaction(async (trx) => {
      if (!(await stores.calls.dispose(call.id, { ...said, missedAt }, trx)) || !given) return;
      await writeDown(stores, { call, campaign, given, at }, trx);
    });
  }

  #stopCallingIfAsked(live: LiveCall, given: GivenDisposition, at: number): void {
    const { errands, stores, dnc } = this.#ctx;
    const { dispositionId } = given;
    if (dispositionId === null) return;
    errands.add('dnc', { call: live.call.id }, async () => {
      const disposition = await stores.dispositions.get(dispositionId);
      if (disposition?.category !== 'dnc') return;
      await dnc.add({
        e164: live.call.e164,
        campaignId: null,
        reason: disposition.code,
        source: 'agent',
        by: given.userId,
        at,
      });
    });
  }
}

function attemptResult(live: LiveCall, given: GivenDisposition | null, at: number): AttemptResult {
  const { call } = live;
  return {
    outcome: call.outcome ?? 'failed',
    e164: call.e164,
    dispositionId: given?.dispositionId ?? null,
    callbackAt: given?.callback?.dueAt ?? null,
    callbackTimeAgreed: given?.callback?.timeAgreed ?? true,
    callbackNote: given?.callback?.note ?? null,
    callbackPhone: given?.callback?.e164 ?? null,
    agentId: given?.callback?.mine ? given.userId : null,
    callId: call.id,
    by: given?.userId ?? null,
    at,
  };
}
