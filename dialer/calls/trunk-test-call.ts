import type { Call } from './call.ts';

/** By hand, for no campaign and beside no other call: a trunk is tried out by it. */
const isTrunkTest = ({ direction, path, campaignId, parentId }: Call): boolean =>
  direction === 'out' && path === 'manual' && campaignId === null && parentId === null;

/** The call as it ends; whom a trunk's test has reached was never to meet an agent, so nobody was abandoned. */
export function endedAsTest(ended: Call): Call {
  const reached = isTrunkTest(ended) && ended.answeredAt !== null && ended.connectedAt === null;
  return reached ? { ...ended, outcome: 'hung-up', abandonedAt: null } : ended;
}
