import type { Span } from './spans.ts';

/** The middle of many plays, and what eight in ten of them lie between. */
export interface Band {
  low: number;
  middle: number;
  high: number;
}

/** What one play came to; seconds are agents' seconds. */
export interface Played {
  calls: number;
  answers: number;
  abandoned: number;
  busy: number;
  signedIn: number;
  starved: number;
  /** Calls that the list still has in it at the end, retries included; null without a list. */
  callsLeft: number | null;
  spans: Span[];
}

export interface OutlookSpan {
  /** Epoch milliseconds. */
  at: number;
  agents: number;
  /** Null where nobody is signed in. */
  utilization: Band | null;
  /** Abandoned ÷ live answers since the start of the play; null before the first answer. */
  abandonShare: Band | null;
  callsPerHour: Band;
  leads: Band | null;
}

/** What to expect of one way of dialling. */
export interface Outlook {
  runs: number;
  utilization: Band;
  abandonShare: Band;
  calls: Band;
  /** Live persons who met an agent. */
  contacts: Band;
  abandoned: Band;
  contactsPerHour: Band;
  contactsPerAgentHour: Band;
  /** Mean seconds that an agent waits for a call. */
  waitSeconds: Band;
  /** Part of agents' time without a lead that may be called. */
  starved: Band;
  /** Hours of dialling until every lead is done or exhausted; null without a list. */
  listHours: Band | null;
  spans: OutlookSpan[];
}

export function outlookOf(
  plays: readonly Played[],
  start: number,
  seconds: number,
  spanSeconds: number,
): Outlook {
  const hours = seconds / 3600;
  const of = (figure: (play: Played) => number): Band => band(plays.map(figure));
  const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
  const contacts = (play: Played): number => play.answers - play.abandoned;
  return {
    runs: plays.length,
    utilization: of((play) => share(play.busy, play.signedIn)),
    abandonShare: of((play) => share(play.abandoned, play.answers)),
    calls: of((play) => play.calls),
    contacts: of(contacts),
    abandoned: of((play) => play.abandoned),
    contactsPerHour: of((play) => contacts(play) / hours),
    contactsPerAgentHour: of((play) => share(3600 * contacts(play), play.signedIn)),
    waitSeconds: of((play) => (play.signedIn - play.busy) / Math.max(1, contacts(play))),
    starved: of((play) => share(play.starved, play.signedIn)),
    listHours: plays.every(({ callsLeft }) => callsLeft === null)
      ? null
      : of((play) => hours * (1 + (play.callsLeft ?? 0) / Math.max(1, play.calls))),
    spans: spansOf(plays, start, seconds, spanSeconds),
  };
}

function spansOf(
  plays: readonly Played[],
  start: number,
  seconds: number,
  spanSeconds: number,
): OutlookSpan[] {
  const spans: OutlookSpan[] = [];
  const sums = plays.map(() => ({ answers: 0, abandoned: 0 }));
  for (let index = 0; index < (plays[0]?.spans.length ?? 0); index++) {
    const length = Math.min(spanSeconds, seconds - index * spanSeconds);
    const each = plays.flatMap((play) => play.spans[index] ?? []);
    plays.forEach((play, n) => {
      sums[n]!.answers += play.spans[index]?.answers ?? 0;
      sums[n]!.abandoned += play.spans[index]?.abandoned ?? 0;
    });
    const manned = each.filter(({ signedIn }) => signedIn > 0);
    const answered = sums.filter(({ answers }) => answers > 0);
    spans.push({
      at: start + index * spanSeconds * 1000,
      agents: each.reduce((sum, { signedIn }) => sum + signedIn, 0) / Math.max(1, each.length * length),
      utilization: manned.length === 0 ? null : band(manned.map(({ busy, signedIn }) => busy / signedIn)),
      abandonShare:
        answered.length === 0 ? null : band(answered.map(({ abandoned, answers }) => abandoned / answers)),
      callsPerHour: band(each.map(({ calls }) => (3600 * calls) / length)),
      leads: each.some(({ leads }) => leads === null) ? null : band(each.map(({ leads }) => leads ?? 0)),
    });
  }
  return spans;
}

/** The tenth, fiftieth and ninetieth hundredth, with straight lines between the figures. */
export function band(figures: readonly number[]): Band {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (level: number): number => {
    if (sorted.length === 0) return 0;
    const place = level * (sorted.length - 1);
    const below = Math.floor(place);
    const low = sorted[below]!;
    return low + (place - below) * ((sorted[below + 1] ?? low) - low);
  };
  return { low: at(0.1), middle: at(0.5), high: at(0.9) };
}
