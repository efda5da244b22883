import type { Campaign } from '../../campaigns/index.ts';
import { createLawfulCaps } from '../../campaigns/compliance/index.ts';
import type { DialerContext } from './context.ts';
import { KeptCurrent } from './kept-current.ts';
import type { LiveAgent } from './live-agents.ts';

export interface RosterEntry {
  /** Its cap, and the window of that, are those that bind: the law's, where it is stricter. */
  readonly campaign: Campaign;
  /** Its law counts as abandoned who was hung up on as a machine. */
  readonly countsHungUpOn?: boolean;
  readonly trunkIds: readonly number[];
  readonly agentIds: ReadonlySet<number>;
}

/** Which campaigns run, over which trunks, with which numbers and agents: read anew whenever one of them changes. */
export class Roster {
  readonly #ctx: DialerContext;
  readonly #onChange: (entries: ReadonlyMap<number, RosterEntry>) => void;
  #entries = new Map<number, RosterEntry>();
  #agents: ReadonlyMap<number, ReadonlySet<number>> = new Map();
  readonly #current: KeptCurrent;
  readonly #caps: ReturnType<typeof createLawfulCaps>;

  constructor(ctx: DialerContext, onChange: (entries: ReadonlyMap<number, RosterEntry>) => void) {
    this.#ctx = ctx;
    this.#onChange = onChange;
    this.#caps = createLawfulCaps(ctx.app);
    this.#current = new KeptCurrent(ctx.app, 'campaigns', () => this.#readOnce());
  }

  async start(): Promise<void> {
    this.#current.listen('campaign.changed', 'rules.changed', 'number-pools.changed');
    await this.read();
  }

  stop(): void {
    this.#current.stop();
  }

  /** Reads what the database says. */
  read(): Promise<void> {
    return this.#current.read();
  }

  async #readOnce(): Promise<void> {
    const { campaigns } = this.#ctx.stores;
    await this.#ctx.callerNumbers.read();
    const entries = new Map<number, RosterEntry>();
    for (const campaign of await campaigns.running())
      entries.set(campaign.id, {
        campaign: { ...campaign, ...(await this.#caps.binding(campaign)) },
        countsHungUpOn: await this.#caps.countHungUpOn(campaign),
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
