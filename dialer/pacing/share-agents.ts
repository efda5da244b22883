import { entitlements, totalWanted, type Claim } from './share-out.ts';

/** An agent who may serve several campaigns; `campaignId` is whom the agent is lent to now. */
export interface SharedAgent {
  id: string;
  campaignIds: readonly string[];
  campaignId: string | null;
  /** Stays with that campaign now, as long as it can use anybody. */
  pinned?: boolean;
}

/**
 * Lends each agent to one of the campaigns he or she may serve, so that each pacer counts on agents that no other counts on.
 * Heads go by weight among campaigns that have leads (`wanted` above 0: the most agents it can use), higher priority first
 * with a tenth for all; `credit` adds to that share. Agents stay where they are as long as their campaign is not more than its share.
 */
export function shareAgents(
  agents: readonly SharedAgent[],
  claims: readonly Claim[],
): Map<string, string | null> {
  const wanting = claims.filter((claim) => claim.wanted > 0);
  const entitled = entitlements(Math.min(agents.length, totalWanted(wanting)), wanting);
  const room = new Map(wanting.map((claim, index) => [claim.id, entitled[index]! + (claim.credit ?? 0)]));
  const lent = new Map<string, string | null>();
  // Whoever is pinned takes up room before it is given to others.
  for (const agent of [...agents].sort((a, b) => Number(b.pinned ?? false) - Number(a.pinned ?? false))) {
    const here = agent.campaignId;
    if (here === null || !agent.campaignIds.includes(here)) continue;
    const left = room.get(here) ?? 0;
    if (left < 0.5 && !(agent.pinned && room.has(here))) continue;
    room.set(here, left - 1);
    lent.set(agent.id, here);
  }
  const others = agents
    .filter((agent) => !lent.has(agent.id))
    .sort((a, b) => a.campaignIds.length - b.campaignIds.length);
  for (const agent of others) {
    let best: string | null = null;
    for (const id of agent.campaignIds)
      if (room.has(id) && (best === null || room.get(id)! > room.get(best)!)) best = id;
    if (best !== null) room.set(best, room.get(best)! - 1);
    lent.set(agent.id, best);
  }
  return lent;
}

/** A share of less than an agent is paid out as a whole agent once so many agent-milliseconds are owed. */
const PAYOUT_MS = 120_000;
/** Whoever changes campaigns stays for so long, time enough for a line to be answered. */
const STAY_MS = 90_000;
const MOST_OWED = 2 * PAYOUT_MS;
/** A gap between two looks longer than this is no time in which agents were shared. */
const LONGEST_GAP_MS = 5_000;

/**
 * Lends agents again and again, and remembers who had less than its share: two campaigns and one agent, or a tenth of four
 * agents, come to their turn over minutes. Times are passed in.
 */
export class AgentShares {
  readonly #owed = new Map<string, number>();
  readonly #lent = new Map<string, { campaignId: string; since: number }>();
  #at = Number.NEGATIVE_INFINITY;

  share(now: number, agents: readonly SharedAgent[], claims: readonly Claim[]): Map<string, string | null> {
    const wanting = claims.filter((claim) => claim.wanted > 0);
    for (const id of this.#owed.keys()) if (!wanting.some((claim) => claim.id === id)) this.#owed.delete(id);
    const lent = shareAgents(
      agents.map((agent) => {
        const last = this.#lent.get(agent.id);
        const pinned = last?.campaignId === agent.campaignId && now - last.since < STAY_MS;
        return pinned ? { ...agent, pinned } : agent;
      }),
      wanting.map((claim) => ({ ...claim, credit: (this.#owed.get(claim.id) ?? 0) / PAYOUT_MS })),
    );
    this.#settle(now, agents.length, wanting, lent);
    return lent;
  }

  #settle(now: number, agents: number, claims: readonly Claim[], lent: Map<string, string | null>): void {
    const gap = Math.min(LONGEST_GAP_MS, Math.max(0, now - this.#at));
    this.#at = now;
    const entitled = entitlements(Math.min(agents, totalWanted(claims)), claims);
    claims.forEach(({ id }, index) => {
      let has = 0;
      for (const campaignId of lent.values()) if (campaignId === id) has++;
      const owed = (this.#owed.get(id) ?? 0) + (entitled[index]! - has) * gap;
      this.#owed.set(id, Math.min(MOST_OWED, Math.max(-MOST_OWED, owed)));
    });
    for (const id of this.#lent.keys()) if (!lent.has(id)) this.#lent.delete(id);
    for (const [id, campaignId] of lent)
      if (campaignId === null) this.#lent.delete(id);
      else if (this.#lent.get(id)?.campaignId !== campaignId) this.#lent.set(id, { campaignId, since: now });
  }
}
