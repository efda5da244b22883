import { noFigures, outcomes, type Figures } from '../metrics/figures.ts';
import { countsAs, type Disposition } from '../../campaigns/dispositions/index.ts';
import { talkMsOf, type CallOutcome } from '../../dialer/calls/call.ts';

/** Rollup rows cover spans of this length. */
export const bucketMs = 5 * 60_000;

/** One row of `call_events`, joined with what its call's row says of times and result. */
export interface FoldedEvent {
  id: number;
  at: number;
  campaignId: number | null;
  from: string | null;
  to: string;
  event: string;
  outcome: string | null;
  answeredAt: number | null;
  liveAt: number | null;
  connectedAt: number | null;
  abandonedAt: number | null;
  /** Detection took it for a machine: where an agent looks whether it is one, no live person is counted by that. */
  isCheck: boolean;
  leftAt: number | null;
  endedAt: number | null;
  /** Of an event `unmet`, when they had been put through. */
  unmetSince: number | null;
  disposition: Pick<Disposition, 'category' | 'rightParty'> | null;
}

/** A figure's name as it stands in a rollup row. */
export type FigureName = string;

/** Increments by `campaign|bucket`, then figure. Pure: the same events always give the same increments. */
export function fold(events: readonly FoldedEvent[]): Map<string, Map<FigureName, number>> {
  const increments = new Map<string, Map<FigureName, number>>();
  for (const event of events) {
    if (event.campaignId === null) continue;
    // What is taken back is taken from where it was added.
    const at = event.unmetSince ?? event.at;
    const key = `${event.campaignId}|${Math.floor(at / bucketMs) * bucketMs}`;
    for (const [figure, value] of contribution(event)) {
      let row = increments.get(key);
      if (!row) increments.set(key, (row = new Map()));
      row.set(figure, (row.get(figure) ?? 0) + value);
    }
  }
  return increments;
}

/** What one event adds to which figures. */
function contribution(event: FoldedEvent): [FigureName, number][] {
  const moved = event.from !== event.to;
  if (event.event === 'disposed') {
    return countsAs(event.disposition).map((figure) => [figure, 1]);
  }
  if (event.event === 'unmet') {
    if (event.isCheck) return [];
    const wasLate = event.abandonedAt !== null && event.abandonedAt <= (event.unmetSince ?? 0);
    if (wasLate) return moved ? [['connectedLate', -1]] : [];
    return moved ? [['connected', -1]] : [['connected', -1], ...late];
  }
  if (!moved) return [];
  if (event.to === 'dialing' && event.from === 'created') return [['attempts', 1]];
  // The first meeting only: after a hold or a lost agent the same person is connected again.
  if (event.to === 'connected') {
    if (event.isCheck || (event.at !== event.connectedAt && !isTakenBack(event))) return [];
    // As it stood then: what was found out later is an event of its own.
    if (event.abandonedAt === null || event.abandonedAt > event.at) return [['connected', 1]];
    return event.abandonedAt === event.at ? late : [['connectedLate', 1]];
  }
  if (event.to === 'announcing')
    return event.connectedAt === null && !wasAbandonedBefore(event) ? [['abandoned', 1]] : [];
  if (event.to !== 'ended') return [];

  const added: [FigureName, number][] = [];
  if (event.outcome) added.push([`outcome:${event.outcome}`, 1]);
  if (event.outcome === 'abandoned' && event.from !== 'announcing' && !wasAbandonedBefore(event))
    added.push(['abandoned', 1]);
  if (event.connectedAt !== null && !event.isCheck) {
    if (event.endedAt !== null) added.push(['talkMs', talkMsOf(event)]);
    const since = event.liveAt ?? event.answeredAt;
    if (since !== null) added.push(['answerWaitMs', Math.max(0, event.connectedAt - since)]);
  }
  return added;
}

const late: [FigureName, number][] = [
  ['abandoned', 1],
  ['connectedLate', 1],
];

function wasAbandonedBefore({ abandonedAt, at }: FoldedEvent): boolean {
  return abandonedAt !== null && abandonedAt < at;
}

/** Whether the customer has met nobody in this meeting: an event `unmet` takes from the figures what it adds. */
function isTakenBack({ event, at, liveAt, connectedAt }: FoldedEvent): boolean {
  return event === 'connect' && liveAt !== null && (connectedAt === null || at < connectedAt);
}

/** Sums rollup rows into figures. */
export function figuresOf(rows: Iterable<{ figure: FigureName; value: number }>): Figures {
  const figures = noFigures();
  for (const { figure, value } of rows) {
    if (figure.startsWith('outcome:')) {
      const outcome = figure.slice('outcome:'.length) as CallOutcome;
      if (outcomes.includes(outcome)) figures.outcomes[outcome] += Number(value);
    } else if (figure in figures && figure !== 'outcomes') {
      figures[figure as keyof Omit<Figures, 'outcomes'>] += Number(value);
    }
  }
  return figures;
}
