import type { PacingDecision, PacingEvent } from '../../../dialer/pacing/index.ts';

/** What every peer counts: agents, calls, and what became of them today. */
export abstract class Tally {
  idle = 0;
  agents = 0;
  ringing = 0;
  waiting = 0;
  answers = 0;
  abandoned = 0;
  resolved = 0;
  #state = new Map<string, string>();
  #ringing = new Set<string>();
  #waiting = new Set<string>();

  /** Share of ended calls that a person answered; a usual guess before there are any. */
  get answerShare(): number {
    return (this.answers + 3) / (this.resolved + 10);
  }

  get abandonShare(): number {
    return this.answers > 0 ? this.abandoned / this.answers : 0;
  }

  get incall(): number {
    return this.agents - this.idle;
  }

  observe(event: PacingEvent): void {
    switch (event.type) {
      case 'dialed':
        this.#ringing.add(event.callId);
        break;
      case 'answered':
        if (this.#ringing.delete(event.callId)) this.resolved++;
        this.answers++;
        this.#waiting.add(event.callId);
        break;
      case 'machine':
      case 'failed':
        if (this.#ringing.delete(event.callId)) this.resolved++;
        break;
      case 'connected':
        this.#waiting.delete(event.callId);
        this.#set(event.agentId, 'talking');
        break;
      case 'abandoned':
        this.#waiting.delete(event.callId);
        this.abandoned++;
        break;
      case 'ended':
        break;
      case 'agent':
        this.#set(event.agentId, event.state);
    }
    this.ringing = this.#ringing.size;
    this.waiting = this.#waiting.size;
  }

  decide(now: number, limits: { lines?: number; leads?: number } = {}): PacingDecision {
    const wanted = Math.max(0, Math.floor(this.wanted(now)));
    const launch = Math.min(wanted, limits.lines ?? wanted, limits.leads ?? wanted);
    return { launch } as PacingDecision;
  }

  /** Calls to launch now, before limits. */
  protected abstract wanted(now: number): number;

  #set(agentId: string, state: string): void {
    const before = this.#state.get(agentId) ?? 'away';
    if (before === state) return;
    if (before === 'idle') this.idle--;
    if (before === 'away') this.agents++;
    if (state === 'idle') this.idle++;
    if (state === 'away') this.agents--;
    this.#state.set(agentId, state);
  }
}
