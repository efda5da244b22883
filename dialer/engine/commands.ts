import { CommandRefused } from '../../core/bus/bus.ts';
import { inTime } from '../../core/database/in-time.ts';
import type { AgentEvent } from '../agents/agent.ts';
import type { PauseCodeStore } from '../agents/pause-code-store.ts';
import { mergePacing } from '../cells/merge-pacing.ts';
import type { AgentSnapshot, DialerCommands, DialerStatus, FloorSnapshot, PacingView } from '../protocol.ts';
import type { Recorder } from '../recordings/recorder.ts';
import { simulatedVoiceVariable } from '../telephony/dialplan.ts';
import { TelephonyError } from '../telephony/telephony.ts';
import type { Actions } from './actions.ts';
import type { AgentCalls } from './agent-calls.ts';
import type { Announcements } from './announcements.ts';
import type { AgentDesk } from './agent-desk.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { DialerContext } from './context.ts';
import type { Holding } from './holding.ts';
import type { Parking } from './parking.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';
import type { PreviewRunner } from './previews.ts';
import type { Monitors } from './monitors.ts';
import { addressed, type Routing } from './routing.ts';
import type { Transfers } from './transfers.ts';
import type { TrunkTest } from './trunk-test.ts';

type Handlers = {
  [Name in keyof DialerCommands]: (
    payload: DialerCommands[Name][0],
  ) => DialerCommands[Name][1] | Promise<DialerCommands[Name][1]>;
};

export interface CommandParts {
  readonly actions: Actions;
  readonly phones: AgentPhones;
  readonly desk: AgentDesk;
  readonly agentCalls: AgentCalls;
  readonly transfers: Transfers;
  readonly holding: Holding;
  readonly parking: Parking;
  readonly recorder: Recorder;
  readonly pauseCodes: PauseCodeStore;
  readonly trunkTest: TrunkTest;
  readonly announcements: Announcements;
  readonly monitors: Monitors;
  previewOf(campaignId: number): PreviewRunner | undefined;
  pacingOf(campaignId: number): Promise<PacingView>;
  snapshot(live: LiveAgent): AgentSnapshot;
  /** Tells this agent's pages how things are now. */
  tell(live: LiveAgent): void;
  status(): DialerStatus;
  floor(): FloorSnapshot;
  readonly routing: Routing;
  /** The other dialers that run. */
  peers(): readonly string[];
}

const peerMs = 500;

/** Answers every command of the protocol, addressed to this dialer or to any; what another is meant for goes there. Returns what takes the handlers away again. */
export function answerCommands(ctx: DialerContext, parts: CommandParts): () => void {
  const handlers = handlersOf(ctx, parts);
  const { bus } = ctx.app;
  const { routing, peers } = parts;
  const stops = (Object.keys(handlers) as (keyof DialerCommands)[]).flatMap((name) => {
    const handler = handlers[name] as (payload: unknown) => unknown;
    const here = async (payload: unknown) => {
      if (name === 'agent.sign-in')
        await routing.refresh((payload as { userId: number }).userId).catch(() => {
          throw new CommandRefused('database-down');
        });
      return handler(payload);
    };
    return [
      bus.respond(addressed(name, ctx.dialerId), here),
      bus.respond(name, async (payload) => {
        const given = payload as DialerCommands[typeof name][0];
        const answer = await routing.answer(name, given, () => here(payload));
        if (name !== 'campaign.pacing') return answer;
        return mergePacing([answer as PacingView, ...(await pacingAt(ctx, peers(), given))]);
      }),
    ];
  });
  return () => {
    for (const stop of stops) stop();
  };
}

/** How the others see a campaign; one that does not answer is left out. */
async function pacingAt(
  { app }: DialerContext,
  dialers: readonly string[],
  request: unknown,
): Promise<PacingView[]> {
  const views = dialers.map((id) =>
    app.bus
      .request<PacingView>(addressed('campaign.pacing', id), request, { timeoutMs: peerMs })
      .catch(() => null),
  );
  return (await Promise.all(views)).filter((view) => view !== null);
}

