import type { ReasonCode } from '../../campaigns/compliance/index.ts';
import type { AgentState } from '../agents/agent.ts';
import type { PacingDecision } from '../pacing/index.ts';
import type { NotDialing } from '../protocol.ts';
import type { NoNumber } from '../caller-numbers/caller-numbers.ts';
import type { Scarcity } from './hopper.ts';
import type { Roster } from './roster.ts';

/** What is looked at to say why a campaign places no call now. */
export interface DialingFacts {
  readonly switchUp: boolean;
  readonly databaseUp: boolean;
  /** Without it agents would neither see whom they talk to nor be able to say what came of it. */
  readonly busUp: boolean;
  /** It answers, but too late to connect anybody: nothing is dialled until then. */
  readonly databaseSlowUntil: number | null;
  readonly preview: boolean;
  readonly hasTrunk: boolean;
  readonly trunksRestUntil: number | null;
  /** Name of a trunk whose carrier refuses our login or account. */
  readonly refusingTrunk: string | null;
  /** Name of a trunk whose rule leaves nothing of the numbers. */
  readonly uselessRule: string | null;
  /** What keeps its pool from giving a number to show; null: nothing. */
  readonly noNumber: NoNumber | null;
  readonly lineCapacity: number;
  readonly agents: readonly AgentState[];
  /** Name of the campaign that has its agents now; null: one is its own, or nobody is at work elsewhere. */
  readonly agentsAt: string | null;
  readonly hopper: number;
  readonly scarcity: Scarcity;
  readonly decision: PacingDecision | null;
}

const hours = new Set<ReasonCode>([
  'TIME_AFTER_CLOSE',
  'TIME_BETWEEN_WINDOWS',
  'TIME_BEFORE_OPEN',
  'DAY_PROHIBITED',
  'HOLIDAY_PROHIBITED',
]);

/**
 * The first thing that has to change before this campaign dials, from the outside in: switch, database, bus, trunks,
 * people, leads, pace. Asked only while no line of it is in use.
 */
export function whyNotDialing(facts: DialingFacts): NotDialing {
  const { scarcity, decision } = facts;
  if (!facts.switchUp) return because('switch-down');
  if (!facts.databaseUp) return because('database-down');
  if (!facts.busUp) return because('bus-down');
  if (facts.databaseSlowUntil !== null) return because('database-slow', {}, facts.databaseSlowUntil);
  if (!facts.hasTrunk) return because('no-trunk');
  if (facts.trunksRestUntil !== null)
    return facts.refusingTrunk === null
      ? because('trunks-failing', {}, facts.trunksRestUntil)
      : because('trunk-refuses-us', { trunk: facts.refusingTrunk }, facts.trunksRestUntil);
  if (facts.noNumber?.reason === 'none') return because('no-number');
  if (facts.noNumber) return because('numbers-used-up', {}, facts.noNumber.until);
  if (facts.agents.length === 0) return because('no-agents');
  const count = (state: AgentState) => facts.agents.filter((agent) => agent === state).length;
  const paused = count('paused');
  if (paused === facts.agents.length) return because('no-agents-ready', { agents: paused });
  const ready = count('ready');
  if (facts.uselessRule !== null) return because('trunk-rule', { trunk: facts.uselessRule });
  if (facts.hopper === 0) {
    const lack = lackOfLeads(scarcity);
    if (lack) return lack;
  } else if (facts.agentsAt !== null) return because('agents-lent', { campaign: facts.agentsAt });
  if (facts.preview) return because(ready > 0 ? 'starting' : 'agent-dials', { agents: count('reserved') });
  if (facts.hopper === 0) return because('starting');
  if (facts.lineCapacity === 0) return because('lines-full');
  if (ready === 0) return because('agents-busy', { agents: facts.agents.length - paused });
  if (decision === null || decision.launch > 0) return because('starting');
  return because('pacer-holds', { reason: decision.code, text: decision.reason });
}

/** Name of the running campaign that has all those of this one who are at work: free agents are lent, busy ones are in its calls. */
export function agentsAt(
  campaignId: number,
  roster: Roster,
  homeOf: (userId: number) => number | null,
): string | null {
  let name: string | null = null;
  for (const { agent } of roster.agentsOf(campaignId)) {
    if (agent.state === 'paused') continue;
    const at = agent.state === 'ready' ? homeOf(agent.userId) : agent.campaignId;
    if (at === campaignId) return null;
    if (at !== null) name ??= roster.entries.get(at)?.campaign.name ?? null;
  }
  return name;
}

function lackOfLeads(scarcity: Scarcity): NotDialing | null {
  switch (scarcity.kind) {
    case 'none':
      return because('no-leads');
    case 'not-due':
      return because('leads-not-due', {}, scarcity.until);
    case 'refused':
      return hours.has(scarcity.reason)
        ? because('outside-hours', { reason: scarcity.reason }, scarcity.until)
        : because('all-blocked', { reason: scarcity.reason, count: scarcity.count }, scarcity.until);
    case 'database-down':
    case 'database-slow':
      return because(scarcity.kind);
    case 'unknown':
      return null;
  }
}

export function because(
  code: NotDialing['code'],
  params: NotDialing['params'] = {},
  until: number | null = null,
): NotDialing {
  return { code, params, until };
}
