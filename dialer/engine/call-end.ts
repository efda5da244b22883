import type { CallOutcome, EndedBy } from '../calls/call.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { GivenDisposition } from './actions.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';

/** Ends calls, and hands on what came of them. */
export class CallEnd {
  readonly #ctx: DialerContext;
  readonly #parts: { phones: AgentPhones; recorder: Recorder };

  constructor(ctx: DialerContext, parts: { phones: AgentPhones; recorder: Recorder }) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  end(live: LiveCall, reported: CallOutcome, by: EndedBy, cause: number | null = null): void {
    const { calls, channels, agents } = this.#ctx;
    if (!calls.apply(live, { type: 'end', reported, by, cause }).ok) return;
    if (live.channelId) channels.drop(live.channelId, reported === 'cancelled' ? 'normal' : undefined);
    this.#parts.recorder.stop(live);
    const agent = agents.byCall(live.call.id);
    if (agent) this.#tellAgent(agent, live);
    if (agents.byCall(live.call.id) === undefined) this.settle(live, null);
  }

  #tellAgent(agent: LiveAgent, live: LiveCall): void {
    const { agents, app } = this.#ctx;
    const wrapupUntil = app.clock.now() + live.campaign.wrapupLimitMs;
    if (agent.agent.state === 'on-call' || live.forAgent === agent.agent.userId)
      agents.apply(agent, { type: 'call-ended', wrapupUntil });
    else if (agent.agent.state === 'reserved') agents.apply(agent, { type: 'release' });
    this.#parts.phones.callOver(agent);
  }

  /** Once for each call, after its end and, where an agent has it, after the wrap-up. */
  settle(live: LiveCall, given: GivenDisposition | null): void {
    const { call } = live;
    if (live.settled || call.state !== 'ended') return;
    live.settled = true;
    this.#ctx.calls.forget(call.id);
    const { errands, stores } = this.#ctx;
    const about = { call: call.id, lead: call.leadId };
    const at = this.#ctx.app.clock.now();
    const wasDialled = call.dialedAt !== null;
    if (live.holdsLead && call.leadId !== null) {
      const leadId = call.leadId;
      const byAgent = given?.callback?.mine ? given.userId : null;
      errands.add('lead', about, () =>
        stores.leads.finishAttempt(leadId, {
          outcome: call.outcome ?? 'failed',
          dispositionId: given?.dispositionId ?? null,
          callbackAt: given?.callback?.dueAt ?? null,
          callbackNote: given?.callback?.note ?? null,
          callbackPhone: given?.callback?.e164 ?? null,
          agentId: byAgent,
          callId: call.id,
          by: given?.userId ?? null,
          at,
        }),
      );
    }
    if (wasDialled) this.#tellTimeline(live, given, at);
  }

  #tellTimeline(live: LiveCall, given: GivenDisposition | null, at: number): void {
    const { errands, stores, app } = this.#ctx;
    const { call, campaign } = live;
    const { customerId } = call;
    const about = { call: call.id };
    const talkMs = call.connectedAt !== null && call.endedAt !== null ? call.endedAt - call.connectedAt : 0;
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
    errands.add('disposition', about, () =>
      app.db.transaction(async (trx) => {
        const first = await stores.calls.dispose(
          call.id,
          { dispositionId: given?.dispositionId ?? null, note: given?.note || null, wrappedUpAt: at },
          trx,
        );
        if (!first || !given) return;
        const disposition = await stores.dispositions.get(given.dispositionId, trx);
        if (!disposition) return;
        await stores.dispositions.markUsed(disposition, at, trx);
        // Figures of sales and right parties are counted from this event.
        await stores.calls.noteDisposed(call, disposition.id, at, trx);
        if (customerId !== null) {
          await stores.timeline.append(
            {
              customerId,
              at,
              kind: 'disposition',
              userId: given.userId,
              callId: call.id,
              data: {
                code: disposition.code,
                category: disposition.category,
                names: disposition.names,
                campaignName: campaign.name,
                ...(given.note ? { note: given.note } : {}),
              },
            },
            trx,
          );
          if (given.callback)
            await stores.timeline.append(
              {
                customerId,
                at,
                kind: 'callback',
                userId: given.userId,
                callId: call.id,
                data: { dueAt: given.callback.dueAt, mine: given.callback.mine, note: given.callback.note },
              },
              trx,
            );
        }
      }),
    );
    if (given) this.#stopCallingIfAsked(live, given, at);
  }

  #stopCallingIfAsked(live: LiveCall, given: GivenDisposition, at: number): void {
    const { errands, stores, dnc } = this.#ctx;
    errands.add('dnc', { call: live.call.id }, async () => {
      const disposition = await stores.dispositions.get(given.dispositionId);
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