function handlersOf(ctx: DialerContext, parts: CommandParts): Handlers {
  const { agents, calls, telephony, stores } = ctx;
  const { desk, phones, actions, recorder, transfers } = parts;

  const mustApply = (live: LiveAgent, event: AgentEvent) => {
    const result = agents.apply(live, event);
    if (!result.ok) throw new CommandRefused(result.reason, { state: result.state });
  };
  /** Refused before so much waits to be written that it must be feared for: this can go on for hours. */
  const mustHaveRoom = () => {
    if (!ctx.journal.hasRoom) throw new CommandRefused('database-down');
  };
  const own = (userId: number, callId: string): { live: LiveAgent; call: LiveCall } => {
    const live = agents.of(userId);
    if (live.agent.state === 'signed-out') throw new CommandRefused('not-signed-in');
    const call = calls.get(callId);
    if (!call) throw new CommandRefused('no-such-call');
    if (live.agent.callId !== callId) throw new CommandRefused('not-your-call');
    return { live, call };
  };
  /** Whose customer is on the line with them, or on hold. */
  const talking = (userId: number, callId: string): { live: LiveAgent; call: LiveCall } => {
    const { live, call } = own(userId, callId);
    if (live.agent.state !== 'on-call') throw new CommandRefused('wrong-state', { state: live.agent.state });
    parts.monitors.mustHaveTalk(userId);
    return { live, call };
  };
  const mustBeCode = async (pauseCodeId: number) => {
    // While the database is away the agent's word is taken.
    const unknown = () => undefined;
    const known = await inTime(ctx.app.clock, parts.pauseCodes.get(pauseCodeId), unknown).catch(unknown);
    if (known === null) throw new CommandRefused('invalid', { field: 'pauseCodeId' });
  };
  const whenUp = async (work: () => Promise<void>) => {
    if (telephony.state !== 'up') throw new CommandRefused('switch-down');
    await work().catch((error: unknown) => {
      if (!(error instanceof TelephonyError)) throw error;
      ctx.app.log.warn({ error: String(error) }, 'the switch did not do what an agent asked for');
      throw new CommandRefused('switch-refused');
    });
  };

  return {
    async 'agent.sign-in'({ userId, robot, fresh }) {
      const legBefore = agents.of(userId).agent.channelId;
      const user = await stores.users.byId(userId).catch(() => {
        throw new CommandRefused('database-down');
      });
      if (!user || user.disabledAt !== null) throw new CommandRefused('invalid');
      if (!robot) ctx.app.bus.publish('agent.person', { userId });
      const live = agents.of(userId);
      live.robot = robot === true;
      const { state, legMode, phone } = live.agent;
      if (state === 'signed-out' || (legMode !== user.legMode && (phone === 'none' || phone === 'lost')))
        mustApply(live, { type: 'sign-in', legMode: user.legMode });
      // One that came up meanwhile is the new one.
      if (fresh && live.agent.channelId === legBefore) phones.dropDead(live);
      await phones.open(live, user);
      return parts.snapshot(live);
    },
    'agent.sign-out'({ userId }) {
      const live = agents.of(userId);
      if (live.agent.state !== 'signed-out') mustApply(live, { type: 'sign-out' });
      return parts.snapshot(live);
    },
    async 'agent.ready'({ userId }) {
      mustHaveRoom();
      const live = agents.of(userId);
      await parts.announcements.mustHaveRead(live);
      mustApply(live, { type: 'ready' });
      return parts.snapshot(live);
    },
    async 'agent.pause'({ userId, pauseCodeId }) {
      await mustBeCode(pauseCodeId);
      const live = agents.of(userId);
      mustApply(live, { type: 'pause', pauseCodeId });
      return parts.snapshot(live);
    },
    'agent.hangup'({ userId, callId }) {
      const { live, call } = own(userId, callId);
      parts.monitors.mustHaveTalk(userId);
      const { state } = live.agent;
      // Who has left it, or is about to get it, does not end what somebody else has.
      const isOthers = state === 'reserved' && call.call.userId !== null && call.call.userId !== userId;
      if (state === 'wrapup' || isOthers) throw new CommandRefused('wrong-state', { state });
      actions.end(call, 'cancelled', 'agent');
      return parts.snapshot(live);
    },
    async 'agent.hold'({ userId, callId, on }) {
      const { live, call } = talking(userId, callId);
      const { state, parentId } = call.call;
      if (parentId !== null) throw new CommandRefused('wrong-state', { state });
      // In a talk of three it is the customer alone who is put on hold.
      if (on && calls.aside(callId)) {
        await transfers.conference(live, call, false);
        return parts.snapshot(live);
      }
      if (!on && (calls.aside(callId) || call.consultEnded)) {
        await transfers.takeBack(live, call);
        return parts.snapshot(live);
      }
      await parts.holding.hold(live, call, on);
      return parts.snapshot(live);
    },
    async 'agent.park'({ userId, callId }) {
      const { live, call } = talking(userId, callId);
      if (call.call.parentId !== null) throw new CommandRefused('wrong-state', { state: call.call.state });
      await parts.parking.park(live, call);
      return parts.snapshot(live);
    },
    async 'agent.take-up'({ userId, callId }) {
      const live = agents.of(userId);
      if (live.agent.state === 'signed-out') throw new CommandRefused('not-signed-in');
      await parts.parking.takeUp(live, callId);
      return parts.snapshot(live);
    },
    async 'agent.record'({ userId, callId, on }) {
      const { live, call } = own(userId, callId);
      // Also in a talk that was taken over: nobody else could resume what they have paused.
      if (live.agent.state !== 'on-call')
        throw new CommandRefused('wrong-state', { state: live.agent.state });
      await whenUp(() => recorder.pauseByAgent(call, !on));
      return parts.snapshot(live);
    },
    async 'agent.dtmf'({ userId, callId, digits }) {
      const { live, call: own } = talking(userId, callId);
      // Keys are for whoever is heard.
      const call = calls.aside(callId) ?? own;
      if (call.call.state !== 'connected')
        throw new CommandRefused('wrong-state', { state: call.call.state });
      if (!/^[0-9*#A-D]{1,32}$/.test(digits)) throw new CommandRefused('invalid');
      await whenUp(() => telephony.sendDtmf(call.channelId ?? '', digits));
      return parts.snapshot(live);
    },
    'agent.colleagues'({ userId, callId }) {
      const { live, call } = talking(userId, callId);
      return { colleagues: transfers.colleagues(live, call) };
    },
    async 'agent.transfer'({ userId, callId, to }) {
      const { live, call } = talking(userId, callId);
      await transfers.transfer(live, call, to);
      return parts.snapshot(live);
    },
    async 'agent.consult'({ userId, callId, to }) {
      const { live, call } = talking(userId, callId);
      await transfers.consult(live, call, to);
      return parts.snapshot(live);
    },
    async 'agent.conference'({ userId, callId, on }) {
      const { live, call } = talking(userId, callId);
      await transfers.conference(live, call, on);
      return parts.snapshot(live);
    },
    async 'agent.take-back'({ userId, callId }) {
      const { live, call } = talking(userId, callId);
      await transfers.takeBack(live, call);
      return parts.snapshot(live);
    },
    async 'agent.complete'({ userId, callId }) {
      const { live, call } = talking(userId, callId);
      await transfers.complete(live, call);
      return parts.snapshot(live);
    },
    async 'agent.note'(given) {
      if (given.pauseCodeId !== undefined) await mustBeCode(given.pauseCodeId);
      const live = agents.of(given.userId);
      desk.note(live, given);
      return parts.snapshot(live);
    },
    async 'agent.dispose'(given) {
      if (given.pauseCodeId !== undefined) await mustBeCode(given.pauseCodeId);
      const live = agents.of(given.userId);
      await desk.dispose(live, given);
      return parts.snapshot(live);
    },
    'agent.identify'({ userId, callId, customerId }) {
      const { live, call: one } = own(userId, callId);
      // Of a colleague who is asked: it is the customer's call that somebody is found for.
      const call = calls.get(one.call.parentId ?? '') ?? one;
      const aside = calls.aside(call.call.id)?.call.id ?? callId;
      // Who asks again has not heard that it was done.
      if (calls.identify(call, customerId))
        for (const id of new Set([call.call.id, aside]))
          for (const agent of agents.allByCall(id)) parts.tell(agent);
      else if (call.call.customerId !== customerId) throw new CommandRefused('identified-already');
      return parts.snapshot(live);
    },
    'agent.extend-wrapup'({ userId, callId, reason }) {
      const live = agents.of(userId);
      desk.extend(live, callId, reason);
      return parts.snapshot(live);
    },
    async 'agent.preview-dial'({ userId, leadId }) {
      const live = agents.of(userId);
      await previewOf(live).dial(live, leadId);
      return parts.snapshot(live);
    },
    'agent.preview-skip'({ userId, leadId, reason }) {
      const live = agents.of(userId);
      previewOf(live).skip(live, leadId, reason);
      return parts.snapshot(live);
    },
    async 'agent.dial'({ userId, ...request }) {
      const live = agents.of(userId);
      await parts.agentCalls.dial(live, request);
      return parts.snapshot(live);
    },
    async 'agent.hears'({ userId, callId }) {
      const { call } = own(userId, callId);
      if (!call.channelId) return { voice: null };
      return { voice: await telephony.getVariable(call.channelId, simulatedVoiceVariable).catch(() => null) };
    },
    'agent.snapshot': ({ userId }) => parts.snapshot(agents.of(userId)),
    'agent.force'({ userId, by, to, reason }) {
      // Who is to get no further call is taken out in any case.
      if (to === 'ready') mustHaveRoom();
      const live = agents.of(userId);
      ctx.app.log.info({ user: userId, by, to, reason }, 'supervisor changes an agent’s state');
      if (to === 'paused') mustApply(live, { type: 'pause', pauseCodeId: null, reason: 'forced' });
      else if (to === 'ready') mustApply(live, { type: 'ready', anyway: true });
      else mustApply(live, { type: 'force-out' });
      return parts.snapshot(live);
    },
    async 'monitor.prepare'({ by }) {
      await parts.monitors.prepare(by);
      return {};
    },
    'monitor.start': ({ by, userId, mode }) => parts.monitors.start(by, userId, mode),
    'monitor.keep': ({ by }) => ({ monitor: parts.monitors.keep(by) }),
    'monitor.end-call'({ by }) {
      const call = calls.get(parts.monitors.callToEnd(by));
      if (call) actions.end(call, 'cancelled', 'agent');
      return {};
    },
    'monitor.stop'({ by }) {
      parts.monitors.stop(by);
      return {};
    },
    'campaign.pacing': ({ campaignId }) => parts.pacingOf(campaignId),
    'dialer.status': () => parts.status(),
    'dialer.write-aside': async () => ({ left: await ctx.journal.writeAside() }),
    'dialer.floor': () => parts.floor(),
    'trunk.test': (request) => parts.trunkTest.run(request),
  };

  function previewOf(live: LiveAgent): PreviewRunner {
    if (live.agent.state === 'signed-out') throw new CommandRefused('not-signed-in');
    const runner = live.preview ? parts.previewOf(live.preview.campaignId) : undefined;
    if (!runner) throw new CommandRefused('lead-gone');
    return runner;
  }
}
