import { phoneUsable } from '../agents/agent.ts';
import { canBeTakenUp, type Call, type CallState } from '../calls/call.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { BridgeInfo } from '../telephony/telephony.ts';
import type { DialerContext } from './context.ts';
import { agentBridgeId, type LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';

const beforeTalk: ReadonlySet<CallState> = new Set(['dialing', 'ringing', 'detecting', 'waiting']);

const isBeforeTalk = ({ connectedAt, state }: Call) => connectedAt === null && beforeTalk.has(state);

/**
 * Talks that an earlier run had begun and not written yet: a busy database is seconds behind. Customer and agent are in
 * one bridge, and nobody else may be given to either.
 */
export class TalksFound {
  readonly #ctx: DialerContext;
  readonly #recorder: Pick<Recorder, 'takeUp'>;

  constructor(ctx: DialerContext, recorder: Pick<Recorder, 'takeUp'>) {
    this.#ctx = ctx;
    this.#recorder = recorder;
  }

  /** True where it is such a talk. `livedUntil`: the earlier run's last sign of life. */
  async takeUp(live: LiveCall, bridges: readonly BridgeInfo[], livedUntil: number): Promise<boolean> {
    const { agents, calls, stores } = this.#ctx;
    if (!this.#agentBeside(live, bridges)) return false;
    const recordings = await stores.recordings.ofCall(live.call.id);
    const agent = this.#agentBeside(live, bridges);
    if (!agent) return false;
    const { userId } = agent.agent;
    const { id: callId, createdAt } = live.call;
    if (agent.agent.state !== 'reserved') {
      const reserve = { type: 'reserve', callId, campaignId: live.campaign.id } as const;
      if (!agents.apply(agent, reserve).ok) return false;
    } else if (agent.agent.callId === null) agents.apply(agent, { type: 'assign', callId });
    // The answer came before the end of that run, and the agent soon after it: more nobody knows.
    const { liveAt, answeredAt, ringingAt, leftAt } = live.call;
    const at =
      leftAt === null
        ? (liveAt ?? answeredAt ?? Math.max(livedUntil, ringingAt ?? createdAt))
        : Math.max(livedUntil, leftAt);
    if (live.call.state === 'dialing' || live.call.state === 'ringing')
      calls.apply(live, { type: 'answer' }, { at });
    if (live.call.state === 'detecting') calls.apply(live, { type: 'human', amd: 'unsure' }, { at });
    const graceMs = live.campaign.answerGraceMs;
    if (!calls.apply(live, { type: 'connect', userId, graceMs }, { at }).ok) return false;
    live.cleared = true;
    agents.apply(agent, { type: 'connect', callId });
    this.#recorder.takeUp(live, recordings);
    return true;
  }

  #agentBeside({ call, channelId, forAgent }: LiveCall, bridges: readonly BridgeInfo[]): LiveAgent | null {
    if (call.parentId !== null || !(isBeforeTalk(call) || canBeTakenUp(call))) return null;
    const bridge = bridges.find(({ channelIds }) => channelId !== null && channelIds.includes(channelId));
    for (const live of bridge ? this.#ctx.agents.signedIn() : []) {
      const { userId, callId, channelId: leg, state } = live.agent;
      if (bridge!.bridgeId !== agentBridgeId(userId) || leg === null || !bridge!.channelIds.includes(leg))
        continue;
      const isFree = callId === null && (state === 'ready' || state === 'paused' || state === 'reserved');
      const isTheirs = callId === call.id && state === 'reserved';
      const isMeant = forAgent === null || forAgent === userId;
      return phoneUsable(live.agent) && isMeant && (isFree || isTheirs) ? live : null;
    }
    return null;
  }
}
