/** An agent who is free now, and the running campaigns they work on. */
export interface FreeAgent {
  readonly userId: number;
  readonly campaignIds: readonly number[];
  /** The campaign that has counted on this agent so far. */
  readonly home: number | null;
}

export interface SharingCampaign {
  readonly id: number;
  /** 1 is served first. */
  readonly priority: number;
  /** Has leads and lines: agents are of use to it. */
  readonly canDial: boolean;
}

/**
 * Which campaign counts on which free agent, so that two never dial for the same one. The higher priority has them
 * all; equals share them evenly, and nobody is moved without need. The router may still give an agent any call of any
 * of their campaigns.
 */
export function shareAgents(
  agents: readonly FreeAgent[],
  campaigns: readonly SharingCampaign[],
): Map<number, number> {
  const byId = new Map(campaigns.map((campaign) => [campaign.id, campaign]));
  const load = new Map<number, number>();
  const homes = new Map<number, number>();
  const settle = (userId: number, campaignId: number) => {
    homes.set(userId, campaignId);
    load.set(campaignId, (load.get(campaignId) ?? 0) + 1);
  };
  const open = (agent: FreeAgent): SharingCampaign[] => {
    const known = agent.campaignIds.flatMap((id) => byId.get(id) ?? []);
    const able = known.filter((campaign) => campaign.canDial);
    const choice = able.length > 0 ? able : known;
    const first = Math.min(...choice.map((campaign) => campaign.priority));
    return choice.filter((campaign) => campaign.priority === first);
  };
  const free = [];
  // Who has no choice first, then who may stay, then who must move.
  for (const agent of agents) {
    const choice = open(agent);
    if (choice.length === 1) settle(agent.userId, choice[0]!.id);
    else if (choice.length > 1) free.push({ agent, choice });
  }
  free.sort((a, b) => Number(isHome(b)) - Number(isHome(a)) || a.agent.userId - b.agent.userId);
  for (const { agent, choice } of free) {
    const least = choice.reduce((best, campaign) =>
      (load.get(campaign.id) ?? 0) < (load.get(best.id) ?? 0) ? campaign : best,
    );
    const stays = choice.find(({ id }) => id === agent.home);
    const worth = stays && (load.get(stays.id) ?? 0) <= (load.get(least.id) ?? 0) + 1;
    settle(agent.userId, worth ? stays.id : least.id);
  }
  return homes;
}

function isHome({ agent, choice }: { agent: FreeAgent; choice: readonly SharingCampaign[] }): boolean {
  return choice.some(({ id }) => id === agent.home);
}
