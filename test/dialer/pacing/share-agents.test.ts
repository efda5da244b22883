import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AgentShares, type Claim } from '../../../dialer/pacing/index.ts';

interface Played {
  /** Part of all talk that each campaign had. */
  share: Record<string, number>;
  /** Longest time without talk, in seconds. */
  longestWait: Record<string, number>;
  /** How often an agent was lent to another campaign than before. */
  moves: number;
}

/** Agents who may serve every campaign; whoever is lent to one gets a call after 25 s, which takes 180 s. */
function play(agents: number, claims: Omit<Claim, 'wanted'>[], hours = 6): Played {
  const shares = new AgentShares();
  const ids = claims.map(({ id }) => id);
  const team = Array.from({ length: agents }, (_, n) => ({
    id: `g${n}`,
    home: null as string | null,
    idleFor: 0,
    busyUntil: 0,
  }));
  const talk: Record<string, number> = Object.fromEntries(ids.map((id) => [id, 0]));
  const quiet: Record<string, number> = { ...talk };
  const longestWait: Record<string, number> = { ...talk };
  let moves = 0;
  for (let second = 0; second < hours * 3600; second++) {
    const now = second * 1000;
    const lent = shares.share(
      now,
      team.map(({ id, home, busyUntil }) => ({
        id,
        campaignIds: busyUntil > now && home !== null ? [home] : ids,
        campaignId: home,
      })),
      claims.map((claim) => ({ ...claim, wanted: agents })),
    );
    for (const id of ids) longestWait[id] = Math.max(longestWait[id]!, ++quiet[id]!);
    for (const agent of team) {
      const home = lent.get(agent.id) ?? null;
      if (home !== agent.home) {
        agent.idleFor = 0;
        moves++;
      }
      agent.home = home;
      if (agent.busyUntil <= now && ++agent.idleFor >= 25) {
        agent.idleFor = 0;
        agent.busyUntil = now + 180_000;
      }
      if (agent.busyUntil > now && home !== null) {
        talk[home]!++;
        quiet[home] = 0;
      }
    }
  }
  const all = Object.values(talk).reduce((sum, seconds) => sum + seconds, 0);
  return {
    share: Object.fromEntries(ids.map((id) => [id, talk[id]! / all])),
    longestWait,
    moves,
  };
}

const between = (value: number, low: number, high: number) =>
  assert.ok(value >= low && value <= high, `${value.toFixed(3)} is not from ${low} to ${high}`);

describe('agents who serve several campaigns', () => {
  it('reach the lower priority too, when its part is less than one agent', () => {
    const { share, longestWait } = play(4, [
      { id: 'high', priority: 2, weight: 1 },
      { id: 'low', priority: 1, weight: 1 },
    ]);
    between(share.low!, 0.03, 0.12);
    assert.ok(longestWait.low! < 45 * 60, `${longestWait.low} s without a call`);
  });

  it('go by weight, also where a share is no whole number of agents', () => {
    const { share } = play(3, [
      { id: 'a', priority: 1, weight: 3 },
      { id: 'b', priority: 1, weight: 1 },
    ]);
    between(share.a!, 0.68, 0.82);
  });

  it('take turns when there is one agent for two', () => {
    const { share, longestWait, moves } = play(1, [
      { id: 'a', priority: 1, weight: 1 },
      { id: 'b', priority: 1, weight: 1 },
    ]);
    between(share.a!, 0.4, 0.6);
    assert.ok(longestWait.b! < 20 * 60);
    assert.ok(moves < 6 * 20, `${moves} moves in six hours`);
  });

  it('stay where they are when shares are whole', () => {
    const { share, moves } = play(8, [
      { id: 'a', priority: 1, weight: 1 },
      { id: 'b', priority: 1, weight: 1 },
    ]);
    between(share.a!, 0.49, 0.51);
    assert.equal(moves, 8);
  });

  it('all go to the one that can use them', () => {
    const shares = new AgentShares();
    const agents = [{ id: 'g', campaignIds: ['a', 'b'], campaignId: 'a' }];
    const claims = (a: number) => [
      { id: 'a', priority: 1, weight: 1, wanted: a },
      { id: 'b', priority: 1, weight: 1, wanted: 1 },
    ];
    assert.equal(shares.share(0, agents, claims(1)).get('g'), 'a');
    assert.equal(shares.share(250, agents, claims(0)).get('g'), 'b', 'a has no leads');
  });
});
