import { phoneUsable } from '../agents/agent.ts';
import { isCheckSample, lost, notStarted, type AmdVerdict, type MachineMessageEnd } from '../amd/index.ts';
import type { Actions } from './actions.ts';
import type { DialerContext } from './context.ts';
import type { AlsoWritten } from './journal.ts';
import type { LiveCall } from './live-calls.ts';
import type { MachineMessages } from './machine-messages.ts';
import type { Roster } from './roster.ts';

/** Detection that has not come back so long after it should have given up has lost the call. */
const lateMs = 5_000;

/** Between the answer and a person: is it a machine? What is made of each call is kept, and why. */
export class Detection {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #roster: Roster;
  readonly #messages: MachineMessages;

  constructor(ctx: DialerContext, actions: Actions, parts: { roster: Roster; messages: MachineMessages }) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#roster = parts.roster;
    this.#messages = parts.messages;
  }

  begin(live: LiveCall, channelId: string): void {
    const { calls, telephony, app } = this.#ctx;
    calls.apply(live, { type: 'detect' });
    this.watch(live);
    telephony.detectMachine(channelId).catch((error: unknown) => {
      app.log.warn({ call: live.call.id, error: String(error) }, 'machine detection could not start');
      // Its answer was lost with the link: the reconciliation sees what came of it.
      if (telephony.state === 'up') this.detected(live, 'unsure', notStarted);
    });
  }

  /** Who is listened to for longer is taken for a person whom nobody has greeted. */
  watch(live: LiveCall): void {
    const giveUp = () => {
      const also = this.#kept(live, 'unsure', lost);
      if (this.#ctx.calls.apply(live, { type: 'human', amd: 'unsure', cause: lost }, { also }).ok)
        this.#actions.announce(live, 'unheard');
    };
    live.stopTimers.push(this.#ctx.app.clock.after(live.campaign.amdSettings.listenMs + lateMs, giveUp));
  }

  /** `at`: since when a person waits, where that was missed. */
  detected(live: LiveCall, result: AmdVerdict, cause: string, at?: number): void {
    if (live.call.state !== 'detecting') return;
    if (result === 'machine') return this.#machine(live, cause);
    const also = this.#kept(live, result, cause);
    if (this.#ctx.calls.apply(live, { type: 'human', amd: result, cause }, { at, also }).ok)
      this.#actions.personWaits(live);
  }

  /** Who is taken for a machine is told the message or hung up on, but for the sample that a free agent looks after. */
  #machine(live: LiveCall, cause: string): void {
    const { checkShare } = live.campaign.amdSettings;
    const { calls } = this.#ctx;
    if (isCheckSample(live.call.id, checkShare) && this.#hasFreeAgent(live)) {
      const also = this.#kept(live, 'machine', cause, { isCheck: true });
      if (calls.apply(live, { type: 'check', cause }, { also }).ok) this.#actions.personWaits(live);
    } else if (hasSpoken(cause) && Object.keys(live.campaign.machineMessage.words).length > 0) {
      // Cut off, until it has been left.
      const also = this.#kept(live, 'machine', cause, { message: 'cut' });
      if (calls.apply(live, { type: 'message', cause }, { also }).ok) this.#messages.begin(live);
    } else this.#actions.end(live, 'machine', 'system', null, { also: this.#kept(live, 'machine', cause) });
  }

  /** A person would be greeted at once, and takes no agent from who waits already; a machine is kept waiting for nobody. */
  #hasFreeAgent({ call }: LiveCall): boolean {
    const { agents, calls } = this.#ctx;
    const free = this.#roster
      .agentsOf(call.campaignId)
      .filter(({ agent }) => agent.state === 'ready' && phoneUsable(agent));
    let wanted = 0;
    for (const { call: other, forAgent } of calls.open()) {
      if (other.state !== 'waiting' || forAgent !== null || agents.byCall(other.id)) continue;
      if (free.some(({ agent }) => this.#roster.serves(agent.userId, other.campaignId))) wanted += 1;
    }
    return free.length > wanted;
  }

  /** What detection has made of the call, for the transaction of the transition that follows from it. */
  #kept(
    { call, campaign }: LiveCall,
    verdict: AmdVerdict,
    cause: string,
    given: { isCheck?: boolean; message?: MachineMessageEnd } = {},
  ): AlsoWritten {
    const { isCheck = false, message = null } = given;
    const at = this.#ctx.app.clock.now();
    const listenedMs = Math.max(0, at - (call.answeredAt ?? at));
    const heard = { callId: call.id, campaignId: campaign.id, at, verdict, cause, listenedMs };
    return (trx) => this.#ctx.stores.amdVerdicts.keep({ ...heard, isCheck, message }, trx);
  }
}

/** Who says nothing has let nobody hear that it is a machine: people wait for the caller to speak. */
function hasSpoken(cause: string): boolean {
  return !cause.startsWith('INITIALSILENCE');
}
