import { Tally } from './tally.ts';

/** Offered load at which `servers` lose the share `loss` of arrivals (Erlang B), by bisection. */
export function offeredLoad(servers: number, loss: number): number {
  let low = 0;
  let high = servers * 2 + 2;
  for (let round = 0; round < 40; round++) {
    const load = (low + high) / 2;
    let blocking = 1;
    for (let k = 1; k <= servers; k++) blocking = (load * blocking) / (k + load * blocking);
    if (blocking > loss) high = load;
    else low = load;
  }
  return low;
}

/** Dials at the steady rate at which Erlang's loss formula meets the cap, whatever happens on the floor. */
export class ErlangBRate extends Tally {
  #cap: number;
  #factor: number;
  #credit = 0;
  #last = 0;
  #talkSince = new Map<string, number>();
  #talkSum = 0;
  #talks = 0;
  #loadFor = { agents: 0, load: 0 };

  constructor(cap: number, factor = 1) {
    super();
    this.#cap = cap;
    this.#factor = factor;
  }

  override observe(event: Parameters<Tally['observe']>[0]): void {
    super.observe(event);
    if (event.type === 'connected') this.#talkSince.set(event.agentId, event.at);
    if (event.type === 'agent' && event.state === 'idle') {
      const since = this.#talkSince.get(event.agentId);
      if (since === undefined) return;
      this.#talkSince.delete(event.agentId);
      this.#talkSum += (event.at - since) / 1000;
      this.#talks++;
    }
  }

  protected override wanted(now: number): number {
    const seconds = this.#last === 0 ? 0 : (now - this.#last) / 1000;
    this.#last = now;
    if (this.agents === 0) return 0;
    if (this.#loadFor.agents !== this.agents)
      this.#loadFor = { agents: this.agents, load: offeredLoad(this.agents, this.#cap) };
    const handle = (this.#talkSum + 120) / (this.#talks + 1);
    const held = this.abandonShare > this.#cap && this.answers > 30 ? 0.5 : 1;
    const rate = (held * this.#factor * this.#loadFor.load) / (handle * this.answerShare);
    this.#credit = Math.min(this.#credit + rate * seconds, 50);
    const launch = Math.floor(this.#credit);
    this.#credit -= launch;
    return launch;
  }
}
