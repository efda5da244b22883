/** A campaign's claim on something shared: lines, or calls that may be launched this instant. */
export interface Claim {
  id: string;
  /** Higher goes first. */
  priority: number;
  /** Share among claims of one priority; above 0. */
  weight: number;
  /** How many it can use now, a whole number. */
  wanted: number;
  /** `credit` of its last share, so that fractions add up over time; 0 at first. */
  credit?: number;
}

export interface Share {
  id: string;
  granted: number;
  /** To be handed in with the next claim. */
  credit: number;
}

/** Part of the supply that goes by weight alone, whatever the priority, so that none starves. */
const FOR_ALL = 0.1;
/** A claim that could not be met is owed at most this many whole units. */
const MOST_CREDIT = 2;

/**
 * Shares a whole number of lines or launches between campaigns. Nine tenths go to the highest priority that wants them, by
 * weight, the rest to all by weight; what one cannot use goes to the next. Everything that is wanted and there is given
 * out. Fractions are carried as credit, so even one launch at a time reaches everybody in turn.
 */
export function shareOut(supply: number, claims: readonly Claim[]): Share[] {
  let left = Math.max(0, Math.floor(Number.isFinite(supply) ? supply : totalWanted(claims)));
  const rows = claims.map((claim) => ({
    id: claim.id,
    priority: claim.priority,
    weight: Math.max(1e-9, claim.weight),
    wanted: Math.max(0, Math.floor(claim.wanted)),
    credit: Math.min(MOST_CREDIT, Math.max(-MOST_CREDIT, claim.credit ?? 0)),
    granted: 0,
  }));
  const wanting = rows.filter((row) => row.wanted > 0);
  const entitled = entitlements(Math.min(left, totalWanted(wanting)), wanting);
  wanting.forEach((row, index) => (row.credit += entitled[index]!));
  while (left > 0) {
    let next: (typeof rows)[number] | null = null;
    for (const row of wanting)
      if (
        row.granted < row.wanted &&
        (!next ||
          row.credit > next.credit + 1e-9 ||
          (Math.abs(row.credit - next.credit) <= 1e-9 && row.priority > next.priority))
      )
        next = row;
    if (!next) break;
    next.granted++;
    next.credit--;
    left--;
  }
  return rows.map(({ id, granted, wanted, credit }) => ({
    id,
    granted,
    credit: wanted === 0 ? 0 : Math.min(MOST_CREDIT, Math.max(-MOST_CREDIT, credit)),
  }));
}

export const totalWanted = (claims: readonly { wanted: number }[]): number =>
  claims.reduce((sum, claim) => sum + Math.max(0, Math.floor(claim.wanted)), 0);

/** Exact (fractional) shares of `supply`, none above what it wants. */
export function entitlements(
  supply: number,
  rows: readonly { priority: number; weight: number; wanted: number }[],
): number[] {
  const given = rows.map(() => 0);
  let left =
    supply -
    fill(
      given,
      rows,
      rows.map((_, index) => index),
      FOR_ALL * supply,
    );
  const levels = [...new Set(rows.map((row) => row.priority))].sort((a, b) => b - a);
  for (const level of levels) {
    const members = rows.flatMap((row, index) => (row.priority === level ? [index] : []));
    left -= fill(given, rows, members, left);
  }
  return given;
}

/** Pours `amount` over the members by weight up to what each wants; returns what was taken. */
function fill(
  given: number[],
  rows: readonly { weight: number; wanted: number }[],
  members: readonly number[],
  amount: number,
): number {
  let left = amount;
  let open = members.filter((index) => given[index]! < rows[index]!.wanted);
  while (left > 1e-9 && open.length > 0) {
    const weights = open.reduce((sum, index) => sum + rows[index]!.weight, 0);
    const pour = left;
    for (const index of open) {
      const part = (pour * rows[index]!.weight) / weights;
      const taken = Math.min(part, rows[index]!.wanted - given[index]!);
      given[index]! += taken;
      left -= taken;
    }
    open = open.filter((index) => given[index]! < rows[index]!.wanted - 1e-9);
  }
  return amount - left;
}
