export type DeskState = 'idle' | 'talking' | 'wrapup' | 'away';

/** The agents of a play: who is there, who is free, who goes home after the call at hand. */
export class Desks {
  /** Free agents, the longest free first. */
  readonly idle: number[] = [];
  staff = 0;
  busy = 0;
  readonly #present: boolean[] = [];
  readonly #leaving: boolean[] = [];
  readonly #tell: (agent: number, state: DeskState) => void;

  constructor(tell: (agent: number, state: DeskState) => void) {
    this.#tell = tell;
  }

  /** Somebody more; what he or she does next is up to the caller. */
  seat(): number {
    let agent = 0;
    while (this.#present[agent]) agent++;
    this.#present[agent] = true;
    this.#leaving[agent] = false;
    this.staff++;
    return agent;
  }

  /** After a call: true when this agent goes home now. */
  goesHome(agent: number): boolean {
    if (!this.#leaving[agent]) return false;
    this.#leaving[agent] = false;
    this.#depart(agent);
    return true;
  }

  /** Calls `free` for whoever comes; those beyond `wanted` leave, busy ones after their call. */
  setStaff(wanted: number, free: (agent: number) => void): void {
    let remaining = this.#present.reduce((sum, here, a) => sum + (here && !this.#leaving[a] ? 1 : 0), 0);
    for (let a = 0; remaining < wanted; a++) {
      if (this.#present[a] && this.#leaving[a]) this.#leaving[a] = false;
      else if (!this.#present[a]) free(this.seat());
      else continue;
      remaining++;
    }
    while (remaining > wanted) {
      remaining--;
      const agent = this.idle.pop();
      if (agent !== undefined) this.#depart(agent);
      else this.#leaving[this.#lastWhoStays()] = true;
    }
  }

  #lastWhoStays(): number {
    let agent = this.#present.length - 1;
    while (!this.#present[agent] || this.#leaving[agent]) agent--;
    return agent;
  }

  everybodyLeaves(): void {
    this.#present.forEach((here, agent) => here && this.#tell(agent, 'away'));
  }

  #depart(agent: number): void {
    this.#present[agent] = false;
    this.staff--;
    this.#tell(agent, 'away');
  }
}
