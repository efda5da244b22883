import type { Campaign } from '../../campaigns/index.ts';
import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';

export interface RosterEntry {
  readonly campaign: Campaign;
  readonly trunkIds: readonly number[];
  readonly agentIds: ReadonlySet<number>;
}

/** Changes may be told on the bus and lost there. */
const rereadMs = 30_000;

/** Which campaigns run, over which trunks, with which agents: read anew whenever one of them changes. */
export class Roster {
  readonly #ctx: DialerContext;
  readonly #onChange: (entries: ReadonlyMap<number, RosterEntry>) => void;
  #entries = new Map<number, RosterEntry>();
  #agents: ReadonlyMap<number, ReadonlySet<number>> = new Map();
  #reading: Promise<void> | null = null;
  #again = false;
  #stop: (() => void)[] = [];

  constructor(ctx: DialerContext, onChange: (entries: ReadonlyMap<number, RosterEntry>) => void) {
    this.#ctx = ctx;
    this.#onChange = onChange;
  }

  async start(): Promise<void> {
    const { bus, clock } = this.#ctx.app;
    const read = () => void this.read();
    this.#stop = [
      bus.subscribe('campaign.changed', read),
      bus.onReconnect(read),
      clock.every(rereadMs, read),
    ];
    await this.read();
  }

  stop(): void {
    for (const stop of this.#stop.splice(0)) stop();
  }

  /** Reads what the database says. Calls made while one is under way share one more reading. */
  read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#readUntilCurrent().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readUntilCurrent(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#readOnce();
      } catch (error) {
        this.#ctx.app.log.warn({ error: String(error) }, 'campaigns could not be read; what was known stays');
      }
    } while (this.#again);
  }

  async #readOnce(): Promise<void> {
    const { campaigns } = this.#ctx.stores;
    const entries = new Map<number, RosterEntry>();
    for (const campaign of await campaigns.running())
      entries.set(campaign.id, {
        campaign,
        trunkIds: await campaigns.trunksOf(campaign.id),
        agentIds: new Set(await campaigns.agentsOf(campaign.id)),
      });
    const agents = new Map([...entries].map(([id, { agentIds }]) => [id, agentIds] as const));
    // A campaign that was paused or stopped still has agents for whoever picks up a phone that rings already.
    for (const { call } of this.#ctx.calls.open())
      if (call.campaignId !== null && !agents.has(call.campaignId))
        agents.set(call.campaignId, new Set(await campaigns.agentsOf(call.campaignId)));
    this.#agents = agents;
    this.#entries = entries;
    this.#onChange(entries);
  }

  get entries(): ReadonlyMap<number, RosterEntry> {
    return this.#entries;
  }

  serves(userId: number, campaignId: number | null): boolean {
    return campaignId !== null && (this.#agents.get(campaignId)?.has(userId) ?? false);
  }

  /** Signed-in agents of a campaign that runs, or has calls under way. */
  agentsOf(campaignId: number | null): LiveAgent[] {
    const ids = campaignId === null ? undefined : this.#agents.get(campaignId);
    if (!ids) return [];
    return this.#ctx.agents.signedIn().filter(({ agent }) => ids.has(agent.userId));
  }

  campaignsOf(userId: number): RosterEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.agentIds.has(userId));
  }
}
