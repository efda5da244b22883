import type { AgentSnapshot } from '../../dialer/protocol.ts';
import type { DialerRig } from './dialer-rig.ts';

/** A running dialer with one trunk and one agent, Ann, on a campaign that calls `numbers`. */
export async function startOneAgent(
  rig: DialerRig,
  numbers: string[],
  given: Record<string, unknown> = {},
  legMode?: 'per-call',
) {
  const userId = await rig.agent('ann', legMode);
  const trunkId = await rig.trunk('First');
  const campaignId = await rig.campaign({ numbers, trunkIds: [trunkId], agentIds: [userId], ...given });
  await rig.dialer.start();
  await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
  const isReady = async () => (await rig.pacing(campaignId)).notDialing?.code !== 'switch-down';
  await rig.until('calls may leave', isReady);
  return { userId, trunkId, campaignId };
}

/** Resolves with what the agent sees, once it is so. */
export function whenAgent(
  rig: DialerRig,
  userId: number,
  what: string,
  is: (snapshot: AgentSnapshot) => boolean,
  ms?: number,
): Promise<AgentSnapshot> {
  const look = async () => {
    const snapshot = await rig.snapshot(userId);
    return is(snapshot) ? snapshot : null;
  };
  return rig.until(what, look, ms);
}
