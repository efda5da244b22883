import type { RequestContext } from '../../core/http/index.ts';
import { formatPhone } from '../../core/i18n/index.ts';
import { goodMos } from '../line-quality/looks.ts';
import { isWithAgent } from '../calls/call.ts';
import type { AgentCall, AgentSnapshot, FloorCall } from '../protocol.ts';
import { barView, isConsulting } from '../workspace/bar.ts';
import type { Floor, FloorAgent, FloorLine, FloorNews } from './floor-hub.ts';
import type { FloorAgentRow, FloorCallRow, FloorChanges, FloorLineRow, FloorView } from './floor-row.ts';
import { limitedStates, type LimitedState } from './floor-settings.ts';

type Reader = Pick<RequestContext, 't' | 'locale'>;

/** The whole floor in the reader's words. */
export function floorFor(floor: Floor, reader: Reader, at: number): FloorView {
  return {
    at,
    agents: [...floor.agents.values()].map((agent) => agentRow(agent, floor, reader)),
    calls: [...floor.calls.values()].flatMap((call) => callRow(call) ?? []),
    campaigns: Object.fromEntries(floor.campaigns),
    silent: [...floor.silent],
    away: floor.away,
    waitingLimitMs: floor.limits.waiting,
  };
}

/** What has changed on it. */
export function changesFor(floor: Floor, news: FloorNews, reader: Reader, at: number): FloorChanges {
  const changes: FloorChanges = { at, agents: [], gone: [], calls: [], ended: [] };
  for (const id of news.agents) {
    const agent = floor.agents.get(id);
    if (agent) changes.agents.push(agentRow(agent, floor, reader));
    else changes.gone.push(id);
  }
  for (const id of news.calls) {
    const call = floor.calls.get(id);
    const row = call && callRow(call);
    if (row) changes.calls.push(row);
    else changes.ended.push(id);
  }
  return changes;
}

function agentRow({ userId, name, snapshot }: FloorAgent, floor: Floor, reader: Reader): FloorAgentRow {
  const nobody = { campaignIds: [], campaignId: null, call: null };
  if (!snapshot)
    return {
      ...{ id: userId, name, word: 'signed-out', tone: 'off', since: 0, limitMs: null, note: '' },
      ...{ next: null, phoneLost: false, ...nobody },
    };
  const { word, tone } = barView(snapshot);
  const { call, preview } = snapshot;
  const talking = call?.state === 'connected' || call?.state === 'held';
  return {
    ...{ id: userId, name, word, tone, since: snapshot.since },
    limitMs: limitOf(snapshot, floor),
    // The word says it already.
    note: word === 'phone-lost' ? '' : noteOf(snapshot, floor, reader),
    next: snapshot.signsOutNext ? 'signed-out' : snapshot.pausesNext ? 'paused' : null,
    phoneLost: snapshot.phone === 'lost',
    campaignIds: snapshot.campaigns.map(({ id }) => id),
    campaignId: call?.campaignId ?? preview?.campaignId ?? null,
    call: call && {
      id: call.id,
      phone: formatPhone(call.e164),
      customerId: call.customerId,
      connectedAt: call.connectedAt,
      talking,
      asking: isConsulting(call) && !call.threeWay,
      recordingPaused: call.recordingPausedByAgent,
      line: lineOf(call, floor.lines.get(userId)),
    },
  };
}

/** Of this very talk: what was measured of the call before says nothing of it. */
function lineOf(call: AgentCall, line: FloorLine | undefined): FloorLineRow | null {
  if (!line || line.callId !== call.id || call.state !== 'connected') return null;
  const { mos, isPoor, jitterMs, loss, roundTripMs } = line;
  const grade = isPoor ? 'poor' : mos >= goodMos ? 'good' : 'fair';
  return { mos, grade, jitterMs, loss, roundTripMs };
}

function limitOf({ state, pauseCodeId }: AgentSnapshot, { limits, pauseCodes }: Floor): number | null {
  if (state === 'paused' && pauseCodeId !== null) return pauseCodes.get(pauseCodeId)?.limitMs ?? null;
  return limitedStates.includes(state as LimitedState) ? limits[state as LimitedState] || null : null;
}

function noteOf(snapshot: AgentSnapshot, { pauseCodes }: Floor, { t, locale }: Reader): string {
  if (snapshot.state !== 'paused') return '';
  const code = snapshot.pauseCodeId === null ? undefined : pauseCodes.get(snapshot.pauseCodeId);
  if (code) return code.names[locale] || code.names.en;
  return snapshot.pauseReason ? t(`dialer:pauseReason.${snapshot.pauseReason}`) : '';
}

function callRow({ id, state, since, campaignId, e164, userId, parkSlot }: FloorCall): FloorCallRow | null {
  if (state === 'ended' || state === 'created' || isWithAgent(state) || state === 'outside') return null;
  return { id, state, since, campaignId, phone: formatPhone(e164), userId, slot: parkSlot };
}
